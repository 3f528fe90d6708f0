/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/query.h"
#include "db/conn.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <mysqld_error.h>
#include <string.h>
#include <sys/random.h>

void oha__db_drop(struct oha_db *db)
{
  if (db->my != NULL)
    mysql_close(db->my);
  db->my = NULL;
  db->in_trx = false;
  db->trx_failed = false;
  db->streaming = false;
  db->sync_wait = false;
  db->lost = false;
}

/* A 1047 may be a lost majority or an operator's wsrep_reject_queries; the status still answers. */
static bool lacks_quorum(struct oha_db *db)
{
  bool lacks = false;
  MYSQL_RES *result;
  MYSQL_ROW row;

  if (mysql_query(db->my, "SHOW GLOBAL STATUS LIKE 'wsrep_cluster_status'") != 0)
    return false;
  result = mysql_store_result(db->my);
  row = result == NULL ? NULL : mysql_fetch_row(result);
  if (row != NULL && row[1] != NULL)
    lacks = !oha__span_iis(oha__span(row[1]), "Primary");
  mysql_free_result(result);
  return lacks;
}

enum oha_rc oha__db_fail(struct oha_db *db, enum oha__db_when when, int64_t elapsed_us, struct oha_error *err)
{
  int number = (int)mysql_errno(db->my);
  enum oha_db_class class = oha__db_class(number, mysql_error(db->my), when);
  enum oha_rc rc = oha__db_rc_of(class, when);
  char text[400], hint[OHA__DB_HINT_SIZE];
  struct oha_sbuf b;
  const char *more = "";

  oha__sbuf_init(&b, text, sizeof(text));
  oha__sbuf_put_safe(&b, oha__span(mysql_error(db->my)), sizeof(text) - 8);
  oha__db_grant_hint(number, mysql_error(db->my), db->schema, db->account, hint);
  if (number == ER_UNKNOWN_COM_ERROR && lacks_quorum(db))
    rc = OHA_E_NO_QUORUM;
  db->trx_failed = db->in_trx;
  if (class == OHA_DB_CLASS_LOST) {
    db->lost = true;
    db->first_host = (db->first_host + 1) % db->n_hosts;
    if (elapsed_us >= (int64_t)db->read_timeout_s * OHA_US_PER_S) {
      more = "; it did not answer in time";
      rc = when == OHA__DB_WHEN_WRITE ? rc : OHA_E_TIMEOUT;
    }
  }
  oha__log(db->ctx, OHA_LOG_DEBUG, "db", "%s: error %d: %s", db->verdict.host, number, text);
  return oha__fail_sys(err, rc, OHA_ORIGIN_MYSQL, number, "database %s: error %d: %s%s%s", db->verdict.host,
                       number, text, more, hint);
}

/* After a failure: close what is lost, which must wait until its result is freed. */
static enum oha_rc settle(struct oha_db *db, enum oha_rc rc)
{
  if (db->lost)
    oha__db_drop(db);
  return rc;
}

static enum oha_rc send_statement(struct oha_db *db, const struct oha__sql *q, enum oha__db_when when,
                                  struct oha_error *err)
{
  struct oha_mono began;

  if (q->failed)
    return oha__fail_nomem(err);
  if (q->n == 0)
    return oha__fail(err, OHA_E_BUG, "empty SQL statement");
  if (db->my == NULL)
    return oha__fail(err, OHA_E_UNAVAILABLE, "database %s: not connected", db->verdict.host);
  if (db->streaming)
    return oha__fail(err, OHA_E_BUG, "a statement while another one's result is being read");
  if (db->trx_failed)
    return oha__fail(err, OHA_E_BUG, "a statement in a transaction that has failed already");
  /* The server would hang up while we still write, and 2006 does not tell why. */
  if (db->max_packet_bytes > 0 && q->n + 1 >= db->max_packet_bytes) {
    db->trx_failed = db->in_trx;
    return oha__fail_sys(err, OHA_E_TOO_BIG, OHA_ORIGIN_MYSQL, ER_NET_PACKET_TOO_LARGE,
                         "database %s: a statement of %zu bytes; max_allowed_packet is %llu",
                         db->verdict.host, q->n, (unsigned long long)db->max_packet_bytes);
  }
  began = oha_now_mono(db->ctx);
  if (mysql_real_query(db->my, q->p, (unsigned long)q->n) != 0)
    return oha__db_fail(db, when, oha_mono_diff_us(oha_now_mono(db->ctx), began), err);
  return OHA_OK;
}

enum oha_rc oha__db_exec(struct oha_db *db, struct oha__sql *q, uint64_t *n_affected, struct oha_error *err)
{
  enum oha_rc rc;

  if (n_affected != NULL)
    *n_affected = 0;
  rc = send_statement(db, q, OHA__DB_WHEN_WRITE, err);
  if (rc != OHA_OK)
    return settle(db, rc);
  if (mysql_field_count(db->my) != 0) {
    mysql_free_result(mysql_store_result(db->my));
    return oha__fail(err, OHA_E_BUG, "a statement that should have no result had one");
  }
  if (n_affected != NULL)
    *n_affected = mysql_affected_rows(db->my);
  return OHA_OK;
}

/* Hand the rows on until the end (OHA_OK) or until the callback says otherwise. */
static enum oha_rc walk(MYSQL_RES *result, oha__row_fn *fn, void *arg, struct oha_error *err)
{
  struct oha__row row = { .n = mysql_num_fields(result) };
  enum oha_rc rc = OHA_OK;
  MYSQL_ROW got;

  while (rc == OHA_OK && (got = mysql_fetch_row(result)) != NULL) {
    row.col = (const char *const *)got;
    row.len = mysql_fetch_lengths(result);
    rc = fn(arg, &row, err);
  }
  return rc;
}

static enum oha__db_when read_kind(const struct oha_db *db)
{
  return db->sync_wait ? OHA__DB_WHEN_CAUSAL_READ : OHA__DB_WHEN_READ;
}

enum oha_rc oha__db_each(struct oha_db *db, struct oha__sql *q, oha__row_fn *fn, void *arg,
                         struct oha_error *err)
{
  struct oha_mono began;
  MYSQL_RES *result;
  enum oha_rc rc;

  rc = send_statement(db, q, read_kind(db), err);
  if (rc != OHA_OK)
    return settle(db, rc);
  result = mysql_use_result(db->my);
  if (result == NULL)
    return oha__fail(err, OHA_E_BUG, "a statement that should have a result had none");
  db->streaming = true;
  began = oha_now_mono(db->ctx);
  rc = walk(result, fn, arg, err);
  if (rc == OHA_OK && mysql_errno(db->my) != 0)
    rc = oha__db_fail(db, read_kind(db), oha_mono_diff_us(oha_now_mono(db->ctx), began), err);
  mysql_free_result(result); /* reads and drops the rest */
  db->streaming = false;
  return settle(db, rc == OHA_END ? OHA_OK : rc);
}

enum oha_rc oha__db_each_stored(struct oha_db *db, struct oha__sql *q, oha__row_fn *fn, void *arg,
                                struct oha_error *err)
{
  struct oha_mono began = oha_now_mono(db->ctx);
  MYSQL_RES *result;
  enum oha_rc rc;

  rc = send_statement(db, q, read_kind(db), err);
  if (rc != OHA_OK)
    return settle(db, rc);
  result = mysql_store_result(db->my);
  if (result == NULL && mysql_errno(db->my) != 0)
    return settle(db, oha__db_fail(db, read_kind(db), oha_mono_diff_us(oha_now_mono(db->ctx), began), err));
  if (result == NULL)
    return oha__fail(err, OHA_E_BUG, "a statement that should have a result had none");
  rc = walk(result, fn, arg, err);
  mysql_free_result(result);
  return rc == OHA_END ? OHA_OK : rc;
}

enum oha_rc oha__db_do(struct oha_db *db, const char *sql, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, db);
  oha__sql_puts(&q, sql);
  rc = oha__db_exec(db, &q, NULL, err);
  oha__sql_clear(&q);
  return rc;
}

struct oha_ctx *oha__db_ctx(struct oha_db *db)
{
  return db->ctx;
}

enum oha_db_class oha__db_class_of_error(const struct oha_error *err)
{
  if (err == NULL || err->origin != OHA_ORIGIN_MYSQL)
    return OHA_DB_CLASS_OTHER;
  return oha__db_class(err->sys, err->text,
                       err->rc == OHA_E_TIMEOUT ? OHA__DB_WHEN_CAUSAL_READ : OHA__DB_WHEN_WRITE);
}

int64_t oha__db_backoff_us(struct oha_db *db, unsigned attempt)
{
  int64_t longest_us = (20 * OHA_US_PER_MS) << (attempt > 5 ? 5 : attempt);
  uint32_t dice;

  if (getrandom(&dice, sizeof(dice), 0) != sizeof(dice))
    dice = (uint32_t)oha_now_mono(db->ctx).us;
  return longest_us / 2 + (int64_t)(dice % (uint64_t)(longest_us / 2));
}
