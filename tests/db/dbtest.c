/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dbtest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct oha_ctx *db_ctx;

static pid_t main_pid;

void db_fail(const char *fmt, ...)
{
  char text[2048];
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  if (getpid() == main_pid)
    fail_msg("%s", text);
  fprintf(stderr, "child: %s\n", text);
  _exit(98);
}

static void log_line(void *arg, enum oha_log_level level, const char *module, const char *line)
{
  (void)arg;
  if (getenv("OHA_TEST_VERBOSE") != NULL)
    fprintf(stderr, "%d %s: %s\n", (int)level, module, line);
}

static void enter(const char *wrapper, char **argv, const char *const *options)
{
  struct oha_ctx_opts opts = { .size = sizeof(opts), .log = log_line, .log_level = OHA_LOG_DEBUG };
  const char *top = getenv("top_srcdir");
  const char *args[32];
  char path[4096];
  size_t n = 0;

  main_pid = getpid();
  if (getenv("OHA_TEST_SOCKET") != NULL) {
    if (oha_ctx_new(&opts, &db_ctx, NULL) != OHA_OK)
      exit(99);
    return;
  }
  snprintf(path, sizeof(path), "%s/tests/db/%s", top == NULL ? "." : top, wrapper);
  args[n++] = path;
  for (; options != NULL && *options != NULL && n < N_OF(args) - 4; options++)
    args[n++] = *options;
  args[n++] = argv[0];
  args[n++] = NULL;
  execv(path, (char *const *)(uintptr_t)args);
  perror(path);
  exit(77);
}

void db_enter(char **argv, const char *const *options)
{
  enter("with-mariadb", argv, options);
}

void db_enter_galera(char **argv)
{
  enter("with-galera", argv, NULL);
}

const char *db_env(const char *name)
{
  const char *value = getenv(name);

  if (value == NULL)
    db_fail("%s is not set", name);
  return value;
}

const char *db_unix_host(void)
{
  static char host[256];

  snprintf(host, sizeof(host), "unix:%s", db_env("OHA_TEST_SOCKET"));
  return host;
}

const char *db_tcp_host(void)
{
  static char host[64];

  snprintf(host, sizeof(host), "127.0.0.1:%s", db_env("OHA_TEST_PORT"));
  return host;
}

struct oha_db_opts db_opts(const char *const *hosts, size_t n_hosts)
{
  return (struct oha_db_opts){
    .size = sizeof(struct oha_db_opts),
    .hosts = hosts,
    .n_hosts = n_hosts,
    .option_file = db_env("OHA_TEST_OPTION_FILE"),
    .schema = db_env("OHA_TEST_SCHEMA"),
    .need = OHA_DB_WRITE,
    .connect_timeout_us = 2 * OHA_US_PER_S,
    .read_timeout_us = 2 * OHA_US_PER_S,
    .write_timeout_us = 2 * OHA_US_PER_S,
  };
}

struct oha_db *db_connect(const struct oha_db_opts *opts)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *db = NULL;

  if (oha_db_open(db_ctx, opts, &db, &err) != OHA_OK)
    db_fail("connect: %s: %s", oha_rc_name(err.rc), err.text);
  return db;
}

struct oha_db *db_connect_default(void)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);

  return db_connect(&opts);
}

enum oha_rc db_try(struct oha_db *db, struct oha_error *err, const char *sql)
{
  oha_error_clear(err);
  return oha__db_do(db, sql, err);
}

void db_must(struct oha_db *db, const char *sql)
{
  struct oha_error err = OHA_ERROR_INIT;

  if (oha__db_do(db, sql, &err) != OHA_OK)
    db_fail("%s: %s", sql, err.text);
}

struct value {
  char *buf;
  size_t size;
};

static enum oha_rc take_value(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct value *v = arg;

  (void)err;
  oha__span_copy(oha__col(row, 0), v->buf, v->size);
  return OHA_END;
}

const char *db_value(struct oha_db *db, const char *sql, char *buf, size_t size)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct value v = { buf, size };
  struct oha__sql q;

  buf[0] = '\0';
  oha__sql_init(&q, db);
  oha__sql_puts(&q, sql);
  if (oha__db_each_stored(db, &q, take_value, &v, &err) != OHA_OK)
    db_fail("%s: %s", sql, err.text);
  oha__sql_clear(&q);
  return buf;
}

int64_t db_number(struct oha_db *db, const char *sql)
{
  char buf[64];
  int64_t n = INT64_MIN;

  if (!oha__span_i64(oha__span(db_value(db, sql, buf, sizeof(buf))), &n))
    db_fail("%s: '%s' is no number", sql, buf);
  return n;
}

void db_sleep_ms(int ms)
{
  struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

  nanosleep(&ts, NULL);
}

const char *db_file(const char *name, unsigned mode, const char *text)
{
  static char path[512];
  int fd;

  snprintf(path, sizeof(path), "%s/%s", db_env("OHA_TEST_DIR"), name);
  unlink(path);
  fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  assert_int_equal(fchmod(fd, mode), 0);
  close(fd);
  return path;
}
