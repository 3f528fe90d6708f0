/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "location/rewrite_mend.h"
#include "base/ctx.h"

#define N_TRIES            12
#define COME_BACK_US       (30 * OHA_US_PER_S) /* how long a lost database may stay away */
#define COME_BACK_EVERY_US (200 * OHA_US_PER_MS)

/* The server went away: connect to one that serves. */
static enum oha_rc come_back(struct oha_db *db, struct oha_rewrite_stats *stats, struct oha_error *err)
{
  struct oha_ctx *ctx = oha__db_ctx(db);
  struct oha_mono since = oha_now_mono(ctx);
  enum oha_rc rc;

  stats->pause_reason = "the database went away";
  do {
    oha_error_clear(err);
    rc = oha_db_reconnect(db, err);
    if (rc == OHA_OK || rc == OHA_E_DENIED || rc == OHA_E_CONFIG || oha__cancelled(ctx))
      break;
    oha__sleep(ctx, COME_BACK_EVERY_US);
  } while (oha_mono_diff_us(oha_now_mono(ctx), since) < COME_BACK_US);
  stats->paused_us += oha_mono_diff_us(oha_now_mono(ctx), since);
  return rc;
}

static bool make_smaller(struct oha__pace *pace, struct oha_rewrite_stats *stats)
{
  if (pace == NULL || !oha__pace_halve(pace))
    return false;
  stats->n_halvings++;
  return true;
}

enum oha_rc oha__rewrite_mend(struct oha_db *db, struct oha__pace *pace, unsigned attempt,
                              struct oha_rewrite_stats *stats, bool *is_new, struct oha_error *err)
{
  enum oha_rc rc = err->rc;

  *is_new = false;
  if (attempt + 1 >= N_TRIES || rc == OHA_E_LEASE)
    return rc;
  switch (oha__db_class_of_error(err)) {
  case OHA_DB_CLASS_HALVE:
    if (!make_smaller(pace, stats))
      return rc;
    break;
  case OHA_DB_CLASS_RETRY:
    (void)make_smaller(pace, stats);
    oha__sleep(oha__db_ctx(db), oha__db_backoff_us(db, attempt));
    stats->pause_reason = "another writer had the rows";
    break;
  case OHA_DB_CLASS_LOST:
  case OHA_DB_CLASS_MEMBERSHIP:
  case OHA_DB_CLASS_OTHER_HOST:
  case OHA_DB_CLASS_READONLY:
  case OHA_DB_CLASS_FULL:
    rc = come_back(db, stats, err);
    if (rc != OHA_OK)
      return rc;
    *is_new = true;
    break;
  case OHA_DB_CLASS_OTHER:
  case OHA_DB_CLASS_RIGHTS:
  case OHA_DB_CLASS_SCHEMA:
  case OHA_DB_CLASS_BUG:
  case OHA_DB_CLASS_LAGS:
    return rc;
  }
  stats->n_retries++;
  oha_error_clear(err);
  return OHA_OK;
}
