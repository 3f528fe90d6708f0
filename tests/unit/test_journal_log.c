/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local log: lines, files that a crash left behind, and a journal without a database. */
#include "cm.h"

#include "base/mem.h"
#include "journal/journal.h"
#include "journal/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID "6fa459ea-ee8a-4ca4-894e-db77e160355e"

static struct oha_ctx *ctx;
static char dir[64];

static void remove_tree(const char *path)
{
  DIR *d = opendir(path);
  struct dirent *entry;
  char inner[1024];

  while (d != NULL && (entry = readdir(d)) != NULL) {
    if (entry->d_name[0] == '.')
      continue;
    snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
    if (unlink(inner) != 0)
      remove_tree(inner);
  }
  if (d != NULL)
    closedir(d);
  rmdir(path);
}

static int set_up(void **state)
{
  (void)state;
  snprintf(dir, sizeof(dir), "/tmp/oha_test_log_XXXXXX");
  return mkdtemp(dir) == NULL || oha_ctx_new(NULL, &ctx, NULL) != OHA_OK;
}

static int tear_down(void **state)
{
  (void)state;
  oha_ctx_free(ctx);
  remove_tree(dir);
  return 0;
}

static struct oha_journal *open_journal(const char *holder)
{
  struct oha_journal_opts opts = {
    .size = sizeof(opts), .cluster = "edge", .state_dir = dir, .holder = holder
  };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_journal *journal = NULL;

  if (oha_journal_open(ctx, NULL, &opts, &journal, &err) != OHA_OK)
    fail_msg("%s", err.text);
  return journal;
}

static struct oha_op_record a_record(void)
{
  return (struct oha_op_record){ .verb = "failover",
                                 .from = "sip1",
                                 .to = "sip2",
                                 .actor = "root@sip2",
                                 .reason = "sip1 lost its power, \"again\"",
                                 .options = "{ \"force\": [\"sip\", \"\xc3\xa9\"] }" };
}

static void texts_are_cleaned(void **state)
{
  static const struct {
    const char *in, *out;
    size_t size;
  } rows[] = {
    { "plain", "plain", 64 },
    { "a\nb\tc\x7f", "a?b?c?", 64 },
    { "back\\slash \"quote\"", "back\\slash \"quote\"", 64 },
    { "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9", 64 },
    { "\xe9t\xe9", "?t?", 64 },
    { "\xc3\xa9\xc3\xa9", "\xc3\xa9", 4 }, /* never half a character */
    { "abc", "ab", 3 },
    { NULL, "", 3 },
  };
  char buf[64];

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    if (strcmp(oha__text_clean(buf, rows[i].size, rows[i].in), rows[i].out) != 0)
      fail_msg("row %zu: '%s'", i, buf);
    assert_string_equal(oha__text_clean(buf, sizeof(buf), buf), rows[i].out); /* once is enough */
  }
}

static void ids_are_uuids(void **state)
{
  static const struct {
    const char *id;
    bool valid;
  } rows[] = {
    { ID, true },
    { "", false },
    { "6FA459EA-EE8A-4CA4-894E-DB77E160355E", false },
    { "6fa459ea-ee8a-4ca4-894e-db77e160355", false },
    { "6fa459ea-ee8a-4ca4-894e-db77e160355e0", false },
    { "6fa459eaxee8a-4ca4-894e-db77e160355e", false },
    { "../../../../../../../../../etc/passw", false },
  };
  char a[OHA_OP_ID_SIZE], b[OHA_OP_ID_SIZE];

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++)
    assert_int_equal(oha__op_id_is_valid(oha__span(rows[i].id)), rows[i].valid);
  assert_int_equal(oha_op_id_new(a, NULL), OHA_OK);
  assert_int_equal(oha_op_id_new(b, NULL), OHA_OK);
  assert_true(oha__op_id_is_valid(oha__span(a)) && oha__op_id_is_valid(oha__span(b)));
  assert_string_not_equal(a, b);
  assert_int_equal(a[14], '4');
  assert_non_null(strchr("89ab", a[19]));
}

static void states_have_names(void **state)
{
  (void)state;
  for (int i = OHA_OP_RUNNING; i <= OHA_OP_FAILED; i++) {
    enum oha_op_state back = (enum oha_op_state)77;

    assert_true(oha__op_state_parse(oha__span(oha__op_state_name((enum oha_op_state)i)), &back));
    assert_int_equal(back, i);
  }
  for (int i = OHA_STEP_BEGUN; i <= OHA_STEP_SKIPPED; i++) {
    enum oha_step_state back = (enum oha_step_state)77;

    assert_true(oha__step_state_parse(oha__span(oha__step_state_name((enum oha_step_state)i)), &back));
    assert_int_equal(back, i);
  }
  assert_string_equal(oha__op_state_name((enum oha_op_state)99), "unknown");
  assert_false(oha__op_state_parse(OHA_SPAN("unknown"), &(enum oha_op_state){ 0 }));
}

static void options_are_json(void **state)
{
  static const struct {
    const char *in, *out; /* NULL = refused */
  } rows[] = {
    { "", "{}" },
    { " { \"a\" : [ 1 , 2 ] } ", "{\"a\":[1,2]}" },
    { "{\"a\":\"\xc3\xa9\"}", "{\"a\":\"\\u00E9\"}" },
    { "[]", NULL },
    { "{", NULL },
    { "{\"a\":1,\"a\":2}", NULL },
    { "{\"a\":\"\xe9\"}", NULL },
  };
  char buf[64];

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    enum oha_rc rc;

    snprintf(buf, sizeof(buf), "%s", rows[i].in);
    rc = oha__options_normalise(buf, sizeof(buf), NULL);
    if (rc != (rows[i].out == NULL ? OHA_E_ARG : OHA_OK) ||
        (rows[i].out != NULL && strcmp(buf, rows[i].out) != 0))
      fail_msg("'%s': %s, '%s'", rows[i].in, oha_rc_name(rc), buf);
  }
  memset(buf, 0, sizeof(buf));
  snprintf(buf, sizeof(buf),
           "{\"a\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"}");
  assert_int_equal(oha__options_normalise(buf, sizeof(buf), NULL), OHA_E_ARG); /* grows in ASCII */
}

#define OP(state, revision)                                                                                  \
  "{\"kind\":\"op\",\"op_id\":\"" ID                                                                         \
  "\",\"cluster\":\"edge\",\"verb\":\"failover\",\"from\":\"a\",\"to\":\"b\","                               \
  "\"actor\":\"x\",\"reason\":\"\",\"state\":\"" state "\",\"revision\":" revision ",\"fence\":3,"           \
  "\"began_us\":5,\"ended_us\":0,\"summary\":\"\",\"options\":{}}\n"
#define STEP(seq, state)                                                                                     \
  "{\"kind\":\"step\",\"seq\":" seq ",\"name\":\"vip\",\"state\":\"" state                                   \
  "\",\"detail\":\"\",\"at_us\":9,\"fence\":3}\n"

static void logs_parse(void **state)
{
  static const struct {
    const char *text;
    bool has_op;
    enum oha_op_state op_state;
    size_t n_steps;
    enum oha_step_state last_state; /* of the highest seq */
    unsigned n_bad;
  } rows[] = {
    { "", false, OHA_OP_RUNNING, 0, OHA_STEP_BEGUN, 0 },
    { OP("running", "1"), true, OHA_OP_RUNNING, 0, OHA_STEP_BEGUN, 0 },
    { OP("running", "1") STEP("1", "begun") STEP("1", "done") STEP("2", "failed") OP("incomplete", "2"), true,
      OHA_OP_INCOMPLETE, 2, OHA_STEP_FAILED, 0 },
    { OP("running", "1") STEP("7", "done") STEP("3", "begun") "\n", true, OHA_OP_RUNNING, 2, OHA_STEP_DONE,
      0 },
    { OP("running", "1") "{\"kind\":\"op\",\"op_", true, OHA_OP_RUNNING, 0, OHA_STEP_BEGUN, 1 }, /* torn */
    { OP("running", "1") "{\"kind\":\"st\n" STEP("1", "done"), true, OHA_OP_RUNNING, 1, OHA_STEP_DONE, 1 },
    { OP("running", "1") OP("nonsense", "2") OP("done", "-1") OP("done", "1.5"), true, OHA_OP_RUNNING, 0,
      OHA_STEP_BEGUN, 3 },
    { STEP("4294967296", "done") STEP("-1", "done") STEP("\"1\"", "done"), false, OHA_OP_RUNNING, 0,
      OHA_STEP_BEGUN, 3 },
    { "[]\nnull\n{}\n\"op\"\n{\"kind\":7}\n", false, OHA_OP_RUNNING, 0, OHA_STEP_BEGUN, 5 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha__log log;

    assert_int_equal(oha__log_parse(oha__span(rows[i].text), &log, NULL), OHA_OK);
    if (log.has_op != rows[i].has_op || (log.has_op && log.op.state != rows[i].op_state) ||
        log.n_steps != rows[i].n_steps || log.n_bad != rows[i].n_bad ||
        (log.n_steps > 0 && log.steps[log.n_steps - 1].record.state != rows[i].last_state))
      fail_msg("'%s': op %d state %d, %zu steps, %u bad", rows[i].text, log.has_op, (int)log.op.state,
               log.n_steps, log.n_bad);
    for (size_t k = 1; k < log.n_steps; k++)
      assert_true(log.steps[k].record.seq > log.steps[k - 1].record.seq);
    oha__log_clear(&log);
  }
}

static void lock_notes_parse(void **state)
{
  struct oha__lock_note note = { "root@sip1/1", ID, { 7 } }, back;
  char *line;

  (void)state;
  assert_int_equal(oha__lock_note_line(&note, &line, NULL), OHA_OK);
  assert_true(oha__lock_note_parse(oha__span(line), &back));
  assert_string_equal(back.holder, note.holder);
  assert_string_equal(back.op_id, ID);
  assert_int_equal(back.at.us, 7);
  line[strlen(line) - 1] = '\0'; /* torn */
  assert_false(oha__lock_note_parse(oha__span(line), &back));
  assert_string_equal(back.holder, "");
  assert_false(oha__lock_note_parse(OHA_SPAN("{}\n"), &back));
  oha__free(line);
}

static enum oha_rc count_steps(void *arg, const struct oha_step_record *step)
{
  unsigned *n = arg;

  assert_int_equal(step->seq, *n + 1);
  (*n)++;
  return OHA_OK;
}

static void operations_are_kept_without_a_database(void **state)
{
  struct oha_journal *journal = open_journal("root@sip2/1");
  struct oha_op_record record = a_record(), found;
  struct oha_lease_view view;
  unsigned n = 0;

  (void)state;
  assert_int_equal(oha_op_find(journal, NULL, &found, NULL), OHA_E_NOTFOUND);
  assert_int_equal(oha_lease_show(journal, &view, NULL), OHA_OK);
  assert_false(view.held);
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_lease_show(journal, &view, NULL), OHA_OK);
  assert_true(view.held);
  assert_string_equal(view.holder, "root@sip2/1");
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  assert_string_equal(record.op_id, view.op_id);
  assert_string_equal(record.options, "{\"force\":[\"sip\",\"\\u00E9\"]}");
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "lease", OHA_STEP_DONE, "", NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 2, "vip", OHA_STEP_BEGUN, "x\ny", NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 2, "vip", OHA_STEP_DONE, "", NULL), OHA_OK);
  assert_int_equal(oha_lease_extend(journal, 5000000, NULL), OHA_OK);
  assert_non_null(strstr(oha_journal_behind(journal), "without"));
  oha_journal_close(journal);

  journal = open_journal("root@sip2/2");
  assert_int_equal(oha_op_find(journal, NULL, &found, NULL), OHA_OK);
  assert_string_equal(found.op_id, record.op_id);
  assert_string_equal(found.reason, record.reason);
  assert_int_equal(found.state, OHA_OP_RUNNING);
  assert_int_equal(oha_step_each(journal, found.op_id, count_steps, &n, NULL), OHA_OK);
  assert_int_equal(n, 2);
  assert_int_equal(oha_lease_take(journal, found.op_id, NULL), OHA_OK);
  assert_int_equal(oha_op_reopen(journal, &found, NULL), OHA_OK);
  assert_int_equal(oha_op_end(journal, &found, OHA_OP_DONE, "all moved", NULL), OHA_OK);
  assert_int_equal(oha_op_find(journal, NULL, &found, NULL), OHA_E_NOTFOUND);
  assert_int_equal(oha_op_find(journal, record.op_id, &found, NULL), OHA_OK);
  assert_string_equal(found.summary, "all moved");
  assert_int_equal(found.revision, 3);
  assert_true(found.ended_at.us >= found.began_at.us && found.began_at.us == record.began_at.us);
  assert_int_equal(oha_op_find(journal, "../x", &found, NULL), OHA_E_ARG);
  assert_int_equal(oha_op_find(journal, ID, &found, NULL), OHA_E_NOTFOUND);
  oha_journal_close(journal);
}

/* The log of one operation cut at every byte: what was synced before is read, and writing goes on. */
static void torn_logs_are_read_and_continued(void **state)
{
  struct oha_journal *journal = open_journal("root@sip2/1");
  struct oha_op_record record = a_record(), found;
  char path[256], text[8192];
  ssize_t size;
  int fd;

  (void)state;
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_BEGUN, "", NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_DONE, "", NULL), OHA_OK);
  snprintf(path, sizeof(path), "%s/ops/%s.jsonl", dir, record.op_id);
  fd = open(path, O_RDWR);
  size = read(fd, text, sizeof(text));
  assert_true(size > 100);
  for (ssize_t cut = size; cut >= 0; cut -= 7) {
    bool has_op = memchr(text, '\n', (size_t)cut) != NULL;
    unsigned n = 1;

    assert_int_equal(pwrite(fd, text, (size_t)size, 0), size);
    assert_int_equal(ftruncate(fd, cut), 0);
    assert_int_equal(oha_op_find(journal, record.op_id, &found, NULL), has_op ? OHA_OK : OHA_E_NOTFOUND);
    assert_int_equal(oha_step_note(journal, record.op_id, 2, "sip", OHA_STEP_DONE, "", NULL), OHA_OK);
    assert_int_equal(oha_op_find(journal, record.op_id, &found, NULL), has_op ? OHA_OK : OHA_E_NOTFOUND);
    if (cut == size) {
      n = 0;
      assert_int_equal(oha_step_each(journal, record.op_id, count_steps, &n, NULL), OHA_OK);
      assert_int_equal(n, 2);
    }
  }
  close(fd);
  oha_journal_close(journal);
}

static void one_process_at_a_time(void **state)
{
  struct oha_journal *journal = open_journal("root@sip2/1"), *second;
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_lease_view view;
  int status, fds[2];
  char c = 0;
  pid_t pid;

  (void)state;
  assert_int_equal(oha_lease_take(journal, ID, NULL), OHA_OK);
  assert_int_equal(oha_lease_take(journal, ID, NULL), OHA_E_ARG);
  second = open_journal("root@sip2/2"); /* another description of the file, as another process has */
  assert_int_equal(oha_lease_take(second, NULL, &err), OHA_E_BUSY);
  assert_non_null(strstr(err.text, "root@sip2/1"));
  assert_non_null(strstr(err.text, ID));
  assert_int_equal(oha_lease_show(second, &view, NULL), OHA_OK);
  assert_true(view.held);
  oha_lease_release(journal);
  assert_int_equal(oha_lease_show(second, &view, NULL), OHA_OK);
  assert_false(view.held);
  assert_int_equal(oha_lease_take(second, NULL, NULL), OHA_OK);
  oha_lease_release(second);

  /* gone with its process, whatever ends it */
  assert_int_equal(pipe(fds), 0);
  pid = fork();
  if (pid == 0) {
    c = oha_lease_take(second, NULL, NULL) == OHA_OK ? 'y' : 'n';
    if (write(fds[1], &c, 1) != 1)
      _exit(1);
    pause();
  }
  assert_int_equal(read(fds[0], &c, 1), 1);
  assert_int_equal(c, 'y');
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_E_BUSY);
  assert_int_equal(kill(pid, 9), 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  close(fds[0]);
  close(fds[1]);
  oha_journal_close(journal);
  oha_journal_close(second);
}

static enum oha_rc count_ops(void *arg, const struct oha_op_record *record)
{
  struct oha_wall *last = arg;

  assert_true(last->us == 0 || record->began_at.us <= last->us);
  *last = record->began_at;
  return OHA_OK;
}

static void old_operations_are_pruned(void **state)
{
  struct oha_journal *journal = open_journal("root@sip2/1");
  struct oha_op_record record, open_one = a_record(), found;
  char first[OHA_OP_ID_SIZE] = "", second[OHA_OP_ID_SIZE] = "";
  struct oha_wall last = { 0 };

  (void)state;
  assert_int_equal(oha_op_begin(journal, &open_one, NULL), OHA_OK);
  for (int i = 0; i < 101; i++) {
    record = a_record();
    assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
    assert_int_equal(oha_op_end(journal, &record, OHA_OP_DONE, "", NULL), OHA_OK);
    memcpy(i == 0 ? first : second, record.op_id, OHA_OP_ID_SIZE);
  }
  assert_int_equal(oha_op_find(journal, first, &found, NULL), OHA_E_NOTFOUND);
  assert_int_equal(oha_op_find(journal, second, &found, NULL), OHA_OK);
  assert_int_equal(oha_op_find(journal, open_one.op_id, &found, NULL), OHA_OK); /* never an open one */
  assert_int_equal(oha_op_each(journal, 0, count_ops, &last, NULL), OHA_OK);
  assert_int_equal(last.us, open_one.began_at.us);
  oha_journal_close(journal);
}

static void state_directories_may_be_bad(void **state)
{
  struct oha_journal *journal = open_journal("root@sip2/1");
  struct oha_op_record record = a_record();
  struct oha_wall last = { 0 };
  char path[128];

  (void)state;
  snprintf(path, sizeof(path), "%s/ops", dir);
  close(open(path, O_CREAT | O_WRONLY, 0600)); /* a file where a directory should be */
  assert_int_equal(oha_op_each(journal, 0, count_ops, &last, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_E_IO);
  unlink(path);
  assert_int_equal(mkdir(path, 0700), 0);
  snprintf(path, sizeof(path), "%s/ops/" ID ".jsonl", dir);
  assert_int_equal(mkdir(path, 0700), 0); /* not a log */
  snprintf(path, sizeof(path), "%s/ops/README", dir);
  close(open(path, O_CREAT | O_WRONLY, 0600));
  assert_int_equal(oha_op_find(journal, ID, &record, NULL), OHA_E_IO);
  oha_journal_close(journal);
}

static void lack_of_memory_is_survived(void **state)
{
  enum oha_rc rc = OHA_E_NOMEM;

  (void)state;
  for (long n = 0; n < 60 && rc != OHA_OK; n++) {
    struct oha_journal_opts opts = {
      .size = sizeof(opts), .cluster = "edge", .state_dir = dir, .holder = "h"
    };
    struct oha_op_record record = a_record(), found;
    struct oha_journal *journal = NULL;

    oha__mem_fail_at = n;
    rc = oha_journal_open(ctx, NULL, &opts, &journal, NULL);
    if (rc == OHA_OK)
      rc = oha_lease_take(journal, NULL, NULL);
    if (rc == OHA_OK)
      rc = oha_op_begin(journal, &record, NULL);
    if (rc == OHA_OK)
      rc = oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_DONE, "", NULL);
    if (rc == OHA_OK)
      rc = oha_op_find(journal, NULL, &found, NULL);
    oha__mem_fail_at = -1;
    assert_true(rc == OHA_OK || rc == OHA_E_NOMEM);
    oha_journal_close(journal);
  }
  assert_int_equal(rc, OHA_OK);
}

static void arguments_are_checked(void **state)
{
  static const struct {
    const char *cluster, *holder;
    int64_t ttl_us;
  } rows[] = {
    { NULL, "h", 0 },
    { "", "h", 0 },
    { "a\nb", "h", 0 },
    { "e", NULL, 0 },
    { "e", "", 0 },
    { "e", "h", -1 },
    { "0123456789012345678901234567890123456789012345678901234567890123", "h", 0 },
  };
  struct oha_journal *journal;

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_journal_opts opts = { .size = sizeof(opts),
                                     .cluster = rows[i].cluster,
                                     .holder = rows[i].holder,
                                     .state_dir = dir,
                                     .lease_ttl_us = rows[i].ttl_us };

    assert_int_equal(oha_journal_open(ctx, NULL, &opts, &journal, NULL), OHA_E_ARG);
    assert_null(journal);
  }
  journal = open_journal("h");
  assert_int_equal(oha_lease_take(journal, "no-uuid", NULL), OHA_E_ARG);
  assert_int_equal(oha_lease_extend(journal, 0, NULL), OHA_E_LEASE);
  assert_int_equal(oha_op_end(journal, NULL, OHA_OP_DONE, "", NULL), OHA_E_ARG);
  assert_int_equal(oha_step_note(journal, "x", 1, "n", OHA_STEP_DONE, "", NULL), OHA_E_ARG);
  oha_lease_release(journal);
  oha_journal_close(journal);
  oha_journal_close(NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(texts_are_cleaned),
    cmocka_unit_test(ids_are_uuids),
    cmocka_unit_test(states_have_names),
    cmocka_unit_test(options_are_json),
    cmocka_unit_test(logs_parse),
    cmocka_unit_test(lock_notes_parse),
    TEST(operations_are_kept_without_a_database),
    TEST(torn_logs_are_read_and_continued),
    TEST(one_process_at_a_time),
    TEST(old_operations_are_pruned),
    TEST(state_directories_may_be_bad),
    TEST(lack_of_memory_is_survived),
    TEST(arguments_are_checked),
  };
#undef TEST

  return cmocka_run_group_tests(tests, NULL, NULL);
}
