/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connecting: hosts in order, credentials, TLS, what a server refuses, and connections that are lost. */
#include "dbtest.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A port on which somebody listens and never says a word: the kernel answers for a server that hangs. */
static int listen_silently(char *host, size_t size)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t n = sizeof(at);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
  assert_int_equal(listen(fd, 5), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
  snprintf(host, size, "127.0.0.1:%d", ntohs(at.sin_port));
  return fd;
}

static enum oha_rc open_hosts(const char *const *hosts, size_t n_hosts, struct oha_db **db,
                              struct oha_error *err)
{
  struct oha_db_opts opts = db_opts(hosts, n_hosts);

  opts.connect_timeout_us = OHA_US_PER_S;
  oha_error_clear(err);
  return oha_db_open(db_ctx, &opts, db, err);
}

static void both_transports_serve(void **state)
{
  const char *hosts[] = { db_unix_host(), db_tcp_host() };
  char value[64];

  (void)state;
  for (int i = 0; i < 2; i++) {
    struct oha_db_opts opts = db_opts(&hosts[i], 1);
    struct oha_db *db = db_connect(&opts);
    const struct oha_db_verdict *v = oha_db_verdict_of(db);
    struct oha_wall at;

    assert_string_equal(v->host, hosts[i]);
    assert_true(v->writable && v->readable && !v->galera);
    assert_string_equal(v->why, "");
    assert_int_equal(v->local_state, -1);
    assert_string_equal(db_value(db, "SELECT DATABASE()", value, sizeof(value)), "opensips");
    assert_string_equal(db_value(db, "SELECT @@time_zone", value, sizeof(value)), "+00:00");
    assert_string_equal(db_value(db, "SELECT @@tx_isolation", value, sizeof(value)), "READ-COMMITTED");
    assert_int_equal(db_number(db, "SELECT @@innodb_lock_wait_timeout"), 1);
    assert_int_equal(oha_db_now(db, &at, NULL), OHA_OK);
    assert_true(llabs(at.us - oha_now_wall(db_ctx).us) < 60 * OHA_US_PER_S);
    oha_db_close(db);
  }
}

static void on_pipe(int sig)
{
  (void)sig;
}

/* Each in a process of its own, for the client library is initialised once. */
static void signals_of_the_program_stay(void **state)
{
  (void)state;
  for (int handled = 0; handled < 2; handled++) {
    int status;
    pid_t pid = fork();

    if (pid == 0) {
      struct sigaction now;

      signal(SIGPIPE, handled ? on_pipe : SIG_DFL);
      oha_db_close(db_connect_default());
      _exit(sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == (handled ? on_pipe : SIG_IGN) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
  }
}

static void hosts_are_tried_in_order(void **state)
{
  char silent[64];
  int fd = listen_silently(silent, sizeof(silent));
  const char *hosts[] = { "127.0.0.1:1", silent, db_tcp_host(), db_unix_host() };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *db = NULL;
  struct oha_mono began = oha_now_mono(db_ctx);
  int64_t took_us;

  (void)state;
  assert_int_equal(open_hosts(hosts, 4, &db, &err), OHA_OK);
  took_us = oha_mono_diff_us(oha_now_mono(db_ctx), began);
  assert_string_equal(oha_db_verdict_of(db)->host, hosts[2]);
  assert_true(took_us > 800 * OHA_US_PER_MS && took_us < 5 * OHA_US_PER_S);

  began = oha_now_mono(db_ctx); /* the one that served comes first */
  assert_int_equal(oha_db_reconnect(db, &err), OHA_OK);
  assert_true(oha_mono_diff_us(oha_now_mono(db_ctx), began) < 700 * OHA_US_PER_MS);
  assert_string_equal(oha_db_verdict_of(db)->host, hosts[2]);

  db_try(db, &err, "KILL CONNECTION_ID()"); /* lost in mid-statement: the next one comes first */
  assert_false(oha_db_is_open(db));
  assert_int_equal(oha_db_reconnect(db, &err), OHA_OK);
  assert_string_equal(oha_db_verdict_of(db)->host, hosts[3]);
  oha_db_close(db);
  close(fd);
}

static void nobody_serves(void **state)
{
  const char *hosts[] = { "127.0.0.1:1", "unix:/nonexistent/s.sock" };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *db = NULL;

  (void)state;
  assert_int_equal(open_hosts(hosts, 2, &db, &err), OHA_E_UNAVAILABLE);
  assert_null(db);
  assert_non_null(strstr(err.text, "127.0.0.1:1: error 200"));
  assert_non_null(strstr(err.text, "unix:/nonexistent/s.sock: error 2002"));
  assert_int_equal(err.origin, OHA_ORIGIN_MYSQL);
}

static void credentials_are_checked(void **state)
{
  static const struct {
    const char *text;
    unsigned mode;
    enum oha_rc rc;
    const char *says;
  } rows[] = {
    { "[opensips-ha]\nuser=oha\npassword=test\n", 0600, OHA_OK, "" },
    { "[opensips-ha]\nuser=oha\npassword=hunter2\n", 0600, OHA_E_DENIED, "Access denied for user 'oha'" },
    { "[opensips-ha]\nuser=nobody_here\n", 0600, OHA_E_DENIED, "using password: NO" },
    { "[opensips-ha]\nuser=oha\npassword=test\n", 0640, OHA_E_CONFIG, "chmod 600" },
    { "[opensips-ha]\nuser=oha\npassword=test\n", 0604, OHA_E_CONFIG, "lets others in" },
    { "[opensips-ha]\nuser=oha\npassword=test\nssl\n", 0600, OHA_E_UNAVAILABLE, "asks for TLS" },
    { "[client]\nuser=oha\npassword=test\n", 0600, OHA_E_CONFIG, "no group [opensips-ha]" },
  };
  const char *hosts[] = { db_tcp_host() };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_db_opts opts = db_opts(hosts, 1);
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_db *db = NULL;
    enum oha_rc rc;

    opts.option_file = db_file("try.cnf", rows[i].mode, rows[i].text);
    rc = oha_db_open(db_ctx, &opts, &db, &err);
    if (rc != rows[i].rc || strstr(err.text, rows[i].says) == NULL || strstr(err.text, "hunter2") != NULL)
      fail_msg("'%s' %o: %s: %s", rows[i].text, rows[i].mode, oha_rc_name(rc), err.text);
    oha_db_close(db);
  }
}

static void schema_and_rights_are_named(void **state)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *admin = db_connect_default(), *db = NULL;

  (void)state;
  opts.schema = "no_such_schema";
  assert_int_equal(oha_db_open(db_ctx, &opts, &db, &err), OHA_E_SCHEMA);
  assert_non_null(strstr(err.text, "no_such_schema"));

  db_must(admin, "CREATE USER poor@'%' IDENTIFIED BY 'p'");
  db_must(admin, "CREATE TABLE t1 (id INT PRIMARY KEY, a INT, b INT) ENGINE=InnoDB");
  opts.schema = "opensips";
  opts.option_file = db_file("poor.cnf", 0600, "[opensips-ha]\nuser=poor\npassword=p\n");
  oha_error_clear(&err);
  assert_int_equal(oha_db_open(db_ctx, &opts, &db, &err), OHA_E_DENIED);
  assert_non_null(strstr(err.text, "GRANT SELECT, INSERT, UPDATE, DELETE ON `opensips`.* TO 'poor'@'%'"));

  db_must(admin, "GRANT SELECT (id, a) ON opensips.t1 TO poor@'%'");
  db = db_connect(&opts);
  assert_int_equal(db_try(db, &err, "INSERT INTO t1 VALUES (1, 1, 1)"), OHA_E_DENIED);
  assert_int_equal(err.sys, 1142);
  assert_non_null(strstr(err.text, "HINT: GRANT INSERT ON `opensips`.`t1` TO 'poor'@'%'"));
  assert_int_equal(db_try(db, &err, "DELETE FROM t1 WHERE b = 1"), OHA_E_DENIED);
  assert_int_equal(db_try(db, &err, "SET @x = (SELECT b FROM t1)"), OHA_E_DENIED);
  assert_int_equal(err.sys, 1143);
  assert_non_null(strstr(err.text, "GRANT SELECT ON `opensips`.`t1` TO 'poor'@'%'"));
  assert_true(oha_db_is_open(db));
  oha_db_close(db);
  db_must(admin, "DROP TABLE t1");
  db_must(admin, "DROP USER poor@'%'");
  oha_db_close(admin);
}

static void readonly_servers_are_passed_over(void **state)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *admin = db_connect_default(), *db = NULL;
  struct oha_db_verdict v;

  (void)state;
  db_must(admin, "SET GLOBAL read_only = 1");
  assert_int_equal(oha_db_open(db_ctx, &opts, &db, &err), OHA_E_READONLY);
  assert_non_null(strstr(err.text, "read_only is ON"));
  opts.need = OHA_DB_READ;
  db = db_connect(&opts);
  assert_false(oha_db_verdict_of(db)->writable);
  db_must(admin, "SET GLOBAL read_only = 0");
  assert_int_equal(oha_db_judge(db, &v, NULL), OHA_OK);
  assert_true(v.writable);
  assert_string_equal(v.host, hosts[0]);
  oha_db_close(db);
  oha_db_close(admin);
}

static void silence_has_an_end(void **state)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_mono began;
  struct oha__sql q;
  struct oha_db *db;

  (void)state;
  opts.read_timeout_us = OHA_US_PER_S;
  db = db_connect(&opts);
  began = oha_now_mono(db_ctx);
  assert_int_equal(db_try(db, &err, "DO SLEEP(5)"), OHA_E_UNKNOWN); /* it might have been a write */
  assert_int_equal(err.sys, 2013);
  assert_non_null(strstr(err.text, "did not answer in time"));
  assert_true(oha_mono_diff_us(oha_now_mono(db_ctx), began) < 3 * OHA_US_PER_S);
  assert_false(oha_db_is_open(db));
  assert_int_equal(db_try(db, &err, "DO 1"), OHA_E_UNAVAILABLE);

  assert_int_equal(oha_db_reconnect(db, &err), OHA_OK);
  oha__sql_init(&q, db);
  oha__sql_puts(&q, "SELECT SLEEP(5)");
  oha_error_clear(&err);
  assert_int_equal(oha__db_each(db, &q, NULL, NULL, &err), OHA_E_TIMEOUT); /* a read: nothing to re-read */
  oha__sql_clear(&q);
  oha_db_close(db);
}

/* mysqld stopped by a signal: the kernel still takes connections, nobody answers. */
static void stopped_server_has_an_end(void **state)
{
  pid_t pid = (pid_t)strtol(db_env("OHA_TEST_PID"), NULL, 10);
  const char *hosts[] = { db_tcp_host() };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *db = NULL;
  struct oha_mono began = oha_now_mono(db_ctx);

  (void)state;
  assert_int_equal(kill(pid, SIGSTOP), 0);
  assert_int_equal(open_hosts(hosts, 1, &db, &err), OHA_E_UNAVAILABLE);
  assert_int_equal(kill(pid, SIGCONT), 0);
  assert_true(oha_mono_diff_us(oha_now_mono(db_ctx), began) < 4 * OHA_US_PER_S);
}

static void cut_connections_are_noticed(void **state)
{
  struct oha_db *admin = db_connect_default(), *db = db_connect_default();
  struct oha_error err = OHA_ERROR_INIT;
  char sql[64];

  (void)state;
  snprintf(sql, sizeof(sql), "KILL %lld", (long long)db_number(db, "SELECT CONNECTION_ID()"));
  db_must(admin, sql);
  assert_int_equal(db_try(db, &err, "DO 1"), OHA_E_UNKNOWN);
  assert_int_equal(oha__db_class_of_error(&err), OHA_DB_CLASS_LOST);
  assert_int_equal(oha_db_reconnect(db, &err), OHA_OK);

  /* KILL in the middle of a statement, by a second connection after half a second */
  snprintf(sql, sizeof(sql), "KILL %lld", (long long)db_number(db, "SELECT CONNECTION_ID()"));
  if (fork() == 0) {
    nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
    _exit(oha__db_do(admin, sql, NULL) == OHA_OK ? 0 : 1);
  }
  assert_int_equal(db_try(db, &err, "DO SLEEP(5)"), OHA_E_UNKNOWN);
  assert_null(strstr(err.text, "in time"));
  assert_false(oha_db_is_open(db));
  oha_db_close(db);
  oha_db_close(admin);
}

static void full_servers_are_waited_for(void **state)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);
  struct oha_db *admin = db_connect_default(), *db = NULL, *many[4] = { NULL };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_mono began;

  (void)state;
  db_must(admin, "CREATE USER crowd@'%' IDENTIFIED BY 'p' WITH MAX_USER_CONNECTIONS 4");
  db_must(admin, "GRANT SELECT ON opensips.* TO crowd@'%'");
  opts.option_file = db_file("crowd.cnf", 0600, "[opensips-ha]\nuser=crowd\npassword=p\n");
  opts.connect_timeout_us = OHA_US_PER_S;
  for (size_t i = 0; i < N_OF(many); i++)
    many[i] = db_connect(&opts);
  began = oha_now_mono(db_ctx);
  assert_int_equal(oha_db_open(db_ctx, &opts, &db, &err), OHA_E_UNAVAILABLE);
  assert_true(oha_mono_diff_us(oha_now_mono(db_ctx), began) >= OHA_US_PER_S);
  assert_int_equal(oha_db_class_of(err.sys, err.text), OHA_DB_CLASS_FULL);

  if (fork() == 0) { /* room is made while we wait */
    char sql[64];

    nanosleep(&(struct timespec){ .tv_nsec = 400000000 }, NULL);
    snprintf(sql, sizeof(sql), "KILL USER crowd");
    _exit(oha__db_do(admin, sql, NULL) == OHA_OK ? 0 : 1);
  }
  db = db_connect(&opts);
  oha_db_close(db);
  for (size_t i = 0; i < N_OF(many); i++)
    oha_db_close(many[i]);
  oha_db_close(admin);
}

static void arguments_are_checked(void **state)
{
  const char *good[] = { db_unix_host() }, *bad[] = { "db1:port" };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *db = NULL;
  struct oha_db_opts opts;

  (void)state;
  opts = db_opts(bad, 1);
  assert_int_equal(oha_db_open(db_ctx, &opts, &db, &err), OHA_E_CONFIG);
  opts = db_opts(good, 0);
  assert_int_equal(oha_db_open(db_ctx, &opts, &db, NULL), OHA_E_ARG);
  opts = db_opts(good, 1);
  opts.read_timeout_us = -1;
  assert_int_equal(oha_db_open(db_ctx, &opts, &db, NULL), OHA_E_ARG);
  opts = db_opts(good, 1);
  opts.need = (enum oha_db_need)7;
  assert_int_equal(oha_db_open(db_ctx, &opts, &db, NULL), OHA_E_ARG);
  assert_int_equal(oha_db_open(db_ctx, NULL, &db, NULL), OHA_E_ARG);
  oha_db_close(NULL);
}

static void lack_of_memory_is_survived(void **state)
{
  const char *hosts[] = { db_unix_host(), db_tcp_host() };
  struct oha_db_opts opts = db_opts(hosts, 2);
  enum oha_rc rc = OHA_E_NOMEM;

  (void)state;
  for (long n = 0; n < 100 && rc != OHA_OK; n++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_db *db = NULL;

    oha__mem_fail_at = n;
    rc = oha_db_open(db_ctx, &opts, &db, &err);
    oha__mem_fail_at = -1;
    if (rc != OHA_OK && (rc != OHA_E_NOMEM || db != NULL || err.rc != rc))
      fail_msg("allocation %ld: %s: %s", n, oha_rc_name(rc), err.text);
    oha_db_close(db);
  }
  assert_int_equal(rc, OHA_OK);
}

static void cancelling_ends_the_round(void **state)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);
  struct oha_db *db = NULL;
  struct oha_ctx *ctx;

  (void)state;
  assert_int_equal(oha_ctx_new(NULL, &ctx, NULL), OHA_OK);
  oha_ctx_cancel(ctx);
  assert_int_equal(oha_db_open(ctx, &opts, &db, NULL), OHA_E_CANCELLED);
  oha_ctx_free(ctx);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(signals_of_the_program_stay), /* first */
    cmocka_unit_test(both_transports_serve),
    cmocka_unit_test(hosts_are_tried_in_order),
    cmocka_unit_test(nobody_serves),
    cmocka_unit_test(credentials_are_checked),
    cmocka_unit_test(schema_and_rights_are_named),
    cmocka_unit_test(readonly_servers_are_passed_over),
    cmocka_unit_test(silence_has_an_end),
    cmocka_unit_test(stopped_server_has_an_end),
    cmocka_unit_test(cut_connections_are_noticed),
    cmocka_unit_test(full_servers_are_waited_for),
    cmocka_unit_test(arguments_are_checked),
    cmocka_unit_test(lack_of_memory_is_survived),
    cmocka_unit_test(cancelling_ends_the_round),
  };

  (void)argc;
  db_enter(argv, NULL);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
