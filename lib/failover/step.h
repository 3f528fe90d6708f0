/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_FAILOVER_STEP_H
#define OHA_FAILOVER_STEP_H
/* The steps of a plan: one file for each concern, one row of the table in steps.c for each step. */
#include "failover/plan.h"

#define OHA__STEP_LOOKS_ONLY 0x01u /* changes nothing: runs in a dry run too, nothing to undo */
#define OHA__STEP_DARK       0x02u /* the service may be down: a cancel waits, a failure takes all back */
#define OHA__STEP_PROOF      0x04u /* a failure degrades the outcome, the plan goes on */
#define OHA__STEP_REMAINS    0x08u /* the service is back: a failure leaves a remainder for resume */
#define OHA__STEP_NO_RETURN  0x10u /* once begun, nothing before it can be taken back */
#define OHA__STEP_ELSE_FENCE 0x20u /* a failure is no end: the next steps find another way */
#define OHA__STEP_ACT_LOOKS  0x40u /* act's success is an observation: no look after it */

struct oha__step {
  const char *name;
  unsigned flags;
  int64_t (*block_us)(const struct oha_plan *plan); /* NULL = short */

  /* Is there anything of this kind to do in this plan, now? NULL = always. */
  bool (*applies)(const struct oha_plan *plan);
  /* Observe: done already? NULL = cannot be seen beforehand. Called before act, and after it as its proof,
   * unless ACT_LOOKS. */
  enum oha_rc (*look)(struct oha_plan *plan, bool *done, char text[OHA__TEXT_SIZE], struct oha_error *err);
  enum oha_rc (*act)(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err);
  enum oha_rc (*undo)(struct oha_plan *plan, char text[OHA__TEXT_SIZE],
                      struct oha_error *err); /* NULL = nothing */
  /* A dry run goes on as if it had been done. NULL = no difference to later steps. */
  void (*assume)(struct oha_plan *plan);
  /* What it will do, for a preview. */
  void (*intent)(const struct oha_plan *plan, char text[OHA__TEXT_SIZE]);
};

/* The rows of a kind of plan, in order. */
const struct oha__step *const *oha__steps_of(enum oha_plan_kind kind, size_t *n);

extern const struct oha__step oha__step_demote, oha__step_fence, oha__step_proof;   /* step_down.c */
extern const struct oha__step oha__step_vip, oha__step_adopt, oha__step_sole;       /* step_vip.c */
extern const struct oha__step oha__step_prove_sip;                                  /* step_prove.c */
extern const struct oha__step oha__step_preview, oha__step_rewrite, oha__step_seen; /* step_table.c */

#endif
