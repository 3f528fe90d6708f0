/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/query.h"
#include "db/conn.h"
#include "base/error.h"

#include <string.h>

static enum oha_rc same_server(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha_db *db = arg;
  uint64_t server_id = 0;

  if (row->n == 2 && oha__span_u64(oha__col(row, 0), UINT64_MAX, &server_id) &&
      server_id == db->verdict.server_id && oha__span_is(oha__col(row, 1), db->verdict.hostname))
    return OHA_OK;
  return oha__fail(err, OHA_E_UNAVAILABLE,
                   "database %s: it balances: server %llu (%s) was judged, server %llu answers",
                   db->verdict.host, (unsigned long long)db->verdict.server_id, db->verdict.hostname,
                   (unsigned long long)server_id);
}

/* Behind a balancer, is this still the server that was judged when we connected? */
static enum oha_rc check_server(struct oha_db *db, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  if (!db->balancer)
    return OHA_OK;
  oha__sql_init(&q, db);
  oha__sql_puts(&q, "SELECT @@GLOBAL.server_id, @@hostname");
  rc = oha__db_each_stored(db, &q, same_server, db, err);
  oha__sql_clear(&q);
  if (rc != OHA_OK)
    oha__db_drop(db); /* it may have the settings of another session, and no transaction of ours */
  return rc;
}

enum oha_rc oha__db_begin(struct oha_db *db, struct oha_error *err)
{
  enum oha_rc rc;

  if (db->in_trx)
    return oha__fail(err, OHA_E_BUG, "a transaction is open already");
  rc = oha__db_do(db, "START TRANSACTION", err);
  if (rc == OHA_OK)
    db->in_trx = true;
  return rc == OHA_OK ? check_server(db, err) : rc;
}

void oha__db_rollback(struct oha_db *db)
{
  if (db->my == NULL || !db->in_trx)
    return;
  db->in_trx = false;
  db->trx_failed = false;
  /* Galera may answer a ROLLBACK by 1213; whatever cannot be rolled back ends with its connection. */
  for (int tries = 2; oha__db_do(db, "ROLLBACK", NULL) != OHA_OK; tries--)
    if (tries == 1) {
      oha__db_drop(db);
      return;
    }
}

/* The balancer may have changed servers under the COMMIT: then nobody knows what it did. A transaction takes
 * the way that writes take. */
static enum oha_rc check_after(struct oha_db *db, struct oha_error *err)
{
  enum oha_rc rc;

  if (!db->balancer)
    return OHA_OK;
  rc = oha__db_begin(db, err);
  oha__db_rollback(db);
  return rc;
}

enum oha_rc oha__db_commit(struct oha_db *db, struct oha_error *err)
{
  struct oha_error local = OHA_ERROR_INIT;
  enum oha_rc rc;

  if (!db->in_trx)
    return oha__fail(err, OHA_E_BUG, "no transaction is open");
  rc = check_server(db, &local);
  if (rc == OHA_OK) {
    rc = oha__db_do(db, "COMMIT", &local);
    if (rc == OHA_OK) {
      db->in_trx = false;
      rc = check_after(db, &local);
    }
  }
  oha__db_rollback(db);
  if (rc == OHA_E_UNAVAILABLE && db->balancer)
    rc = OHA_E_UNKNOWN;
  if (rc != OHA_OK && err != NULL && err->rc == OHA_OK) {
    *err = local;
    err->rc = rc;
  }
  return rc;
}

bool oha__db_in_transaction(const struct oha_db *db)
{
  return db->in_trx;
}

enum oha_rc oha__db_sync_wait(struct oha_db *db, bool on, struct oha_error *err)
{
  enum oha_rc rc;

  if (!db->verdict.galera)
    return OHA_OK;
  rc = oha__db_do(db, on ? "SET SESSION wsrep_sync_wait = 1" : "SET SESSION wsrep_sync_wait = DEFAULT", err);
  if (rc == OHA_OK)
    db->sync_wait = on;
  return rc;
}
