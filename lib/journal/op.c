/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/journal.h"
#include "journal/store.h"
#include "journal/text.h"
#include "base/error.h"

#include <string.h>

#define N_KEPT 100 /* finished operations in the local log */

static enum oha_rc store_op(struct oha_journal *journal, const struct oha_op_record *record,
                            struct oha__stored *stored, struct oha_error *err)
{
  char *line;
  enum oha_rc rc = oha__log_op_line(record, &line, err);

  if (rc != OHA_OK)
    return rc;
  return oha__store(journal, record->op_id, line, oha__write_op, record, OHA__PATIENT, stored, err);
}

static enum oha_rc clean_record(struct oha_op_record *r, struct oha_error *err)
{
  oha__text_clean(r->verb, sizeof(r->verb), r->verb);
  oha__text_clean(r->from, sizeof(r->from), r->from);
  oha__text_clean(r->to, sizeof(r->to), r->to);
  oha__text_clean(r->actor, sizeof(r->actor), r->actor);
  oha__text_clean(r->reason, sizeof(r->reason), r->reason);
  oha__text_clean(r->summary, sizeof(r->summary), r->summary);
  return oha__options_normalise(r->options, sizeof(r->options), err);
}

/* The operation's own id, the lease's, or a new one. */
static enum oha_rc choose_id(const struct oha_journal *journal, struct oha_op_record *record,
                             struct oha_error *err)
{
  if (record->op_id[0] == '\0' && journal->lease == OHA__LEASE_HELD)
    memcpy(record->op_id, journal->lease_op_id, OHA_OP_ID_SIZE);
  if (record->op_id[0] == '\0')
    return oha_op_id_new(record->op_id, err);
  if (!oha__op_id_is_valid(oha__span(record->op_id)))
    return oha__fail(err, OHA_E_ARG, "an operation's id must be a UUID in lower case");
  return OHA_OK;
}

/* Its beginning must be on record wherever it can be: nothing has happened yet that forbids to stop here. */
static enum oha_rc begin_failed(struct oha_journal *journal, struct oha_op_record *record,
                                const struct oha_error *why, struct oha_error *err)
{
  struct oha__stored stored;

  record->state = OHA_OP_FAILED;
  record->ended_at = oha_now_wall(journal->ctx);
  record->revision++;
  oha__text_clean(record->summary, sizeof(record->summary), why->text);
  oha_journal_defer(journal, true);
  if (store_op(journal, record, &stored, NULL) != OHA_OK)
    oha__log(journal->ctx, OHA_LOG_WARN, "journal", "operation %s stays open in the local log",
             record->op_id);
  oha_journal_defer(journal, false);
  return oha__hand_on(err, why);
}

enum oha_rc oha_op_begin(struct oha_journal *journal, struct oha_op_record *record, struct oha_error *err)
{
  struct oha__stored stored;
  enum oha_rc rc;

  if (journal == NULL || record == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_op_begin: NULL");
  rc = clean_record(record, err);
  if (rc == OHA_OK)
    rc = choose_id(journal, record, err);
  if (rc != OHA_OK)
    return rc;
  oha__text_clean(record->cluster, sizeof(record->cluster), journal->cluster);
  record->state = OHA_OP_RUNNING;
  record->fence = journal->fence;
  record->revision = 1;
  record->began_at = oha_now_wall(journal->ctx);
  record->ended_at = (struct oha_wall){ 0 };
  rc = store_op(journal, record, &stored, err);
  if (rc == OHA_OK && stored.database_error.rc != OHA_OK)
    return begin_failed(journal, record, &stored.database_error, err);
  return rc;
}

enum oha_rc oha_op_reopen(struct oha_journal *journal, struct oha_op_record *record, struct oha_error *err)
{
  struct oha__stored stored;
  enum oha_rc rc;

  if (journal == NULL || record == NULL || strcmp(record->cluster, journal->cluster) != 0 ||
      !oha__op_id_is_valid(oha__span(record->op_id)))
    return oha__fail(err, OHA_E_ARG, "oha_op_reopen: no record of this cluster's");
  rc = clean_record(record, err);
  if (rc != OHA_OK)
    return rc;
  record->state = OHA_OP_RUNNING;
  if (journal->db == NULL && journal->fence < record->fence)
    journal->fence = record->fence; /* no lease gave us one: what we note is newer than what has been */
  if (journal->fence > record->fence)
    record->fence = journal->fence;
  record->revision++;
  record->ended_at = (struct oha_wall){ 0 };
  rc = store_op(journal, record, &stored, err);
  return rc == OHA_OK ? oha__hand_on(err, &stored.database_error) : rc;
}

enum oha_rc oha_op_end(struct oha_journal *journal, struct oha_op_record *record, enum oha_op_state state,
                       const char *summary, struct oha_error *err)
{
  struct oha__stored stored;
  enum oha_rc rc;

  if (journal == NULL || record == NULL || state == OHA_OP_RUNNING)
    return oha__fail(err, OHA_E_ARG, "oha_op_end: no record, or an end that is none");
  rc = clean_record(record, err);
  if (rc != OHA_OK)
    return rc;
  oha__text_clean(record->summary, sizeof(record->summary), summary);
  record->state = state;
  record->revision++;
  record->ended_at = oha_now_wall(journal->ctx);
  journal->deferred = false;
  if (journal->db != NULL && !oha_db_is_open(journal->db) && oha_db_reconnect(journal->db, NULL) != OHA_OK)
    oha__journal_fell_behind(journal, "the database does not answer");
  rc = store_op(journal, record, &stored, err);
  oha__local_prune(journal, N_KEPT);
  return rc == OHA_OK ? oha__hand_on(err, &stored.database_error) : rc;
}
