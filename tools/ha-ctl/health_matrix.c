/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who reaches whom: what one machine cannot see of another tells a cut path from a dead server. */
#include "health.h"
#include "show.h"

#include <opensips-ha/remote.h>

#include <string.h>

struct target {
  const char *name;
  struct oha_sock sock;
};

#define TARGETS 64

static void add_target(struct target *targets, size_t *n, const char *name, const struct oha_sock *sock)
{
  if (*n < TARGETS && probe_is_possible(sock))
    targets[(*n)++] = (struct target){ name, *sock };
}

/* The first listener of each node and virtual address: a row for each is what fits in the eye. */
static size_t list_targets(const struct oha_cluster *k, struct target *targets)
{
  size_t n = 0;

  for (size_t i = 0; i < k->n_nodes; i++)
    if (k->nodes[i].n_sockets > 0)
      add_target(targets, &n, k->nodes[i].name, &k->nodes[i].sockets[0].listen);
  for (size_t v = 0; v < k->n_vips; v++)
    if (k->vips[v].n_sockets > 0)
      add_target(targets, &n, k->vips[v].name, &k->vips[v].sockets[0]);
  return n;
}

/* A place that does not answer is not asked again: each question would cost its whole deadline. */
static void show_row(struct app *app, struct health *h, const struct oha_place *place,
                     const struct target *targets, size_t n)
{
  bool silent = false;

  for (size_t i = 0; i < n; i++) {
    struct oha_probe_result result;
    struct oha_error err = OHA_ERROR_INIT;
    bool asked;

    if (strcmp(place->name, targets[i].name) == 0)
      continue;
    asked = !silent && oha_place_probe(app->ctx, place, &targets[i].sock,
                                       app_timeout_us(app, app->cluster->thresholds.probe_timeout_us),
                                       &result, &err) == OHA_OK;
    if (!asked && !silent)
      report_find(&h->report, OHA_HEALTH_WARNING, false, "OHA-NODE-REMOTE", "mend its remote_command",
                  "what %s reaches is not known: %s", place->name, err.text);
    silent = silent || !asked;
    if (asked && result.end != OHA_PROBE_ALIVE)
      report_find(&h->report, OHA_HEALTH_WARNING, false, "OHA-PATH", "if others reach it, the path is cut",
                  "%s does not reach %s: %s", place->name, targets[i].name, oha_probe_end_name(result.end));
    if (app->out.form > OUT_JSON)
      continue;
    out_record(&app->out);
    out_str(&app->out, "from", "FROM", place->name);
    out_str(&app->out, "to", "TO", targets[i].name);
    show_sock(&app->out, "target", "TARGET", &targets[i].sock);
    if (asked)
      out_tone(&app->out, "end", "END", oha_probe_end_name(result.end),
               result.end == OHA_PROBE_ALIVE ? TONE_GOOD : TONE_BAD);
    else
      out_unknown(&app->out, "end", "END");
    if (asked && result.rtt_us >= 0)
      out_us(&app->out, "rtt_us", "ROUND TRIP", result.rtt_us);
    else
      out_none(&app->out, "rtt_us", "ROUND TRIP");
  }
}

static void ask_place(struct app *app, struct health *h, const char *name, const char *const *remote_command,
                      bool here, const struct target *targets, size_t n)
{
  struct oha_place place = {
    .name = name,
    .remote_command = here ? NULL : remote_command,
    .timeout_us = app_timeout_us(app, app->cluster->thresholds.remote_timeout_us),
  };

  if (here || remote_command != NULL)
    show_row(app, h, &place, targets, n);
}

void health_matrix(struct app *app, struct health *h)
{
  static struct target targets[TARGETS];
  const struct oha_cluster *k = app->cluster;
  size_t n = list_targets(k, targets);

  if (app->out.form <= OUT_JSON)
    out_array(&app->out, "matrix", "Who reaches whom", "nobody to ask", OUT_TABLE);
  for (size_t i = 0; i < k->n_nodes; i++)
    ask_place(app, h, k->nodes[i].name, k->nodes[i].remote_command, &k->nodes[i] == app->self, targets, n);
  for (size_t i = 0; i < k->n_witnesses; i++)
    ask_place(app, h, k->witnesses[i].name, k->witnesses[i].remote_command, false, targets, n);
}
