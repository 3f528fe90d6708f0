/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real Galera cluster: whom we write to, what its errors mean, and that the lease has one winner. */
#include "dbtest.h"

#include "journal/journal.h"
#include "journal/page.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_NODES 3

static struct oha_db *admin[N_NODES];

/* "unix:PATH" of server n (1..3): it works across a cut cable. */
static const char *host_of(int n)
{
  static char host[N_NODES][300];
  char name[32];

  snprintf(name, sizeof(name), "OHA_TEST_SOCKET_%d", n);
  snprintf(host[n - 1], sizeof(host[0]), "unix:%s", db_env(name));
  return host[n - 1];
}

static struct oha_db_opts opts_of(const char **hosts, const int *nodes, size_t n)
{
  struct oha_db_opts opts = db_opts(hosts, n);

  for (size_t i = 0; i < n; i++)
    hosts[i] = host_of(nodes[i]);
  opts.read_timeout_us = 10 * OHA_US_PER_S;
  return opts;
}

static struct oha_db *connect_to(int node)
{
  const char *hosts[1];
  struct oha_db_opts opts = opts_of(hosts, &node, 1);

  return db_connect(&opts);
}

/* One look at these servers, in order. */
static enum oha_rc open_nodes(const int *nodes, size_t n, enum oha_db_need need, struct oha_db **db,
                              struct oha_error *err)
{
  const char *hosts[N_NODES];
  struct oha_db_opts opts = opts_of(hosts, nodes, n);

  oha_error_clear(err);
  opts.need = need;
  return oha_db_open(db_ctx, &opts, db, err);
}

static void cable(int node, const char *state)
{
  char name[32];
  const char *argv[] = { "ip", "link", "set", NULL, state, NULL };
  struct oha_run_opts opts = { .size = sizeof(opts), .argv = argv };
  struct oha_run_result result = { 0 };

  snprintf(name, sizeof(name), "OHA_TEST_LINK_%d", node);
  argv[3] = db_env(name);
  assert_int_equal(oha_run(db_ctx, &opts, &result, NULL), OHA_OK);
  assert_int_equal(result.exit_status, 0);
  oha_run_result_clear(&result);
}

/* Until the server is, or is no longer, in a Primary component of @p size. */
static void wait_for_cluster(int node, bool primary, int64_t size)
{
  struct oha_mono due = oha_mono_add(oha_now_mono(db_ctx), 30 * OHA_US_PER_S);
  struct oha_db_verdict v;

  for (;;) {
    if (oha_db_judge(admin[node - 1], &v, NULL) == OHA_OK && v.primary == primary && v.ready == primary &&
        (!primary || (v.cluster_size == size && v.local_state == 4)))
      return;
    if (oha_mono_diff_us(due, oha_now_mono(db_ctx)) <= 0)
      fail_msg("node %d: primary %d, ready %d, size %lld, state %d", node, v.primary, v.ready,
               (long long)v.cluster_size, v.local_state);
    db_sleep_ms(100);
  }
}

static enum oha_rc ignore_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  (void)arg;
  (void)row;
  (void)err;
  return OHA_OK;
}

/* A number as of all that was committed anywhere; a node that was away may need more than one time-out. */
static int64_t causal_number(int node, const char *sql)
{
  struct oha_mono due = oha_mono_add(oha_now_mono(db_ctx), 30 * OHA_US_PER_S);
  struct oha_db *db = admin[node - 1];
  int64_t n;

  assert_int_equal(oha__db_sync_wait(db, true, NULL), OHA_OK);
  for (;;) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha__sql q;
    enum oha_rc rc;

    oha__sql_init(&q, db);
    oha__sql_puts(&q, "SELECT 1 FROM t LIMIT 1");
    rc = oha__db_each_stored(db, &q, ignore_row, NULL, &err);
    oha__sql_clear(&q);
    if (rc == OHA_OK)
      break;
    if (rc != OHA_E_TIMEOUT || oha_mono_diff_us(due, oha_now_mono(db_ctx)) <= 0)
      fail_msg("node %d: %s", node, err.text);
  }
  n = db_number(db, sql);
  assert_int_equal(oha__db_sync_wait(db, false, NULL), OHA_OK);
  return n;
}

/* Whatever the test before left behind: all three synced, nothing set. */
static int set_up(void **state)
{
  static const char *const calm[] = { "SET GLOBAL wsrep_reject_queries = 'NONE'",
                                      "SET GLOBAL read_only = OFF", "SET GLOBAL wsrep_max_ws_rows = 0",
                                      "SET GLOBAL wsrep_max_ws_size = 2147483647" };

  (void)state;
  for (int n = 1; n <= N_NODES; n++) {
    const char *hosts[1];
    struct oha_db_opts opts = opts_of(hosts, &n, 1);

    opts.need = OHA_DB_LOOK;
    cable(n, "up");
    admin[n - 1] = db_connect(&opts);
    for (size_t i = 0; i < N_OF(calm); i++)
      db_must(admin[n - 1], calm[i]);
    if (db_number(admin[n - 1], "SELECT @@GLOBAL.wsrep_desync") == 1) /* off again, it would join again */
      db_must(admin[n - 1], "SET GLOBAL wsrep_desync = OFF");
  }
  for (int n = 1; n <= N_NODES; n++)
    wait_for_cluster(n, true, N_NODES);
  db_must(admin[0], "DROP TABLE IF EXISTS t, opensips_ha_lease, opensips_ha_operation, opensips_ha_step, "
                    "opensips_ha_page");
  db_must(admin[0], "CREATE TABLE t (id INT PRIMARY KEY, a INT) ENGINE=InnoDB");
  db_must(admin[0], "INSERT INTO t SELECT seq, 0 FROM seq_1_to_100");
  if (oha_tables_create(admin[0], NULL, NULL) != OHA_OK)
    return 1;
  for (int n = 1; n <= N_NODES; n++) /* the statements reach the others a little later */
    if (causal_number(n, "SELECT COUNT(*) FROM opensips_ha_page") != 0)
      return 1;
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  for (int n = 0; n < N_NODES; n++)
    oha_db_close(admin[n]);
  return 0;
}

static void healthy_nodes_are_alike(void **state)
{
  struct oha_db_verdict v[N_NODES];

  (void)state;
  for (int n = 0; n < N_NODES; n++) {
    assert_int_equal(oha_db_judge(admin[n], &v[n], NULL), OHA_OK);
    assert_true(v[n].galera && v[n].primary && v[n].ready && v[n].readable && v[n].writable);
    assert_int_equal(v[n].local_state, 4);
    assert_int_equal(v[n].cluster_size, N_NODES);
    assert_int_equal(v[n].server_id, n + 1);
    assert_string_equal(v[n].cluster_uuid, v[0].cluster_uuid);
    assert_string_equal(v[n].cluster_conf_id, v[0].cluster_conf_id);
  }
  assert_int_equal(strlen(v[0].cluster_uuid), 36);
}

/* What an operator set on server 1: it is passed over for server 2, and named when it is alone. */
static void operators_are_respected(void **state)
{
  static const struct {
    const char *set, *unset;
    enum oha_rc alone;
    const char *says;
    bool readable;
  } rows[] = {
    { "SET GLOBAL read_only = ON", "SET GLOBAL read_only = OFF", OHA_E_READONLY, "read_only is ON", true },
    { "SET GLOBAL wsrep_desync = ON", "SET GLOBAL wsrep_desync = OFF", OHA_E_READONLY, "wsrep_desync is ON",
      true },
    { "SET GLOBAL wsrep_reject_queries = 'ALL'", "SET GLOBAL wsrep_reject_queries = 'NONE'",
      OHA_E_UNAVAILABLE, "wsrep_reject_queries is ALL", false },
  };
  static const int alone[] = { 1 }, both[] = { 1, 2 };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_db *db = NULL;
    enum oha_rc rc;

    db_must(admin[0], rows[i].set);
    rc = open_nodes(alone, 1, OHA_DB_WRITE, &db, &err);
    if (rc != rows[i].alone || strstr(err.text, rows[i].says) == NULL)
      fail_msg("%s: %s: %s", rows[i].set, oha_rc_name(rc), err.text);
    rc = open_nodes(alone, 1, OHA_DB_READ, &db, &err);
    if ((rc == OHA_OK) != rows[i].readable)
      fail_msg("%s: reading: %s: %s", rows[i].set, oha_rc_name(rc), err.text);
    oha_db_close(db);
    assert_int_equal(open_nodes(both, 2, OHA_DB_WRITE, &db, &err), OHA_OK);
    assert_string_equal(oha_db_verdict_of(db)->host, host_of(2));
    oha_db_close(db);
    db_must(admin[0], rows[i].unset);
    wait_for_cluster(1, true, N_NODES);
  }
}

/* Queries rejected on a connection that was good: another host, and not a lack of quorum. */
static void rejected_queries_are_no_lack_of_quorum(void **state)
{
  struct oha_db *db = connect_to(1);
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  db_must(admin[0], "SET GLOBAL wsrep_reject_queries = 'ALL'");
  assert_int_equal(db_try(db, &err, "UPDATE t SET a = 1 WHERE id = 1"), OHA_E_UNAVAILABLE);
  assert_int_equal(err.sys, 1047);
  assert_int_equal(oha__db_class_of_error(&err), OHA_DB_CLASS_OTHER_HOST);
  db_must(admin[0], "SET GLOBAL wsrep_reject_queries = 'NONE'");
  db_must(db, "UPDATE t SET a = 1 WHERE id = 1");
  oha_db_close(db);
}

static void two_nodes_one_row(void **state)
{
  struct oha_db *a = connect_to(1), *b = connect_to(2);
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc;

  (void)state;
  assert_int_equal(oha__db_begin(a, NULL), OHA_OK);
  db_must(a, "UPDATE t SET a = 1 WHERE id = 7");
  assert_int_equal(oha__db_begin(b, NULL), OHA_OK);
  db_must(b, "UPDATE t SET a = 2 WHERE id = 7"); /* row locks are local */
  assert_int_equal(oha__db_commit(a, NULL), OHA_OK);
  rc = oha__db_commit(b, &err);
  if (rc != OHA_E_CONFLICT || err.sys != 1213)
    fail_msg("%s: %s", oha_rc_name(rc), err.text);
  oha_db_close(a);
  oha_db_close(b);
}

static void write_sets_have_a_limit(void **state)
{
  static const char *const limits[] = { "wsrep_max_ws_rows = 10", "wsrep_max_ws_size = 1024" };
  struct oha_db *db = connect_to(1);

  (void)state;
  for (size_t i = 0; i < N_OF(limits); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    char sql[64];
    enum oha_rc rc;

    snprintf(sql, sizeof(sql), "SET GLOBAL %s", limits[i]);
    db_must(admin[0], sql);
    assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
    rc = db_try(db, &err, "UPDATE t SET a = a + 1");
    if (rc == OHA_OK)
      rc = oha__db_commit(db, &err);
    oha__db_rollback(db);
    if (rc != OHA_E_TOO_BIG)
      fail_msg("%s: %s: %s", limits[i], oha_rc_name(rc), err.text);
    db_must(admin[0], "SET GLOBAL wsrep_max_ws_rows = 0, GLOBAL wsrep_max_ws_size = 2147483647");
  }
  oha_db_close(db);
}

static void causal_reads_see_what_was_committed(void **state)
{
  struct oha_db *writer = connect_to(1), *reader = connect_to(2);
  struct oha_error err = OHA_ERROR_INIT;
  char sql[64];

  (void)state;
  assert_int_equal(oha__db_sync_wait(reader, true, NULL), OHA_OK);
  for (int i = 1; i <= 200; i++) {
    snprintf(sql, sizeof(sql), "UPDATE t SET a = %d WHERE id = 9", i);
    db_must(writer, sql);
    assert_int_equal(db_number(reader, "SELECT a FROM t WHERE id = 9"), i);
  }

  /* a node that does not catch up: it lags, nothing is locked */
  db_must(admin[1], "FLUSH TABLES WITH READ LOCK");
  db_must(writer, "UPDATE t SET a = -1 WHERE id = 9");
  {
    struct oha__sql q;
    enum oha_rc rc;

    oha__sql_init(&q, reader);
    oha__sql_puts(&q, "SELECT a FROM t WHERE id = 9");
    rc = oha__db_each_stored(reader, &q, ignore_row, NULL, &err);
    oha__sql_clear(&q);
    if (rc != OHA_E_TIMEOUT || err.sys != 1205 || oha__db_class_of_error(&err) != OHA_DB_CLASS_LAGS)
      fail_msg("%s: %s", oha_rc_name(rc), err.text);
  }
  db_must(admin[1], "UNLOCK TABLES");
  assert_int_equal(causal_number(2, "SELECT a FROM t WHERE id = 9"), -1);
  assert_int_equal(oha__db_sync_wait(reader, false, NULL), OHA_OK);
  oha_db_close(writer);
  oha_db_close(reader);
}

static struct oha_journal *open_journal(struct oha_db *db, const char *machine, const char *holder)
{
  char dir[400];
  struct oha_journal_opts opts = {
    .size = sizeof(opts), .cluster = "edge", .state_dir = dir, .holder = holder, .lease_ttl_us = 300000
  };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_journal *journal = NULL;

  snprintf(dir, sizeof(dir), "%s/state-%s", db_env("OHA_TEST_DIR"), machine);
  if (oha_journal_open(db_ctx, db, &opts, &journal, &err) != OHA_OK)
    db_fail("%s", err.text);
  return journal;
}

/* Two machines, each on a server of its own, start at once: 20 times. */
static void the_lease_has_one_winner(void **state)
{
  (void)state;
  for (int round = 0; round < 20; round++) {
    int start[2], won[2], n_won = 0, status;
    pid_t pid[2];
    char c;

    assert_int_equal(pipe(start), 0);
    assert_int_equal(pipe(won), 0);
    for (int i = 0; i < 2; i++) {
      pid[i] = fork();
      if (pid[i] == 0) {
        char machine[16], holder[32];
        struct oha_journal *journal;
        enum oha_rc rc;

        snprintf(machine, sizeof(machine), "m%d", i);
        snprintf(holder, sizeof(holder), "root@sip%d/%d", i, round);
        journal = open_journal(connect_to(i + 1), machine, holder);
        close(start[1]);
        if (read(start[0], &c, 1) != 0)
          _exit(2);
        rc = oha_lease_take(journal, NULL, NULL);
        if (rc == OHA_OK && write(won[1], "w", 1) != 1)
          _exit(2);
        _exit(rc == OHA_OK || rc == OHA_E_BUSY ? 0 : 3);
      }
    }
    close(won[1]);
    db_sleep_ms(100);
    close(start[0]);
    close(start[1]);
    while (read(won[0], &c, 1) == 1)
      n_won++;
    close(won[0]);
    for (int i = 0; i < 2; i++) {
      assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
      assert_int_equal(status, 0);
    }
    if (n_won != 1)
      fail_msg("round %d: %d winners", round, n_won);
    db_sleep_ms(400); /* let it run out on every server */
  }
  assert_int_equal(causal_number(1, "SELECT fence FROM opensips_ha_lease"), 20);
}

/* Our page is open on one server when another machine takes the lease on another: the page must not stand. */
static void pages_do_not_outlive_the_lease(void **state)
{
  struct oha_db *a = connect_to(1), *b = connect_to(2);
  struct oha_journal *mine = open_journal(a, "a", "root@sip1/1"),
                     *thief = open_journal(b, "b", "root@sip2/1");
  struct oha_op_record record = { .verb = "rewrite", .options = "{}" };
  const struct oha_page_row row = { 7, 8 };
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc;

  (void)state;
  assert_int_equal(oha_lease_take(mine, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(mine, &record, NULL), OHA_OK);
  db_sleep_ms(700); /* the lease has run out */
  assert_int_equal(oha__db_begin(a, NULL), OHA_OK);
  assert_int_equal(oha__page_put(mine, record.op_id, 0, "x", "y", &row, 1, NULL), OHA_OK);
  assert_int_equal(oha_lease_take(thief, NULL, NULL), OHA_OK);
  rc = oha__db_commit(a, &err);
  if (rc != OHA_E_CONFLICT)
    fail_msg("%s: %s", oha_rc_name(rc), err.text);
  causal_number(1, "SELECT 1"); /* server 1 has what server 2 committed */
  assert_int_equal(oha_step_note(mine, record.op_id, 1, "page", OHA_STEP_DONE, "", NULL), OHA_E_LEASE);
  assert_int_equal(causal_number(3, "SELECT COUNT(*) FROM opensips_ha_page"), 0);
  oha_journal_close(mine);
  oha_journal_close(thief);
  oha_db_close(a);
  oha_db_close(b);
}

/* The server that we are on is cut off with a write under way. */
static void a_cut_off_node_has_no_quorum(void **state)
{
  static const int alone[] = { 3 }, both[] = { 3, 1 };
  struct oha_db *db = connect_to(3), *in_flight = connect_to(3), *other = NULL;
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db_verdict v;
  enum oha_rc rc;

  (void)state;
  cable(3, "down");
  rc = db_try(in_flight, &err, "UPDATE t SET a = 3 WHERE id = 3"); /* waits for the group, then fails */
  if (rc != OHA_E_UNKNOWN && rc != OHA_E_CONFLICT && rc != OHA_E_NO_QUORUM)
    fail_msg("in flight: %s: %s", oha_rc_name(rc), err.text);
  print_message("in flight: %s: %s\n", oha_rc_name(rc), err.text);
  wait_for_cluster(3, false, 0);
  wait_for_cluster(1, true, 2);

  assert_int_equal(db_try(db, &err, "UPDATE t SET a = 4 WHERE id = 3"), OHA_E_NO_QUORUM);
  assert_int_equal(err.sys, 1047);
  assert_int_equal(db_number(db, "SELECT 1"), 1); /* what many health checks ask is blind */
  rc = open_nodes(alone, 1, OHA_DB_WRITE, &other, &err);
  if (rc != OHA_E_NO_QUORUM || strstr(err.text, "non-Primary") == NULL)
    fail_msg("%s: %s", oha_rc_name(rc), err.text);
  assert_int_equal(open_nodes(alone, 1, OHA_DB_READ, &other, &err), OHA_E_NO_QUORUM);
  assert_int_equal(open_nodes(alone, 1, OHA_DB_LOOK, &other, &err), OHA_OK);
  assert_int_equal(oha_db_judge(other, &v, NULL), OHA_OK);
  assert_true(v.galera && !v.primary && !v.readable && !v.writable);
  oha_db_close(other);
  assert_int_equal(open_nodes(both, 2, OHA_DB_WRITE, &other, &err), OHA_OK);
  assert_string_equal(oha_db_verdict_of(other)->host, host_of(1));
  db_must(other, "UPDATE t SET a = 5 WHERE id = 3");
  oha_db_close(other);

  cable(3, "up");
  wait_for_cluster(3, true, N_NODES);
  wait_for_cluster(1, true, N_NODES);
  assert_int_equal(causal_number(3, "SELECT a FROM t WHERE id = 3"), 5);
  oha_db_close(db);
  oha_db_close(in_flight);
}

/* Another server is cut off while we work: commits stand still for seconds, and the journal gets through. */
static void the_journal_survives_a_change_of_membership(void **state)
{
  static const int order[] = { 1, 2 };
  const char *hosts[2];
  struct oha_db_opts opts = opts_of(hosts, order, 2);
  struct oha_db *db = db_connect(&opts);
  struct oha_journal *journal = open_journal(db, "c", "root@sip1/1");
  struct oha_op_record record = { .verb = "failover", .options = "{}" };
  struct oha_mono began, longest = { 0 };
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  assert_int_equal(oha_lease_take(journal, NULL, NULL), OHA_OK);
  assert_int_equal(oha_op_begin(journal, &record, NULL), OHA_OK);
  cable(3, "down");
  for (uint32_t seq = 1; seq <= 20; seq++) {
    began = oha_now_mono(db_ctx);
    if (oha_step_note(journal, record.op_id, seq, "s", OHA_STEP_DONE, "", &err) != OHA_OK)
      fail_msg("step %u: %s", seq, err.text);
    if (oha_mono_diff_us(oha_now_mono(db_ctx), began) > longest.us)
      longest.us = oha_mono_diff_us(oha_now_mono(db_ctx), began);
  }
  print_message("longest note: %lld ms, behind: '%s'\n", (long long)(longest.us / 1000),
                oha_journal_behind(journal));
  if (oha_op_end(journal, &record, OHA_OP_DONE, "", &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_string_equal(oha_journal_behind(journal), "");
  cable(3, "up");
  wait_for_cluster(3, true, N_NODES);
  assert_int_equal(causal_number(3, "SELECT COUNT(*) FROM opensips_ha_step WHERE state = 'done'"), 20);
  assert_int_equal(causal_number(3, "SELECT COUNT(*) FROM opensips_ha_operation WHERE state = 'done'"), 1);
  oha_journal_close(journal);
  oha_db_close(db);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST(healthy_nodes_are_alike),
    TEST(operators_are_respected),
    TEST(rejected_queries_are_no_lack_of_quorum),
    TEST(two_nodes_one_row),
    TEST(write_sets_have_a_limit),
    TEST(causal_reads_see_what_was_committed),
    TEST(the_lease_has_one_winner),
    TEST(pages_do_not_outlive_the_lease),
    TEST(a_cut_off_node_has_no_quorum),
    TEST(the_journal_survives_a_change_of_membership),
  };
#undef TEST

  (void)argc;
  db_enter_galera(argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
