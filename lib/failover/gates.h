/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_FAILOVER_GATES_H
#define OHA_FAILOVER_GATES_H
/* What must be true before anything is changed. */
#include "failover/plan.h"

/* Bit of a gate in plan->forced_gates; false for a name that is no gate of this plan's kind. */
bool oha__gate_bit(enum oha_plan_kind kind, const char *name, uint32_t *bit);
const char *oha__gate_name_of_bit(unsigned bit);
bool oha__gate_is_forced(const struct oha_plan *plan, const char *name);

/*
 * Evaluate every gate of the plan and tell about each.
 * OHA_OK: may go on. OHA_E_NO_QUORUM, OHA_E_BUSY, OHA_E_REFUSED: one or more stop it; the error names them.
 */
OHA_NODISCARD enum oha_rc oha__gates_run(struct oha_plan *plan, struct oha_error *err);

#endif
