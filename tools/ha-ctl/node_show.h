/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_NODE_SHOW_H
#define HA_CTL_NODE_SHOW_H
/* The nodes and virtual addresses as they are now: who holds what, who answers SIP. */
#include "app.h"
#include "probes.h"
#include "view.h"

#define STATE_ITEMS 256

/** What a probe was sent to: a node's listener or a virtual address's. */
struct state_item {
  int node, vip;                          /* indices of the cluster; -1 = it is the other one's */
  const struct oha_node_socket *listener; /* NULL for a virtual address */
};

struct cluster_state {
  struct view view;
  size_t n_items; /* STATE_ITEMS at most: listeners beyond it are not probed */
  struct state_item items[STATE_ITEMS];
  struct probe_item probes[STATE_ITEMS];
};

/** Look at everything: kernels here and there, then one probe to each listener, all at once. */
OHA_NODISCARD enum oha_rc state_gather(struct app *app, struct cluster_state *state, struct oha_error *err);

/** Stream the arrays `nodes` and `vips`. */
void nodes_show(struct app *app, const struct cluster_state *state, const char *heading);
void vips_show(struct app *app, const struct cluster_state *state, const char *heading);

/** The probe that stands for a node or a virtual address: the first that answered, else the first; NULL =
 * none. */
const struct probe_item *state_probe(const struct cluster_state *state, int node, int vip);

#endif
