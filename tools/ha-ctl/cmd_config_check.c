/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"
#include "verbs.h"

#include <opensips-ha/mi.h>

#include <stdio.h>

static void finding(void *arg, enum oha_problem_level level, const char *path, int line, const char *text)
{
  static const char *const names[] = { "error", "warning", "note" };
  static const enum tone tones[] = { TONE_BAD, TONE_WARN, TONE_PLAIN };
  struct out *o = arg;

  out_record(o);
  out_tone(o, "level", "LEVEL", names[level], tones[level]);
  out_str(o, "path", "FILE", path);
  if (line > 0)
    out_int(o, "line", "LINE", line);
  else
    out_none(o, "line", "LINE");
  out_str(o, "text", "PROBLEM", text);
}

/* What the configuration layer takes as it is: addresses of management interfaces. */
static bool check_interfaces(struct app *app, struct oha_error *err)
{
  const struct oha_cluster *k = app->cluster;
  bool good = true;

  for (size_t i = 0; i < k->n_nodes; i++) {
    struct oha_mi_opts o = { .size = sizeof(o), .address = k->nodes[i].mi };
    struct oha_error why = OHA_ERROR_INIT;
    struct oha_mi *mi = NULL;
    char text[640];

    if (*k->nodes[i].mi == '\0' || oha_mi_open(app->ctx, &o, &mi, &why) == OHA_OK) {
      oha_mi_close(mi);
      continue;
    }
    snprintf(text, sizeof(text), "node \"%s\": mi: %s", k->nodes[i].name, why.text);
    finding(&app->out, OHA_PROBLEM_ERROR, k->path, 0, text);
    if (good)
      snprintf(err->text, sizeof(err->text), "%s: %.400s", k->path, text);
    good = false;
  }
  err->rc = good ? OHA_OK : OHA_E_CONFIG;
  return good;
}

int cmd_config_check(struct app *app)
{
  struct oha_error err = OHA_ERROR_INIT;
  const struct oha_cluster *k;
  enum oha_rc rc;

  out_array(&app->out, "findings", NULL, NULL, OUT_TABLE);
  rc = oha_cluster_load(app->ctx, app_config_path(app), finding, &app->out, &app->cluster, &err);
  if (rc != OHA_OK) {
    if (rc == OHA_E_NOTFOUND)
      err.rc = OHA_E_CONFIG;
    return app_fail_as(app, "OHA-CONFIG", "opensips-ha.conf(5) says what the file may hold", &err);
  }
  if (!check_interfaces(app, &err))
    return app_fail_as(app, "OHA-CONFIG", "opensips-ha.conf(5) says what the file may hold", &err);
  k = app->cluster;
  out_say(&app->out, "summary",
          "%s: cluster %s, %zu node%s, %zu virtual address%s, %zu database host%s: no error", k->path,
          k->name, k->n_nodes, k->n_nodes == 1 ? "" : "s", k->n_vips, k->n_vips == 1 ? "" : "es",
          k->database.n_hosts, k->database.n_hosts == 1 ? "" : "s");
  return HA_EXIT_OK;
}
