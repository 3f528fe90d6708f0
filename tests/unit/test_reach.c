/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include <opensips-ha/location.h>

#define NOW_S INT64_C(1795332014)

static const struct oha_wall now = { NOW_S * OHA_US_PER_S + 400000 };

static struct oha_sock sock(const char *text)
{
  struct oha_sock s;

  if (oha_sock_parse(text, strlen(text), &s, NULL) != OHA_OK)
    fail_msg("%s", text);
  return s;
}

static const struct {
  enum oha_socket_fate fate;
  const char *listen, *advertised;
  bool clients_use_address;
} sockets[] = {
  { OHA_FATE_TARGET, "udp:192.0.2.12:5060", NULL, false },
  { OHA_FATE_TARGET, "tcp:192.0.2.12:5060", NULL, false },
  { OHA_FATE_SHARED, "udp:192.0.2.100:5060", NULL, false },
  { OHA_FATE_SHARED, "tcp:192.0.2.100:5060", NULL, false },
  { OHA_FATE_SHARED, "udp:10.77.0.11:5060", "udp:edge.example.net:5060", false },
  { OHA_FATE_ADOPTED, "udp:192.0.2.21:5060", NULL, true },
  { OHA_FATE_ADOPTED, "tcp:192.0.2.21:5060", NULL, true },
  { OHA_FATE_OTHER, "udp:192.0.2.13:5060", "udp:third.example.net:5060", false },
  { OHA_FATE_OTHER, "tcp:192.0.2.13:5060", NULL, false },
  { OHA_FATE_SOURCE, "udp:192.0.2.11:5060", NULL, false },
  { OHA_FATE_SOURCE, "tcp:192.0.2.11:5060", NULL, false },
  { OHA_FATE_SOURCE, "udp:192.0.2.14:5060", NULL, true },
  { OHA_FATE_SOURCE, "tls:192.0.2.14:5061", NULL, true },
  { OHA_FATE_SOURCE, "udp:[2001:db8::11]:5060", NULL, false }, /* B has no IPv6 */
};

struct setup {
  struct oha_move move;
  struct oha_move_socket sockets[N_OF(sockets)];
  struct oha_network networks[1];
};

static void set_up(struct setup *s, const char *from, enum oha_answer contact_rewriting)
{
  memset(s, 0, sizeof(*s));
  for (size_t i = 0; i < N_OF(sockets); i++) {
    s->sockets[i].fate = sockets[i].fate;
    s->sockets[i].listen = sock(sockets[i].listen);
    s->sockets[i].has_advertised = sockets[i].advertised != NULL;
    if (sockets[i].advertised != NULL)
      s->sockets[i].advertised = sock(sockets[i].advertised);
    s->sockets[i].clients_use_address = sockets[i].clients_use_address;
  }
  assert_int_equal(oha_network_parse("10.20.0.0/16", 12, &s->networks[0], NULL), OHA_OK);
  snprintf(s->move.from, sizeof(s->move.from), "%s", from);
  snprintf(s->move.to, sizeof(s->move.to), "sip2");
  snprintf(s->move.nat_flag, sizeof(s->move.nat_flag), "NAT");
  s->move.nat_flag_mask = 64;
  s->move.contact_rewriting = contact_rewriting;
  s->move.sockets = s->sockets;
  s->move.n_sockets = N_OF(sockets);
  s->move.networks = s->networks;
  s->move.n_networks = 1;
}

#define OURS "udp:192.0.2.11:5060" /* A's, and gone with it */
#define PUB  "sip:a@198.51.100.7:5060"

/* One binding; expires 0 in the table = in ten minutes. */
struct row {
  const char *socket, *contact, *received, *path, *cflags;
  enum oha_answer rewriting;
  enum oha_reach wanted;
  bool never;
};

static const struct row rows[] = {
  /* Path decides before all else but a refused socket. */
  { OURS, PUB, NULL, "<sip:edge;lr>", NULL, OHA_UNKNOWN, OHA_REACH_KEPT, false },
  { "tcp:192.0.2.11:5060", PUB, NULL, "<sip:edge;lr>", NULL, OHA_UNKNOWN, OHA_REACH_KEPT, false },
  { NULL, PUB, NULL, "<sip:edge;lr>", NULL, OHA_UNKNOWN, OHA_REACH_KEPT, false },
  { "sip:192.0.2.11:5060", PUB, NULL, "<sip:edge;lr>", NULL, OHA_UNKNOWN, OHA_REACH_INVALID, false },
  { OURS, PUB, NULL, "", NULL, OHA_UNKNOWN, OHA_REACH_UNPROVEN, false },
  /* Sockets that OpenSIPS refuses. */
  { " udp:192.0.2.100:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_INVALID, false },
  { "xyz:192.0.2.100:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_INVALID, false },
  { "udp:192.0.2.100:abc", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_INVALID, false },
  { "udp:192.0.2.100:5060;x=1", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_INVALID, false },
  { "tcp:192.0.2.11:x", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_INVALID, false },
  /* Connections live where they were made. */
  { "tcp:192.0.2.12:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_KEPT, false },
  { "tcp:192.0.2.13:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_ELSEWHERE, false },
  { "tcp:192.0.2.100:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_CONNECTION_LOST, false },
  { "tcp:192.0.2.21:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_CONNECTION_LOST,
    false }, /* B has it now */
  { "tcp:192.0.2.11:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_CONNECTION_LOST, false },
  { "tls:192.0.2.14:5061", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_CONNECTION_LOST, true },
  { "ws:192.0.2.99:80", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_CONNECTION_LOST, false },
  /* The protocol without a socket's. */
  { NULL, PUB ";transport=tcp", NULL, NULL, NULL, OHA_NO, OHA_REACH_CONNECTION_LOST, false },
  { NULL, PUB, "sip:198.51.100.7:5060;transport=TLS", NULL, NULL, OHA_NO, OHA_REACH_CONNECTION_LOST, false },
  { NULL, PUB ";transport=tcp", "sip:198.51.100.7:33000", NULL, NULL, OHA_NO, OHA_REACH_UNSET, false },
  { NULL, "sips:a@198.51.100.7", NULL, NULL, NULL, OHA_NO, OHA_REACH_CONNECTION_LOST, false },
  { "192.0.2.12:5060", PUB ";transport=tcp", NULL, NULL, NULL, OHA_NO, OHA_REACH_KEPT, false },
  { "192.0.2.11:5060", PUB ";transport=tcp", NULL, NULL, NULL, OHA_NO, OHA_REACH_CONNECTION_LOST, false },
  { "192.0.2.11:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_DIRECT, false },
  /* No socket. */
  { NULL, PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_UNSET, false },
  { "", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_UNSET, false },
  /* B will own it. */
  { "udp:192.0.2.12:5060", PUB, "sip:203.0.113.5:1024", NULL, NULL, OHA_YES, OHA_REACH_KEPT, false },
  { "udp:192.0.2.100:5060", PUB, "sip:203.0.113.5:1024", NULL, NULL, OHA_YES, OHA_REACH_KEPT, false },
  { "udp:192.0.2.21:5060", PUB, "sip:203.0.113.5:1024", NULL, NULL, OHA_YES, OHA_REACH_KEPT, false },
  { "udp:edge.example.net:5060", PUB, "sip:203.0.113.5:1024", NULL, NULL, OHA_YES, OHA_REACH_KEPT, false },
  { "UDP:EDGE.example.net", PUB, NULL, NULL, NULL, OHA_YES, OHA_REACH_KEPT, false },
  /* Others'. */
  { "udp:192.0.2.13:5060", PUB, "sip:203.0.113.5:1024", NULL, NULL, OHA_YES, OHA_REACH_ELSEWHERE, false },
  { "udp:third.example.net:5060", PUB, NULL, NULL, NULL, OHA_YES, OHA_REACH_ELSEWHERE, false },
  { "udp:192.0.2.99:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_FOREIGN, false },
  { "udp:192.0.2.11:5080", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_FOREIGN, false },
  { "garbage", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_FOREIGN, false },
  /* NATed: received. */
  { OURS, "sip:a@192.168.1.5:5060", "sip:198.51.100.7:33000", NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, PUB, "sip:198.51.100.7:33000", NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false }, /* only the port */
  { OURS, PUB, "sip:203.0.113.5:5060", NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, PUB, "not a uri", NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, "sip:a@phone.example.net", "sip:198.51.100.7:5060", NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, "sip:a@10.20.1.1", "sip:198.51.100.7:5060", NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false },
  { "udp:192.0.2.14:5060", PUB, "sip:203.0.113.5:5060", NULL, NULL, OHA_NO, OHA_REACH_STRANDED, true },
  /* The same address counts as unset; ports default. */
  { OURS, PUB, "sip:198.51.100.7:5060", NULL, NULL, OHA_NO, OHA_REACH_DIRECT, false },
  { OURS, "sip:a@198.51.100.7", "sip:198.51.100.7:5060", NULL, NULL, OHA_NO, OHA_REACH_DIRECT, false },
  { OURS, PUB, "sip:198.51.100.7", NULL, NULL, OHA_UNKNOWN, OHA_REACH_UNPROVEN, false },
  { OURS, PUB, "", NULL, NULL, OHA_NO, OHA_REACH_DIRECT, false },
  /* NATed: the flag, by name or bit. */
  { OURS, PUB, NULL, NULL, "NAT", OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, PUB, NULL, NULL, "SIPPING NAT", OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, PUB, NULL, NULL, "NAT SIPPING", OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, PUB, NULL, NULL, "NATTY XNAT nat", OHA_NO, OHA_REACH_DIRECT, false },
  { OURS, PUB, NULL, NULL, "#192", OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, PUB, NULL, NULL, "#128", OHA_NO, OHA_REACH_DIRECT, false },
  /* NATed: a private address outside B's networks. */
  { OURS, "sip:a@192.168.1.5", NULL, NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, "sip:a@100.64.0.9", NULL, NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, "sip:a@127.0.0.1", NULL, NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, "sip:a@10.21.0.1", NULL, NULL, NULL, OHA_NO, OHA_REACH_STRANDED, false },
  { OURS, "sip:a@10.20.0.1", NULL, NULL, NULL, OHA_UNKNOWN, OHA_REACH_DIRECT, false },
  { OURS, "sip:a@10.20.0.1", NULL, NULL, NULL, OHA_YES, OHA_REACH_DIRECT, false },
  { OURS, "sip:a@10.20.0.1", NULL, NULL, "NAT", OHA_NO, OHA_REACH_STRANDED, false },
  /* B has no IPv6. */
  { "udp:[2001:DB8:0:0:0:0:0:11]:5060", "sip:a@[2001:db8:1::5]", NULL, NULL, NULL, OHA_NO, OHA_REACH_STRANDED,
    false },
  /* Public, no received: what the cluster file says about rewriting. */
  { OURS, PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_DIRECT, false },
  { OURS, PUB, NULL, NULL, NULL, OHA_YES, OHA_REACH_STRANDED, false },
  { OURS, PUB, NULL, NULL, NULL, OHA_UNKNOWN, OHA_REACH_UNPROVEN, false },
  { "udp:192.0.2.14:5060", PUB, NULL, NULL, NULL, OHA_YES, OHA_REACH_STRANDED, true },
  /* A name, or no URI at all: nobody knows. */
  { OURS, "sip:a@phone.example.net", NULL, NULL, NULL, OHA_NO, OHA_REACH_UNPROVEN, false },
  { OURS, "tel:+4930123456", NULL, NULL, NULL, OHA_NO, OHA_REACH_UNPROVEN, false },
};

static struct oha_binding binding_of(const struct row *row)
{
  struct oha_binding b = { .id = 1,
                           .username = "a",
                           .contact = row->contact,
                           .received = row->received,
                           .path = row->path,
                           .socket = row->socket,
                           .expires = { (NOW_S + 600) * OHA_US_PER_S } };

  if (row->cflags != NULL && row->cflags[0] == '#')
    b.cflags_mask = strcmp(row->cflags, "#192") == 0 ? 192 : 128;
  else
    b.cflags_names = row->cflags;
  return b;
}

static void each_rule(void **state)
{
  unsigned n_of_class[OHA_REACH_N] = { 0 };
  struct setup s;

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_binding b = binding_of(&rows[i]);
    enum oha_reach reach;
    bool never;

    set_up(&s, "sip1", rows[i].rewriting);
    reach = oha_reach_of(&s.move, OHA_FLAVOUR_OPENSIPS, &b, now, &never);
    if (reach != rows[i].wanted || never != rows[i].never)
      fail_msg("row %zu, '%s' '%s': %s, never %d", i, rows[i].socket == NULL ? "NULL" : rows[i].socket,
               rows[i].contact, oha_reach_name(reach), never);
    assert_int_equal(oha_reach_of(&s.move, OHA_FLAVOUR_OPENSIPS, &b, now, NULL), reach);
    n_of_class[reach]++;
    b.expires.us = NOW_S * OHA_US_PER_S; /* expires > now is needed, in whole seconds */
    assert_int_equal(oha_reach_of(&s.move, OHA_FLAVOUR_OPENSIPS, &b, now, &never), OHA_REACH_EXPIRED);
    assert_false(never);
    b.expires.us = (NOW_S + 1) * OHA_US_PER_S;
    assert_int_equal(oha_reach_of(&s.move, OHA_FLAVOUR_OPENSIPS, &b, now, &never), reach);
    b.permanent = true;
    b.expires.us = 0;
    assert_int_equal(oha_reach_of(&s.move, OHA_FLAVOUR_OPENSIPS, &b, now, &never), reach);
    assert_int_equal(never, oha_reach_group_of(reach) == OHA_REACH_LATER); /* nobody registers it again */
  }
  for (int i = OHA_REACH_INVALID; i < OHA_REACH_N; i++)
    if (n_of_class[i] == 0)
      fail_msg("no row of class %s", oha_reach_name((enum oha_reach)i));
}

static void kamailio_ignores_what_it_cannot_read(void **state)
{
  const struct row bad = { "udp:192.0.2.100:abc", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_FOREIGN, false };
  struct oha_binding b = binding_of(&bad);
  struct setup s;

  (void)state;
  set_up(&s, "sip1", OHA_NO);
  assert_int_equal(oha_reach_of(&s.move, OHA_FLAVOUR_KAMAILIO, &b, now, NULL), OHA_REACH_FOREIGN);
  assert_int_equal(oha_reach_of(&s.move, OHA_FLAVOUR_OPENSIPS, &b, now, NULL), OHA_REACH_INVALID);
}

static void where_nobody_dies_the_vip_keeps_its_connections(void **state)
{
  const struct row row = { "tcp:192.0.2.100:5060", PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_KEPT, false };
  struct oha_binding b = binding_of(&row);
  struct setup s;

  (void)state;
  set_up(&s, "", OHA_NO);
  assert_int_equal(oha_reach_of(&s.move, OHA_FLAVOUR_OPENSIPS, &b, now, NULL), OHA_REACH_KEPT);
}

static void numbers_past_2038_are_expired(void **state)
{
  const struct row row = { OURS, PUB, NULL, NULL, NULL, OHA_NO, OHA_REACH_EXPIRED, false };
  struct oha_binding b = binding_of(&row);
  struct setup s;

  (void)state;
  set_up(&s, "sip1", OHA_NO);
  b.expires.us = INT64_C(2147483648) * OHA_US_PER_S;
  assert_int_equal(oha_reach_of(&s.move, OHA_FLAVOUR_OPENSIPS, &b, now, NULL), OHA_REACH_DIRECT);
  b.expires_wraps = true;
  assert_int_equal(oha_reach_of(&s.move, OHA_FLAVOUR_OPENSIPS, &b, now, NULL), OHA_REACH_EXPIRED);
}

/* ---- all combinations, against the rules said once more in another way ---- */

enum fate {
  NONE = -1,
  TARGET = OHA_FATE_TARGET,
  SHARED = OHA_FATE_SHARED,
  ADOPTED = OHA_FATE_ADOPTED,
  OTHER = OHA_FATE_OTHER,
  SOURCE = OHA_FATE_SOURCE
};

static const struct socket_case {
  const char *text;
  bool set, readable;
  enum fate fate_udp, fate_tcp; /* by the protocol that the binding turns out to have */
  const char *proto;            /* NULL = none in the text */
  bool target_speaks;
  bool literal;
} socket_cases[] = {
  { NULL, false, false, NONE, NONE, NULL, true, false },
  { "", false, false, NONE, NONE, NULL, true, false },
  { "udp:192.0.2.11:x", true, false, NONE, NONE, NULL, true, false },
  { "udp:192.0.2.12:5060", true, true, TARGET, NONE, "udp", true, false },
  { "udp:192.0.2.100:5060", true, true, SHARED, NONE, "udp", true, false },
  { "udp:192.0.2.21:5060", true, true, ADOPTED, NONE, "udp", true, false },
  { "udp:192.0.2.13:5060", true, true, OTHER, NONE, "udp", true, false },
  { OURS, true, true, SOURCE, NONE, "udp", true, false },
  { "udp:192.0.2.14:5060", true, true, SOURCE, NONE, "udp", true, true },
  { "udp:[2001:DB8:0:0:0:0:0:11]:5060", true, true, SOURCE, NONE, "udp", false, false },
  { "udp:192.0.2.99:5060", true, true, NONE, NONE, "udp", true, false },
  { "tcp:192.0.2.12:5060", true, true, NONE, TARGET, "tcp", true, false },
  { "tcp:192.0.2.100:5060", true, true, NONE, SHARED, "tcp", true, false },
  { "tcp:192.0.2.21:5060", true, true, NONE, ADOPTED, "tcp", true, false },
  { "tcp:192.0.2.13:5060", true, true, NONE, OTHER, "tcp", true, false },
  { "tcp:192.0.2.11:5060", true, true, NONE, SOURCE, "tcp", true, false },
  { "tcp:192.0.2.99:5060", true, true, NONE, NONE, "tcp", true, false },
  { "192.0.2.12", true, true, TARGET, TARGET, NULL, true, false },
  { "192.0.2.11:5060", true, true, SOURCE, SOURCE, NULL, true, false },
};

static const struct contact_case {
  const char *text;
  enum { PUBLIC, PRIVATE, LOCAL, NAME, UNREADABLE } kind;
  bool tcp;
} contact_cases[] = {
  { "sip:a@198.51.100.7:5062", PUBLIC, false },    { "sip:a@198.51.100.7:5062;transport=tcp", PUBLIC, true },
  { "sip:a@192.168.7.7:5062", PRIVATE, false },    { "sip:a@10.20.7.7:5062", LOCAL, false },
  { "sip:a@phone.example.net:5062", NAME, false }, { "tel:+49301", UNREADABLE, false },
};

enum {
  RECEIVED_NONE,
  RECEIVED_EMPTY,
  RECEIVED_SAME,
  RECEIVED_OTHER,
  RECEIVED_TCP,
  RECEIVED_JUNK,
  RECEIVED_N
};
enum { ALIVE, PERMANENT, DEAD, WRAPPED, EXPIRES_N };

struct combination {
  const struct socket_case *socket;
  const struct contact_case *contact;
  int received, expires;
  bool path, flag, kamailio, dies;
  enum oha_answer rewriting;
};

/* Each rule holds or not, whatever the others say; the first in the order of the classes wins. */
static enum oha_reach by_the_book(const struct combination *c)
{
  bool has_received = c->received != RECEIVED_NONE && c->received != RECEIVED_EMPTY;
  bool tcp = c->socket->readable && c->socket->proto != NULL ? strcmp(c->socket->proto, "tcp") == 0
             : has_received                                  ? c->received == RECEIVED_TCP
                                                             : c->contact->tcp;
  enum fate fate = !c->socket->readable ? NONE : tcp ? c->socket->fate_tcp : c->socket->fate_udp;
  bool b_owns = fate == TARGET || fate == SHARED || fate == ADOPTED;
  bool same = c->received == RECEIVED_SAME && c->contact->kind <= LOCAL;
  bool nated = (has_received && !same) || c->flag || c->contact->kind == PRIVATE;
  bool proven = c->contact->kind == LOCAL || (c->contact->kind == PUBLIC && c->rewriting == OHA_NO);
  struct {
    bool holds;
    enum oha_reach reach;
  } const rules[] = {
    { c->expires == DEAD || c->expires == WRAPPED, OHA_REACH_EXPIRED },
    { c->socket->set && !c->socket->readable && !c->kamailio, OHA_REACH_INVALID },
    { c->path, OHA_REACH_KEPT },
    { tcp && (fate == TARGET || (fate == SHARED && !c->dies)), OHA_REACH_KEPT },
    { tcp && fate == OTHER, OHA_REACH_ELSEWHERE },
    { tcp, OHA_REACH_CONNECTION_LOST },
    { !c->socket->set, OHA_REACH_UNSET },
    { b_owns, OHA_REACH_KEPT },
    { fate == OTHER, OHA_REACH_ELSEWHERE },
    { fate == NONE, OHA_REACH_FOREIGN },
    { nated, OHA_REACH_STRANDED },
    { !c->socket->target_speaks, OHA_REACH_STRANDED },
    { !proven && c->contact->kind == PUBLIC && c->rewriting == OHA_YES, OHA_REACH_STRANDED },
    { !proven, OHA_REACH_UNPROVEN },
    { true, OHA_REACH_DIRECT },
  };
  size_t i = 0;

  while (!rules[i].holds)
    i++;
  return rules[i].reach;
}

static void check_combination(const struct combination *c, unsigned n_of_class[OHA_REACH_N])
{
  static struct setup s; /* 200 000 combinations: not on the stack, not filled anew */
  struct oha_binding b = { .id = 1, .username = "a", .contact = c->contact->text, .socket = c->socket->text };
  char received[64];
  enum oha_reach reach, wanted = by_the_book(c);
  bool never;

  if (s.move.n_sockets == 0)
    set_up(&s, "", OHA_UNKNOWN);
  snprintf(s.move.from, sizeof(s.move.from), "%s", c->dies ? "sip1" : "");
  s.move.contact_rewriting = c->rewriting;
  if (c->received == RECEIVED_EMPTY)
    b.received = "";
  if (c->received == RECEIVED_OTHER)
    b.received = "sip:203.0.113.9:1024";
  if (c->received == RECEIVED_TCP)
    b.received = "sip:203.0.113.9:1024;transport=tcp";
  if (c->received == RECEIVED_JUNK)
    b.received = "junk";
  if (c->received == RECEIVED_SAME) {
    snprintf(received, sizeof(received), "sip:%.*s", (int)strcspn(c->contact->text + 6, ";"),
             c->contact->text + 6);
    b.received = received;
  }
  b.path = c->path ? "<sip:p;lr>" : "";
  b.cflags_names = c->flag ? "NAT" : "SIPPING";
  b.permanent = c->expires == PERMANENT;
  b.expires_wraps = c->expires == WRAPPED;
  b.expires.us = (c->expires == PERMANENT ? 0 : c->expires == DEAD ? NOW_S : NOW_S + 60) * OHA_US_PER_S;
  reach = oha_reach_of(&s.move, c->kamailio ? OHA_FLAVOUR_KAMAILIO : OHA_FLAVOUR_OPENSIPS, &b, now, &never);
  if (reach != wanted)
    fail_msg(
        "socket '%s' contact '%s' received '%s' expires %d path %d flag %d kamailio %d dies %d rewriting "
        "%d: %s, not %s",
        b.socket == NULL ? "NULL" : b.socket, b.contact, b.received == NULL ? "NULL" : b.received, c->expires,
        c->path, c->flag, c->kamailio, c->dies, c->rewriting, oha_reach_name(reach), oha_reach_name(wanted));
  if (never != (oha_reach_group_of(reach) == OHA_REACH_LATER && (b.permanent || c->socket->literal)))
    fail_msg("socket '%s': never %d", b.socket == NULL ? "NULL" : b.socket, never);
  n_of_class[reach]++;
}

static void all_combinations(void **state)
{
  unsigned n_of_class[OHA_REACH_N] = { 0 };

  (void)state;
  for (size_t i = 0; i < N_OF(socket_cases) * N_OF(contact_cases) * RECEIVED_N * EXPIRES_N * 16 * 3; i++) {
    struct combination c;
    size_t rest = i;

    c.socket = &socket_cases[rest % N_OF(socket_cases)];
    rest /= N_OF(socket_cases);
    c.contact = &contact_cases[rest % N_OF(contact_cases)];
    rest /= N_OF(contact_cases);
    c.received = (int)(rest % RECEIVED_N);
    rest /= RECEIVED_N;
    c.expires = (int)(rest % EXPIRES_N);
    rest /= EXPIRES_N;
    c.path = (rest & 1) != 0;
    c.flag = (rest & 2) != 0;
    c.kamailio = (rest & 4) != 0;
    c.dies = (rest & 8) != 0;
    c.rewriting = (enum oha_answer)(rest / 16);
    check_combination(&c, n_of_class);
  }
  for (int i = 0; i < OHA_REACH_N; i++)
    if (n_of_class[i] == 0)
      fail_msg("no combination is %s", oha_reach_name((enum oha_reach)i));
}

static void names_and_groups(void **state)
{
  static const enum oha_reach_group groups[OHA_REACH_N] = {
    OHA_REACH_GONE,      OHA_REACH_LOST,      OHA_REACH_AT_ONCE, OHA_REACH_AT_ONCE,   OHA_REACH_LATER,
    OHA_REACH_NOT_KNOWN, OHA_REACH_NOT_KNOWN, OHA_REACH_LATER,   OHA_REACH_NOT_KNOWN, OHA_REACH_AT_ONCE,
  };

  (void)state;
  for (int i = 0; i < OHA_REACH_N; i++) {
    enum oha_reach back = OHA_REACH_N;

    assert_true(oha_reach_parse(oha_reach_name((enum oha_reach)i), &back));
    assert_int_equal(back, i);
    assert_int_equal(oha_reach_group_of((enum oha_reach)i), groups[i]);
  }
  assert_false(oha_reach_parse("kep", &(enum oha_reach){ OHA_REACH_KEPT }));
  assert_false(oha_reach_parse("", &(enum oha_reach){ OHA_REACH_KEPT }));
  assert_string_equal(oha_reach_name((enum oha_reach)99), "?");
  assert_string_equal(oha_reach_name(OHA_REACH_CONNECTION_LOST), "connection-lost");
}

static void sums(void **state)
{
  struct oha_reach_sum sum = { .n = { 0 } };
  struct oha_binding b = { .id = 1 };
  static const struct {
    int64_t left_us;
    size_t bucket;
  } later[] = {
    { 1, 0 },
    { 60000000, 0 },
    { 60000001, 1 },
    { 300000000, 2 },
    { 600000000, 3 },
    { 1800000000, 4 },
    { 3600000000, 5 },
    { INT64_C(86400000000), 6 },
    { INT64_C(86400000001), 7 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(later); i++) {
    uint64_t before = sum.later[later[i].bucket];

    b.expires.us = now.us + later[i].left_us;
    oha_reach_add(&sum, i % 2 == 0 ? OHA_REACH_STRANDED : OHA_REACH_CONNECTION_LOST, false, &b, now);
    assert_int_equal(sum.later[later[i].bucket], before + 1);
  }
  assert_int_equal(sum.last_return_s, 86401);
  assert_int_equal(sum.n[OHA_REACH_STRANDED], 5);
  assert_int_equal(sum.n[OHA_REACH_CONNECTION_LOST], 4);
  oha_reach_add(&sum, OHA_REACH_STRANDED, true, &b, now);
  b.permanent = true;
  oha_reach_add(&sum, OHA_REACH_STRANDED, false, &b, now);
  assert_int_equal(sum.n_never, 2);
  assert_int_equal(sum.n[OHA_REACH_STRANDED], 7);
  oha_reach_add(&sum, OHA_REACH_KEPT, false, &b, now);
  assert_int_equal(sum.n[OHA_REACH_KEPT], 1);
  assert_true(oha_reach_bucket_s[OHA_REACH_BUCKETS - 1] == INT64_MAX);
}

static void lines(void **state)
{
  static const struct {
    struct oha_reach_sum sum;
    const char *line;
  } table[] = {
    { { .n = { [OHA_REACH_KEPT] = 1200,
               [OHA_REACH_DIRECT] = 3,
               [OHA_REACH_ELSEWHERE] = 1,
               [OHA_REACH_STRANDED] = 90,
               [OHA_REACH_CONNECTION_LOST] = 6,
               [OHA_REACH_UNPROVEN] = 7,
               [OHA_REACH_FOREIGN] = 2,
               [OHA_REACH_UNSET] = 1,
               [OHA_REACH_EXPIRED] = 55 },
        .later = { 90, 6 },
        .last_return_s = 240 },
      "1 204 of 1 310 reachable at once, 96 within 4 min, 10 unknown" },
    { { .n = { 0 } }, "0 of 0 reachable at once" },
    { { .n = { [OHA_REACH_KEPT] = 6200 } }, "6 200 of 6 200 reachable at once" },
    { { .n = { [OHA_REACH_STRANDED] = 1 }, .later = { 1 }, .last_return_s = 59 },
      "0 of 1 reachable at once, 1 within 59 s" },
    { { .n = { [OHA_REACH_STRANDED] = 1 }, .later = { 1 }, .last_return_s = 121 },
      "0 of 1 reachable at once, 1 within 3 min" },
    { { .n = { [OHA_REACH_STRANDED] = 1 }, .later = { 1 }, .last_return_s = 7201 },
      "0 of 1 reachable at once, 1 within 3 h" },
    { { .n = { [OHA_REACH_STRANDED] = 1 }, .later = { 1 }, .last_return_s = 172801 },
      "0 of 1 reachable at once, 1 within 3 d" },
    { { .n = { [OHA_REACH_STRANDED] = 5, [OHA_REACH_INVALID] = 2 }, .n_never = 5, .n_bad = 1000000 },
      "0 of 7 reachable at once, 5 not by themselves, 2 lost, 1 000 000 unreadable" },
    { { .n = { [OHA_REACH_KEPT] = 1000001 } }, "1 000 001 of 1 000 001 reachable at once" },
    { { .n = { [OHA_REACH_KEPT] = 999 } }, "999 of 999 reachable at once" },
  };
  struct oha_reach_sum most;
  char buf[OHA_REACH_LINE_SIZE];

  (void)state;
  for (size_t i = 0; i < N_OF(table); i++)
    assert_string_equal(oha_reach_line(&table[i].sum, buf), table[i].line);
  memset(&most, 0xff, sizeof(most));
  most.last_return_s = INT64_MAX;
  assert_true(strlen(oha_reach_line(&most, buf)) > 100); /* whatever the numbers, it fits */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_rule),
    cmocka_unit_test(kamailio_ignores_what_it_cannot_read),
    cmocka_unit_test(where_nobody_dies_the_vip_keeps_its_connections),
    cmocka_unit_test(numbers_past_2038_are_expired),
    cmocka_unit_test(all_combinations),
    cmocka_unit_test(names_and_groups),
    cmocka_unit_test(sums),
    cmocka_unit_test(lines),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
