/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/store.h"
#include "base/error.h"
#include "base/mem.h"

#include <string.h>

/* When the database missed something, it gets all that the local log has. */
static enum oha_rc write_database(struct oha_journal *journal, const char *op_id, oha__write_fn *fn,
                                  const void *arg, enum oha__patience patience, struct oha_error *err)
{
  struct oha__log log = { 0 };
  enum oha_rc rc;

  if (journal->behind[0] == '\0' || oha__local_read(journal, op_id, &log, NULL) != OHA_OK || !log.has_op) {
    oha__log_clear(&log);
    return oha__journal_write(journal, patience, fn, arg, err);
  }
  rc = oha__journal_write(journal, patience, oha__write_log, &log, err);
  if (rc == OHA_OK)
    rc = oha__journal_write(journal, patience, fn, arg, err); /* the log may lack this very note */
  if (rc == OHA_OK)
    journal->behind[0] = '\0';
  oha__log_clear(&log);
  return rc;
}

/* Why the database is left out this time; NULL = it is not. A note that is nowhere else cannot wait: without
 * it nobody could take the step back. */
static const char *left_out(const struct oha_journal *journal, enum oha__patience patience, bool in_log)
{
  if (journal->deferred && in_log)
    return "deferred while the service is dark";
  if (oha__db_in_transaction(journal->db))
    return "noted inside a transaction";
  if (!oha_db_is_open(journal->db) && patience == OHA__BRIEF)
    return "the connection to the database is lost";
  return NULL;
}

enum oha_rc oha__store(struct oha_journal *journal, const char *op_id, char *line, oha__write_fn *fn,
                       const void *arg, enum oha__patience patience, struct oha__stored *stored,
                       struct oha_error *err)
{
  struct oha_error local = OHA_ERROR_INIT;
  bool in_log = oha__local_append(journal, op_id, line, &local) == OHA_OK, in_database = false;
  const char *why;

  oha__free(line);
  memset(stored, 0, sizeof(*stored));
  if (journal->db != NULL) {
    why = left_out(journal, patience, in_log);
    if (why != NULL) {
      oha__journal_fell_behind(journal, why);
    } else {
      in_database = write_database(journal, op_id, fn, arg, patience, &stored->database_error) == OHA_OK;
      if (!in_database)
        oha__journal_fell_behind(journal, stored->database_error.text);
    }
  }
  if (stored->database_error.rc == OHA_E_LEASE)
    return oha__hand_on(err, &stored->database_error);
  if (!in_log && !in_database)
    return oha__hand_on(err, &local);
  if (!in_log)
    oha__log(journal->ctx, OHA_LOG_WARN, "journal", "only the database has it: %s", local.text);
  return OHA_OK;
}
