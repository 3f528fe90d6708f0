/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"
#include "show.h"
#include "verbs.h"

#include <opensips-ha/journal.h>

#define HISTORY_LIMIT 20

struct history {
  struct app *app;
  bool verbose;
};

static enum oha_rc operation_row(void *arg, const struct oha_op_record *op)
{
  struct history *h = arg;

  show_operation(&h->app->out, op, h->verbose);
  return OHA_OK;
}

static enum oha_rc step_row(void *arg, const struct oha_step_record *step)
{
  struct out *o = arg;

  out_record(o);
  out_uint(o, "seq", "STEP", step->seq);
  out_str(o, "name", "NAME", step->name);
  out_str(o, "state", "STATE", show_step_state(step->state));
  out_at(o, "at", "AT", step->at);
  out_str(o, "detail", "DETAIL", step->detail);
  return OHA_OK;
}

static int show_steps(struct app *app, struct oha_journal *journal, const char *op_id)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_op_record op;

  switch ((int)oha_op_find(journal, op_id, &op, &err)) {
  case OHA_OK:
    break;
  case OHA_E_NOTFOUND:
    return app_usage(app, "no operation has the id '%s'", op_id);
  default:
    return app_fail(app, &err);
  }
  out_array(&app->out, "operations", NULL, NULL, OUT_CARDS);
  show_operation(&app->out, &op, true);
  out_array(&app->out, "steps", "Steps", "no step was noted", OUT_TABLE);
  if (oha_step_each(journal, op_id, step_row, &app->out, &err) != OHA_OK)
    return app_fail(app, &err);
  return HA_EXIT_OK;
}

int cmd_history(struct app *app)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct history h = { app, option_has(&app->opt, OPT_VERBOSE) };
  struct oha_journal *journal = NULL;
  struct oha_db *db = NULL;
  unsigned limit = HISTORY_LIMIT;
  int code = app_cluster(app);

  if (code != 0)
    return code;
  if (option_has(&app->opt, OPT_LIMIT))
    limit = (unsigned)app->opt.number[OPT_LIMIT];
  code = app_journal(app, &db, &journal);
  if (code != 0)
    return code;
  if (app->n_words > 0) {
    code = show_steps(app, journal, app->words[0]);
  } else {
    out_array(&app->out, "operations", NULL, "no operation yet", OUT_TABLE);
    if (oha_op_each(journal, limit, operation_row, &h, &err) != OHA_OK)
      code = app_fail(app, &err);
  }
  oha_journal_close(journal);
  oha_db_close(db);
  return code;
}
