/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/journal.h"
#include "journal/text.h"
#include "base/error.h"
#include "base/sbuf.h"
#include "db/datetime.h"

#include <string.h>

/* The row as the database has it now. */
struct lease_row {
  bool exists;
  bool held; /* by somebody, and not run out, by the server's clock */
  uint64_t fence;
  char holder[128], op_id[OHA_OP_ID_SIZE], verb[32];
  struct oha_wall expires_at;
};

static enum oha_rc take_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct lease_row *lease = arg;

  lease->exists = true;
  if (!oha__span_u64(oha__col(row, 0), UINT64_MAX, &lease->fence) ||
      !oha__span_copy(oha__col(row, 1), lease->holder, sizeof(lease->holder)) ||
      !oha__span_copy(oha__col(row, 2), lease->op_id, sizeof(lease->op_id)) ||
      !oha__db_datetime_parse(oha__col(row, 3), &lease->expires_at))
    return oha__fail(err, OHA_E_SCHEMA, "opensips_ha_lease has a row that cannot be read");
  lease->held = oha__span_is(oha__col(row, 4), "1");
  oha__span_copy(oha__col(row, 5), lease->verb, sizeof(lease->verb));
  return OHA_END;
}

static enum oha_rc read_lease(struct oha_journal *journal, struct lease_row *lease, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  memset(lease, 0, sizeof(*lease));
  oha__sql_init(&q, journal->db);
  oha__sql_puts(&q, "SELECT l.fence, l.holder, l.op_id, l.expires_at, l.holder <> '' AND l.expires_at >= "
                    "UTC_TIMESTAMP(6), (SELECT o.verb FROM opensips_ha_operation o WHERE o.op_id = l.op_id) "
                    "FROM opensips_ha_lease l WHERE l.cluster = ");
  oha__sql_text(&q, oha__span(journal->cluster));
  rc = oha__db_each_stored(journal->db, &q, take_row, lease, err);
  oha__sql_clear(&q);
  return rc;
}

static enum oha_rc make_row(struct oha_journal *journal, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, journal->db);
  oha__sql_puts(&q, "INSERT IGNORE INTO opensips_ha_lease (cluster, expires_at) VALUES (");
  oha__sql_text(&q, oha__span(journal->cluster));
  oha__sql_puts(&q, ", '1970-01-02 00:00:00')");
  rc = oha__db_exec(journal->db, &q, NULL, err);
  oha__sql_clear(&q);
  return rc;
}

/*
 * The one statement that decides. @p before is what the last holder on this machine left in the lock file:
 * its process is gone, or we would not have the lock.
 */
static enum oha_rc update_row(struct oha_journal *journal, const struct oha__lock_note *before,
                              struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, journal->db);
  oha__sql_puts(&q, "UPDATE opensips_ha_lease SET holder = ");
  oha__sql_text(&q, oha__span(journal->holder));
  oha__sql_puts(&q, ", op_id = ");
  oha__sql_text(&q, oha__span(journal->lease_op_id));
  oha__sql_printf(&q,
                  ", fence = fence + 1, n_touched = n_touched + 1, expires_at = UTC_TIMESTAMP(6) + INTERVAL "
                  "%lld MICROSECOND WHERE cluster = ",
                  (long long)journal->lease_ttl_us);
  oha__sql_text(&q, oha__span(journal->cluster));
  oha__sql_puts(&q, " AND (holder = '' OR expires_at < UTC_TIMESTAMP(6)");
  if (before->holder[0] != '\0') {
    oha__sql_puts(&q, " OR (holder = ");
    oha__sql_text(&q, oha__span(before->holder));
    oha__sql_puts(&q, " AND op_id = ");
    oha__sql_text(&q, oha__span(before->op_id));
    oha__sql_puts(&q, ")");
  }
  oha__sql_puts(&q, ")");
  rc = oha__db_exec(journal->db, &q, NULL, err);
  oha__sql_clear(&q);
  return rc;
}

static bool is_of(const struct lease_row *lease, const char *holder, const char *op_id)
{
  return holder[0] != '\0' && strcmp(lease->holder, holder) == 0 && strcmp(lease->op_id, op_id) == 0;
}

static enum oha_rc busy(const struct oha_journal *journal, const struct lease_row *lease,
                        struct oha_error *err)
{
  char until[OHA_RFC3339_SIZE], holder[OHA_SAFE_SIZE];

  return oha__fail(err, OHA_E_BUSY, "cluster '%s': %s is at it (operation %s%s%s), its lease ends at %s",
                   journal->cluster, oha__safe(oha__span(lease->holder), holder), lease->op_id,
                   lease->verb[0] == '\0' ? "" : ", ", lease->verb,
                   oha_wall_format(lease->expires_at, until));
}

/*
 * Look, then update, then look who won: the outcome of an update that was cut off shows in the next look.
 * Only a free row is updated, so that a taker does not wait for the row locks of whoever works under the
 * lease.
 */
static enum oha_rc take_once(struct oha_journal *journal, const struct oha__lock_note *before,
                             struct oha_error *err)
{
  struct lease_row lease;
  enum oha_rc rc;

  for (int look = 0; look < 3; look++) {
    rc = read_lease(journal, &lease, err);
    if (rc != OHA_OK)
      return rc;
    if (lease.held && is_of(&lease, journal->holder, journal->lease_op_id)) {
      journal->fence = lease.fence;
      return OHA_OK;
    }
    if (lease.held && !is_of(&lease, before->holder, before->op_id))
      return busy(journal, &lease, err);
    rc = lease.exists ? update_row(journal, before, err) : make_row(journal, err);
    if (rc != OHA_OK)
      return rc;
  }
  return oha__fail(err, OHA_E_CONFLICT, "cluster '%s': the lease went to and fro", journal->cluster);
}

static enum oha_rc take_from_database(struct oha_journal *journal, const struct oha__lock_note *before,
                                      struct oha_error *err)
{
  struct oha_error local = OHA_ERROR_INIT;

  for (unsigned attempt = 0;; attempt++) {
    if (take_once(journal, before, &local) == OHA_OK)
      return OHA_OK;
    if (local.rc == OHA_E_BUSY || !oha__retry(journal, OHA__PATIENT, attempt, &local))
      return oha__hand_on(err, &local);
  }
}

enum oha_rc oha_lease_take(struct oha_journal *journal, const char *op_id, struct oha_error *err)
{
  struct oha__lock_note before;
  enum oha_rc rc;

  if (journal == NULL || journal->lease == OHA__LEASE_HELD)
    return oha__fail(err, OHA_E_ARG, "oha_lease_take: no journal, or it has the lease already");
  if (op_id != NULL && !oha__op_id_is_valid(oha__span(op_id)))
    return oha__fail(err, OHA_E_ARG, "oha_lease_take: an operation's id must be a UUID in lower case");
  rc = op_id == NULL ? oha_op_id_new(journal->lease_op_id, err) : OHA_OK;
  if (op_id != NULL)
    memcpy(journal->lease_op_id, op_id, OHA_OP_ID_SIZE);
  if (rc == OHA_OK)
    rc = oha__lock_take(journal, journal->lease_op_id, &before, err);
  if (rc != OHA_OK)
    return rc;
  journal->fence = 0;
  if (journal->db != NULL)
    rc = take_from_database(journal, &before, err);
  if (rc != OHA_OK) {
    oha__lock_release(journal, rc != OHA_E_BUSY); /* after a lost answer it may be ours */
    return rc;
  }
  journal->lease = OHA__LEASE_HELD;
  if (journal->db != NULL)
    oha__journal_catch_up(journal);
  return OHA_OK;
}

enum oha_rc oha_lease_extend(struct oha_journal *journal, int64_t block_us, struct oha_error *err)
{
  int64_t lasts_us;
  struct lease_row lease;
  uint64_t n = 0;
  struct oha__sql q;
  enum oha_rc rc;

  if (journal == NULL || block_us < 0 || block_us > INT64_MAX / 2)
    return oha__fail(err, OHA_E_ARG, "oha_lease_extend: no journal, or a negative time");
  if (journal->lease != OHA__LEASE_HELD)
    return oha__fail(err, OHA_E_LEASE, "cluster '%s': the lease is not held", journal->cluster);
  if (journal->db == NULL)
    return OHA_OK;
  lasts_us = block_us + journal->lease_ttl_us;
  oha__sql_init(&q, journal->db);
  oha__sql_printf(&q,
                  "UPDATE opensips_ha_lease SET n_touched = n_touched + 1, expires_at = UTC_TIMESTAMP(6) + "
                  "INTERVAL %lld MICROSECOND WHERE cluster = ",
                  (long long)lasts_us);
  oha__sql_text(&q, oha__span(journal->cluster));
  oha__sql_printf(&q, " AND fence = %llu", (unsigned long long)journal->fence);
  rc = oha__db_exec(journal->db, &q, &n, err);
  oha__sql_clear(&q);
  if (rc != OHA_OK || n == 1)
    return rc;
  journal->lease = OHA__LEASE_LOST;
  if (read_lease(journal, &lease, NULL) != OHA_OK)
    memset(&lease, 0, sizeof(lease));
  return oha__fail(err, OHA_E_LEASE, "cluster '%s': the lease was taken over by '%s'", journal->cluster,
                   lease.holder);
}

/* Also when the row was taken over: then no row matches. */
static enum oha_rc free_row(struct oha_journal *journal, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, journal->db);
  oha__sql_puts(&q, "UPDATE opensips_ha_lease SET holder = '', op_id = '', n_touched = n_touched + 1, "
                    "expires_at = UTC_TIMESTAMP(6) WHERE cluster = ");
  oha__sql_text(&q, oha__span(journal->cluster));
  oha__sql_printf(&q, " AND fence = %llu", (unsigned long long)journal->fence);
  rc = oha__db_exec(journal->db, &q, NULL, err);
  oha__sql_clear(&q);
  return rc;
}

void oha_lease_release(struct oha_journal *journal)
{
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc = OHA_OK;

  if (journal == NULL || journal->lease == OHA__LEASE_NONE)
    return;
  if (journal->db != NULL && journal->lease == OHA__LEASE_HELD) {
    rc = free_row(journal, &err);
    for (unsigned attempt = 0; rc == OHA_E_CONFLICT && oha__retry(journal, OHA__BRIEF, attempt, &err);
         attempt++)
      rc = free_row(journal, &err);
  }
  if (rc != OHA_OK)
    oha__log(journal->ctx, OHA_LOG_WARN, "journal", "the lease is left to run out: %s", err.text);
  oha__lock_release(journal, rc != OHA_OK);
  journal->lease = OHA__LEASE_NONE;
  memset(journal->lease_op_id, 0, sizeof(journal->lease_op_id));
}

enum oha_rc oha_lease_show(struct oha_journal *journal, struct oha_lease_view *out, struct oha_error *err)
{
  struct oha__lock_note note;
  struct lease_row lease;
  bool locked;
  enum oha_rc rc;

  if (journal == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_lease_show: NULL");
  memset(out, 0, sizeof(*out));
  if (journal->db == NULL) {
    rc = oha__lock_show(journal, &out->held, &note, err);
    if (!out->held)
      return rc;
    memcpy(out->holder, note.holder, sizeof(out->holder));
    memcpy(out->op_id, note.op_id, sizeof(out->op_id));
    return rc;
  }
  rc = read_lease(journal, &lease, err);
  if (rc != OHA_OK)
    return rc;
  if (lease.held && oha__lock_show(journal, &locked, &note, NULL) == OHA_OK && !locked &&
      is_of(&lease, note.holder, note.op_id))
    lease.held = false; /* its process died on this machine: whoever comes next here has it */
  out->held = lease.held;
  out->fence = lease.fence;
  out->expires_at = lease.expires_at;
  memcpy(out->holder, lease.holder, sizeof(out->holder));
  memcpy(out->op_id, lease.op_id, sizeof(out->op_id));
  return OHA_OK;
}
