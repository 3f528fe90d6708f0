/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/journal.h"
#include "journal/store.h"
#include "journal/text.h"
#include "base/error.h"
#include "base/mem.h"

static enum oha_rc store_step(struct oha_journal *journal, const char *op_id,
                              const struct oha__log_step *step, struct oha__stored *stored,
                              struct oha_error *err)
{
  struct oha__step_of what = { op_id, step };
  char *line;
  enum oha_rc rc = oha__log_step_line(step, journal->behind, &line, err);

  if (rc != OHA_OK)
    return rc;
  return oha__store(journal, op_id, line, oha__write_step, &what, OHA__BRIEF, stored, err);
}

/* The note itself says that the database has not got it. */
static void say_so(struct oha_journal *journal, const char *op_id, const struct oha__log_step *step)
{
  char *line;

  if (oha__log_step_line(step, journal->behind, &line, NULL) != OHA_OK)
    return;
  if (oha__local_append(journal, op_id, line, NULL) != OHA_OK)
    oha__log(journal->ctx, OHA_LOG_WARN, "journal", "step '%s': %s", step->record.name, journal->behind);
  oha__free(line);
}

enum oha_rc oha_step_note(struct oha_journal *journal, const char *op_id, uint32_t seq, const char *name,
                          enum oha_step_state state, const char *detail, struct oha_error *err)
{
  struct oha__log_step step = { .record = { .seq = seq, .state = state } };
  struct oha__stored stored;
  bool was_behind;
  enum oha_rc rc;

  if (journal == NULL || op_id == NULL || name == NULL || !oha__op_id_is_valid(oha__span(op_id)))
    return oha__fail(err, OHA_E_ARG, "oha_step_note: no journal, operation or name");
  oha__text_clean(step.record.name, sizeof(step.record.name), name);
  oha__text_clean(step.record.detail, sizeof(step.record.detail), detail);
  step.record.at = oha_now_wall(journal->ctx);
  if (step.record.at.us <
      journal->noted_at.us) /* the clock was set back: the later note must stay the later */
    step.record.at = journal->noted_at;
  journal->noted_at = step.record.at;
  step.fence = journal->fence;
  was_behind = journal->behind[0] != '\0';
  rc = store_step(journal, op_id, &step, &stored, err);
  if (!was_behind && journal->behind[0] != '\0')
    say_so(journal, op_id, &step);
  return rc;
}
