/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"
#include "node_show.h"
#include "show.h"
#include "verbs.h"

static void show_listeners(struct app *app, const struct cluster_state *state)
{
  const struct oha_cluster *k = app->cluster;
  struct out *o = &app->out;

  out_array(o, "sockets", "Listeners", NULL, OUT_TABLE);
  for (size_t i = 0; i < state->n_items; i++) {
    const struct state_item *item = &state->items[i];
    const struct oha_node_socket *s = item->listener;

    out_record(o);
    out_str(o, "node", "NODE", item->node >= 0 ? k->nodes[item->node].name : NULL);
    out_str(o, "vip", "VIP", item->vip >= 0 ? k->vips[item->vip].name : NULL);
    out_str(o, "role", "ROLE", s != NULL ? s->role : NULL);
    show_sock(o, "listen", "LISTEN", &state->probes[i].target);
    if (s != NULL && s->has_advertised)
      show_sock(o, "advertised", "ADVERTISED", &s->advertised);
    else
      out_none(o, "advertised", "ADVERTISED");
    show_probe_end(o, "sip", "SIP", &state->probes[i]);
    if (state->probes[i].asked && state->probes[i].result.code != 0)
      out_uint(o, "code", "CODE", state->probes[i].result.code);
    else
      out_none(o, "code", "CODE");
    if (state->probes[i].asked && state->probes[i].result.rtt_us >= 0)
      out_us(o, "rtt_us", "ROUND TRIP", state->probes[i].result.rtt_us);
    else
      out_none(o, "rtt_us", "ROUND TRIP");
  }
}

int cmd_nodes(struct app *app)
{
  static struct cluster_state state;
  struct oha_error err = OHA_ERROR_INIT;
  int code = app_cluster(app);

  if (code != 0)
    return code;
  if (state_gather(app, &state, &err) != OHA_OK)
    return app_fail(app, &err);
  nodes_show(app, &state, NULL);
  show_listeners(app, &state);
  return HA_EXIT_OK;
}
