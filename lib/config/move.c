/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <opensips-ha/move.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"

#include <string.h>

const char *oha_socket_fate_name(enum oha_socket_fate fate)
{
  switch (fate) {
  case OHA_FATE_TARGET:
    return "target";
  case OHA_FATE_SHARED:
    return "shared";
  case OHA_FATE_ADOPTED:
    return "adopted";
  case OHA_FATE_OTHER:
    return "other";
  case OHA_FATE_SOURCE:
    return "source";
  }
  return "?";
}

/* Names of a model are at most 63 bytes (oha_cluster_load()); a hand-made one is cut. */
static void copy_name(char out[64], const char *name)
{
  size_t n = strnlen(name, 63);

  memcpy(out, name, n);
  out[n] = '\0';
}

static void add(struct oha_move *m, enum oha_socket_fate fate, const struct oha_node *node,
                const struct oha_node_socket *s)
{
  struct oha_move_socket *one = &m->sockets[m->n_sockets++];

  one->fate = fate;
  one->listen = s->listen;
  one->has_advertised = s->has_advertised;
  one->advertised = s->advertised;
  one->clients_use_address = s->clients_use_address;
  copy_name(one->role, s->role);
  copy_name(one->node, node->name);
}

static bool is_vip_listener(const struct oha_cluster *k, const struct oha_sock *name)
{
  for (size_t i = 0; i < k->n_vips; i++)
    for (size_t s = 0; s < k->vips[i].n_sockets; s++)
      if (oha_sock_equal(&k->vips[i].sockets[s], name))
        return true;
  return false;
}

static bool is_advertised_by(const struct oha_node *node, const struct oha_sock *name)
{
  for (size_t i = 0; i < node->n_sockets; i++)
    if (node->sockets[i].has_advertised && oha_sock_equal(&node->sockets[i].advertised, name))
      return true;
  return false;
}

/*
 * A's listener goes away with A or is adopted. A name of it that B will answer to as well is then no name of
 * A's any more, so that nobody rewrites rows that hold it; one that both nodes advertise is shown as shared.
 */
static void add_source(struct oha_move *m, const struct oha_cluster *k, const struct oha_node *a,
                       const struct oha_node *b, const struct oha_node_socket *s, bool adopt)
{
  enum oha_socket_fate fate = adopt && s->adoptable ? OHA_FATE_ADOPTED : OHA_FATE_SOURCE;
  bool both = s->has_advertised && is_advertised_by(b, &s->advertised);
  struct oha_node_socket rest = *s, name;

  if (both || (s->has_advertised && is_vip_listener(k, &s->advertised))) {
    rest.has_advertised = false;
    memset(&rest.advertised, 0, sizeof(rest.advertised));
  }
  if (both) {
    name = rest;
    name.listen = s->advertised;
    add(m, OHA_FATE_SHARED, a, &name);
  }
  add(m, fate, a, &rest);
}

static void add_vip(struct oha_move *m, const struct oha_vip *vip)
{
  for (size_t i = 0; i < vip->n_sockets; i++) {
    struct oha_move_socket *one = &m->sockets[m->n_sockets++];

    one->fate = OHA_FATE_SHARED;
    one->listen = vip->sockets[i];
  }
}

static void fill_sockets(struct oha_move *m, const struct oha_cluster *k, const struct oha_node *a,
                         const struct oha_node *b, bool adopt)
{
  for (size_t i = 0; i < k->n_vips; i++)
    add_vip(m, &k->vips[i]);
  for (size_t i = 0; i < k->n_nodes; i++) {
    const struct oha_node *n = &k->nodes[i];

    for (size_t s = 0; s < n->n_sockets; s++) {
      if (n == a)
        add_source(m, k, a, b, &n->sockets[s], adopt);
      else
        add(m, n == b ? OHA_FATE_TARGET : OHA_FATE_OTHER, n, &n->sockets[s]);
    }
  }
}

static enum oha_rc find_node(const struct oha_cluster *k, const char *name, const struct oha_node **out,
                             struct oha_error *err)
{
  char shown[OHA_SAFE_SIZE];

  *out = oha_cluster_node(k, name);
  if (*out == NULL)
    return oha__fail(err, OHA_E_NOTFOUND, "there is no node '%s' in %s", oha__safe(oha__span(name), shown),
                     k->path == NULL ? "the cluster" : k->path);
  return OHA_OK;
}

enum oha_rc oha_move_init(const struct oha_cluster *cluster, const char *from, const char *to, bool adopt,
                          struct oha_move *out, struct oha_error *err)
{
  const struct oha_node *a = NULL, *b;
  size_t n = 0;
  enum oha_rc rc;

  memset(out, 0, sizeof(*out));
  rc = find_node(cluster, to, &b, err);
  if (rc == OHA_OK && from != NULL && from[0] != '\0')
    rc = find_node(cluster, from, &a, err);
  if (rc != OHA_OK)
    return rc;
  if (a == b)
    return oha__fail(err, OHA_E_ARG, "a move from node %s to itself", to);
  for (size_t i = 0; i < cluster->n_vips; i++)
    n += cluster->vips[i].n_sockets;
  for (size_t i = 0; i < cluster->n_nodes; i++)
    n += cluster->nodes[i].n_sockets * 2; /* a shared name is a socket of its own */
  out->sockets = oha__calloc(n, sizeof(*out->sockets));
  out->networks = oha__calloc(b->n_networks, sizeof(*out->networks));
  if (out->sockets == NULL || out->networks == NULL) {
    oha_move_clear(out);
    return oha__fail_nomem(err);
  }
  copy_name(out->from, a == NULL ? "" : a->name);
  copy_name(out->to, b->name);
  copy_name(out->nat_flag, cluster->nat_flag);
  out->contact_rewriting = cluster->contact_rewriting;
  out->nat_flag_mask = cluster->nat_flag_mask;
  fill_sockets(out, cluster, a, b, adopt);
  for (; out->n_networks < b->n_networks; out->n_networks++)
    out->networks[out->n_networks] = b->networks[out->n_networks];
  return OHA_OK;
}

void oha_move_clear(struct oha_move *move)
{
  if (move == NULL)
    return;
  oha__free(move->sockets);
  oha__free(move->networks);
  memset(move, 0, sizeof(*move));
}

const struct oha_move_socket *oha_move_socket_of(const struct oha_move *move, const struct oha_sock *stored)
{
  const struct oha_move_socket *found = NULL;

  for (size_t i = 0; i < move->n_sockets && (found == NULL || found->fate != OHA_FATE_TARGET); i++) {
    const struct oha_move_socket *s = &move->sockets[i];

    if ((found == NULL || s->fate < found->fate) &&
        oha_sock_matches(&s->listen, s->has_advertised ? &s->advertised : NULL, stored))
      found = s;
  }
  return found;
}

const struct oha_move_socket *oha_move_target_of(const struct oha_move *move, const struct oha_sock *stored)
{
  const struct oha_move_socket *from = oha_move_socket_of(move, stored);

  if (from == NULL || from->fate != OHA_FATE_SOURCE)
    return NULL;
  for (size_t i = 0; i < move->n_sockets; i++) {
    const struct oha_move_socket *s = &move->sockets[i];

    if (s->fate == OHA_FATE_TARGET && s->listen.proto == from->listen.proto &&
        s->listen.addr.family == from->listen.addr.family && strcmp(s->role, from->role) == 0)
      return s;
  }
  return NULL;
}
