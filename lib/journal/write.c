/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/journal.h"
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#define MAX_CONFLICTS    5
#define MAX_CONNECTS     2
#define MEMBERSHIP_US    (10 * OHA_US_PER_S)
#define ASK_READINESS_US (200 * OHA_US_PER_MS)

enum oha_rc oha__hand_on(struct oha_error *err, const struct oha_error *local)
{
  if (err != NULL && err->rc == OHA_OK)
    *err = *local;
  return local->rc;
}

void oha__journal_fell_behind(struct oha_journal *journal, const char *why)
{
  if (journal->behind[0] != '\0')
    return;
  snprintf(journal->behind, sizeof(journal->behind), "%s", why);
  oha__log(journal->ctx, journal->deferred ? OHA_LOG_DEBUG : OHA_LOG_WARN, "journal",
           "the local log goes on without the database: %s", journal->behind);
}

/* After a change of Galera's membership this node may be writable again, or not for long. */
static bool wait_writable(struct oha_journal *journal)
{
  struct oha_mono due = oha_mono_add(oha_now_mono(journal->ctx), MEMBERSHIP_US);
  struct oha_db_verdict verdict;

  while (oha_mono_diff_us(due, oha_now_mono(journal->ctx)) > 0 && !oha__cancelled(journal->ctx)) {
    if (oha_db_judge(journal->db, &verdict, NULL) != OHA_OK)
      return false;
    if (verdict.writable)
      return true;
    oha__sleep(journal->ctx, ASK_READINESS_US);
  }
  return false;
}

static bool retry_elsewhere(struct oha_journal *journal, unsigned attempt, const struct oha_error *err)
{
  enum oha_db_class class = oha__db_class_of_error(err);

  if (attempt >= MAX_CONNECTS)
    return false;
  if (class == OHA_DB_CLASS_MEMBERSHIP && wait_writable(journal))
    return true;
  if (oha_db_is_open(journal->db) && class != OHA_DB_CLASS_OTHER_HOST && class != OHA_DB_CLASS_READONLY &&
      class != OHA_DB_CLASS_MEMBERSHIP)
    return false;
  return oha_db_reconnect(journal->db, NULL) == OHA_OK;
}

bool oha__retry(struct oha_journal *journal, enum oha__patience patience, unsigned attempt,
                struct oha_error *err)
{
  bool again = false;

  if (oha__cancelled(journal->ctx))
    return false;
  if (err->rc == OHA_E_CONFLICT && attempt < MAX_CONFLICTS) {
    oha__sleep(journal->ctx, oha__db_backoff_us(journal->db, attempt));
    again = true;
  } else if (patience == OHA__PATIENT && err->rc != OHA_E_LEASE) {
    again = retry_elsewhere(journal, attempt, err);
  }
  if (again)
    oha_error_clear(err);
  return again;
}

enum oha_rc oha__lease_touch(struct oha_journal *journal, struct oha_error *err)
{
  uint64_t n_touched = 0;
  struct oha__sql q;
  enum oha_rc rc;

  if (journal->lease == OHA__LEASE_NONE)
    return OHA_OK;
  if (journal->lease == OHA__LEASE_LOST)
    return oha__fail(err, OHA_E_LEASE, "cluster '%s': the lease was lost before", journal->cluster);
  oha__sql_init(&q, journal->db);
  oha__sql_printf(&q,
                  "UPDATE opensips_ha_lease SET n_touched = n_touched + 1, expires_at = "
                  "GREATEST(expires_at, UTC_TIMESTAMP(6) + INTERVAL %lld MICROSECOND) WHERE cluster = ",
                  (long long)journal->lease_ttl_us);
  oha__sql_text(&q, oha__span(journal->cluster));
  oha__sql_printf(&q, " AND fence = %llu", (unsigned long long)journal->fence);
  rc = oha__db_exec(journal->db, &q, &n_touched, err);
  oha__sql_clear(&q);
  if (rc != OHA_OK || n_touched == 1)
    return rc;
  journal->lease = OHA__LEASE_LOST;
  return oha__fail(err, OHA_E_LEASE, "cluster '%s': the lease (fence %llu) is no longer ours",
                   journal->cluster, (unsigned long long)journal->fence);
}

static enum oha_rc write_once(struct oha_journal *journal, oha__write_fn *fn, const void *arg,
                              struct oha_error *err)
{
  enum oha_rc rc = oha__db_begin(journal->db, err);

  if (rc != OHA_OK)
    return rc;
  rc = oha__lease_touch(journal, err);
  if (rc == OHA_OK)
    rc = fn(journal, arg, err);
  if (rc == OHA_OK)
    return oha__db_commit(journal->db, err);
  oha__db_rollback(journal->db);
  return rc;
}

enum oha_rc oha__journal_write(struct oha_journal *journal, enum oha__patience patience, oha__write_fn *fn,
                               const void *arg, struct oha_error *err)
{
  struct oha_error local = OHA_ERROR_INIT;

  for (unsigned attempt = 0;; attempt++) {
    enum oha_rc rc = write_once(journal, fn, arg, &local);

    if (rc == OHA_OK)
      return OHA_OK;
    if (!oha__retry(journal, patience, attempt, &local))
      return oha__hand_on(err, &local);
  }
}
