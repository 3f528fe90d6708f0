/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_MOVE_CHOICE_H
#define HA_CTL_MOVE_CHOICE_H
/* The move that --from, --to and --adopt speak of, and the reachability classes that people name. */
#include "app.h"

#include <opensips-ha/location.h>
#include <opensips-ha/move.h>

/**
 * Work out the move. Without --from: the node that holds the virtual address, else the target of the last
 * finished operation, else the only other node; never the target itself.
 *
 * @param move the caller's; clear with oha_move_clear()
 * @return 0, or the exit code of the failure, reported
 */
int move_choose(struct app *app, struct oha_move *move);

/**
 * Understand "stranded,unproven".
 *
 * @param mask set to bits 1u << enum oha_reach
 * @return 0, or the exit code of the failure, reported
 */
int classes_parse(struct app *app, enum option_id option, uint32_t *mask);

#endif
