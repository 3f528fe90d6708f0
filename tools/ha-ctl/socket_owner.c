/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "socket_owner.h"

#include <string.h>

struct owner {
  const char *kind; /* "vip", "node", "foreign", "unset", "invalid" */
  const char *name; /* of the vip or the node; NULL = nobody's */
  const char *role; /* NULL = none */
};

static struct owner owner_of(const struct oha_cluster *k, const char *socket)
{
  struct oha_sock stored;

  if (socket == NULL || *socket == '\0')
    return (struct owner){ "unset", NULL, NULL };
  if (oha_sock_parse(socket, strlen(socket), &stored, NULL) != OHA_OK)
    return (struct owner){ "invalid", NULL, NULL };
  for (size_t i = 0; i < k->n_vips; i++)
    for (size_t j = 0; j < k->vips[i].n_sockets; j++)
      if (oha_sock_matches(&k->vips[i].sockets[j], NULL, &stored))
        return (struct owner){ "vip", k->vips[i].name, NULL };
  for (size_t i = 0; i < k->n_nodes; i++)
    for (size_t j = 0; j < k->nodes[i].n_sockets; j++) {
      const struct oha_node_socket *s = &k->nodes[i].sockets[j];

      if (oha_sock_matches(&s->listen, s->has_advertised ? &s->advertised : NULL, &stored))
        return (struct owner){ "node", k->nodes[i].name, s->role };
    }
  return (struct owner){ "foreign", NULL, NULL };
}

static enum oha_rc socket_row(void *arg, const char *socket, uint64_t n_live, uint64_t n_expired)
{
  struct app *app = arg;
  struct out *o = &app->out;
  struct owner owner = owner_of(app->cluster, socket);

  out_record(o);
  out_str(o, "socket", "SOCKET", socket);
  out_uint(o, "n_live", "LIVE", n_live);
  out_uint(o, "n_expired", "EXPIRED", n_expired);
  out_tone(o, "owner_kind", "WHOSE", owner.kind,
           strcmp(owner.kind, "invalid") == 0   ? TONE_BAD
           : strcmp(owner.kind, "foreign") == 0 ? TONE_WARN
                                                : TONE_PLAIN);
  out_str(o, "owner", "NAME", owner.name);
  out_str(o, "role", "ROLE", owner.role);
  return OHA_OK;
}

enum oha_rc sockets_show(struct app *app, struct oha_location *location, const char *heading,
                         struct oha_error *err)
{
  out_array(&app->out, "sockets", heading, "no binding", OUT_TABLE);
  return oha_location_sockets(location, socket_row, app, err);
}
