/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that logs statements, as old replicated pairs do, and whose transactions are limited in size. */
#include "dbtest.h"

static void innodb_can_be_written(void **state)
{
  struct oha_db *db = db_connect_default();
  char value[64];

  (void)state;
  assert_string_equal(db_value(db, "SELECT @@binlog_format", value, sizeof(value)), "STATEMENT");
  assert_string_equal(db_value(db, "SELECT @@tx_isolation", value, sizeof(value)), "REPEATABLE-READ");
  db_must(db, "CREATE TABLE t (id INT PRIMARY KEY, a LONGTEXT) ENGINE=InnoDB");
  db_must(db, "INSERT INTO t VALUES (1, 'x')");
  oha_db_close(db);
}

static void large_transactions_must_be_halved(void **state)
{
  struct oha_db *db = db_connect_default();
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc = OHA_OK;
  char sql[4096];

  (void)state;
  memset(sql, 'x', sizeof(sql));
  assert_int_equal(oha__db_begin(db, NULL), OHA_OK);
  for (int id = 10; rc == OHA_OK && id < 200; id++) {
    int n = snprintf(sql, sizeof(sql), "INSERT INTO t VALUES (%d, '", id);

    sql[n] = 'x';
    memcpy(sql + sizeof(sql) - 3, "')", 3);
    rc = db_try(db, &err, sql);
  }
  assert_int_equal(rc, OHA_E_TOO_BIG);
  assert_int_equal(err.sys, 1197);
  oha__db_rollback(db);
  oha_db_close(db);
}

int main(int argc, char **argv)
{
  static const char *const options[] = { "-x", "--log-bin",
                                         "-x", "--binlog-format=STATEMENT",
                                         "-x", "--transaction-isolation=READ-COMMITTED",
                                         "-x", "--max-binlog-cache-size=65536",
                                         "-x", "--binlog-cache-size=32768",
                                         NULL };
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(innodb_can_be_written),
    cmocka_unit_test(large_transactions_must_be_halved),
  };

  (void)argc;
  db_enter(argv, options);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
