/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal in the database and in the local log: operations, steps, pages, and what happens without one.
 */
#include "dbtest.h"

#include "base/mem.h"
#include "journal/journal.h"
#include "journal/page.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct oha_db *db, *admin;
static char state_dir[300];

static struct oha_journal *open_journal(struct oha_db *on, const char *holder)
{
  struct oha_journal_opts opts = {
    .size = sizeof(opts), .cluster = "edge", .state_dir = state_dir, .holder = holder
  };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_journal *journal = NULL;

  if (oha_journal_open(db_ctx, on, &opts, &journal, &err) != OHA_OK)
    db_fail("%s: %s", oha_rc_name(err.rc), err.text);
  return journal;
}

static int set_up(void **state)
{
  static int n;

  (void)state;
  snprintf(state_dir, sizeof(state_dir), "%s/state%d", db_env("OHA_TEST_DIR"), n++);
  db = db_connect_default();
  admin = db_connect_default();
  db_must(admin, "DROP TABLE IF EXISTS opensips_ha_lease, opensips_ha_operation, opensips_ha_step, "
                 "opensips_ha_page, opensips_ha_beat");
  return oha_tables_create(admin, NULL, NULL) == OHA_OK ? 0 : 1;
}

static int tear_down(void **state)
{
  (void)state;
  oha_db_close(db);
  oha_db_close(admin);
  return 0;
}

static struct oha_op_record a_record(void)
{
  return (struct oha_op_record){ .verb = "failover",
                                 .from = "sip1",
                                 .to = "sip2",
                                 .actor = "root@sip2",
                                 .reason = "it's \\ \"down\"",
                                 .options = "{\"force\":[\"sip\"]}" };
}

static void assert_same(const struct oha_op_record *a, const struct oha_op_record *b)
{
  char *a_line, *b_line;

  assert_int_equal(oha__log_op_line(a, &a_line, NULL), OHA_OK);
  assert_int_equal(oha__log_op_line(b, &b_line, NULL), OHA_OK);
  assert_string_equal(a_line, b_line);
  oha__free(a_line);
  oha__free(b_line);
}

static void kill_connection(void)
{
  char sql[64];

  snprintf(sql, sizeof(sql), "KILL %lld", (long long)db_number(db, "SELECT CONNECTION_ID()"));
  db_must(admin, sql);
}

struct seen {
  unsigned n;
  struct oha_step_record step[8];
};

static enum oha_rc see_step(void *arg, const struct oha_step_record *step)
{
  struct seen *seen = arg;

  assert_true(seen->n < N_OF(seen->step));
  seen->step[seen->n++] = *step;
  return OHA_OK;
}

static struct seen steps_of(struct oha_journal *journal, const char *op_id)
{
  struct seen seen = { 0 };
  struct oha_error err = OHA_ERROR_INIT;

  if (oha_step_each(journal, op_id, see_step, &seen, &err) != OHA_OK)
    fail_msg("%s", err.text);
  return seen;
}

static void take_sql(void *arg, const char *sql)
{
  unsigned *n = arg;

  assert_true(strncmp(sql, "CREATE TABLE opensips_ha_", 25) == 0);
  assert_null(strchr(sql, ';'));
  (*n)++;
}

static void tables_are_made_once(void **state)
{
  struct oha_journal_opts opts = {
    .size = sizeof(opts), .cluster = "edge", .state_dir = state_dir, .holder = "h"
  };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_journal *journal = NULL;
  unsigned n = 0;

  (void)state;
  oha_tables_print(take_sql, &n);
  assert_int_equal(n, 5);
  assert_int_equal(oha_tables_create(db, &n, &err), OHA_OK);
  assert_int_equal(n, 0);
  db_must(admin, "DROP TABLE opensips_ha_beat"); /* which the journal does without */
  oha_journal_close(open_journal(db, "h"));
  assert_int_equal(oha_tables_create(db, &n, NULL), OHA_OK);
  assert_int_equal(n, 1);
  db_must(admin, "DROP TABLE opensips_ha_step");
  assert_int_equal(oha_journal_open(db_ctx, db, &opts, &journal, &err), OHA_E_SCHEMA);
  assert_non_null(strstr(err.text, "opensips_ha_step"));
  assert_non_null(strstr(err.text, "ha-ctl tables create"));
  assert_int_equal(oha_tables_create(db, &n, NULL), OHA_OK);
  assert_int_equal(n, 1);
  db_must(admin, "ALTER TABLE opensips_ha_page DROP COLUMN ids");
  oha_error_clear(&err);
  assert_int_equal(oha_tables_create(db, &n, &err), OHA_E_SCHEMA);
  assert_non_null(strstr(err.text, "ids"));
  oha_error_clear(&err);
  assert_int_equal(oha_journal_open(db_ctx, db, &opts, &journal, &err), OHA_E_SCHEMA);
}

static void missing_rights_are_named(void **state)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *poor;

  (void)state;
  db_must(admin, "DROP TABLE opensips_ha_page");
  db_must(admin, "CREATE OR REPLACE USER poor@'%' IDENTIFIED BY 'p'");
  db_must(admin, "GRANT SELECT, INSERT, UPDATE ON opensips.* TO poor@'%'");
  opts.option_file = db_file("poor.cnf", 0600, "[opensips-ha]\nuser=poor\npassword=p\n");
  poor = db_connect(&opts);
  assert_int_equal(oha_tables_create(poor, NULL, &err), OHA_E_DENIED);
  assert_non_null(strstr(err.text, "GRANT CREATE ON `opensips`.`opensips_ha_page` TO 'poor'@'%'"));
  oha_db_close(poor);
  db_must(admin, "DROP USER poor@'%'");
}

static void operations_are_in_both_places(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1");
  struct oha_op_record record = a_record(), found;
  struct seen seen;
  char value[256];

  (void)state;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  assert_int_equal(record.fence, 1);
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "lease", OHA_STEP_DONE, "", NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 2, "vip", OHA_STEP_BEGUN, "to 'sip2'\xff", NULL),
                   OHA_OK);
  assert_string_equal(oha_journal_behind(journal), "");
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step"), 2);
  assert_string_equal(db_value(admin, "SELECT reason FROM opensips_ha_operation", value, sizeof(value)),
                      record.reason);
  assert_string_equal(db_value(admin, "SELECT ended_at FROM opensips_ha_operation", value, sizeof(value)),
                      "");

  /* another machine sees the same, without the local log */
  snprintf(state_dir + strlen(state_dir), 8, "_b");
  oha_journal_close(journal);
  journal = open_journal(db, "root@sip1/1");
  assert_int_equal(oha_op_find(journal, NULL, &found, NULL), OHA_OK);
  assert_same(&found, &record);
  seen = steps_of(journal, found.op_id);
  assert_int_equal(seen.n, 2);
  assert_int_equal(seen.step[1].state, OHA_STEP_BEGUN);
  assert_string_equal(seen.step[1].detail, "to 'sip2'?");

  /* and goes on with it, under a new fence */
  assert_int_equal(oha_lease_take(journal, found.op_id, NULL), OHA_OK);
  assert_int_equal(oha_op_reopen(journal, &found, NULL), OHA_OK);
  assert_int_equal(found.fence, 2);
  assert_int_equal(oha_step_note(journal, found.op_id, 2, "vip", OHA_STEP_DONE, "", NULL), OHA_OK);
  assert_int_equal(oha_op_end(journal, &found, OHA_OP_DEGRADED, "1 of 2 asked phones silent", NULL), OHA_OK);
  oha_journal_close(journal);

  /* the first machine's log is the older one now */
  state_dir[strlen(state_dir) - 2] = '\0';
  journal = open_journal(db, "root@sip2/2");
  assert_int_equal(oha_op_find(journal, NULL, &found, NULL), OHA_E_NOTFOUND);
  assert_int_equal(oha_op_find(journal, record.op_id, &found, NULL), OHA_OK);
  assert_int_equal(found.state, OHA_OP_DEGRADED);
  assert_int_equal(steps_of(journal, record.op_id).step[1].state, OHA_STEP_DONE);
  /* and must not overwrite what is newer when it takes the lease */
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_string_equal(db_value(admin, "SELECT state FROM opensips_ha_operation", value, sizeof(value)),
                      "degraded");
  assert_string_equal(
      db_value(admin, "SELECT state FROM opensips_ha_step WHERE seq = 2", value, sizeof(value)), "done");
  oha_journal_close(journal);
}

static void the_log_goes_on_without_the_database(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1"), *local;
  struct oha_op_record record = a_record(), found;
  char path[512], text[8192] = "";
  int fd;

  (void)state;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  kill_connection();
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_BEGUN, "", NULL), OHA_OK);
  assert_non_null(strstr(oha_journal_behind(journal), "error 20"));
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_DONE, "", NULL), OHA_OK);
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step"), 0);

  snprintf(path, sizeof(path), "%s/ops/%s.jsonl", state_dir, record.op_id);
  fd = open(path, O_RDONLY);
  assert_true(read(fd, text, sizeof(text) - 1) > 0);
  close(fd);
  assert_non_null(strstr(text, "\"database_behind\":\"database unix:")); /* the note says so */

  local = open_journal(NULL, "root@sip2/9"); /* --without=database */
  assert_int_equal(oha_op_find(local, NULL, &found, NULL), OHA_OK);
  assert_int_equal(steps_of(local, found.op_id).step[0].state, OHA_STEP_DONE);
  oha_journal_close(local);

  assert_int_equal(oha_op_end(journal, &record, OHA_OP_DONE, "moved", NULL), OHA_OK); /* connects anew */
  assert_string_equal(oha_journal_behind(journal), "");
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step WHERE state = 'done'"), 1);
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_operation WHERE state = 'done'"), 1);
  oha_journal_close(journal);
}

static void dark_notes_wait(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1");
  struct oha_op_record record = a_record();

  (void)state;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  oha_journal_defer(journal, true);
  for (uint32_t seq = 1; seq <= 3; seq++)
    assert_int_equal(oha_step_note(journal, record.op_id, seq, "vip", OHA_STEP_DONE, "", NULL), OHA_OK);
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step"), 0);
  assert_non_null(strstr(oha_journal_behind(journal), "deferred"));
  oha_journal_defer(journal, false);
  assert_int_equal(oha_step_note(journal, record.op_id, 4, "sip", OHA_STEP_DONE, "", NULL), OHA_OK);
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step"), 4);
  assert_string_equal(oha_journal_behind(journal), "");

  /* a note inside a transaction of the caller's is not part of it */
  assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 5, "page", OHA_STEP_DONE, "", NULL), OHA_OK);
  oha__db_rollback(db);
  assert_int_equal(steps_of(journal, record.op_id).n, 5);
  oha_journal_close(journal);
}

/* The disk with the local log is full while the service is dark: what was begun can still be taken back. */
static void dark_notes_that_the_disk_refuses_do_not_wait(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1");
  struct oha_op_record record = a_record();
  char ops[400], away[400];

  (void)state;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  snprintf(ops, sizeof(ops), "%s/ops", state_dir);
  snprintf(away, sizeof(away), "%s/away", state_dir);
  assert_int_equal(rename(ops, away), 0);
  close(open(ops, O_CREAT | O_WRONLY, 0600)); /* ENOTDIR for all below */
  oha_journal_defer(journal, true);
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_BEGUN, "", NULL), OHA_OK);
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step WHERE state = 'begun'"), 1);
  oha_journal_close(journal);
}

static int64_t clock_shift_us;

static struct oha_wall shifted_wall(void *arg)
{
  struct timespec now;

  (void)arg;
  clock_gettime(CLOCK_REALTIME, &now);
  return (struct oha_wall){ now.tv_sec * OHA_US_PER_S + now.tv_nsec / 1000 + clock_shift_us };
}

static void a_clock_that_is_set_back_loses_no_note(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1");
  struct oha_clock_ops before = db_ctx->clock;
  struct oha_op_record record = a_record();

  (void)state;
  db_ctx->clock.wall = shifted_wall;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_DONE, "", NULL), OHA_OK);
  clock_shift_us = -3600 * OHA_US_PER_S;
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_UNDONE, "", NULL), OHA_OK);
  clock_shift_us = 0;
  db_ctx->clock = before;
  assert_int_equal(steps_of(journal, record.op_id).step[0].state, OHA_STEP_UNDONE);
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step WHERE state = 'undone'"), 1);
  oha_journal_close(journal);
}

/* Begun with the database, gone on with without it: the newer notes are those without. */
static void notes_without_the_database_are_newer(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1");
  struct oha_op_record record = a_record(), found;

  (void)state;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_DONE, "", NULL), OHA_OK);
  oha_journal_close(journal);

  journal = open_journal(NULL, "root@sip2/2");
  assert_int_equal(oha_lease_take(journal, record.op_id, NULL), OHA_OK);
  assert_int_equal(oha_op_find(journal, record.op_id, &found, NULL), OHA_OK);
  assert_int_equal(oha_op_reopen(journal, &found, NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_UNDONE, "", NULL), OHA_OK);
  oha_journal_close(journal);

  journal = open_journal(db, "root@sip2/3");
  assert_int_equal(steps_of(journal, record.op_id).step[0].state, OHA_STEP_UNDONE);
  assert_int_equal(oha_lease_take(journal, record.op_id, NULL), OHA_OK); /* catches up */
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step WHERE state = 'undone'"), 1);
  oha_journal_close(journal);
}

static void a_stolen_lease_stops_all_writes(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1");
  struct oha_op_record record = a_record();
  const struct oha_page_row row = { 7, 8 };
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
  assert_int_equal(oha__page_put(journal, record.op_id, 0, "a", "b", &row, 1, NULL), OHA_OK);
  assert_int_equal(oha__db_commit(db, NULL), OHA_OK);
  db_must(admin, "UPDATE opensips_ha_lease SET holder = 'thief', fence = fence + 1");

  assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
  assert_int_equal(oha__page_put(journal, record.op_id, 1, "a", "b", &row, 1, &err), OHA_E_LEASE);
  oha__db_rollback(db);
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_DONE, "", NULL), OHA_E_LEASE);
  assert_int_equal(oha_lease_extend(journal, 0, NULL), OHA_E_LEASE);
  assert_int_equal(oha_op_end(journal, &record, OHA_OP_DONE, "", NULL), OHA_E_LEASE);
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step"), 0);
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_page"), 1);
  oha_journal_close(journal); /* and the thief keeps it */
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_lease WHERE holder = 'thief'"), 1);
}

static void a_begin_that_the_database_misses_fails(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1");
  struct oha_op_record record = a_record(), found;

  (void)state;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  db_must(admin, "RENAME TABLE opensips_ha_operation TO hidden");
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_E_SCHEMA);
  db_must(admin, "RENAME TABLE hidden TO opensips_ha_operation");
  assert_int_equal(oha_op_find(journal, record.op_id, &found, NULL), OHA_OK);
  assert_int_equal(found.state, OHA_OP_FAILED);
  assert_int_equal(oha_op_find(journal, NULL, &found, NULL), OHA_E_NOTFOUND);
  oha_journal_close(journal);
}

/* Done on this machine while the database was away: it learns of it when the lease is taken again. */
static void the_database_catches_up(void **state)
{
  struct oha_journal *journal = open_journal(NULL, "root@sip2/1");
  struct oha_op_record record = a_record(), open_one = a_record(), found;

  (void)state;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, record.op_id, 1, "vip", OHA_STEP_DONE, "", NULL), OHA_OK);
  assert_int_equal(oha_op_end(journal, &record, OHA_OP_DONE, "moved", NULL), OHA_OK);
  assert_int_equal(oha_op_id_new(open_one.op_id, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &open_one, NULL), OHA_OK);
  assert_int_equal(oha_step_note(journal, open_one.op_id, 1, "vip", OHA_STEP_BEGUN, "", NULL), OHA_OK);
  oha_journal_close(journal);

  journal = open_journal(db, "root@sip2/2");
  assert_int_equal(oha_op_find(journal, NULL, &found, NULL), OHA_OK);
  assert_string_equal(found.op_id, open_one.op_id);
  assert_int_equal(oha_lease_take(journal, found.op_id, NULL), OHA_OK);
  assert_string_equal(oha_journal_behind(journal), "");
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_operation"), 2);
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_step"), 2);
  oha_journal_close(journal);
}

struct pages_seen {
  struct oha_journal *journal;
  uint32_t n;
};

static enum oha_rc see_page(void *arg, const struct oha__page *page, struct oha_error *err)
{
  struct pages_seen *seen = arg;

  (void)err;
  assert_int_equal(page->page_no, seen->n * 2);
  assert_string_equal(page->old_socket, "udp:192.0.2.1:5060");
  assert_string_equal(page->new_socket, "udp:192.0.2.2:5060");
  assert_int_equal(page->n_rows, 500);
  assert_int_equal(page->rows[499].id, 1000u * page->page_no + 499);
  assert_int_equal(page->rows[499].expires_s, 1795332014 + 499);
  db_must(db, "DO 1"); /* the connection is free */
  seen->n++;
  return seen->n == 3 ? OHA_END : OHA_OK;
}

static void pages_come_back(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1");
  struct oha_op_record record = a_record();
  struct pages_seen seen = { journal, 0 };
  struct oha_page_row rows[500];
  struct oha_error err = OHA_ERROR_INIT;
  uint32_t next = 9;

  (void)state;
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  assert_int_equal(oha__page_next(journal, record.op_id, &next, NULL), OHA_OK);
  assert_int_equal(next, 0);
  assert_int_equal(oha__page_put(journal, record.op_id, 0, "a", "b", rows, 1, NULL), OHA_E_ARG); /* no trx */
  for (uint32_t page_no = 0; page_no <= 6; page_no += 2) {
    for (uint32_t i = 0; i < N_OF(rows); i++)
      rows[i] = (struct oha_page_row){ 1000u * page_no + i, 1795332014 + i };
    assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
    if (oha__page_put(journal, record.op_id, page_no, "udp:192.0.2.1:5060", "udp:192.0.2.2:5060", rows,
                      N_OF(rows), &err) != OHA_OK)
      fail_msg("%s", err.text);
    assert_int_equal(oha__db_commit(db, NULL), OHA_OK);
  }
  assert_int_equal(oha__page_next(journal, record.op_id, &next, NULL), OHA_OK);
  assert_int_equal(next, 7);
  if (oha__page_each(journal, record.op_id, see_page, &seen, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_int_equal(seen.n, 3);
  db_must(admin, "UPDATE opensips_ha_page SET ids = LEFT(ids, 100) WHERE page_no = 0");
  seen.n = 0;
  assert_int_equal(oha__page_each(journal, record.op_id, see_page, &seen, NULL), OHA_E_PARSE);
  assert_ptr_equal(oha__journal_db(journal), db);
  oha_journal_close(journal);
}

static enum oha_rc count_ops(void *arg, const struct oha_op_record *record)
{
  (*(unsigned *)arg)++;
  return record->state == OHA_OP_UNDONE ? OHA_END : OHA_OK;
}

static void operations_are_listed_once(void **state)
{
  struct oha_journal *journal = open_journal(db, "root@sip2/1"), *local = open_journal(NULL, "x");
  unsigned n = 0;

  (void)state;
  for (int i = 0; i < 5; i++) {
    struct oha_op_record record = a_record();

    assert_int_equal(oha_op_begin(i % 2 == 0 ? journal : local, &record, NULL), OHA_OK);
    assert_int_equal(
        oha_op_end(i % 2 == 0 ? journal : local, &record, i == 1 ? OHA_OP_UNDONE : OHA_OP_DONE, "", NULL),
        OHA_OK);
    db_sleep_ms(1);
  }
  db_must(
      admin,
      "UPDATE opensips_ha_operation SET cluster = 'other' WHERE state = 'done' ORDER BY began_at LIMIT 1");
  assert_int_equal(oha_op_each(journal, 0, count_ops, &n, NULL), OHA_OK);
  assert_int_equal(n, 4); /* newest first, until the one that was undone */
  n = 0;
  assert_int_equal(oha_op_each(journal, 2, count_ops, &n, NULL), OHA_OK);
  assert_int_equal(n, 2);
  oha_journal_close(journal);
  oha_journal_close(local);
}

/* One whole operation, over and over, by a process that is killed somewhere in it. */
static void work_until_killed(unsigned round)
{
  struct oha_db *own = db_connect_default();
  char holder[32];

  snprintf(holder, sizeof(holder), "root@sip2/%u", round);
  for (;;) {
    struct oha_journal *journal = open_journal(own, holder);
    struct oha_op_record record = a_record();
    bool good =
        oha_lease_take(journal, NULL, NULL) == OHA_OK && oha_op_begin(journal, &record, NULL) == OHA_OK;

    for (uint32_t seq = 1; seq < 4; seq++) {
      good = good && oha_step_note(journal, record.op_id, seq, "s", OHA_STEP_BEGUN, "", NULL) == OHA_OK;
      good = good && oha_step_note(journal, record.op_id, seq, "s", OHA_STEP_DONE, "", NULL) == OHA_OK;
    }
    good = good && oha_op_end(journal, &record, OHA_OP_DONE, "", NULL) == OHA_OK;
    oha_journal_close(journal);
    if (!good)
      _exit(1);
  }
}

static void what_is_killed_can_be_read(void **state)
{
  (void)state;
  for (unsigned round = 0; round < 40; round++) {
    struct oha_journal *journal;
    struct oha_op_record record;
    struct oha_error err = OHA_ERROR_INIT;
    struct seen seen;
    int status;
    pid_t pid = fork();

    if (pid == 0)
      work_until_killed(round);
    db_sleep_ms(20 + (int)(round * 7919 % 61));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));

    journal = open_journal(db, "root@sip2/parent");
    if (oha_lease_take(journal, NULL, &err) != OHA_OK) /* at once: its local lock died with it */
      fail_msg("round %u: %s", round, err.text);
    while (oha_op_find(journal, NULL, &record, NULL) == OHA_OK) { /* at most one is open */
      seen = steps_of(journal, record.op_id);
      for (unsigned i = 0; i < seen.n; i++)
        assert_true(seen.step[i].seq == i + 1 && (seen.step[i].state == OHA_STEP_DONE || i + 1 == seen.n));
      assert_int_equal(oha_op_reopen(journal, &record, NULL), OHA_OK);
      assert_int_equal(oha_op_end(journal, &record, OHA_OP_UNDONE, "", NULL), OHA_OK);
    }
    assert_string_equal(oha_journal_behind(journal), "");
    oha_journal_close(journal);
  }
  assert_int_equal(db_number(admin, "SELECT COUNT(*) FROM opensips_ha_operation WHERE state = 'running'"), 0);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST(tables_are_made_once),
    TEST(missing_rights_are_named),
    TEST(operations_are_in_both_places),
    TEST(the_log_goes_on_without_the_database),
    TEST(dark_notes_wait),
    TEST(dark_notes_that_the_disk_refuses_do_not_wait),
    TEST(a_clock_that_is_set_back_loses_no_note),
    TEST(notes_without_the_database_are_newer),
    TEST(a_stolen_lease_stops_all_writes),
    TEST(a_begin_that_the_database_misses_fails),
    TEST(the_database_catches_up),
    TEST(pages_come_back),
    TEST(operations_are_listed_once),
    TEST(what_is_killed_can_be_read),
  };
#undef TEST

  (void)argc;
  db_enter(argv, NULL);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
