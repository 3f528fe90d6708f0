/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "failover/step.h"

/*
 * Until prove-sip nothing may wait for the database; from there calls flow again, and what reads or writes
 * the location table comes after it.
 */
static const struct oha__step *const failover_steps[] = {
  &oha__step_demote,    &oha__step_fence, &oha__step_proof,   &oha__step_vip,     &oha__step_adopt,
  &oha__step_prove_sip, &oha__step_sole,  &oha__step_preview, &oha__step_rewrite, &oha__step_seen,
};

static const struct oha__step *const rewrite_steps[] = {
  &oha__step_preview,
  &oha__step_rewrite,
  &oha__step_seen,
};

_Static_assert(sizeof(failover_steps) / sizeof(failover_steps[0]) <= OHA__N_STEPS_MAX,
               "raise OHA__N_STEPS_MAX");

const struct oha__step *const *oha__steps_of(enum oha_plan_kind kind, size_t *n)
{
  switch (kind) {
  case OHA_PLAN_FAILOVER:
    *n = sizeof(failover_steps) / sizeof(failover_steps[0]);
    return failover_steps;
  case OHA_PLAN_REWRITE:
    *n = sizeof(rewrite_steps) / sizeof(rewrite_steps[0]);
    return rewrite_steps;
  }
  *n = 0;
  return NULL;
}
