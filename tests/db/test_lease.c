/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may act: one at a time, by the database across machines and by a local lock on one. */
#include "dbtest.h"

#include <opensips-ha/journal.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct oha_db *db, *admin;
static char base[300];

/* Each machine has a state directory of its own. */
static struct oha_journal *open_journal(struct oha_db *on, const char *machine, const char *holder,
                                        int64_t ttl_us)
{
  char dir[400];
  struct oha_journal_opts opts = {
    .size = sizeof(opts), .cluster = "edge/1", .state_dir = dir, .holder = holder, .lease_ttl_us = ttl_us
  };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_journal *journal = NULL;

  snprintf(dir, sizeof(dir), "%s/%s", base, machine);
  if (oha_journal_open(db_ctx, on, &opts, &journal, &err) != OHA_OK)
    db_fail("%s", err.text);
  return journal;
}

static int set_up(void **state)
{
  static int n;

  (void)state;
  snprintf(base, sizeof(base), "%s/base%d", db_env("OHA_TEST_DIR"), n++);
  db = db_connect_default();
  admin = db_connect_default();
  db_must(admin, "DROP TABLE IF EXISTS opensips_ha_lease, opensips_ha_operation, opensips_ha_step, "
                 "opensips_ha_page");
  return mkdir(base, 0700) == 0 && oha_tables_create(admin, NULL, NULL) == OHA_OK ? 0 : 1;
}

static int tear_down(void **state)
{
  (void)state;
  oha_db_close(db);
  oha_db_close(admin);
  return 0;
}

static void the_second_machine_waits(void **state)
{
  struct oha_journal *a = open_journal(db, "a", "root@sip1/1", 0);
  struct oha_journal *b = open_journal(admin, "b", "root@sip2/1", 0);
  struct oha_op_record record = { .verb = "switchover", .options = "{}" };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_lease_view view;

  (void)state;
  assert_int_equal(oha_lease_show(b, &view, NULL), OHA_OK);
  assert_false(view.held);
  assert_int_equal(oha_lease_take(a, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(a, &record, NULL), OHA_OK);
  assert_int_equal(oha_lease_take(b, NULL, &err), OHA_E_BUSY);
  assert_non_null(strstr(err.text, "root@sip1/1"));
  assert_non_null(strstr(err.text, record.op_id));
  assert_non_null(strstr(err.text, "switchover"));
  assert_int_equal(oha_lease_show(b, &view, NULL), OHA_OK);
  assert_true(view.held);
  assert_int_equal(view.fence, 1);
  assert_string_equal(view.op_id, record.op_id);
  assert_true(view.expires_at.us > oha_now_wall(db_ctx).us + 5 * OHA_US_PER_S);

  assert_int_equal(oha_lease_extend(a, 60 * OHA_US_PER_S, NULL), OHA_OK);
  assert_int_equal(oha_lease_show(b, &view, NULL), OHA_OK);
  assert_true(view.expires_at.us > oha_now_wall(db_ctx).us + 65 * OHA_US_PER_S);
  assert_int_equal(oha_step_note(a, record.op_id, 1, "x", OHA_STEP_DONE, "", NULL), OHA_OK);
  assert_int_equal(oha_lease_show(b, &view, NULL), OHA_OK);
  assert_true(view.expires_at.us >
              oha_now_wall(db_ctx).us + 65 * OHA_US_PER_S); /* a note never shortens it */

  oha_lease_release(a);
  assert_int_equal(oha_lease_take(b, NULL, NULL), OHA_OK);
  assert_int_equal(oha_lease_show(a, &view, NULL), OHA_OK);
  assert_int_equal(view.fence, 2);
  oha_journal_close(b); /* closing releases */
  assert_int_equal(oha_lease_take(a, NULL, NULL), OHA_OK);
  oha_journal_close(a);
}

static void a_lease_runs_out(void **state)
{
  struct oha_journal *a = open_journal(db, "a", "root@sip1/1", 300000);
  struct oha_journal *b = open_journal(admin, "b", "root@sip2/1", 0);
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  assert_int_equal(oha_lease_take(a, NULL, NULL), OHA_OK);
  assert_int_equal(oha_lease_take(b, NULL, NULL), OHA_E_BUSY);
  db_sleep_ms(400);
  assert_int_equal(oha_lease_extend(a, 0, NULL), OHA_OK); /* late, but nobody else has taken it */
  assert_int_equal(oha_lease_take(b, NULL, NULL), OHA_E_BUSY);
  db_sleep_ms(400);
  assert_int_equal(oha_lease_take(b, NULL, NULL), OHA_OK);
  assert_int_equal(oha_lease_extend(a, 0, &err), OHA_E_LEASE);
  assert_non_null(strstr(err.text, "root@sip2/1"));
  oha_journal_close(a); /* does not release what is another's */
  assert_int_equal(oha_lease_extend(b, 0, NULL), OHA_OK);
  oha_journal_close(b);
}

/* A holder in the middle of a page has the lease's row locked: the taker must not wait for that. */
static void takers_do_not_wait_for_row_locks(void **state)
{
  struct oha_journal *a = open_journal(db, "a", "root@sip1/1", 0);
  struct oha_journal *b = open_journal(admin, "b", "root@sip2/1", 0);
  struct oha_mono began;

  (void)state;
  assert_int_equal(oha_lease_take(a, NULL, NULL), OHA_OK);
  assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
  db_must(db, "UPDATE opensips_ha_lease SET n_touched = n_touched + 1");
  began = oha_now_mono(db_ctx);
  assert_int_equal(oha_lease_take(b, NULL, NULL), OHA_E_BUSY);
  assert_true(oha_mono_diff_us(oha_now_mono(db_ctx), began) < 500 * OHA_US_PER_MS);
  oha__db_rollback(db);
  oha_journal_close(a);
  oha_journal_close(b);
}

/* N processes with connections of their own, each on a machine of its own, start at once. */
static void one_of_many_wins(void **state)
{
  enum { N = 6 };

  (void)state;
  for (int round = 0; round < 20; round++) {
    int start[2], won[2], n_won = 0;
    pid_t pid[N];
    char c;

    assert_int_equal(pipe(start), 0);
    assert_int_equal(pipe(won), 0);
    for (int i = 0; i < N; i++) {
      pid[i] = fork();
      if (pid[i] == 0) {
        struct oha_db *own = db_connect_default();
        char machine[16], holder[32];
        struct oha_journal *journal;
        enum oha_rc rc;

        snprintf(machine, sizeof(machine), "m%d", i);
        snprintf(holder, sizeof(holder), "root@sip%d/%d", i, round);
        journal = open_journal(own, machine, holder, 200000);
        close(start[1]);
        if (read(start[0], &c, 1) != 0) /* the end of the pipe is the shot */
          _exit(2);
        rc = oha_lease_take(journal, NULL, NULL);
        if (rc == OHA_OK && write(won[1], "w", 1) != 1)
          _exit(2);
        _exit(rc == OHA_OK || rc == OHA_E_BUSY ? 0 : 3); /* without releasing */
      }
    }
    close(won[1]);
    db_sleep_ms(60);
    close(start[0]);
    close(start[1]);
    while (read(won[0], &c, 1) == 1)
      n_won++;
    close(won[0]);
    for (int i = 0; i < N; i++) {
      int status;

      assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
      if (status != 0)
        fail_msg("round %d: process %d ended by %d", round, i, WEXITSTATUS(status));
    }
    assert_int_equal(n_won, 1);
    assert_int_equal(db_number(admin, "SELECT fence FROM opensips_ha_lease"), round + 1);
    db_sleep_ms(220);
  }
}

/* The connection is cut while the taker waits for the row: whatever it did, one look tells. */
static void a_cut_take_is_found_out(void **state)
{
  struct oha_journal *a = open_journal(db, "a", "root@sip1/1", 0);
  struct oha_lease_view view;
  char sql[64];
  int status;
  pid_t pid;

  (void)state;
  assert_int_equal(oha_lease_take(a, NULL, NULL), OHA_OK);
  oha_lease_release(a);
  assert_int_equal(oha__db_begin(admin, NULL), OHA_OK);
  db_must(admin, "UPDATE opensips_ha_lease SET n_touched = n_touched + 1");
  snprintf(sql, sizeof(sql), "KILL %lld", (long long)db_number(db, "SELECT CONNECTION_ID()"));
  pid = fork();
  if (pid == 0) {
    db_sleep_ms(300);
    if (oha__db_do(admin, sql, NULL) != OHA_OK)
      _exit(1);
    _exit(oha__db_do(admin, "COMMIT", NULL) == OHA_OK ? 0 : 1);
  }
  assert_int_equal(oha_lease_take(a, NULL, NULL), OHA_OK);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  assert_int_equal(oha_lease_show(a, &view, NULL), OHA_OK);
  assert_true(view.held);
  assert_string_equal(view.holder, "root@sip1/1");
  oha_journal_close(a);
}

static void a_dead_holder_of_this_machine_is_followed_at_once(void **state)
{
  struct oha_journal *here, *there;
  struct oha_lease_view view;
  int status;
  pid_t pid = fork();

  (void)state;
  if (pid == 0) {
    struct oha_journal *journal = open_journal(db_connect_default(), "a", "root@sip1/1", 0);

    _exit(oha_lease_take(journal, NULL, NULL) == OHA_OK ? 0 : 1); /* as by SIGKILL: nothing is released */
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  there = open_journal(admin, "b", "root@sip2/1", 0);
  assert_int_equal(oha_lease_take(there, NULL, NULL), OHA_E_BUSY); /* another machine cannot know */
  here = open_journal(db, "a", "root@sip1/2", 0);
  assert_int_equal(oha_lease_take(here, NULL, NULL), OHA_OK);
  assert_int_equal(oha_lease_show(there, &view, NULL), OHA_OK);
  assert_string_equal(view.holder, "root@sip1/2");
  assert_int_equal(view.fence, 2);
  oha_journal_close(here);
  oha_journal_close(there);
}

static void without_an_answer_nothing_is_taken(void **state)
{
  struct oha_journal *a = open_journal(db, "a", "root@sip1/1", 0);
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  db_must(admin, "RENAME TABLE opensips_ha_lease TO hidden");
  assert_int_equal(oha_lease_take(a, NULL, &err), OHA_E_SCHEMA);
  db_must(admin, "RENAME TABLE hidden TO opensips_ha_lease");
  assert_int_equal(oha_lease_extend(a, 0, NULL), OHA_E_LEASE);
  assert_int_equal(oha_lease_take(a, NULL, NULL), OHA_OK); /* the local lock was given back */
  oha_journal_close(a);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST(the_second_machine_waits),
    TEST(a_lease_runs_out),
    TEST(takers_do_not_wait_for_row_locks),
    TEST(one_of_many_wins),
    TEST(a_cut_take_is_found_out),
    TEST(a_dead_holder_of_this_machine_is_followed_at_once),
    TEST(without_an_answer_nothing_is_taken),
  };
#undef TEST

  (void)argc;
  db_enter(argv, NULL);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
