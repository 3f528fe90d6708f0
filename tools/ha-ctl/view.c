/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view.h"

#include <opensips-ha/remote.h>
#include <opensips-ha/vip.h>

#include <string.h>

static void ask_node(struct app *app, struct view *view, size_t i)
{
  const struct oha_cluster *k = app->cluster;
  const struct oha_node *node = &k->nodes[i];
  struct oha_place place = { .name = node->name,
                             .timeout_us = app_timeout_us(app, k->thresholds.remote_timeout_us) };

  view->reach[i] = node == app->self              ? VIEW_SELF
                   : node->remote_command == NULL ? VIEW_NO_COMMAND
                                                  : VIEW_ANSWERS;
  if (node != app->self)
    place.remote_command = node->remote_command;
  for (size_t v = 0; v < view->n_vips; v++) {
    struct oha_vip_spec spec = { .addr = k->vips[v].addr, .prefix_bits = k->vips[v].prefix_bits };
    struct oha_error err = OHA_ERROR_INIT;
    bool here;

    view->here[i][v] = VIEW_NOT_KNOWN;
    if (view->reach[i] == VIEW_NO_COMMAND || view->reach[i] == VIEW_SILENT)
      continue;
    if (oha_place_vip_is_here(app->ctx, &place, &spec, &here, &err) == OHA_OK) {
      view->here[i][v] = here ? VIEW_YES : VIEW_NO;
      continue;
    }
    snprintf(view->why[i], sizeof(view->why[i]), "%s", err.text);
    if (view->reach[i] == VIEW_ANSWERS)
      view->reach[i] = VIEW_SILENT;
  }
}

void view_gather(struct app *app, struct view *view)
{
  memset(view, 0, sizeof(*view));
  view->n_nodes = app->cluster->n_nodes < VIEW_NODES ? app->cluster->n_nodes : VIEW_NODES;
  view->n_vips = app->cluster->n_vips < VIEW_VIPS ? app->cluster->n_vips : VIEW_VIPS;
  for (size_t i = 0; i < view->n_nodes; i++)
    ask_node(app, view, i);
}

unsigned view_n_owners(const struct view *view, size_t vip, bool *known)
{
  unsigned n = 0;

  *known = true;
  for (size_t i = 0; i < view->n_nodes; i++) {
    if (view->here[i][vip] == VIEW_YES)
      n++;
    if (view->here[i][vip] == VIEW_NOT_KNOWN)
      *known = false;
  }
  return n;
}

int view_owner(const struct view *view, size_t vip)
{
  int owner = -1;

  for (size_t i = 0; i < view->n_nodes; i++) {
    if (view->here[i][vip] != VIEW_YES)
      continue;
    if (owner >= 0)
      return -1;
    owner = (int)i;
  }
  return owner;
}
