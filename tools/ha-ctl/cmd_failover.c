/* SPDX-License-Identifier: GPL-3.0-or-later */
/* failover and rewrite: a new plan, rehearsed, agreed to, run. */
#include "plan_show.h"
#include "verbs.h"

static int run_plan(struct app *app, struct oha_db *db, const struct oha_plan_opts *o, bool is_rehearsal,
                    char from[64])
{
  static struct plan_show show; /* large */
  struct oha_plan *plan = NULL;
  struct oha_outcome outcome;
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc = oha_plan_new(app->ctx, app->cluster, db, o, &plan, &err);

  if (rc != OHA_OK)
    return rc == OHA_E_ARG || rc == OHA_E_NOTFOUND ? app_usage(app, "%s", err.text) : app_fail(app, &err);
  plan_show_begin(&show, app);
  snprintf(from, 64, "%s", oha_plan_from(plan));
  if (is_rehearsal &&
      app->out.form == OUT_JSON) { /* one object, one run: the question is all there is before */
    oha_plan_free(plan);
    return 0;
  }
  rc = oha_plan_run(plan, plan_show_event, &show, &outcome, &err);
  oha_plan_free(plan);
  if (is_rehearsal && rc == OHA_OK)
    return 0;
  return plan_end(&show, rc, &outcome, &err);
}

/*
 * Typing the name of the dead node does two things: it agrees, and it says that the node is down (with two
 * silent paths, that is proof). --yes agrees only.
 */
static int rehearse_and_ask(struct app *app, struct oha_db *db, const struct oha_plan_opts *o,
                            bool *confirmed_down)
{
  struct oha_plan_opts rehearsal = *o;
  char from[64] = "", question[256];
  int code;

  rehearsal.dry_run = true;
  rehearsal.confirmed_down = true;
  code = run_plan(app, db, &rehearsal, true, from);
  if (code != 0)
    return code;
  snprintf(question, sizeof(question),
           "This takes the service from %s to %s. If %s is down, or may be stopped,", from, o->to, from);
  code = plan_ask(app, question, from);
  *confirmed_down = code == 0;
  return code;
}

int cmd_failover(struct app *app)
{
  struct oha_plan_opts o = { .kind = OHA_PLAN_FAILOVER, .speed = OHA_SPEED_FULL };
  struct oha_db *db = NULL;
  char from[64];
  int code = app_cluster(app);

  if (code != 0)
    return code;
  if (!option_has(&app->opt, OPT_TO))
    return app_usage(app, "failover needs --to NODE");
  if (!plan_take_options(app, &o, &code))
    return code;
  plan_open_db(app, &db);
  if (!o.dry_run && !option_has(&app->opt, OPT_YES))
    code = rehearse_and_ask(app, db, &o, &o.confirmed_down);
  if (code == 0)
    code = run_plan(app, db, &o, false, from);
  oha_db_close(db);
  return code;
}

int cmd_rewrite(struct app *app)
{
  struct oha_plan_opts o = { .kind = OHA_PLAN_REWRITE, .speed = OHA_SPEED_PACED };
  struct oha_db *db = NULL;
  char from[64], question[192];
  int code = app_cluster(app);

  if (code != 0)
    return code;
  if (!option_has(&app->opt, OPT_TO) || !option_has(&app->opt, OPT_FROM))
    return app_usage(app, "rewrite needs --from NODE and --to NODE");
  if (!plan_take_options(app, &o, &code))
    return code;
  snprintf(question, sizeof(question), "This writes sockets of %s into rows that name sockets of %s.", o.to,
           o.from);
  code = plan_ask(app, question, o.to);
  if (code != 0)
    return code;
  plan_open_db(app, &db);
  code = run_plan(app, db, &o, false, from);
  oha_db_close(db);
  return code;
}
