/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_CHECK_STATE_H
#define HA_CTL_CHECK_STATE_H
/*
 * What the last run of a check found, in a file of the state directory: so that a run from cron can be silent
 * while nothing changes, and failures in a row can be counted between processes. Held locked while it is
 * open.
 */
#include "report.h"

#include <stdbool.h>
#include <stdint.h>

struct check_memory {
  bool known; /* false: the first run, or the file was no use */
  enum oha_health level;
  uint32_t n_fails;      /* local critical faults in a row */
  char ids[512];         /* of the findings, in order, joined by commas */
  struct oha_wall since; /* of this level and these ids */
};

struct check_state {
  int fd; /* -1 = none */
  struct check_memory before;
};

enum check_opened { CHECK_OPENED = 0, CHECK_BUSY = 1, CHECK_FAILED = 2 /* errno */ };

/** Open and lock the memory of @p purpose ("cron") for @p who. BUSY: another run has it. */
enum check_opened check_state_open(struct app *app, const char *purpose, const char *who,
                                   struct check_state *state);

/**
 * Compare with the run before, and remember this one.
 *
 * @param now    set: what is remembered from here on
 * @param changed set: the level or the kinds of findings are others (also: the first run, unless all is well)
 * @return false: it could not be written (errno); *now and *changed are right nevertheless
 */
bool check_state_turn(struct app *app, struct check_state *state, const struct report *r,
                      struct check_memory *now, bool *changed);

void check_state_close(struct check_state *state);

#endif
