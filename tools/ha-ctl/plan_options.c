/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of verbs that run a plan, and asking before they do. */
#include "common/prompt.h"
#include "plan_show.h"

#include <opensips-ha/session.h>

#include <string.h>

#define FORCE_MAX 16

/* "a,b" into words; the text is cut in place. False: more than there is room for, or an empty one. */
static bool cut_list(char *text, const char **words, size_t size, size_t *n)
{
  char *rest = text;

  *n = 0;
  for (char *word = strsep(&rest, ","); word != NULL; word = strsep(&rest, ",")) {
    if (*word == '\0' || *n == size)
      return false;
    words[(*n)++] = word;
  }
  return true;
}

static bool take_classes(struct app *app, uint32_t *mask, int *code)
{
  const char *words[OHA_REACH_N];
  char text[256];
  size_t n;

  snprintf(text, sizeof(text), "%s", app->opt.value[OPT_CLASS]);
  if (!cut_list(text, words, OHA_REACH_N, &n)) {
    *code = app_usage(app, "--class '%s': must be names of classes with commas between",
                      app->opt.value[OPT_CLASS]);
    return false;
  }
  for (size_t i = 0; i < n; i++) {
    enum oha_reach reach;

    if (!oha_reach_parse(words[i], &reach) || reach == OHA_REACH_EXPIRED) {
      *code = app_usage(app, "--class: '%s' is no class that can be rewritten", words[i]);
      return false;
    }
    *mask |= 1u << reach;
  }
  return true;
}

bool plan_take_options(struct app *app, struct oha_plan_opts *o, int *code)
{
  static char force_text[256], actor[OHA_ACTOR_SIZE];
  static const char *force[FORCE_MAX];
  const struct options *opt = &app->opt;

  o->size = sizeof(*o);
  o->self = app->self == NULL ? NULL : app->self->name;
  o->from = opt->value[OPT_FROM];
  o->to = opt->value[OPT_TO];
  o->reason = opt->value[OPT_REASON];
  o->actor = oha_session_actor(actor);
  o->state_dir = app_session(app, OHA_DB_WRITE).state_dir;
  o->dry_run = option_has(opt, OPT_DRY_RUN);
  o->without_database = option_has(opt, OPT_WITHOUT);
  o->rate_rows_per_s = option_has(opt, OPT_RATE) ? (uint64_t)opt->number[OPT_RATE] : 0;
  if (option_has(opt, OPT_SPEED))
    o->speed = strcmp(opt->value[OPT_SPEED], "full") == 0 ? OHA_SPEED_FULL : OHA_SPEED_PACED;
  if (option_has(opt, OPT_FORCE)) {
    snprintf(force_text, sizeof(force_text), "%s", opt->value[OPT_FORCE]);
    if (!cut_list(force_text, force, FORCE_MAX, &o->n_force)) {
      *code =
          app_usage(app, "--force '%s': must be names of gates with commas between", opt->value[OPT_FORCE]);
      return false;
    }
    o->force = force;
  }
  return !option_has(opt, OPT_CLASS) || take_classes(app, &o->class_mask, code);
}

void plan_open_db(struct app *app, struct oha_db **db)
{
  struct oha_session_opts session = app_session(app, OHA_DB_WRITE);
  struct oha_error err = OHA_ERROR_INIT;

  *db = NULL;
  if (option_has(&app->opt, OPT_WITHOUT))
    return;
  if (oha_session_open_db(app->ctx, app->cluster, &session, db, &err) != OHA_OK)
    out_talk(&app->out, "%s", err.text);
}

int plan_ask(struct app *app, const char *question, const char *word)
{
  if (option_has(&app->opt, OPT_YES) || option_has(&app->opt, OPT_DRY_RUN))
    return 0;
  switch (prompt_word(question, word)) {
  case PROMPT_YES:
    return 0;
  case PROMPT_NO:
    out_fail(&app->out, "OHA-CANCELLED", "", "nothing was done");
    return HA_EXIT_CANCELLED;
  case PROMPT_NOBODY:
    break;
  }
  return app_usage(app, "standard input is no terminal, so nobody can be asked: --yes, or --dry-run to look");
}
