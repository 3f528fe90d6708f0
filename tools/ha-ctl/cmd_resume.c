/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resume and undo: an operation that was begun is finished, or taken back. */
#include "plan_show.h"
#include "verbs.h"

/* Open the plan of an operation. @return 0, or the exit code, reported */
static int open_plan(struct app *app, const struct oha_plan_opts *o, struct oha_db *db,
                     struct oha_plan **plan)
{
  struct oha_error err = OHA_ERROR_INIT;
  const char *op_id = app->n_words > 0 ? app->words[0] : NULL;
  enum oha_rc rc = oha_plan_resume(app->ctx, app->cluster, db, o, op_id, plan, &err);

  if (rc == OHA_OK)
    return 0;
  if (rc == OHA_E_NOTFOUND)
    return app_fail_as(app, "OHA-NO-OPERATION", "`ha-ctl history` lists what was done", &err);
  return app_fail(app, &err);
}

static int run_plan(struct app *app, struct oha_plan *plan, bool undo)
{
  static struct plan_show show; /* large */
  struct oha_outcome outcome;
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc;

  plan_show_begin(&show, app);
  if (undo)
    rc = oha_plan_undo(plan, app->opt.value[OPT_ONLY], plan_show_event, &show, &outcome, &err);
  else
    rc = oha_plan_run(plan, plan_show_event, &show, &outcome, &err);
  return plan_end(&show, rc, &outcome, &err);
}

static int on_operation(struct app *app, bool undo)
{
  struct oha_plan_opts o = { .size = sizeof(o) };
  struct oha_plan *plan = NULL;
  struct oha_db *db = NULL;
  char question[192];
  int code = app_cluster(app);

  if (code != 0 || !plan_take_options(app, &o, &code))
    return code;
  plan_open_db(app, &db);
  code = open_plan(app, &o, db, &plan);
  if (code == 0) {
    snprintf(question, sizeof(question), "This %s the move from %s to %s.",
             undo ? "takes back" : "goes on with", oha_plan_from(plan), oha_plan_to(plan));
    code = plan_ask(app, question, undo ? oha_plan_from(plan) : oha_plan_to(plan));
  }
  if (code == 0)
    code = run_plan(app, plan, undo);
  oha_plan_free(plan);
  oha_db_close(db);
  return code;
}

int cmd_resume(struct app *app)
{
  return on_operation(app, false);
}

int cmd_undo(struct app *app)
{
  return on_operation(app, true);
}
