/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/query.h"
#include "db/conn.h"
#include "db/datetime.h"
#include "base/error.h"
#include "base/mem.h"

#include <pthread.h>
#include <signal.h>

#define DEFAULT_CONNECT_TIMEOUT_US (2 * OHA_US_PER_S)
#define DEFAULT_TIMEOUT_US         (10 * OHA_US_PER_S)
#define LONGEST_TIMEOUT_US         (INT64_C(86400) * OHA_US_PER_S)

/* mysql_library_init() is not safe to run twice at a time, so the first oha_db_open() runs it. */
static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static int library_failed;

/* Connector/C makes the process ignore SIGPIPE, which its TLS needs; a handler of the caller's must stay. */
static void init_library(void)
{
  struct sigaction before;
  bool known = sigaction(SIGPIPE, NULL, &before) == 0;

  library_failed = mysql_library_init(0, NULL, NULL);
  if (known && ((before.sa_flags & SA_SIGINFO) != 0 || before.sa_handler != SIG_DFL))
    sigaction(SIGPIPE, &before, NULL);
}

static bool timeout_s(int64_t given_us, int64_t otherwise_us, unsigned *out)
{
  int64_t us = given_us == 0 ? otherwise_us : given_us;

  *out = (unsigned)((us + OHA_US_PER_S - 1) / OHA_US_PER_S);
  return us > 0 && us <= LONGEST_TIMEOUT_US;
}

static bool copy_text(char **to, const char *from)
{
  if (from != NULL)
    *to = oha__strdup(from);
  return from == NULL || *to != NULL;
}

static enum oha_rc take_hosts(struct oha_db *db, const struct oha_db_opts *o, struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;

  if (o->hosts == NULL || o->n_hosts == 0)
    return oha__fail(err, OHA_E_ARG, "oha_db_open: no database host");
  db->hosts = oha__calloc(o->n_hosts, sizeof(*db->hosts));
  if (db->hosts == NULL)
    return oha__fail_nomem(err);
  db->n_hosts = o->n_hosts;
  for (size_t i = 0; rc == OHA_OK && i < o->n_hosts; i++)
    rc = oha__db_host_parse(oha__span(o->hosts[i]), &db->hosts[i], err);
  return rc;
}

static enum oha_rc take_options(struct oha_db *db, const struct oha_db_opts *o, struct oha_error *err)
{
  if (o->need != OHA_DB_READ && o->need != OHA_DB_WRITE && o->need != OHA_DB_LOOK)
    return oha__fail(err, OHA_E_ARG, "oha_db_open: unknown need %d", (int)o->need);
  db->need = o->need;
  db->balancer = o->balancer;
  if (!timeout_s(o->connect_timeout_us, DEFAULT_CONNECT_TIMEOUT_US, &db->connect_timeout_s) ||
      !timeout_s(o->read_timeout_us, DEFAULT_TIMEOUT_US, &db->read_timeout_s) ||
      !timeout_s(o->write_timeout_us, DEFAULT_TIMEOUT_US, &db->write_timeout_s))
    return oha__fail(err, OHA_E_ARG, "oha_db_open: a timeout must be positive and at most a day");
  if (!copy_text(&db->option_file, o->option_file) || !copy_text(&db->schema, o->schema) ||
      !copy_text(&db->group, o->group == NULL ? "opensips-ha" : o->group))
    return oha__fail_nomem(err);
  return take_hosts(db, o, err);
}

enum oha_rc oha_db_open(struct oha_ctx *ctx, const struct oha_db_opts *opts, struct oha_db **out,
                        struct oha_error *err)
{
  struct oha_db_opts o;
  struct oha_db *db;
  enum oha_rc rc;

  if (ctx == NULL || opts == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_db_open: NULL");
  *out = NULL;
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc != OHA_OK)
    return rc;
  if (pthread_once(&library_once, init_library) != 0 || library_failed != 0)
    return oha__fail(err, OHA_E_NOMEM, "the MySQL client library cannot start");
  db = oha__calloc(1, sizeof(*db));
  if (db == NULL)
    return oha__fail_nomem(err);
  db->ctx = ctx;
  rc = take_options(db, &o, err);
  if (rc == OHA_OK)
    rc = oha_db_reconnect(db, err);
  if (rc != OHA_OK) {
    oha_db_close(db);
    return rc;
  }
  *out = db;
  return OHA_OK;
}

void oha_db_close(struct oha_db *db)
{
  if (db == NULL)
    return;
  oha__db_drop(db);
  oha__free(db->hosts);
  oha__free(db->option_file);
  oha__free(db->group);
  oha__free(db->schema);
  oha__free(db);
}

bool oha_db_is_open(const struct oha_db *db)
{
  return db != NULL && db->my != NULL;
}

static enum oha_rc take_now(void *arg, const struct oha__row *row, struct oha_error *err)
{
  if (oha__db_datetime_parse(oha__col(row, 0), arg))
    return OHA_END;
  return oha__fail(err, OHA_E_PROTOCOL, "the database's UTC_TIMESTAMP(6) is no time");
}

enum oha_rc oha_db_now(struct oha_db *db, struct oha_wall *out, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  if (db == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_db_now: NULL");
  *out = (struct oha_wall){ 0 };
  oha__sql_init(&q, db);
  oha__sql_puts(&q, "SELECT UTC_TIMESTAMP(6)");
  rc = oha__db_each_stored(db, &q, take_now, out, err);
  oha__sql_clear(&q);
  return rc;
}
