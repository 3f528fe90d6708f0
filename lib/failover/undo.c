/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking an operation back, last step first. */
#include "base/ctx.h"
#include "base/error.h"
#include "failover/drive.h"

#include <stdio.h>
#include <string.h>

/* Fenced, or (where it ran is not here) perhaps. */
static enum oha_rc check_fence(const struct oha_plan *plan, size_t i, struct oha_error *err)
{
  if (!oha__drive_touched(plan, i) || (!plan->has_prior[i] && plan->cluster->fence_command == NULL))
    return OHA_OK;
  if (!plan->has_prior[i])
    return oha__fail(
        err, OHA_E_REFUSED,
        "whether %s was fenced is only in the local log of the machine that ran this (%s): undo it "
        "there, or `resume`; nothing was changed",
        plan->from->name, plan->op.actor);
  return oha__fail(err, OHA_E_REFUSED,
                   "%s was fenced by this operation: that is its point of no return; nothing was changed",
                   plan->from->name);
}

/*
 * The old active gets its VIPs back. Whoever holds them now must hold them by this operation, or there would
 * be two: a later move may have taken them on, or the target had them before.
 */
static enum oha_rc check_holders(const struct oha_plan *plan, struct oha_error *err)
{
  size_t n, n_here;
  const struct oha__step *const *steps = oha__steps_of(plan->kind, &n);
  bool comes_back = false, by_this = false;

  for (size_t i = 0; i < n; i++) {
    comes_back = comes_back || (steps[i] == &oha__step_demote && oha__drive_touched(plan, i));
    by_this = by_this || (steps[i] == &oha__step_vip && oha__drive_touched(plan, i));
  }
  for (size_t i = 0; comes_back && i < plan->cluster->n_nodes; i++) {
    const struct oha_node *node = &plan->cluster->nodes[i];

    if (node != plan->from && !(node == plan->to && by_this) &&
        oha__plan_vips(plan, node, OHA__VIPS_OBSERVE, &n_here, NULL) == OHA_OK && n_here > 0)
      return oha__fail(err, OHA_E_REFUSED,
                       "%s holds %zu of %zu VIPs, and not by this operation: %s would be a second owner; "
                       "nothing was changed",
                       node->name, n_here, plan->cluster->n_vips, plan->from->name);
  }
  return OHA_OK;
}

static enum oha_rc check_return(struct oha_plan *plan, struct oha_error *err)
{
  size_t n, n_here;
  const struct oha__step *const *steps = oha__steps_of(plan->kind, &n);
  bool moved = false;
  struct oha_error why = OHA_ERROR_INIT;

  for (size_t i = 0; i < n; i++) {
    enum oha_rc rc = (steps[i]->flags & OHA__STEP_NO_RETURN) != 0 ? check_fence(plan, i, err) : OHA_OK;

    if (rc != OHA_OK)
      return rc;
    moved = moved || ((steps[i]->flags & OHA__STEP_DARK) != 0 && steps[i]->undo != NULL &&
                      oha__drive_touched(plan, i));
  }
  if (moved && oha__plan_vips(plan, plan->from, OHA__VIPS_OBSERVE, &n_here, &why) != OHA_OK)
    return oha__fail(
        err, OHA_E_REFUSED,
        "%s does not answer: taking the VIP away from %s would leave it nowhere; nothing was changed "
        "(%.200s)",
        plan->from->name, plan->to->name, why.text);
  return check_holders(plan, err);
}

/* A step that the operation was killed in, and that changes nothing: it does not stay open. */
static enum oha_rc close_look(struct oha_plan *plan, size_t i, struct oha_error *err)
{
  if (!plan->has_prior[i] || plan->prior[i] != OHA_STEP_BEGUN)
    return OHA_OK;
  return oha__drive_note(plan, i, OHA_STEP_UNDONE, "it changed nothing", err);
}

/* From the first change in the dark on, a cancel waits: the service is nowhere until its last one is undone.
 */
static enum oha_rc undo_step(struct oha_plan *plan, size_t i, unsigned n_undone, struct oha_error *err)
{
  size_t n;
  const struct oha__step *step = oha__steps_of(plan->kind, &n)[i];
  bool dark = (step->flags & OHA__STEP_DARK) != 0;
  enum oha_rc rc;

  if (oha__cancelled(plan->ctx))
    return oha__fail(err, OHA_E_CANCELLED, "stopped before the undo of step %s, after %u", step->name,
                     n_undone);
  rc = oha__drive_dark(plan, dark, err);
  oha__cancel_wait(plan->ctx, dark);
  return rc == OHA_OK ? oha__drive_undo_step(plan, i, err) : rc;
}

static enum oha_rc undo_steps(struct oha_plan *plan, const char *only, unsigned *n_undone,
                              struct oha_error *err)
{
  size_t n;
  const struct oha__step *const *steps = oha__steps_of(plan->kind, &n);

  *n_undone = 0;
  for (size_t i = n; i-- > 0;) {
    enum oha_rc rc;

    if (only != NULL && strcmp(only, steps[i]->name) != 0)
      continue;
    if (steps[i]->undo == NULL)
      rc = close_look(plan, i, err);
    else if (!oha__drive_touched(plan, i))
      continue;
    else
      rc = undo_step(plan, i, *n_undone, err);
    if (rc != OHA_OK) {
      plan->out->state = OHA_OP_INCOMPLETE;
      snprintf(plan->out->remains, sizeof(plan->out->remains), "undo from step %s back", steps[i]->name);
      return rc;
    }
    *n_undone += steps[i]->undo != NULL ? 1 : 0;
  }
  plan->out->state = OHA_OP_UNDONE;
  return OHA_OK;
}

/* The journal says so before anything is taken back, so that an undo that is killed can be gone on with. */
static enum oha_rc begin_undo(struct oha_plan *plan, struct oha_error *err)
{
  return plan->dry_run ? OHA_OK : oha_op_reopen(plan->journal, &plan->op, err);
}

static void end_undo(struct oha_plan *plan)
{
  struct oha_error why = OHA_ERROR_INIT;

  oha__cancel_wait(plan->ctx, true);
  oha_journal_defer(plan->journal, false);
  if (oha_op_end(plan->journal, &plan->op, plan->out->state, plan->out->summary, &why) != OHA_OK)
    oha__plan_note(plan, "the end of the undo is only in the local log: %.200s", why.text);
}

enum oha_rc oha_plan_undo(struct oha_plan *plan, const char *only, oha_plan_fn *fn, void *arg,
                          struct oha_outcome *out, struct oha_error *err)
{
  struct oha_error own = OHA_ERROR_INIT;
  unsigned n_undone = 0;
  enum oha_rc rc;

  if (plan == NULL || out == NULL || !plan->resumed)
    return oha__fail(err, OHA_E_ARG, "oha_plan_undo: needs a plan of oha_plan_resume()");
  if (only != NULL && strcmp(only, "adopt") != 0)
    return oha__fail(err, OHA_E_ARG, "undo of '%s' alone: only \"adopt\" can be taken back by itself", only);
  if (err == NULL)
    err = &own;
  rc = oha__drive_begin(plan, fn, arg, out, err);
  if (rc != OHA_OK)
    return rc;
  out->state = plan->op.state;
  if (only == NULL) {
    rc = check_return(plan, err);
    if (rc == OHA_OK)
      rc = begin_undo(plan, err);
  }
  if (rc == OHA_OK) {
    rc = undo_steps(plan, only, &n_undone, err);
    snprintf(out->summary, sizeof(out->summary), "%u step%s of %s %s to %s %s%s", n_undone,
             n_undone == 1 ? "" : "s", plan->op.verb, out->from, out->to,
             plan->dry_run ? "would be taken back" : "taken back", rc == OHA_OK ? "" : ", then it failed");
    if (!plan->dry_run && only == NULL)
      end_undo(plan);
  }
  oha__drive_release(plan);
  return rc;
}
