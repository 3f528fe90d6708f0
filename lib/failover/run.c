/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running a plan: gates, then each step looked at, done, observed and noted. */
#include "base/ctx.h"
#include "base/error.h"
#include "failover/drive.h"
#include "failover/gates.h"

#include <stdio.h>
#include <string.h>

static enum oha_rc begin_operation(struct oha_plan *plan, struct oha_error *err)
{
  enum oha_rc rc;

  if (plan->dry_run)
    return OHA_OK;
  if (plan->resumed)
    return oha_op_reopen(plan->journal, &plan->op, err);
  snprintf(plan->op.verb, sizeof(plan->op.verb), "%s", oha_plan_kind_name(plan->kind));
  snprintf(plan->op.from, sizeof(plan->op.from), "%s", plan->from->name);
  snprintf(plan->op.to, sizeof(plan->op.to), "%s", plan->to->name);
  snprintf(plan->op.actor, sizeof(plan->op.actor), "%s", plan->actor == NULL ? "" : plan->actor);
  snprintf(plan->op.reason, sizeof(plan->op.reason), "%s", plan->reason == NULL ? "" : plan->reason);
  rc = oha__plan_options_save(plan, plan->op.options, sizeof(plan->op.options), err);
  if (rc == OHA_OK)
    rc = oha_op_begin(plan->journal, &plan->op, err);
  snprintf(plan->out->op_id, sizeof(plan->out->op_id), "%s", plan->op.op_id);
  return rc;
}

static enum oha_rc look_and_skip(struct oha_plan *plan, size_t i, const struct oha__step *step, bool *skip,
                                 struct oha_error *err)
{
  struct oha_mono since = oha_now_mono(plan->ctx);
  char text[OHA__TEXT_SIZE] = "";
  enum oha_step_state state;
  enum oha_rc rc;

  *skip = false;
  if (step->look == NULL)
    return OHA_OK;
  rc = step->look(plan, skip, text, err);
  if (rc != OHA_OK || !*skip)
    return rc;
  /* Begun by a run that was killed before it could note the end: ours, and to be taken back as such. */
  state = oha__drive_touched(plan, i) ? OHA_STEP_DONE : OHA_STEP_SKIPPED;
  rc = oha__drive_note(plan, i, state, text, err);
  oha__drive_end_event(plan, i, state, since, text);
  return rc;
}

static enum oha_rc act_and_observe(struct oha_plan *plan, const struct oha__step *step,
                                   char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  bool done = false;
  enum oha_rc rc = step->act(plan, text, err);

  if (rc != OHA_OK || step->look == NULL || (step->flags & OHA__STEP_ACT_LOOKS) != 0)
    return rc;
  rc = step->look(plan, &done, text, err);
  if (rc == OHA_OK && !done)
    rc = oha__fail(err, OHA_E_CONFLICT, "done, but not observed: %s", text);
  return rc;
}

static enum oha_rc run_step(struct oha_plan *plan, size_t i, const struct oha__step *step,
                            struct oha_error *err)
{
  struct oha_mono since = oha_now_mono(plan->ctx);
  struct oha_plan_event event = { .kind = OHA_EVENT_STEP_BEGIN, .seq = (uint32_t)i + 1, .step = step->name };
  bool looks_only = (step->flags & OHA__STEP_LOOKS_ONLY) != 0;
  char text[OHA__TEXT_SIZE] = "";
  enum oha_rc rc = OHA_OK;

  step->intent(plan, text);
  event.text = text;
  if (plan->dry_run && !looks_only) {
    oha__plan_tell(plan, &event);
    if (step->assume != NULL)
      step->assume(plan);
    oha__drive_end_event(plan, i, OHA_STEP_BEGUN, since, text);
    return OHA_OK;
  }
  rc = oha__drive_note(plan, i, OHA_STEP_BEGUN, text, err);
  if (rc != OHA_OK)
    return rc;
  oha__plan_tell(plan, &event);
  if (!looks_only)
    plan->n_changed++;
  oha__cancel_wait(plan->ctx, plan->n_changed > 0 && (step->flags & OHA__STEP_DARK) != 0);
  text[0] = '\0';
  rc = act_and_observe(plan, step, text, err);
  if (rc == OHA_OK) {
    event.kind = OHA_EVENT_STEP_ACTED;
    oha__plan_tell(plan, &event);
    rc = oha__drive_note(plan, i, OHA_STEP_DONE, text, err);
    oha__drive_end_event(plan, i, OHA_STEP_DONE, since, text);
    return rc;
  }
  if (oha__drive_note(plan, i, OHA_STEP_FAILED, err->text, NULL) != OHA_OK)
    rc = OHA_E_LEASE;
  oha__drive_end_event(plan, i, OHA_STEP_FAILED, since, err->text);
  return rc;
}

static bool beyond_return(const struct oha_plan *plan)
{
  size_t n;
  const struct oha__step *const *steps = oha__steps_of(plan->kind, &n);

  for (size_t i = 0; i < n; i++)
    if ((steps[i]->flags & OHA__STEP_NO_RETURN) != 0 && plan->has_prior[i] &&
        plan->prior[i] != OHA_STEP_SKIPPED)
      return true;
  return false;
}

/*
 * A step in the dark failed: what this operation did in the dark goes back, last first. That can be more than
 * the steps before this one when it was resumed. What it did to the table stays, for undo or resume.
 */
static void take_back(struct oha_plan *plan)
{
  size_t n, n_kept = 0;
  const struct oha__step *const *steps = oha__steps_of(plan->kind, &n);

  if (beyond_return(plan)) {
    plan->out->state = OHA_OP_INCOMPLETE;
    return;
  }
  for (size_t i = n; i-- > 0;) {
    struct oha_error why = OHA_ERROR_INIT;

    if (steps[i]->undo == NULL || !oha__drive_touched(plan, i))
      continue;
    if ((steps[i]->flags & OHA__STEP_DARK) == 0) {
      n_kept++;
      continue;
    }
    if (oha__drive_undo_step(plan, i, &why) != OHA_OK) {
      plan->out->state = OHA_OP_INCOMPLETE;
      oha__plan_note(plan, "%.250s", why.text);
      return;
    }
  }
  plan->out->state = n_kept > 0 ? OHA_OP_INCOMPLETE : OHA_OP_FAILED;
}

/* Refused and busy say that nothing was changed. */
static enum oha_rc rc_of_what_remains(const struct oha_plan *plan, enum oha_rc rc)
{
  bool says_nothing_changed = rc == OHA_E_REFUSED || rc == OHA_E_BUSY || rc == OHA_E_NO_QUORUM;

  return plan->out->state == OHA_OP_INCOMPLETE && says_nothing_changed ? OHA_E_UNKNOWN : rc;
}

/* What a failed step means for the plan. OHA_OK: go on. */
static enum oha_rc weigh_failure(struct oha_plan *plan, size_t i, const struct oha__step *step,
                                 enum oha_rc rc, struct oha_error *err)
{
  struct oha_error why = OHA_ERROR_INIT;

  if ((step->flags & (OHA__STEP_PROOF | OHA__STEP_ELSE_FENCE)) != 0 && rc != OHA_E_LEASE) {
    oha__plan_note(plan, "%s: %.250s", step->name, err->text);
    plan->degraded = plan->degraded || (step->flags & OHA__STEP_PROOF) != 0;
    oha_error_clear(err);
    return OHA_OK;
  }
  oha__prefix(err, "step %s: ", step->name);
  snprintf(plan->out->remains, sizeof(plan->out->remains), "from step %s on", step->name);
  oha__cancel_wait(plan->ctx, true); /* it must not cut short what takes the step back */
  if ((step->flags & OHA__STEP_DARK) != 0 && rc != OHA_E_LEASE) { /* else somebody else is at it */
    take_back(plan);
    return rc_of_what_remains(plan, rc);
  }
  plan->out->state = OHA_OP_INCOMPLETE;
  if (rc == OHA_E_CANCELLED && step->undo != NULL && oha__drive_undo_step(plan, i, &why) != OHA_OK)
    oha__plan_note(plan, "%.250s", why.text);
  return rc_of_what_remains(plan, rc);
}

/* A cancel waits from the first change in the dark until the service is back. */
static bool is_cancelled(const struct oha_plan *plan, bool dark)
{
  oha__cancel_wait(plan->ctx, dark && plan->n_changed > 0);
  return oha__cancelled(plan->ctx);
}

static enum oha_rc walk(struct oha_plan *plan, struct oha_error *err)
{
  size_t n;
  const struct oha__step *const *steps = oha__steps_of(plan->kind, &n);

  for (size_t i = 0; i < n; i++) {
    const struct oha__step *step = steps[i];
    struct oha_error why = OHA_ERROR_INIT;
    bool skip = false, dark = (step->flags & OHA__STEP_DARK) != 0;
    enum oha_rc rc;

    if (step->applies != NULL && !step->applies(plan))
      continue;
    if (is_cancelled(plan, dark)) {
      plan->out->state = plan->n_changed == 0 && !plan->resumed ? OHA_OP_FAILED : OHA_OP_INCOMPLETE;
      snprintf(plan->out->remains, sizeof(plan->out->remains), "from step %s on", step->name);
      return oha__fail(err, OHA_E_CANCELLED, "stopped before step %s", step->name);
    }
    rc = oha__drive_dark(plan, dark, &why);
    if (rc == OHA_OK)
      rc = look_and_skip(plan, i, step, &skip, &why);
    if (rc == OHA_OK && !skip)
      rc = run_step(plan, i, step, &why);
    if (rc != OHA_OK)
      rc = weigh_failure(plan, i, step, rc, &why);
    if (rc != OHA_OK)
      return oha__fail_sys(err, rc, why.origin, why.sys, "%s", why.text);
  }
  plan->out->state = plan->degraded ? OHA_OP_DEGRADED : OHA_OP_DONE;
  return OHA_OK;
}

static void say_what_is_not_covered(struct oha_plan *plan)
{
  if (plan->kind == OHA_PLAN_FAILOVER)
    oha__plan_note(
        plan, "not covered by this release: sharing tags, NAT pinging and media relays; look after them by "
              "hand where this cluster has them");
  if (plan->without_database)
    oha__plan_note(plan,
                   "without the database: no cluster-wide lease, nobody was counted, nothing is rewritten; "
                   "`ha-ctl resume` when it is back");
}

static void sum_up(struct oha_plan *plan, const struct oha_error *err)
{
  struct oha_outcome *out = plan->out;
  char dark[OHA_DURATION_SIZE] = "", reach[OHA_REACH_LINE_SIZE] = "";

  if (out->dark_us >= 0)
    oha_duration_format(out->dark_us, dark);
  if (out->have_reach)
    oha_reach_line(&out->reach, reach);
  if (out->state == OHA_OP_DONE || out->state == OHA_OP_DEGRADED)
    snprintf(out->summary, sizeof(out->summary), "%s %s to %s %s%s%s%s%s", oha_plan_kind_name(plan->kind),
             out->from, out->to,
             plan->dry_run               ? "would run"
             : out->state == OHA_OP_DONE ? "done"
                                         : "done, a proof is missing",
             dark[0] == '\0' ? "" : ", dark ", dark, reach[0] == '\0' ? "" : "; ", reach);
  else
    snprintf(out->summary, sizeof(out->summary), "%s %s to %s %s: %.300s", oha_plan_kind_name(plan->kind),
             out->from, out->to, out->state == OHA_OP_FAILED ? "changed nothing" : "is incomplete",
             err == NULL ? "" : err->text);
}

static void end_operation(struct oha_plan *plan)
{
  struct oha_error why = OHA_ERROR_INIT;
  enum oha_op_state state = plan->out->state;

  oha_journal_defer(plan->journal, false);
  oha__cancel_wait(plan->ctx, true);
  /* Moved, but the database was left out: what remains is for resume. */
  if (plan->without_database && (state == OHA_OP_DONE || state == OHA_OP_DEGRADED)) {
    state = plan->out->state = OHA_OP_INCOMPLETE;
    snprintf(plan->out->remains, sizeof(plan->out->remains), "everything that needs the database");
  }
  if (oha_op_end(plan->journal, &plan->op, state, plan->out->summary, &why) != OHA_OK)
    oha__plan_note(plan, "the end of the operation is only in the local log: %.200s", why.text);
}

enum oha_rc oha_plan_run(struct oha_plan *plan, oha_plan_fn *fn, void *arg, struct oha_outcome *out,
                         struct oha_error *err)
{
  struct oha_error own = OHA_ERROR_INIT;
  enum oha_rc rc;

  if (plan == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_plan_run: NULL");
  if (err == NULL)
    err = &own;
  rc = oha__drive_begin(plan, fn, arg, out, err);
  if (rc != OHA_OK)
    return rc;
  rc = oha__plan_see_adopted(plan, err);
  if (rc == OHA_OK)
    rc = oha__gates_run(plan, err);
  if (rc == OHA_OK)
    rc = begin_operation(plan, err);
  if (rc == OHA_OK) {
    say_what_is_not_covered(plan);
    rc = walk(plan, err);
    sum_up(plan, err);
    if (!plan->dry_run)
      end_operation(plan);
  } else {
    sum_up(plan, err);
  }
  oha__drive_release(plan);
  return rc;
}
