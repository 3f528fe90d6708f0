/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_HEALTH_H
#define HA_CTL_HEALTH_H
/* Everything that the cluster depends on, as one list of peers that can be probed, shown and watched. */
#include "probes.h"
#include "report.h"
#include "view.h"

#define HEALTH_PEERS 1024

enum health_kind { HEALTH_NODE = 0, HEALTH_VIP, HEALTH_WITNESS, HEALTH_CARRIER, HEALTH_N_KINDS };

struct health_peer {
  enum health_kind kind;
  char name[128];
  bool can_probe;
  char why[128]; /* why not; for a witness, how it was seen */
  struct probe_item probe;
  bool answers; /* a witness: something on the LAN has its address, or its command runs */
  bool known;   /* a witness: it could be found out */
};

struct health {
  struct report report;
  struct view view; /* who has the virtual addresses; gathered for HEALTH_VIP */
  size_t n_peers;
  bool cut; /* there are more peers than there is room for */
  struct health_peer peers[HEALTH_PEERS];
};

/** "node", "vip", "witness", "carrier"; static text. */
const char *health_kind_name(enum health_kind kind);

/** Does --kind or --peer leave this one out? */
bool health_wants(const struct app *app, const char *kind, const char *name);

/**
 * List the peers that are wanted: listeners of nodes and virtual addresses, witnesses, and what the routing
 * tables name. A database that does not serve is a talk on stderr, not a failure: its findings are elsewhere.
 */
void health_list(struct app *app, struct health *h);

/** Look at them all: who has the VIPs, the witnesses, then one probe to each other peer, all at once. */
OHA_NODISCARD enum oha_rc health_look(struct app *app, struct health *h, struct oha_error *err);

/** What is wrong with them. */
void health_judge(struct app *app, struct health *h);

/** Stream the array `matrix`: from each node and witness to each node's and VIP's first listener. */
void health_matrix(struct app *app, struct health *h);

/** Probe for ever and say what changes. @return the exit code of a failure, reported */
int health_watch(struct app *app, struct health *h);

#endif
