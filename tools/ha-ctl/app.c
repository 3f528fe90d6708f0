/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"

#include <stdarg.h>
#include <stdlib.h>

int app_fail_as(struct app *app, const char *id, const char *hint, const struct oha_error *err)
{
  enum oha_rc rc = err->rc == OHA_OK ? OHA_E_BUG : err->rc;

  out_fail(&app->out, id != NULL ? id : error_id_of_rc(rc), hint != NULL ? hint : error_hint_of_rc(rc), "%s",
           err->text[0] != '\0' ? err->text : oha_rc_text(rc));
  return exit_of_rc(app->verb->kind, rc);
}

int app_fail(struct app *app, const struct oha_error *err)
{
  return app_fail_as(app, NULL, NULL, err);
}

int app_usage(struct app *app, const char *fmt, ...)
{
  char text[512], hint[96];
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  if (app->verb != NULL)
    snprintf(hint, sizeof(hint), "`ha-ctl help %s` shows how it is used", app->verb->name);
  else
    snprintf(hint, sizeof(hint), "`ha-ctl help` lists the verbs");
  out_fail(&app->out, "OHA-USAGE", hint, "%s", text);
  return app->verb != NULL && app->verb->kind == VERB_JUDGES ? (int)HA_JUDGE_UNKNOWN : (int)HA_EXIT_USAGE;
}

const char *app_config_path(const struct app *app)
{
  const char *path = getenv("OPENSIPS_HA_CONFIG");

  if (option_has(&app->opt, OPT_CONFIG))
    return app->opt.value[OPT_CONFIG];
  return path != NULL && *path != '\0' ? path : NULL;
}

int app_cluster(struct app *app)
{
  struct oha_error err = OHA_ERROR_INIT;
  const char *path = app_config_path(app);
  enum oha_rc rc = oha_cluster_load(app->ctx, path, NULL, NULL, &app->cluster, &err);

  if (rc == OHA_E_NOTFOUND) {
    err.rc = OHA_E_CONFIG;
    return app_fail_as(app, "OHA-CONFIG", "name another one by --config or OPENSIPS_HA_CONFIG", &err);
  }
  if (rc != OHA_OK)
    return app_fail(app, &err);
  rc = oha_cluster_self(app->cluster, app->opt.value[OPT_NODE], &app->self, &err);
  if (rc == OHA_E_NOTFOUND)
    return app_usage(app, "--node: %s", err.text);
  return rc == OHA_OK ? 0 : app_fail(app, &err);
}

int app_node(struct app *app, enum option_id option, const struct oha_node **out)
{
  const char *name = app->opt.value[option];
  char known[256] = "";
  size_t used = 0;

  *out = oha_cluster_node(app->cluster, name);
  if (*out != NULL)
    return 0;
  for (size_t i = 0; i < app->cluster->n_nodes && used < sizeof(known); i++)
    used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i > 0 ? ", " : "",
                             app->cluster->nodes[i].name);
  return app_usage(app, "--%s: no node is called '%s'; the cluster file has %s", option_rows[option].name,
                   name, known);
}

int64_t app_timeout_us(const struct app *app, int64_t otherwise_us)
{
  return option_has(&app->opt, OPT_TIMEOUT) ? app->opt.number[OPT_TIMEOUT] : otherwise_us;
}

struct oha_session_opts app_session(const struct app *app, enum oha_db_need need)
{
  const char *state_dir = getenv("OPENSIPS_HA_STATE_DIR");

  return (struct oha_session_opts){
    .size = sizeof(struct oha_session_opts),
    .need = need,
    .timeout_us = app_timeout_us(app, 0),
    .state_dir = state_dir != NULL && *state_dir != '\0' ? state_dir : NULL,
  };
}
