/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_FAILOVER_DRIVE_H
#define OHA_FAILOVER_DRIVE_H
/* What running and undoing a plan share: the lease, and steps noted in the journal. */
#include "failover/step.h"

OHA_NODISCARD enum oha_rc oha__drive_begin(struct oha_plan *plan, oha_plan_fn *fn, void *arg,
                                           struct oha_outcome *out, struct oha_error *err);
void oha__drive_release(struct oha_plan *plan);

/* Note a step. A database that is gone does not stop the plan (the local log has the note); a lost lease
 * does. */
OHA_NODISCARD enum oha_rc oha__drive_note(struct oha_plan *plan, size_t i, enum oha_step_state state,
                                          const char *text, struct oha_error *err);

/*
 * While the service may be dark, nothing waits for the database: the lease is extended once, to the deadlines
 * of all these steps together, and notes go to the local log. OHA_E_LEASE.
 */
OHA_NODISCARD enum oha_rc oha__drive_dark(struct oha_plan *plan, bool dark, struct oha_error *err);

/* Did the operation do something in this step, or may it have: is there anything to take back? */
bool oha__drive_touched(const struct oha_plan *plan, size_t i);

/* Take one step back and note it. */
OHA_NODISCARD enum oha_rc oha__drive_undo_step(struct oha_plan *plan, size_t i, struct oha_error *err);

void oha__drive_end_event(struct oha_plan *plan, size_t i, enum oha_step_state state, struct oha_mono since,
                          const char *text);

#endif
