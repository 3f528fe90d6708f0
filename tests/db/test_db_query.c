/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements, results and transactions, and the errors that a server really sends. */
#include "dbtest.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct oha_db *db, *other;

static int set_up(void **state)
{
  (void)state;
  db = db_connect_default();
  other = db_connect_default();
  db_must(db, "CREATE OR REPLACE TABLE t (id INT PRIMARY KEY, a VARCHAR(300)) ENGINE=InnoDB");
  db_must(db, "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, NULL)");
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  oha_db_close(db);
  oha_db_close(other);
  return 0;
}

static void kill_connection(struct oha_db *victim)
{
  char sql[64];

  snprintf(sql, sizeof(sql), "KILL %lld", (long long)db_number(victim, "SELECT CONNECTION_ID()"));
  db_must(other, sql);
}

/* The code and number of a statement that fails in the way that a class is about. */
static void expect(struct oha_db *on, const char *sql, enum oha_rc rc, int number, enum oha_db_class class)
{
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc got = db_try(on, &err, sql);

  if (got != rc || err.sys != number || oha__db_class_of_error(&err) != class)
    fail_msg("%.60s: %s, %d, class %d: %s", sql, oha_rc_name(got), err.sys, oha__db_class_of_error(&err),
             err.text);
}

static void server_errors_have_classes(void **state)
{
  (void)state;
  expect(db, "UPDATE t SET nope = 1", OHA_E_SCHEMA, 1054, OHA_DB_CLASS_SCHEMA);
  expect(db, "UPDATE nope SET a = 1", OHA_E_SCHEMA, 1146, OHA_DB_CLASS_SCHEMA);
  expect(db, "UPDAET t SET a = 1", OHA_E_BUG, 1064, OHA_DB_CLASS_BUG);
  expect(db, "INSERT INTO t VALUES (1, 'x')", OHA_E_DB, 1062, OHA_DB_CLASS_OTHER);
  expect(db, "SET GLOBAL gtid_slave_pos = 'nonsense'", OHA_E_BUG, 1941, OHA_DB_CLASS_BUG);
  expect(db, "INSERT INTO t VALUES (9, REPEAT('x', 301))", OHA_E_DB, 1406, OHA_DB_CLASS_OTHER); /* strict */
}

static void writes_to_readonly_servers_are_refused(void **state)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);
  struct oha_db *plain;

  (void)state;
  db_must(other, "CREATE USER plain@'%' IDENTIFIED BY 'p'");
  db_must(other, "GRANT SELECT, INSERT, UPDATE, DELETE ON opensips.* TO plain@'%'");
  opts.option_file = db_file("plain.cnf", 0600, "[opensips-ha]\nuser=plain\npassword=p\n");
  plain = db_connect(&opts);
  db_must(other, "SET GLOBAL read_only = 1");
  expect(plain, "UPDATE t SET a = 'x' WHERE id = 1", OHA_E_READONLY, 1290, OHA_DB_CLASS_READONLY);
  db_must(other, "SET GLOBAL read_only = 0");
  db_must(plain, "SET SESSION TRANSACTION READ ONLY");
  expect(plain, "UPDATE t SET a = 'x' WHERE id = 1", OHA_E_READONLY, 1792, OHA_DB_CLASS_READONLY);
  oha_db_close(plain);
  db_must(other, "DROP USER plain@'%'");
}

static void lock_waits_end_before_the_connection_does(void **state)
{
  (void)state;
  assert_int_equal(oha__db_begin(other, NULL), OHA_OK);
  db_must(other, "UPDATE t SET a = 'x' WHERE id = 1");
  expect(db, "UPDATE t SET a = 'y' WHERE id = 1", OHA_E_CONFLICT, 1205, OHA_DB_CLASS_RETRY);
  assert_true(oha_db_is_open(db));
  expect(db, "ALTER TABLE t ADD COLUMN b INT", OHA_E_CONFLICT, 1205, OHA_DB_CLASS_RETRY);
  oha__db_rollback(other);
  db_must(db, "UPDATE t SET a = 'y' WHERE id = 1");
}

static void deadlocks_are_conflicts(void **state)
{
  struct oha_error err = OHA_ERROR_INIT;
  int status;
  pid_t pid;

  (void)state;
  db_must(other, "UPDATE t SET a = 'big' WHERE id > 1");
  assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
  db_must(db, "UPDATE t SET a = 'd' WHERE id = 1");
  pid = fork();
  if (pid == 0) { /* more rows changed: InnoDB sacrifices the other one */
    bool ok = oha__db_begin(other, NULL) == OHA_OK &&
              oha__db_do(other, "UPDATE t SET a = 'o' WHERE id > 1", NULL) == OHA_OK;

    ok = ok && oha__db_do(other, "UPDATE t SET a = 'o' WHERE id = 1", NULL) == OHA_OK;
    _exit(ok && oha__db_commit(other, NULL) == OHA_OK ? 0 : 1);
  }
  nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
  expect(db, "UPDATE t SET a = 'd' WHERE id = 2", OHA_E_CONFLICT, 1213, OHA_DB_CLASS_RETRY);
  /* what comes next would stand alone: refused until the rollback */
  assert_int_equal(db_try(db, &err, "UPDATE t SET a = 'd' WHERE id = 1"), OHA_E_BUG);
  oha_error_clear(&err);
  assert_int_equal(oha__db_commit(db, &err), OHA_E_BUG);
  assert_false(oha__db_in_transaction(db));
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  db_must(db, "UPDATE t SET a = 'e' WHERE id = 1");
}

static void too_big_is_told(void **state)
{
  struct oha__sql q;
  struct oha_error err = OHA_ERROR_INIT;
  const size_t n_zeros = (size_t)1024 * 1024;
  char *zeros = calloc(n_zeros, 1);

  (void)state;
  assert_non_null(zeros);
  oha__sql_init(&q, db);
  oha__sql_puts(&q, "SET @x = LENGTH(");
  oha__sql_bytes(&q, zeros, n_zeros);
  oha__sql_puts(&q, ")");
  assert_int_equal(oha__db_exec(db, &q, NULL, &err), OHA_E_TOO_BIG);
  assert_int_equal(err.sys, 1153);
  oha__sql_clear(&q);
  free(zeros);
}

static void every_byte_comes_back(void **state)
{
  static const char *const columns[] = { "VARBINARY(300)", "VARCHAR(300) CHARACTER SET latin1", "BLOB" };
  char all[256], sql[256], back[600];
  struct oha__sql q;

  (void)state;
  for (size_t i = 0; i < sizeof(all); i++)
    all[i] = (char)i;
  for (size_t i = 0; i < N_OF(columns); i++) {
    snprintf(sql, sizeof(sql), "CREATE OR REPLACE TABLE b (id INT PRIMARY KEY, v %s) ENGINE=InnoDB",
             columns[i]);
    db_must(db, sql);
    oha__sql_init(&q, db);
    oha__sql_puts(&q, "INSERT INTO b VALUES (1, ");
    oha__sql_text(&q, (struct oha_span){ all, sizeof(all) });
    oha__sql_puts(&q, "), (2, ");
    oha__sql_bytes(&q, all, sizeof(all));
    oha__sql_puts(&q, ")");
    assert_int_equal(oha__db_exec(db, &q, NULL, NULL), OHA_OK);
    oha__sql_clear(&q);
    for (int id = 1; id <= 2; id++) {
      snprintf(sql, sizeof(sql), "SELECT HEX(v) FROM b WHERE id = %d", id);
      db_value(db, sql, back, sizeof(back));
      assert_int_equal(strlen(back), 512);
      for (size_t k = 0; k < sizeof(all); k++)
        assert_int_equal(oha__hex_digit(back[k * 2]) * 16 + oha__hex_digit(back[k * 2 + 1]), k);
    }
  }
  db_must(db, "DROP TABLE b");
}

static enum oha_rc take_key(void *arg, const struct oha__row *row, struct oha_error *err)
{
  (void)err;
  assert_true(row->n > 5); /* id, select_type, table, type, possible_keys, key, ... */
  assert_true(oha__span_copy(oha__col(row, 5), arg, 64));
  return OHA_OK;
}

static void expect_index(const char *explain, const char *index)
{
  char key[64] = "";
  struct oha__sql q;

  oha__sql_init(&q, db);
  oha__sql_puts(&q, explain);
  assert_int_equal(oha__db_each_stored(db, &q, take_key, key, NULL), OHA_OK);
  oha__sql_clear(&q);
  assert_string_equal(key, index);
}

/* "se\xc3\xa9" as OpenSIPS stores it through a latin1 connection, in a table of either character set. */
static void stored_bytes_are_looked_up_by_index(void **state)
{
  static const char *const sets[] = { "utf8mb4", "latin1" };
  static const char *const stored[] = { "se\xc3\x83\xc2\xa9", "se\xc3\xa9" };
  char text[256];

  (void)state;
  for (size_t i = 0; i < N_OF(sets); i++) {
    snprintf(text, sizeof(text),
             "CREATE OR REPLACE TABLE l (id INT PRIMARY KEY AUTO_INCREMENT, username VARCHAR(64), "
             "KEY (username)) ENGINE=InnoDB DEFAULT CHARACTER SET %s",
             sets[i]);
    db_must(db, text);
    db_must(db, "INSERT INTO l (username) SELECT CONCAT('u', seq) FROM seq_1_to_2000");
    db_must(other, "SET NAMES latin1");
    db_must(other, "INSERT INTO l (username) VALUES ('se\xc3\xa9')");
    db_must(other, "SET NAMES binary");
    db_value(db, "SELECT username FROM l ORDER BY id DESC LIMIT 1", text, sizeof(text));
    assert_string_equal(text, stored[i]);
    snprintf(text, sizeof(text), "SELECT COUNT(*) FROM l WHERE username = '%s'", stored[i]);
    assert_int_equal(db_number(db, text), 1);
    assert_int_equal(db_number(db, "SELECT COUNT(*) FROM l WHERE username = 'U77'"), 1); /* collation */
    snprintf(text, sizeof(text), "EXPLAIN SELECT id FROM l WHERE username = '%s'", stored[i]);
    expect_index(text, "username");
  }
  db_must(db, "DROP TABLE l");
}

struct count {
  unsigned n, stop_at;
  enum oha_rc stop_with;
  const char *nested;
};

static enum oha_rc count_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct count *c = arg;

  assert_true(row->n >= 1);
  c->n++;
  if (c->nested != NULL && oha__db_do(db, c->nested, err) != OHA_OK)
    return OHA_E_BUG;
  return c->n == c->stop_at ? c->stop_with : OHA_OK;
}

static enum oha_rc run(bool stored, const char *sql, struct count *c, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha_error_clear(err);
  oha__sql_init(&q, db);
  oha__sql_puts(&q, sql);
  rc = stored ? oha__db_each_stored(db, &q, count_row, c, err) : oha__db_each(db, &q, count_row, c, err);
  oha__sql_clear(&q);
  return rc;
}

static void results_are_walked(void **state)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct count c;

  (void)state;
  for (int stored = 0; stored < 2; stored++) {
    c = (struct count){ 0 };
    assert_int_equal(run(stored, "SELECT a FROM t ORDER BY id", &c, &err), OHA_OK);
    assert_int_equal(c.n, 3);
    c = (struct count){ .stop_at = 2, .stop_with = OHA_END };
    assert_int_equal(run(stored, "SELECT seq FROM seq_1_to_10000", &c, &err), OHA_OK);
    assert_int_equal(c.n, 2);
    c = (struct count){ .stop_at = 2, .stop_with = OHA_E_REFUSED };
    assert_int_equal(run(stored, "SELECT seq FROM seq_1_to_10000", &c, &err), OHA_E_REFUSED);
    c = (struct count){ 0 };
    assert_int_equal(run(stored, "SELECT a FROM t WHERE id = 99", &c, &err), OHA_OK);
    assert_int_equal(c.n, 0);
    assert_int_equal(run(stored, "SELECT nope FROM t", &c, &err), OHA_E_SCHEMA);
    assert_int_equal(run(stored, "DO 1", &c, &err), OHA_E_BUG);
    /* fails after rows were sent */
    c = (struct count){ 0 };
    assert_int_equal(run(stored,
                         "SELECT (SELECT seq FROM seq_1_to_2 WHERE s.seq > 900 OR seq = 1) "
                         "FROM seq_1_to_1000 s",
                         &c, &err),
                     OHA_E_DB);
    assert_int_equal(err.sys, 1242);
  }
  c = (struct count){ .nested = "DO 1" };
  assert_int_equal(run(true, "SELECT a FROM t", &c, &err), OHA_OK);
  assert_int_equal(c.n, 3);
  assert_int_equal(run(false, "SELECT a FROM t", &c, &err), OHA_E_BUG);
  db_must(db, "DO 1");
}

static enum oha_rc kill_and_go_on(void *arg, const struct oha__row *row, struct oha_error *err)
{
  uint64_t id;

  (void)err;
  if ((*(unsigned *)arg)++ == 0) {
    char sql[64];

    assert_true(oha__span_u64(oha__col(row, 0), UINT64_MAX, &id));
    snprintf(sql, sizeof(sql), "KILL %llu", (unsigned long long)id);
    db_must(other, sql);
  }
  return OHA_OK;
}

static void streams_that_break_are_no_end(void **state)
{
  struct oha_error err = OHA_ERROR_INIT;
  unsigned n = 0;
  struct oha__sql q;
  enum oha_rc rc;

  (void)state;
  oha__sql_init(&q, db);
  oha__sql_puts(&q, "SELECT CONNECTION_ID(), REPEAT('x', 200) FROM seq_1_to_500000");
  rc = oha__db_each(db, &q, kill_and_go_on, &n, &err);
  oha__sql_clear(&q);
  assert_true(n > 0 && n < 500000);
  assert_int_equal(rc, OHA_E_UNAVAILABLE);
  assert_false(oha_db_is_open(db));
}

static void transactions_hold_together(void **state)
{
  uint64_t n = 7;
  struct oha__sql q;

  (void)state;
  assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
  assert_int_equal(oha__db_begin(db, NULL), OHA_E_BUG);
  oha__sql_init(&q, db);
  oha__sql_puts(&q, "UPDATE t SET a = 'x' WHERE id < 3");
  assert_int_equal(oha__db_exec(db, &q, &n, NULL), OHA_OK);
  oha__sql_clear(&q);
  assert_int_equal(n, 2);
  assert_int_equal(db_number(other, "SELECT COUNT(*) FROM t WHERE a = 'x'"), 0);
  oha__db_rollback(db);
  assert_int_equal(db_number(db, "SELECT COUNT(*) FROM t WHERE a = 'x'"), 0);
  assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
  db_must(db, "UPDATE t SET a = 'x' WHERE id < 3");
  assert_int_equal(oha__db_commit(db, NULL), OHA_OK);
  assert_int_equal(db_number(other, "SELECT COUNT(*) FROM t WHERE a = 'x'"), 2);
  assert_int_equal(oha__db_commit(db, NULL), OHA_E_BUG);
  oha__db_rollback(db); /* nothing to do */
}

static void lost_commits_are_unknown(void **state)
{
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
  db_must(db, "UPDATE t SET a = 'x' WHERE id < 3");
  kill_connection(db);
  assert_int_equal(oha__db_commit(db, &err), OHA_E_UNKNOWN);
  assert_false(oha__db_in_transaction(db));
  assert_int_equal(oha_db_reconnect(db, NULL), OHA_OK);
  assert_int_equal(db_number(db, "SELECT COUNT(*) FROM t WHERE a = 'x'"), 0);
}

/* One server that changes its identity stands for a balancer that changes servers. */
static void balancers_are_caught(void **state)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *balanced;

  (void)state;
  opts.balancer = true;
  balanced = db_connect(&opts);
  assert_int_equal(oha__db_begin(balanced, NULL), OHA_OK);
  db_must(balanced, "UPDATE t SET a = 'b' WHERE id = 1");
  assert_int_equal(oha__db_commit(balanced, &err), OHA_OK);

  assert_int_equal(oha__db_begin(balanced, NULL), OHA_OK);
  db_must(balanced, "UPDATE t SET a = 'c' WHERE id = 1");
  db_must(other, "SET GLOBAL server_id = 77");
  assert_int_equal(oha__db_commit(balanced, &err), OHA_E_UNKNOWN);
  assert_int_equal(err.rc, OHA_E_UNKNOWN);
  assert_non_null(strstr(err.text, "server 1 (") /* judged */);
  assert_non_null(strstr(err.text, "server 77 answers"));
  assert_false(oha_db_is_open(balanced));
  assert_int_equal(db_number(db, "SELECT COUNT(*) FROM t WHERE a = 'c'"), 0);

  assert_int_equal(oha_db_reconnect(balanced, NULL), OHA_OK);
  db_must(other, "SET GLOBAL server_id = 1");
  oha_error_clear(&err);
  assert_int_equal(oha__db_begin(balanced, &err), OHA_E_UNAVAILABLE);
  assert_false(oha_db_is_open(balanced));
  oha_db_close(balanced);
}

static void pauses_grow_and_end(void **state)
{
  (void)state;
  for (unsigned attempt = 0; attempt < 100; attempt++) {
    int64_t us = oha__db_backoff_us(db, attempt);

    assert_true(us >= 10 * OHA_US_PER_MS && us <= 640 * OHA_US_PER_MS);
    assert_true(attempt != 0 || us <= 20 * OHA_US_PER_MS);
    assert_true(attempt < 5 || us >= 320 * OHA_US_PER_MS);
  }
  assert_int_equal(oha__db_sync_wait(db, true, NULL), OHA_OK); /* no Galera: nothing to wait for */
}

int main(int argc, char **argv)
{
  static const char *const options[] = { "-x", "--max-allowed-packet=1M", NULL };
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST(server_errors_have_classes),
    TEST(writes_to_readonly_servers_are_refused),
    TEST(lock_waits_end_before_the_connection_does),
    TEST(deadlocks_are_conflicts),
    TEST(too_big_is_told),
    TEST(every_byte_comes_back),
    TEST(stored_bytes_are_looked_up_by_index),
    TEST(results_are_walked),
    TEST(streams_that_break_are_no_end),
    TEST(transactions_hold_together),
    TEST(lost_commits_are_unknown),
    TEST(balancers_are_caught),
    TEST(pauses_grow_and_end),
  };
#undef TEST

  (void)argc;
  db_enter(argv, options);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
