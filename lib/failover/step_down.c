/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The old active stops serving: it is asked to, or fenced; and it is known how we know. */
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "failover/gates.h"
#include "failover/step.h"

#include <stdio.h>
#include <string.h>

/* ---- demote: it gives up the VIP itself ---- */

static void demoted(struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  plan->proof = OHA__PROOF_SELF;
  snprintf(text, OHA__TEXT_SIZE, "%s itself shows the VIP gone", plan->from->name);
}

static enum oha_rc demote_look(struct oha_plan *plan, bool *done, char text[OHA__TEXT_SIZE],
                               struct oha_error *err)
{
  size_t n_here = 0;
  struct oha_error why = OHA_ERROR_INIT;
  enum oha_rc rc = oha__plan_vips(plan, plan->from, OHA__VIPS_OBSERVE, &n_here, &why);

  (void)err;
  *done = rc == OHA_OK && n_here == 0;
  if (*done) {
    demoted(plan, text);
  } else if (rc == OHA_OK) {
    snprintf(text, OHA__TEXT_SIZE, "%s holds %zu of %zu VIPs", plan->from->name, n_here,
             plan->cluster->n_vips);
  } else {
    snprintf(text, OHA__TEXT_SIZE, "%.250s", why.text);
  }
  return OHA_OK;
}

static bool demote_applies(const struct oha_plan *plan)
{
  return plan->evidence.management == OHA__SIGN_ALIVE;
}

/* What a node that gives up says of itself is the observation: asking it once more would only keep the
 * service dark for that long. */
static enum oha_rc demote_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  size_t n_were_here;
  enum oha_rc rc;

  plan->dark_from = oha_now_mono(plan->ctx);
  rc = oha__plan_vips(plan, plan->from, OHA__VIPS_RELEASE, &n_were_here, err);
  if (rc == OHA_OK)
    demoted(plan, text);
  return rc;
}

static enum oha_rc demote_undo(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  size_t n_already;
  enum oha_rc rc = oha__plan_vips(plan, plan->from, OHA__VIPS_ACQUIRE, &n_already, err);

  if (rc == OHA_OK)
    snprintf(text, OHA__TEXT_SIZE, "%s has the VIP again", plan->from->name);
  return rc;
}

static void demote_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  snprintf(text, OHA__TEXT_SIZE, "take the VIP off %s", plan->from->name);
}

static void demote_assume(struct oha_plan *plan)
{
  plan->proof = OHA__PROOF_SELF;
}

static int64_t remote_block_us(const struct oha_plan *plan)
{
  return plan->cluster->thresholds.remote_timeout_us * (int64_t)(plan->cluster->n_vips + 1);
}

const struct oha__step oha__step_demote = {
  .name = "demote",
  .flags = OHA__STEP_DARK | OHA__STEP_ELSE_FENCE | OHA__STEP_ACT_LOOKS,
  .block_us = remote_block_us,
  .applies = demote_applies,
  .look = demote_look,
  .act = demote_act,
  .undo = demote_undo,
  .assume = demote_assume,
  .intent = demote_intent,
};

/* ---- fence: its power is taken ---- */

static bool fence_applies(const struct oha_plan *plan)
{
  return plan->proof == OHA__PROOF_NONE && plan->cluster->fence_command != NULL &&
         !oha__evidence_settled(&plan->evidence) && !oha__gate_is_forced(plan, "fenced");
}

static enum oha_rc fence_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  const char *const *command = plan->cluster->fence_command;
  const char **argv;
  struct oha_run_result result;
  size_t n = 0;
  enum oha_rc rc;

  while (command[n] != NULL)
    n++;
  argv = oha__calloc(n + 2, sizeof(*argv));
  if (argv == NULL)
    return oha__fail_nomem(err);
  memcpy(argv, command, n * sizeof(*argv));
  argv[n] = plan->from->name;
  rc = oha_run(plan->ctx,
               &(struct oha_run_opts){ .size = sizeof(struct oha_run_opts),
                                       .argv = argv,
                                       .timeout_us = plan->cluster->thresholds.fence_timeout_us },
               &result, err);
  if (rc == OHA_OK && result.exit_status != 0)
    rc = oha__fail_sys(err, OHA_E_UNAVAILABLE, OHA_ORIGIN_EXIT, result.exit_status,
                       "fence_command for %s ended with %d: %.120s", plan->from->name, result.exit_status,
                       result.err_out);
  if (rc == OHA_OK) {
    plan->proof = OHA__PROOF_FENCED;
    snprintf(text, OHA__TEXT_SIZE, "%s is fenced", plan->from->name);
  }
  oha_run_result_clear(&result);
  oha__free(argv);
  return rc;
}

static void fence_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  snprintf(text, OHA__TEXT_SIZE, "fence %s by %s: nothing before this can be taken back", plan->from->name,
           plan->cluster->fence_command[0]);
}

static void fence_assume(struct oha_plan *plan)
{
  plan->proof = OHA__PROOF_FENCED;
}

static int64_t fence_block_us(const struct oha_plan *plan)
{
  return plan->cluster->thresholds.fence_timeout_us;
}

const struct oha__step oha__step_fence = {
  .name = "fence",
  .flags = OHA__STEP_DARK | OHA__STEP_NO_RETURN,
  .block_us = fence_block_us,
  .applies = fence_applies,
  .act = fence_act,
  .assume = fence_assume,
  .intent = fence_intent,
};

/* ---- proof: without it the VIP does not move ---- */

static enum oha_rc proof_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  char evidence[160];
  enum oha_rc rc = oha__evidence_collect(plan, false, err);

  if (rc != OHA_OK)
    return rc;
  oha__evidence_text(&plan->evidence, evidence, sizeof(evidence));
  if (oha__gate_is_forced(plan, "fenced")) {
    plan->proof = OHA__PROOF_CLAIMED;
    snprintf(text, OHA__TEXT_SIZE, "the operator answers for it that %s is powered off (%s)",
             plan->from->name, evidence);
    return OHA_OK;
  }
  if (plan->confirmed_down && !oha__evidence_alive(&plan->evidence) &&
      oha__evidence_silent(&plan->evidence) >= 2) {
    plan->proof = OHA__PROOF_EVIDENCE;
    snprintf(text, OHA__TEXT_SIZE, "%s, and the operator typed %s", evidence, plan->from->name);
    return OHA_OK;
  }
  return oha__fail(err, OHA_E_REFUSED, "no proof that %s does not serve any more (%s)", plan->from->name,
                   evidence);
}

static enum oha_rc proof_look(struct oha_plan *plan, bool *done, char text[OHA__TEXT_SIZE],
                              struct oha_error *err)
{
  static const char *const words[] = { "none yet", "it shows the VIP gone itself", "it is fenced",
                                       "two silent paths and its typed name", "the operator answers for it" };

  (void)err;
  *done = plan->proof != OHA__PROOF_NONE || oha__evidence_settled(&plan->evidence);
  /* It answers, so it was asked to give the VIP up, and did not say that it has: not for nothing. */
  plan->degraded = plan->degraded ||
                   (plan->proof == OHA__PROOF_NONE && *done && plan->evidence.management == OHA__SIGN_ALIVE);
  if (plan->proof == OHA__PROOF_NONE && *done)
    snprintf(text, OHA__TEXT_SIZE, "not needed: %s has the VIP already", plan->to->name);
  else
    snprintf(text, OHA__TEXT_SIZE, "%s: %s", plan->from->name, words[plan->proof]);
  return OHA_OK;
}

static void proof_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  snprintf(text, OHA__TEXT_SIZE, "make sure that %s does not serve any more", plan->from->name);
}

const struct oha__step oha__step_proof = {
  .name = "proof",
  .flags = OHA__STEP_DARK | OHA__STEP_LOOKS_ONLY,
  .look = proof_look,
  .act = proof_act,
  .intent = proof_intent,
};
