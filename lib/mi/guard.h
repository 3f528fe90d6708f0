/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_GUARD_H
#define OHA_MI_GUARD_H
/*
 * What is never sent, on whatever transport. Pure.
 *
 * ul_sync and dlg_restore_db empty a database table and fill it from one node's memory: on a table that nodes
 * share they destroy what the others wrote. kill shuts the server down. They have aliases, 4.0 resolves the
 * bare local part of a name, and cluster_send_mi and cluster_broadcast_mi hand commands on.
 */
#include <opensips-ha/mi.h>

/* Returns OHA_OK; OHA_E_REFUSED with the rule. */
OHA_NODISCARD enum oha_rc oha__mi_guard(const char *command, const struct oha_mi_arg *args, size_t n_args,
                                        bool allow_kill, struct oha_error *err);

#endif
