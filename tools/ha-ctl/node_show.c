/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "node_show.h"
#include "show.h"

#include <string.h>

static void add_item(struct cluster_state *state, int node, int vip, const struct oha_node_socket *listener,
                     const struct oha_sock *target)
{
  if (state->n_items == STATE_ITEMS)
    return;
  state->items[state->n_items] = (struct state_item){ node, vip, listener };
  state->probes[state->n_items++].target = *target;
}

enum oha_rc state_gather(struct app *app, struct cluster_state *state, struct oha_error *err)
{
  const struct oha_cluster *k = app->cluster;

  memset(state, 0, sizeof(*state));
  view_gather(app, &state->view);
  for (size_t v = 0; v < state->view.n_vips; v++)
    for (size_t j = 0; j < k->vips[v].n_sockets; j++)
      add_item(state, -1, (int)v, NULL, &k->vips[v].sockets[j]);
  for (size_t i = 0; i < state->view.n_nodes; i++)
    for (size_t j = 0; j < k->nodes[i].n_sockets; j++)
      add_item(state, (int)i, -1, &k->nodes[i].sockets[j], &k->nodes[i].sockets[j].listen);
  return probes_run(app, state->probes, state->n_items, app_timeout_us(app, k->thresholds.probe_timeout_us),
                    err);
}

const struct probe_item *state_probe(const struct cluster_state *state, int node, int vip)
{
  const struct probe_item *first = NULL;

  for (size_t i = 0; i < state->n_items; i++) {
    const struct probe_item *p = &state->probes[i];

    if (state->items[i].node != node || state->items[i].vip != vip || !p->asked)
      continue;
    if (p->result.end == OHA_PROBE_ALIVE)
      return p;
    if (first == NULL)
      first = p;
  }
  return first;
}

static void show_sip(struct out *o, const struct probe_item *probe)
{
  static const struct probe_item none = { .asked = false };

  show_probe_end(o, "sip", "SIP", probe != NULL ? probe : &none);
}

static void show_held(struct out *o, const struct oha_cluster *k, const struct view *view, size_t node)
{
  const char *names[VIEW_VIPS + 1];
  size_t n = 0;
  bool known = view->n_vips == 0;

  for (size_t v = 0; v < view->n_vips; v++) {
    if (view->here[node][v] != VIEW_NOT_KNOWN)
      known = true;
    if (view->here[node][v] == VIEW_YES)
      names[n++] = k->vips[v].name;
  }
  names[n] = NULL;
  if (!known)
    out_unknown(o, "vips", "HOLDS");
  else if (n == 0 && o->form == OUT_TEXT)
    out_none(o, "vips", "HOLDS");
  else
    out_strv(o, "vips", "HOLDS", names);
}

void nodes_show(struct app *app, const struct cluster_state *state, const char *heading)
{
  static const char *const reach_names[] = { "here", "answers", "silent", "no-command" };
  const struct oha_cluster *k = app->cluster;
  struct out *o = &app->out;

  out_array(o, "nodes", heading, NULL, OUT_TABLE);
  for (size_t i = 0; i < state->view.n_nodes; i++) {
    const struct oha_node *node = &k->nodes[i];
    enum view_reach reach = state->view.reach[i];

    out_record(o);
    out_str(o, "name", "NAME", node->name);
    show_addr(o, "host", "HOST", &node->host);
    out_bool(o, "here", NULL, node == app->self);
    out_tone(o, "remote", "REMOTE", reach_names[reach], reach == VIEW_SILENT ? TONE_WARN : TONE_PLAIN);
    show_held(o, k, &state->view, i);
    show_sip(o, state_probe(state, (int)i, -1));
    out_uint(o, "priority", "PRIORITY", node->priority);
    out_str(o, "working_mode", "WORKING MODE", oha_working_mode_name(node->working_mode));
  }
  if (option_has(&app->opt, OPT_QUIET))
    return;
  for (size_t i = 0; i < state->view.n_nodes; i++)
    if (state->view.why[i][0] != '\0' && option_has(&app->opt, OPT_VERBOSE))
      out_talk(o, "%s", state->view.why[i]);
}

void vips_show(struct app *app, const struct cluster_state *state, const char *heading)
{
  const struct oha_cluster *k = app->cluster;
  struct out *o = &app->out;

  out_array(o, "vips", heading, "none", OUT_TABLE);
  for (size_t v = 0; v < state->view.n_vips; v++) {
    const char *names[VIEW_NODES + 1];
    bool known;
    unsigned n_owners = view_n_owners(&state->view, v, &known);
    size_t n = 0;

    for (size_t i = 0; i < state->view.n_nodes; i++)
      if (state->view.here[i][v] == VIEW_YES)
        names[n++] = k->nodes[i].name;
    names[n] = NULL;
    out_record(o);
    out_str(o, "name", "NAME", k->vips[v].name);
    show_addr(o, "address", "ADDRESS", &k->vips[v].addr);
    if (n_owners == 0 && !known)
      out_unknown(o, "nodes", "ON");
    else if (n_owners == 0 && o->form == OUT_TEXT)
      out_tone(o, "nodes", "ON", "nobody", TONE_BAD);
    else
      out_strv(o, "nodes", "ON", names);
    show_sip(o, state_probe(state, -1, (int)v));
  }
}
