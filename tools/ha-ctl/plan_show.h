/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_PLAN_SHOW_H
#define HA_CTL_PLAN_SHOW_H
/* What verbs that run a plan share: opening it, showing it as it goes, asking first, ending with its code. */
#include "app.h"
#include "common/progress.h"

#include <opensips-ha/failover.h>

#define PLAN_FINDINGS 16

struct plan_show {
  struct app *app;
  struct progress progress;
  bool in_gates, in_steps; /* JSON: which array is open */
  size_t n_findings;
  char finding[PLAN_FINDINGS][320]; /* JSON: notes, shown at the end */
};

/** Ready to show a plan of this verb. */
void plan_show_begin(struct plan_show *show, struct app *app);

/** Event handler of a plan; @p arg is a struct plan_show. */
void plan_show_event(void *arg, const struct oha_plan_event *event);

/** Options that the command line has for every plan. False: reported, *code is the exit code. */
bool plan_take_options(struct app *app, struct oha_plan_opts *o, int *code);

/**
 * Connect to the database for a plan, unless --without=database. A database that is gone is no failure here:
 * the plan's gate says what that means. @p db NULL then.
 */
void plan_open_db(struct app *app, struct oha_db **db);

/** Ask for @p word to be typed, unless --yes or --dry-run. @return 0 to go on, else the exit code, reported
 */
int plan_ask(struct app *app, const char *question, const char *word);

/** Show how it ended. @return the exit code */
int plan_end(struct plan_show *show, enum oha_rc rc, const struct oha_outcome *outcome,
             const struct oha_error *err);

#endif
