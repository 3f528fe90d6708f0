/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rules between values: what contradicts what, and what is probably not meant. Pure. */
#include "config/cluster_model.h"

#include <stdio.h>
#include <string.h>

#define LABEL_SIZE 192

struct checker {
  const struct oha_cluster *k;
  const struct oha_conf_sec *root;
  struct oha_problems *problems;
  struct claim *claims;
  size_t n_claims;
};

/* An address and whose it is. Exactly one of vip, node, witness is set. */
struct claim {
  const struct oha_vip *vip;
  const struct oha_node *node;
  const struct oha_witness *witness;
  const struct oha_node_socket *socket; /* of the node; NULL = its management host */
  const struct oha_addr *addr;
  int line;
};

static const char *label(const struct claim *c, char buf[LABEL_SIZE])
{
  if (c->vip != NULL)
    snprintf(buf, LABEL_SIZE, "vip \"%s\"", c->vip->name);
  else if (c->witness != NULL)
    snprintf(buf, LABEL_SIZE, "witness \"%s\"", c->witness->name);
  else if (c->socket != NULL)
    snprintf(buf, LABEL_SIZE, "node \"%s\" socket \"%s\"", c->node->name, c->socket->role);
  else
    snprintf(buf, LABEL_SIZE, "node \"%s\"", c->node->name);
  return buf;
}

static void claim(struct checker *c, struct claim one)
{
  if (one.addr->family != 0)
    c->claims[c->n_claims++] = one;
}

static void claim_nodes(struct checker *c)
{
  const struct oha_conf_sec *sec = oha__conf_find(c->root->secs, "node");

  for (size_t i = 0; i < c->k->n_nodes; i++, sec = oha__conf_find(sec->next, "node")) {
    const struct oha_node *n = &c->k->nodes[i];
    const struct oha_conf_sec *sub = oha__conf_find(sec->secs, "socket");

    claim(c, (struct claim){ .node = n, .addr = &n->host, .line = oha__conf_line(sec, "host") });
    for (size_t s = 0; s < n->n_sockets; s++, sub = oha__conf_find(sub->next, "socket"))
      claim(c, (struct claim){ .node = n,
                               .socket = &n->sockets[s],
                               .addr = &n->sockets[s].listen.addr,
                               .line = oha__conf_line(sub, "listen") });
  }
}

static bool claim_all(struct checker *c, struct oha_arena *arena)
{
  const struct oha_conf_sec *sec = oha__conf_find(c->root->secs, "vip");
  size_t n = c->k->n_vips + c->k->n_nodes + c->k->n_witnesses;

  for (size_t i = 0; i < c->k->n_nodes; i++)
    n += c->k->nodes[i].n_sockets;
  c->claims = oha__arena_alloc(arena, n, sizeof(*c->claims));
  if (c->claims == NULL)
    return false;
  for (size_t i = 0; i < c->k->n_vips; i++, sec = oha__conf_find(sec->next, "vip"))
    claim(c, (struct claim){ .vip = &c->k->vips[i],
                             .addr = &c->k->vips[i].addr,
                             .line = oha__conf_line(sec, "address") });
  claim_nodes(c);
  sec = oha__conf_find(c->root->secs, "witness");
  for (size_t i = 0; i < c->k->n_witnesses; i++, sec = oha__conf_find(sec->next, "witness"))
    claim(c, (struct claim){ .witness = &c->k->witnesses[i],
                             .addr = &c->k->witnesses[i].addr,
                             .line = oha__conf_line(sec, "address") });
  return true;
}

/* Why two claims to one address cannot both be right; NULL when they can. */
static const char *clash(const struct claim *a, const struct claim *b)
{
  const struct claim *vip = a->vip != NULL ? a : b->vip != NULL ? b : NULL;
  const struct claim *other = vip == a ? b : a;

  if (a->witness != NULL && b->witness != NULL)
    return NULL;
  if (a->witness != NULL || b->witness != NULL)
    return "a witness must be neither a node nor a VIP";
  if (a->vip != NULL && b->vip != NULL)
    return "one address, one VIP";
  if (vip != NULL)
    return other->socket != NULL ? "a listener on a VIP belongs into the sockets of that vip"
                                 : "a VIP moves, a management host must not";
  if (a->node != b->node)
    return "an address belongs to one node";
  if (a->socket != NULL && b->socket != NULL && oha_sock_equal(&a->socket->listen, &b->socket->listen))
    return "one listener, one role";
  return NULL;
}

static void check_clashes(struct checker *c)
{
  char this_label[LABEL_SIZE], that_label[LABEL_SIZE], addr[OHA_ADDR_SIZE];

  for (size_t j = 0; j < c->n_claims; j++)
    for (size_t i = 0; i < j; i++) {
      const struct claim *a = &c->claims[i], *b = &c->claims[j];
      const struct claim *first = a->line <= b->line ? a : b, *second = first == a ? b : a;
      const char *why = oha_addr_equal(a->addr, b->addr) ? clash(a, b) : NULL;

      if (why != NULL)
        oha__problem_add(c->problems, OHA_PROBLEM_ERROR, second->line,
                         "%s: %s is the address of %s on line %d as well: %s", label(second, this_label),
                         oha_addr_format(a->addr, addr), label(first, that_label), first->line, why);
    }
}

/* A VIP's listeners: on its address, and each once. */
static void check_vip_sockets(struct checker *c)
{
  const struct oha_conf_sec *sec = oha__conf_find(c->root->secs, "vip");

  for (size_t i = 0; i < c->k->n_vips; i++, sec = oha__conf_find(sec->next, "vip")) {
    const struct oha_vip *vip = &c->k->vips[i];
    const struct oha_conf_opt *opt = oha__conf_opt(sec, "sockets");
    const struct oha_conf_value *v = opt == NULL ? NULL : opt->values;
    char addr[OHA_ADDR_SIZE];

    if (v == NULL)
      oha__problem_add(c->problems, OHA_PROBLEM_WARNING, sec->line,
                       "vip \"%s\": no sockets: bindings that came in through it will count as foreign",
                       vip->name);
    for (size_t s = 0; v != NULL && s < vip->n_sockets; s++, v = v->next) {
      if (vip->sockets[s].addr.family == 0 || vip->addr.family == 0)
        continue;
      if (!oha_addr_equal(&vip->sockets[s].addr, &vip->addr))
        oha__problem_add(c->problems, OHA_PROBLEM_ERROR, v->line,
                         "vip \"%s\": sockets: %s is not on the VIP's address, %s", vip->name, v->text,
                         oha_addr_format(&vip->addr, addr));
      for (size_t t = 0; t < s; t++)
        if (oha_sock_equal(&vip->sockets[t], &vip->sockets[s]))
          oha__problem_add(c->problems, OHA_PROBLEM_ERROR, v->line,
                           "vip \"%s\": sockets: %s stands there twice", vip->name, v->text);
    }
  }
}

/* Adoption takes a whole address: never the management host, and all its listeners or none. */
static void check_adoptable(struct checker *c, const struct oha_node *n, const struct oha_conf_sec *node_sec)
{
  const struct oha_conf_sec *sec = oha__conf_find(node_sec->secs, "socket");

  for (size_t i = 0; i < n->n_sockets; i++, sec = oha__conf_find(sec->next, "socket")) {
    const struct oha_node_socket *s = &n->sockets[i];

    if (!s->adoptable || s->listen.addr.family == 0)
      continue;
    if (oha_addr_equal(&s->listen.addr, &n->host))
      oha__problem_add(c->problems, OHA_PROBLEM_ERROR, oha__conf_line(sec, "adoptable"),
                       "node \"%s\" socket \"%s\": adoptable: its address is the management host; give the "
                       "service an address of its own",
                       n->name, s->role);
    for (size_t t = 0; t < n->n_sockets; t++)
      if (!n->sockets[t].adoptable && oha_addr_equal(&n->sockets[t].listen.addr, &s->listen.addr))
        oha__problem_add(c->problems, OHA_PROBLEM_WARNING, oha__conf_line(sec, "adoptable"),
                         "node \"%s\" socket \"%s\": adoptable: socket \"%s\" is on the same address and is "
                         "not adoptable; an address is taken over as a whole",
                         n->name, s->role, n->sockets[t].role);
  }
}

static bool has_match(const struct oha_node *n, const struct oha_node_socket *s)
{
  for (size_t i = 0; i < n->n_sockets; i++)
    if (strcmp(n->sockets[i].role, s->role) == 0 && n->sockets[i].listen.proto == s->listen.proto &&
        n->sockets[i].listen.addr.family == s->listen.addr.family)
      return true;
  return false;
}

/* Bindings on a role that no other node has cannot be given another socket. */
static void check_roles(struct checker *c, const struct oha_node *n, const struct oha_conf_sec *node_sec)
{
  const struct oha_conf_sec *sec = oha__conf_find(node_sec->secs, "socket");

  for (size_t i = 0; i < n->n_sockets; i++, sec = oha__conf_find(sec->next, "socket")) {
    const struct oha_node_socket *s = &n->sockets[i];
    bool found = s->listen.addr.family == 0;

    for (size_t j = 0; !found && j < c->k->n_nodes; j++)
      found = &c->k->nodes[j] != n && has_match(&c->k->nodes[j], s);
    if (!found)
      oha__problem_add(
          c->problems, OHA_PROBLEM_WARNING, sec->line,
          "node \"%s\" socket \"%s\": no other node has a socket of this role with %s on IPv%u, so "
          "its bindings cannot be moved to another socket",
          n->name, s->role, oha_proto_name(s->listen.proto), s->listen.addr.family);
  }
}

static void check_nodes(struct checker *c)
{
  const struct oha_conf_sec *sec = oha__conf_find(c->root->secs, "node");

  for (size_t i = 0; i < c->k->n_nodes; i++, sec = oha__conf_find(sec->next, "node")) {
    const struct oha_node *n = &c->k->nodes[i];

    check_adoptable(c, n, sec);
    if (c->k->n_nodes > 1 && c->problems->n_errors == 0) /* a listener that is wrong counts as missing */
      check_roles(c, n, sec);
    if (i > 0 && strcmp(n->time_zone, c->k->nodes[0].time_zone) != 0)
      oha__problem_add(c->problems, OHA_PROBLEM_WARNING, oha__conf_line(sec, "time_zone"),
                       "node \"%s\": time_zone %s, but node \"%s\" has %s: a location table with DATETIME "
                       "columns will be refused",
                       n->name, n->time_zone, c->k->nodes[0].name, c->k->nodes[0].time_zone);
  }
}

/* Nodes and witnesses answer to their names on the way of remote_command: no two may share one. */
static void check_witness_names(struct checker *c)
{
  const struct oha_conf_sec *sec = oha__conf_find(c->root->secs, "witness");

  for (size_t i = 0; i < c->k->n_witnesses; i++, sec = oha__conf_find(sec->next, "witness"))
    if (c->k->witnesses[i].name[0] != '\0' && oha_cluster_node(c->k, c->k->witnesses[i].name) != NULL)
      oha__problem_add(c->problems, OHA_PROBLEM_ERROR, sec->line,
                       "witness \"%s\": there is a node of that name", c->k->witnesses[i].name);
}

static void check_whole(struct checker *c)
{
  const struct oha_conf_sec *engine = oha__conf_find(c->root->secs, "engine");

  if (c->k->n_nodes == 0)
    oha__problem_add(c->problems, OHA_PROBLEM_ERROR, 0, "there is no node section");
  else if (c->k->n_nodes == 1)
    oha__problem_add(c->problems, OHA_PROBLEM_WARNING, 0,
                     "there is one node: the service cannot move anywhere");
  if (oha__conf_find(c->root->secs, "database") == NULL)
    oha__problem_add(c->problems, OHA_PROBLEM_WARNING, 0,
                     "there is no database section: bindings can be neither looked at nor moved");
  if (engine != NULL && c->k->engine != OHA_ENGINE_NATIVE)
    oha__problem_add(c->problems, OHA_PROBLEM_NOTE, engine->line,
                     "engine \"%s\" and its options are not used by this version: it moves VIPs by engine "
                     "\"native\" alone",
                     oha_engine_name(c->k->engine));
}

void oha__model_check(struct oha_model *m, const struct oha_conf_sec *root, struct oha_problems *p)
{
  struct checker c = { .k = &m->cluster, .root = root, .problems = p };

  check_whole(&c);
  if (claim_all(&c, &m->arena))
    check_clashes(&c);
  check_vip_sockets(&c);
  check_witness_names(&c);
  check_nodes(&c);
}
