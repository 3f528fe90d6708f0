/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_BINDINGS_H
#define HA_CTL_BINDINGS_H
/* Reading the location table and showing bindings: what locations, locate and reach have in common. */
#include "app.h"
#include "common/progress.h"

#include <opensips-ha/location.h>
#include <opensips-ha/move.h>

struct bindings {
  struct app *app;
  struct oha_db *db;
  struct oha_location *location;
  struct oha_wall now;
  bool details; /* all columns of the table */
  enum out_shape shape;
  const struct oha_move *move; /* NULL = no class */
  uint32_t class_mask;         /* only these; 0 = all */
  uint64_t limit;              /* 0 = none */
  uint64_t n_seen, n_shown, n_bad;
  struct progress progress;
  bool scanned;
};

/** Connect and open the location table. @return 0, or the exit code of the failure, reported */
int bindings_open(struct bindings *b, struct app *app);
void bindings_close(struct bindings *b);

/**
 * Stream the array `bindings`, and with --verbose the array `rows` of those that cannot be read.
 *
 * @param sum NULL or gets all classes summed (with a move only)
 * @return 0, or the exit code of the failure, reported
 */
int bindings_show(struct bindings *b, struct oha_location_filter *filter, const char *heading,
                  const char *none, struct oha_reach_sum *sum);

/** One pass over the table that shows nothing but its progress. @return 0, or the exit code, reported */
int bindings_sum(struct bindings *b, struct oha_location_filter *filter, struct oha_reach_sum *sum);

/** Say how many rows could not be read, if any. */
void bindings_say_bad(struct bindings *b);

#endif
