/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "failover/drive.h"
#include "base/ctx.h"
#include "base/error.h"

#include <stdio.h>
#include <string.h>

enum oha_rc oha__drive_begin(struct oha_plan *plan, oha_plan_fn *fn, void *arg, struct oha_outcome *out,
                             struct oha_error *err)
{
  enum oha_rc rc;

  memset(out, 0, sizeof(*out));
  out->state = OHA_OP_FAILED;
  out->dark_us = -1;
  snprintf(out->from, sizeof(out->from), "%s", plan->from->name);
  snprintf(out->to, sizeof(out->to), "%s", plan->to->name);
  snprintf(out->op_id, sizeof(out->op_id), "%s", plan->op.op_id);
  plan->fn = fn;
  plan->fn_arg = arg;
  plan->out = out;
  plan->began = oha_now_mono(plan->ctx);
  plan->dark_from = plan->began;
  if (plan->dry_run)
    return OHA_OK;
  rc = oha_lease_take(plan->journal, plan->resumed ? plan->op.op_id : NULL, err);
  if (rc == OHA_OK && plan->resumed)
    rc = oha__plan_reread(plan, err);
  if (rc != OHA_OK)
    oha__drive_release(plan);
  return rc;
}

void oha__drive_release(struct oha_plan *plan)
{
  oha__cancel_wait(plan->ctx, false);
  if (!plan->dry_run)
    oha_lease_release(plan->journal);
  plan->fn = NULL;
  plan->fn_arg = NULL;
  plan->out = NULL;
}

enum oha_rc oha__drive_note(struct oha_plan *plan, size_t i, enum oha_step_state state, const char *text,
                            struct oha_error *err)
{
  size_t n;
  const struct oha__step *step = oha__steps_of(plan->kind, &n)[i];
  struct oha_error why = OHA_ERROR_INIT;
  enum oha_rc rc;

  if (plan->dry_run)
    return OHA_OK;
  rc = oha_step_note(plan->journal, plan->op.op_id, (uint32_t)i + 1, step->name, state, text, &why);
  plan->has_prior[i] = true;
  plan->prior[i] = state;
  if (rc == OHA_E_LEASE)
    return oha__fail(err, rc, "%s", why.text);
  if (rc == OHA_OK &&
      (plan->without_database || plan->deferring || oha_journal_behind(plan->journal)[0] == '\0'))
    return OHA_OK;
  if (!plan->journal_limps)
    oha__plan_note(plan, "the journal is not kept %s: %.200s", rc == OHA_OK ? "in the database" : "any more",
                   rc == OHA_OK ? oha_journal_behind(plan->journal) : why.text);
  plan->journal_limps = true;
  return OHA_OK;
}

void oha__drive_end_event(struct oha_plan *plan, size_t i, enum oha_step_state state, struct oha_mono since,
                          const char *text)
{
  size_t n;
  struct oha_plan_event event = { .kind = OHA_EVENT_STEP_END,
                                  .seq = (uint32_t)i + 1,
                                  .step = oha__steps_of(plan->kind, &n)[i]->name,
                                  .state = state,
                                  .elapsed_us = oha_mono_diff_us(oha_now_mono(plan->ctx), since),
                                  .text = text };

  oha__plan_tell(plan, &event);
}

enum oha_rc oha__drive_dark(struct oha_plan *plan, bool dark, struct oha_error *err)
{
  size_t n;
  const struct oha__step *const *steps = oha__steps_of(plan->kind, &n);
  int64_t block_us = 0;

  if (plan->dry_run || dark == plan->deferring)
    return OHA_OK;
  for (size_t i = 0; dark && i < n; i++)
    if ((steps[i]->flags & OHA__STEP_DARK) != 0 && steps[i]->block_us != NULL)
      block_us += steps[i]->block_us(plan);
  if (dark && oha_lease_extend(plan->journal, block_us, NULL) == OHA_E_LEASE)
    return oha__fail(err, OHA_E_LEASE, "the lease was lost to another operator");
  oha_journal_defer(plan->journal, dark);
  plan->deferring = dark;
  return OHA_OK;
}

bool oha__drive_touched(const struct oha_plan *plan, size_t i)
{
  size_t n;

  if (!plan->has_prior[i])
    return plan->is_blind && (oha__steps_of(plan->kind, &n)[i]->flags & OHA__STEP_DARK) != 0;
  return plan->prior[i] != OHA_STEP_SKIPPED && plan->prior[i] != OHA_STEP_UNDONE;
}

enum oha_rc oha__drive_undo_step(struct oha_plan *plan, size_t i, struct oha_error *err)
{
  size_t n;
  const struct oha__step *step = oha__steps_of(plan->kind, &n)[i];
  struct oha_mono since = oha_now_mono(plan->ctx);
  struct oha_plan_event event = {
    .kind = OHA_EVENT_STEP_BEGIN, .seq = (uint32_t)i + 1, .step = step->name, .text = "take it back"
  };
  char text[OHA__TEXT_SIZE] = "";
  enum oha_rc rc;

  oha__plan_tell(plan, &event);
  if (plan->dry_run) {
    oha__drive_end_event(plan, i, OHA_STEP_BEGUN, since, "would be taken back");
    return OHA_OK;
  }
  rc = step->undo(plan, text, err);
  if (rc != OHA_OK) {
    oha__prefix(err, "undo of step %s: ", step->name);
    oha__drive_end_event(plan, i, OHA_STEP_FAILED, since, err == NULL ? "" : err->text);
    return rc;
  }
  event.kind = OHA_EVENT_STEP_ACTED;
  oha__plan_tell(plan, &event);
  rc = oha__drive_note(plan, i, OHA_STEP_UNDONE, text, err);
  oha__drive_end_event(plan, i, OHA_STEP_UNDONE, since, text);
  return rc;
}
