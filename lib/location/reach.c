/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Can a binding still be rung after a move? Rules in the order of enum oha_reach; the first that fits
 * decides. */
#include <opensips-ha/location.h>
#include <opensips-ha/uri.h>
#include "base/span.h"
#include "location/row.h"
#include "sip/sock.h"

static const struct {
  const char *name;
  enum oha_reach_group group;
} classes[OHA_REACH_N] = {
  [OHA_REACH_EXPIRED] = { "expired", OHA_REACH_GONE },
  [OHA_REACH_INVALID] = { "invalid", OHA_REACH_LOST },
  [OHA_REACH_KEPT] = { "kept", OHA_REACH_AT_ONCE },
  [OHA_REACH_ELSEWHERE] = { "elsewhere", OHA_REACH_AT_ONCE },
  [OHA_REACH_CONNECTION_LOST] = { "connection-lost", OHA_REACH_LATER },
  [OHA_REACH_UNSET] = { "unset", OHA_REACH_NOT_KNOWN },
  [OHA_REACH_FOREIGN] = { "foreign", OHA_REACH_NOT_KNOWN },
  [OHA_REACH_STRANDED] = { "stranded", OHA_REACH_LATER },
  [OHA_REACH_UNPROVEN] = { "unproven", OHA_REACH_NOT_KNOWN },
  [OHA_REACH_DIRECT] = { "direct", OHA_REACH_AT_ONCE },
};

const char *oha_reach_name(enum oha_reach reach)
{
  return (unsigned)reach < OHA_REACH_N ? classes[reach].name : "?";
}

bool oha_reach_parse(const char *name, enum oha_reach *out)
{
  for (int i = 0; i < OHA_REACH_N; i++)
    if (oha__span_is(oha__span(name), classes[i].name)) {
      *out = (enum oha_reach)i;
      return true;
    }
  return false;
}

enum oha_reach_group oha_reach_group_of(enum oha_reach reach)
{
  return (unsigned)reach < OHA_REACH_N ? classes[reach].group : OHA_REACH_NOT_KNOWN;
}

/* SQL NULL and '' mean the same to a registrar: not set. */
static bool is_set(const char *text)
{
  return text != NULL && text[0] != '\0';
}

static bool read_uri(const char *text, struct oha_uri *out)
{
  struct oha_span span = oha__span(text);

  return oha_uri_parse(span.p, span.n, out, NULL) == OHA_OK;
}

static enum oha_proto transport_of(const struct oha_uri *uri)
{
  if (uri->secure) /* RFC 3261 section 26.2.2 */
    return uri->proto == OHA_PROTO_WS || uri->proto == OHA_PROTO_WSS ? OHA_PROTO_WSS : OHA_PROTO_TLS;
  return uri->proto;
}

/* What requests to the phone travel on: `received` is the next hop where it is set, else the contact. */
static enum oha_proto proto_of(const struct oha_binding *binding, const struct oha_sock *stored)
{
  enum oha_proto proto = OHA_PROTO_ANY;
  struct oha_uri uri;

  if (stored->proto != OHA_PROTO_ANY)
    return stored->proto;
  if (read_uri(is_set(binding->received) ? binding->received : binding->contact, &uri))
    proto = transport_of(&uri);
  return proto == OHA_PROTO_ANY ? OHA_PROTO_UDP : proto;
}

static bool same_place(const struct oha_uri *a, const struct oha_uri *b)
{
  enum oha_proto proto_a = transport_of(a), proto_b = transport_of(b);
  uint16_t port_a = a->port, port_b = b->port;

  if (port_a == 0)
    port_a = oha__proto_default_port(proto_a == OHA_PROTO_ANY ? OHA_PROTO_UDP : proto_a);
  if (port_b == 0)
    port_b = oha__proto_default_port(proto_b == OHA_PROTO_ANY ? OHA_PROTO_UDP : proto_b);
  return a->addr.family != 0 && port_a == port_b && oha_addr_equal(&a->addr, &b->addr);
}

static bool has_nat_flag(const struct oha_move *move, const struct oha_binding *binding)
{
  struct oha_span rest, flag = oha__span(move->nat_flag), word;

  if ((binding->cflags_mask & move->nat_flag_mask) != 0)
    return true;
  if (binding->cflags_names == NULL || flag.n == 0)
    return false;
  rest = oha__span(binding->cflags_names);
  while (oha__span_cut(rest, ' ', &word, &rest))
    if (oha__span_eq(word, flag))
      return true;
  return oha__span_eq(rest, flag);
}

static bool in_networks(const struct oha_move *move, const struct oha_addr *addr)
{
  for (size_t i = 0; i < move->n_networks; i++)
    if (oha_network_contains(&move->networks[i], addr))
      return true;
  return false;
}

/* Does B hold a socket of that protocol and family? */
static bool target_speaks(const struct oha_move *move, enum oha_proto proto, uint8_t family)
{
  for (size_t i = 0; i < move->n_sockets; i++) {
    const struct oha_move_socket *s = &move->sockets[i];

    if ((s->fate == OHA_FATE_TARGET || s->fate == OHA_FATE_SHARED || s->fate == OHA_FATE_ADOPTED) &&
        s->listen.proto == proto && s->listen.addr.family == family)
      return true;
  }
  return false;
}

/* A phone that was reached from a socket that goes away: can B reach it from an address of its own? */
static enum oha_reach reach_from_elsewhere(const struct oha_move *move, const struct oha_binding *binding,
                                           enum oha_proto proto, uint8_t family)
{
  struct oha_uri contact, received;
  bool has_contact = is_set(binding->contact) && read_uri(binding->contact, &contact);
  bool is_private = has_contact && contact.addr.family != 0 && oha_addr_is_private(&contact.addr);

  if (is_set(binding->received) &&
      !(has_contact && read_uri(binding->received, &received) && same_place(&contact, &received)))
    return OHA_REACH_STRANDED;
  if (has_nat_flag(move, binding) || (is_private && !in_networks(move, &contact.addr)))
    return OHA_REACH_STRANDED;
  if (!target_speaks(move, proto, family))
    return OHA_REACH_STRANDED;
  if (is_private) /* in a network from which phones reach B without NAT */
    return OHA_REACH_DIRECT;
  if (!has_contact || contact.addr.family == 0) /* where a name leads is not known here */
    return OHA_REACH_UNPROVEN;
  /* A public address may have been put there by fix_nated_contact() or by a gateway that rewrites SIP. */
  if (move->contact_rewriting == OHA_YES)
    return OHA_REACH_STRANDED;
  return move->contact_rewriting == OHA_NO ? OHA_REACH_DIRECT : OHA_REACH_UNPROVEN;
}

static enum oha_reach reach_of_connection(const struct oha_move *move, const struct oha_move_socket *socket)
{
  if (socket == NULL)
    return OHA_REACH_CONNECTION_LOST;
  if (socket->fate == OHA_FATE_OTHER)
    return OHA_REACH_ELSEWHERE;
  /* Where nobody dies, connections to the VIP live on the node that holds it. */
  if (socket->fate == OHA_FATE_TARGET || (socket->fate == OHA_FATE_SHARED && move->from[0] == '\0'))
    return OHA_REACH_KEPT;
  return OHA_REACH_CONNECTION_LOST;
}

static enum oha_reach reach_by_socket(const struct oha_move *move, const struct oha_binding *binding,
                                      const struct oha_move_socket *socket, enum oha_proto proto)
{
  if (socket == NULL)
    return OHA_REACH_FOREIGN;
  switch (socket->fate) {
  case OHA_FATE_TARGET:
  case OHA_FATE_SHARED:
  case OHA_FATE_ADOPTED:
    return OHA_REACH_KEPT;
  case OHA_FATE_OTHER:
    return OHA_REACH_ELSEWHERE;
  case OHA_FATE_SOURCE:
    break;
  }
  return reach_from_elsewhere(move, binding, proto, socket->listen.addr.family);
}

enum oha_reach oha_reach_of(const struct oha_move *move, enum oha_flavour flavour,
                            const struct oha_binding *binding, struct oha_wall now, bool *never)
{
  const struct oha_move_socket *socket = NULL;
  struct oha_sock stored = { .proto = OHA_PROTO_ANY };
  struct oha_span text = oha__span(binding->socket);
  bool parsed = false;
  enum oha_reach reach;

  if (never != NULL)
    *never = false;
  if (!oha__binding_is_live(binding, now))
    return OHA_REACH_EXPIRED;
  if (text.n > 0)
    parsed = oha_sock_parse(text.p, text.n, &stored, NULL) == OHA_OK;
  if (text.n > 0 && !parsed && flavour == OHA_FLAVOUR_OPENSIPS)
    return OHA_REACH_INVALID;
  if (is_set(binding->path))
    return OHA_REACH_KEPT;
  stored.proto = proto_of(binding, &stored);
  if (parsed)
    socket = oha_move_socket_of(move, &stored);
  if (oha_proto_is_connection(stored.proto))
    reach = reach_of_connection(move, socket);
  else if (text.n == 0)
    reach = OHA_REACH_UNSET;
  else
    reach = reach_by_socket(move, binding, socket, stored.proto);
  if (never != NULL && oha_reach_group_of(reach) == OHA_REACH_LATER)
    *never = binding->permanent ||
             (socket != NULL && socket->fate == OHA_FATE_SOURCE && socket->clients_use_address);
  return reach;
}
