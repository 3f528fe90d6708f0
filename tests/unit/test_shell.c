/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ha-ctl's shell without its terminal: words of a line, what may follow it, lines of the past. */
#include "cm.h"

#include "ha-ctl/complete.h"
#include "ha-ctl/shell_history.h"
#include "ha-ctl/words.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct words words;
static char problem[96];

/* The words with | between them. */
static const char *joined(const struct words *w)
{
  static char text[2 * WORDS_LINE_BYTES];
  size_t n = 0;

  text[0] = '\0';
  for (int i = 0; i < w->n; i++)
    n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i > 0 ? "|" : "", w->word[i]);
  return text;
}

static void test_words(void **state)
{
  static const struct {
    const char *line, *want;
  } rows[] = {
    { "", "" },
    { " \t ", "" },
    { "# nothing", "" },
    { "status", "status" },
    { "  status  -j\t", "status|-j" },
    { "status # at a glance", "status" },
    { "locate a#b", "locate|a#b" },
    { "locate '#b'", "locate|#b" },
    { "locate \\#b", "locate|#b" },
    { "a '' b", "a||b" },
    { "a \"\"", "a|" },
    { "'a b'\"c d\"e\\ f", "a bc de f" },
    { "'a\\b'", "a\\b" },
    { "\"a\\b\"", "a\\b" },
    { "\"a\\\\b\"", "a\\b" },
    { "\"a\\\"b\\$c\\`d\"", "a\"b$c`d" },
    { "a\\\\b", "a\\b" },
    { "\\n", "n" },
    { "$HOME ~ * `date`", "$HOME|~|*|`date`" },
    { "'a|b;c'", "a|b;c" },
    { "a\\;b", "a;b" },
    { "status\r", "status" },
    { "caf\xC3\xA9 \xFF", "caf\xC3\xA9|\xFF" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++)
    if (!words_split(&words, rows[i].line, strlen(rows[i].line), problem) ||
        strcmp(joined(&words), rows[i].want) != 0)
      fail_msg("<%s>: <%s>, %s", rows[i].line, joined(&words), problem);
}

static void test_words_wrong(void **state)
{
  static const struct {
    const char *line, *want, *problem;
  } rows[] = {
    { "locate 'ali ce", "locate|ali ce", "the quote ' is not closed" },
    { "locate \"ali", "locate|ali", "the quote \" is not closed" },
    { "locate \"ali\\\"", "locate|ali\"", "the quote \" is not closed" },
    { "locate alice\\", "locate|alice", "nothing follows the last backslash" },
    { "status | less", "status|", "'|' does nothing here: quote it if it belongs to a word" },
    { "status;nodes", "status", "';' does nothing here: quote it if it belongs to a word" },
    { "status>file", "status", "'>' does nothing here: quote it if it belongs to a word" },
    { "failover &", "failover|", "'&' does nothing here: quote it if it belongs to a word" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++)
    if (words_split(&words, rows[i].line, strlen(rows[i].line), problem) ||
        strcmp(joined(&words), rows[i].want) != 0 || strcmp(problem, rows[i].problem) != 0)
      fail_msg("<%s>: <%s>, %s", rows[i].line, joined(&words), problem);
}

static void test_words_limits(void **state)
{
  char line[WORDS_LINE_BYTES + 1];

  (void)state;
  memset(line, 'x', sizeof(line));
  assert_true(words_split(&words, line, WORDS_LINE_BYTES - 1, problem));
  assert_int_equal(words.n, 1);
  assert_int_equal(strlen(words.word[0]), WORDS_LINE_BYTES - 1);
  assert_false(words_split(&words, line, WORDS_LINE_BYTES, problem));
  assert_int_equal(words.n, 0);
  assert_false(words_split(&words, "a\0b", 3, problem));
  for (size_t i = 1; i < sizeof(line); i += 2)
    line[i] = ' ';
  assert_true(words_split(&words, line, (size_t)2 * WORDS_MAX, problem));
  assert_int_equal(words.n, WORDS_MAX);
  assert_null(words.word[WORDS_MAX]);
  assert_false(words_split(&words, line, (size_t)2 * WORDS_MAX + 1, problem));
  assert_string_equal(problem, "the line has too many words");
}

static const struct verb table[] = {
  { "status", "", "", 0, 0, VERB_READS, false, OPT_BIT(JSON) | OPT_BIT(CONFIG) | OPT_BIT(VERBOSE), NULL },
  { "failover", "", "", 0, 0, VERB_ACTS, false,
    OPT_BIT(TO) | OPT_BIT(FROM) | OPT_BIT(FORCE) | OPT_BIT(CLASS) | OPT_BIT(NODE) | OPT_BIT(SPEED) |
        OPT_BIT(YES) | OPT_BIT(TIMEOUT) | OPT_BIT(CONFIG),
    NULL },
  { "vip show", "[NAME|ADDRESS]...", "", 0, 2, VERB_READS, false, OPT_BIT(JSON), NULL },
  { "vip add", "NAME|ADDRESS[/PREFIX]...", "", 1, 9, VERB_ACTS, false, OPT_BIT(YES), NULL },
  { "check", "[NODE]", "", 0, 1, VERB_JUDGES, false, OPT_BIT(LOCAL), NULL },
  { "probe", "SOCKET...", "", 1, 9, VERB_JUDGES, false, 0, NULL },
  { "help", "[VERB]", "", 0, 2, VERB_READS, false, 0, NULL },
  { NULL, NULL, NULL, 0, 0, VERB_READS, false, 0, NULL },
};

static void gather(void *arg, const char *candidate)
{
  char *text = arg;
  size_t n = strlen(text);

  snprintf(text + n, 1024 - n, "%s%s", n > 0 ? " " : "", candidate);
}

static void test_complete(void **state)
{
  static const struct oha_node nodes[] = { { .name = "sip1" }, { .name = "sip2" } };
  static const struct oha_vip vips[] = { { .name = "public" }, { .name = "private" } };
  static const struct oha_witness witnesses[] = { { .name = "gw" } };
  static const struct oha_peer peers[] = { { .name = "carrier" } };
  static const struct oha_cluster cluster = { .nodes = nodes,
                                              .n_nodes = 2,
                                              .vips = vips,
                                              .n_vips = 2,
                                              .witnesses = witnesses,
                                              .n_witnesses = 1,
                                              .peers = peers,
                                              .n_peers = 1 };
  static const char *const commands[] = { "exit", NULL };
  static const struct {
    const char *line, *want;
    enum complete_kind kind;
  } rows[] = {
    { "", "status failover vip check probe help exit", COMPLETE_WORD },
    { "fa", "failover", COMPLETE_WORD },
    { "x", "", COMPLETE_WORD },
    { "status", "status", COMPLETE_WORD },
    { "status ", "", COMPLETE_WORD },
    { "vip ", "show add", COMPLETE_WORD },
    { "vip s", "show", COMPLETE_WORD },
    { "steal ", "", COMPLETE_WORD },
    { "vip steal x", "", COMPLETE_WORD },
    { "vip add ", "public private", COMPLETE_WORD },
    { "vip add public pri", "private", COMPLETE_WORD },
    { "vip show a b ", "", COMPLETE_WORD }, /* it takes no third */
    { "-", "--config --json --verbose", COMPLETE_WORD },
    { "failover --t", "--timeout --to", COMPLETE_WORD },
    { "failover --to ", "sip1 sip2", COMPLETE_WORD },
    { "failover --to=", "sip1 sip2", COMPLETE_WORD },
    { "failover --to=sip2", "sip2", COMPLETE_WORD },
    { "failover --to sip2 --t", "--timeout", COMPLETE_WORD }, /* once */
    { "--to sip2 failover --fr", "--from", COMPLETE_WORD },
    { "--to failover --y", "", COMPLETE_WORD }, /* a node of that name */
    { "failover --node ", "sip1 sip2 gw", COMPLETE_WORD },
    { "check --peer ", "sip1 sip2 gw carrier", COMPLETE_WORD },
    { "failover --force ", "sip database quorum mode fenced address lease", COMPLETE_LIST },
    { "failover --force sip,qu", "quorum", COMPLETE_LIST },
    { "failover --force=sip,fe", "fenced", COMPLETE_LIST },
    { "failover --class st", "stranded", COMPLETE_LIST },
    { "failover --class 'direct,unp", "unproven", COMPLETE_LIST },
    { "failover --speed ", "full paced", COMPLETE_WORD },
    { "failover -T ", "", COMPLETE_WORD },
    { "failover -T 5s --sp", "--speed", COMPLETE_WORD },
    { "failover -T5s --sp", "--speed", COMPLETE_WORD },
    { "status -v --verb", "--verbose", COMPLETE_WORD },
    { "status -jc ", "", COMPLETE_FILE },
    { "status --config /et", "", COMPLETE_FILE },
    { "failover -- --t", "", COMPLETE_WORD },
    { "check ", "sip1 sip2", COMPLETE_WORD },
    { "check sip1 ", "", COMPLETE_WORD },
    { "help v", "vip", COMPLETE_WORD },
    { "help vip a", "add", COMPLETE_WORD },
    { "status --frobnicate ", "", COMPLETE_WORD },
    { "status --json=", "", COMPLETE_WORD }, /* it has no value */
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct complete_point at;
    enum complete_kind kind;
    char got[1024] = "";

    (void)words_split(&words, rows[i].line, strlen(rows[i].line), problem);
    complete_look(&words, table, &at);
    kind = complete_each(&at, table, &cluster, commands, gather, got);
    if (strcmp(got, rows[i].want) != 0 || kind != rows[i].kind)
      fail_msg("<%s>: <%s>, kind %d", rows[i].line, got, (int)kind);
    complete_each(&at, table, NULL, commands, gather, got); /* without a cluster file */
  }
}

static void test_complete_config(void **state)
{
  static const char *const rows[][2] = {
    { "status -c a.conf ", "a.conf" },       { "status -ca.conf ", "a.conf" },
    { "status -vc a.conf ", "a.conf" },      { "--config=a.conf st", "a.conf" },
    { "--config a.conf status ", "a.conf" }, { "status ", NULL },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct complete_point at;

    (void)words_split(&words, rows[i][0], strlen(rows[i][0]), problem);
    complete_look(&words, table, &at);
    if ((at.config == NULL) != (rows[i][1] == NULL) ||
        (at.config != NULL && strcmp(at.config, rows[i][1]) != 0))
      fail_msg("<%s>: %s", rows[i][0], at.config != NULL ? at.config : "none");
  }
}

struct past {
  unsigned n;
  char first[64], last[64];
};

static void note_line(void *arg, const char *line)
{
  struct past *past = arg;

  if (past->n++ == 0)
    snprintf(past->first, sizeof(past->first), "%s", line);
  snprintf(past->last, sizeof(past->last), "%s", line);
}

static void test_history(void **state)
{
  char home[] = "/tmp/oha-history.XXXXXX", path[4096], link_path[4096], line[16];
  struct past past = { 0 };
  struct stat st;

  (void)state;
  assert_non_null(mkdtemp(home));
  assert_true(shell_history_path(home, path, sizeof(path)) > 0);
  shell_history_read(path, note_line, &past); /* none yet */
  assert_int_equal(past.n, 0);
  for (int i = 1; i <= SHELL_HISTORY_LINES + 10; i++) {
    snprintf(line, sizeof(line), "line %d", i);
    shell_history_add(path, line);
  }
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  assert_int_equal(chmod(path, 0644), 0);
  shell_history_read(path, note_line, &past);
  assert_int_equal(past.n, SHELL_HISTORY_LINES);
  assert_string_equal(past.first, "line 11");
  assert_string_equal(past.last, "line 510");
  past = (struct past){ 0 };
  shell_history_read(path, note_line, &past); /* cut by now */
  assert_int_equal(past.n, SHELL_HISTORY_LINES);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  assert_true(st.st_size < (off_t)16 * SHELL_HISTORY_LINES);
  /* Never through a link. */
  snprintf(link_path, sizeof(link_path), "%s/link", home);
  assert_int_equal(symlink(path, link_path), 0);
  past = (struct past){ 0 };
  shell_history_read(link_path, note_line, &past);
  assert_int_equal(past.n, 0);
  shell_history_add("", "nowhere");
  assert_int_equal(unlink(link_path) | unlink(path) | rmdir(home), 0);
}

static void test_history_too_long(void **state)
{
  static char line[4096];
  char home[] = "/tmp/oha-history.XXXXXX", path[4096];
  struct past past = { 0 };
  struct stat st;

  (void)state;
  memset(line, 'x', sizeof(line) - 1);
  assert_non_null(mkdtemp(home));
  assert_true(shell_history_path(home, path, sizeof(path)) > 0);
  for (int i = 0; i < 100; i++)
    shell_history_add(path, line);
  shell_history_read(path, note_line, &past);
  assert_int_equal(past.n,
                   SHELL_HISTORY_BYTES / 4096 - 1); /* the oldest in reach was cut in two, or not at all */
  assert_int_equal(stat(path, &st), 0);
  assert_true(st.st_size <= (off_t)SHELL_HISTORY_BYTES);
  assert_int_equal(unlink(path) | rmdir(home), 0);
}

static void test_history_nowhere(void **state)
{
  char path[4096];

  (void)state;
  assert_int_equal(shell_history_path(NULL, path, sizeof(path)), 0);
  assert_string_equal(path, "");
  assert_int_equal(shell_history_path("", path, sizeof(path)), 0);
  assert_int_equal(shell_history_path(".", path, sizeof(path)), 0);
  assert_int_equal(shell_history_path("/nonexistent", path, sizeof(path)), 0);
  assert_int_equal(shell_history_path("/tmp", path, 8), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_words),
    cmocka_unit_test(test_words_wrong),
    cmocka_unit_test(test_words_limits),
    cmocka_unit_test(test_complete),
    cmocka_unit_test(test_complete_config),
    cmocka_unit_test(test_history),
    cmocka_unit_test(test_history_too_long),
    cmocka_unit_test(test_history_nowhere),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
