/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading follows parse_phostport() and parse_proto(), matching follows grep_sock_info() of OpenSIPS. */
#include "sip/sock.h"
#include "sip/addr.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <string.h>

/* Ports: what a SIP listener without one gets. */
static const struct {
  const char *name;
  uint16_t port;
  bool connection;
} protos[] = {
  [OHA_PROTO_ANY] = { "*", 0, false },          [OHA_PROTO_UDP] = { "udp", 5060, false },
  [OHA_PROTO_TCP] = { "tcp", 5060, true },      [OHA_PROTO_TLS] = { "tls", 5061, true },
  [OHA_PROTO_SCTP] = { "sctp", 5060, true },    [OHA_PROTO_WS] = { "ws", 80, true },
  [OHA_PROTO_WSS] = { "wss", 443, true },       [OHA_PROTO_BIN] = { "bin", 0, true },
  [OHA_PROTO_BINS] = { "bins", 0, true },       [OHA_PROTO_HEP_UDP] = { "hep_udp", 0, false },
  [OHA_PROTO_HEP_TCP] = { "hep_tcp", 0, true }, [OHA_PROTO_SMPP] = { "smpp", 0, true },
  [OHA_PROTO_MSRP] = { "msrp", 0, true },       [OHA_PROTO_IPSEC] = { "ipsec", 5062, false },
  [OHA_PROTO_HEP_TLS] = { "hep_tls", 0, true }, [OHA_PROTO_MSRPS] = { "msrps", 0, true },
};

#define N_PROTOS (sizeof(protos) / sizeof(protos[0]))

const char *oha_proto_name(enum oha_proto proto)
{
  return (size_t)proto < N_PROTOS ? protos[proto].name : "*";
}

bool oha_proto_is_connection(enum oha_proto proto)
{
  return (size_t)proto < N_PROTOS && protos[proto].connection;
}

uint16_t oha__proto_default_port(enum oha_proto proto)
{
  return (size_t)proto < N_PROTOS ? protos[proto].port : 0;
}

bool oha__proto_read(struct oha_span name, enum oha_proto *out)
{
  for (size_t i = OHA_PROTO_ANY + 1; i < N_PROTOS; i++)
    if (oha__span_iis(name, protos[i].name)) {
      *out = (enum oha_proto)i;
      return true;
    }
  return false;
}

/* The parts of a socket text, and why it has none. */
struct parts {
  struct oha_span proto, host, port;
  const char *why;
};

static bool refuse(struct parts *parts, const char *why)
{
  parts->why = why;
  return false;
}

/* Cut at the colons outside brackets. One colon alone is "host:port" if a number follows it, else
 * "proto:host". */
static bool cut_parts(struct oha_span text, struct parts *parts)
{
  size_t colon[2];
  size_t n_colons = 0;
  bool in_brackets = false;
  uint32_t port;

  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];

    if (c <= ' ' || c >= 0x7f)
      return refuse(parts, i == 0 ? "begins with a blank or control byte" : "holds a blank or control byte");
    if ((c == '[') == in_brackets && (c == '[' || c == ']'))
      return refuse(parts, "brackets do not match");
    if (c == '[' || c == ']')
      in_brackets = c == '[';
    else if (c == ':' && !in_brackets) {
      if (n_colons == 2)
        return refuse(parts, "too many colons (IPv6 belongs in brackets)");
      colon[n_colons++] = i;
    }
  }
  if (in_brackets)
    return refuse(parts, "missing ']'");
  parts->host = text;
  if (n_colons == 0)
    return true;
  parts->proto = (struct oha_span){ text.p, colon[0] };
  parts->host = (struct oha_span){ text.p + colon[0] + 1, text.n - colon[0] - 1 };
  if (n_colons == 2) {
    parts->host.n = colon[1] - colon[0] - 1;
    parts->port = (struct oha_span){ text.p + colon[1] + 1, text.n - colon[1] - 1 };
    return parts->port.n > 0 || refuse(parts, "bad port");
  }
  if (oha__span_u32(parts->host, UINT32_MAX, &port)) {
    parts->port = parts->host;
    parts->host = parts->proto;
    parts->proto = (struct oha_span){ 0 };
  }
  return true;
}

/* Into the canonical form of struct oha_sock. */
static bool take_host(struct oha_span host, struct oha_sock *out)
{
  if (host.n == 0)
    return false;
  if (oha__addr_read(host, &out->addr)) {
    oha__addr_canonical(&out->addr, out->host);
    return true;
  }
  if (host.n >= sizeof(out->host) || memchr(host.p, '[', host.n) != NULL)
    return false;
  for (size_t i = 0; i < host.n; i++)
    out->host[i] = oha__lower(host.p[i]);
  out->host[host.n] = '\0';
  return true;
}

static bool read_sock(struct oha_span text, struct oha_sock *out, const char **why)
{
  struct parts parts = { .why = NULL };
  uint32_t port = 0;

  if (!cut_parts(text, &parts))
    *why = parts.why;
  else if (parts.proto.p != NULL && !oha__proto_read(parts.proto, &out->proto))
    *why = "unknown protocol";
  else if (parts.port.n > 0 && (!oha__span_u32(parts.port, 65535, &port) || port == 0))
    *why = "bad port";
  else if (!take_host(parts.host, out))
    *why = "bad host";
  else {
    out->port = (uint16_t)port;
    return true;
  }
  return false;
}

enum oha_rc oha_sock_parse(const char *text, size_t n, struct oha_sock *out, struct oha_error *err)
{
  struct oha_span span = { text, n };
  const char *why = "";
  char safe[OHA_SAFE_SIZE];

  if (out == NULL || (text == NULL && n > 0))
    return oha__fail(err, OHA_E_ARG, "oha_sock_parse: NULL");
  memset(out, 0, sizeof(*out));
  while (span.n > 0 && span.p[span.n - 1] == ' ')
    span.n--;
  if (read_sock(span, out, &why))
    return OHA_OK;
  memset(out, 0, sizeof(*out));
  if (span.n == 0)
    return oha__fail(err, OHA_E_PARSE, "socket: empty");
  return oha__fail(err, OHA_E_PARSE, "socket '%s': %s", oha__safe(span, safe), why);
}

/* A name that oha_sock_parse() would give back as it is. */
static bool name_is_fine(const char *name)
{
  if (name[0] == '\0')
    return false;
  for (const char *p = name; *p != '\0'; p++)
    if (*p <= ' ' || *p >= 0x7f || strchr("[]:", *p) != NULL)
      return false;
  return true;
}

enum oha_rc oha_sock_format(const struct oha_sock *sock, char *buf, size_t size, struct oha_error *err)
{
  char host[OHA_ADDR_SIZE];
  struct oha_sbuf b;

  if (sock == NULL || buf == NULL || size == 0)
    return oha__fail(err, OHA_E_ARG, "oha_sock_format: NULL or no room");
  buf[0] = '\0';
  if (sock->proto == OHA_PROTO_ANY || (size_t)sock->proto >= N_PROTOS || sock->port == 0)
    return oha__fail(err, OHA_E_ARG, "socket: protocol or port missing");
  if (sock->addr.family == 0 && !name_is_fine(sock->host))
    return oha__fail(err, OHA_E_ARG, "socket: bad host");
  oha__sbuf_init(&b, buf, size);
  oha__sbuf_puts(&b, protos[sock->proto].name);
  oha__sbuf_putc(&b, ':');
  if (sock->addr.family == 0)
    for (const char *p = sock->host; *p != '\0'; p++)
      oha__sbuf_putc(&b, oha__lower(*p));
  else {
    oha__addr_canonical(&sock->addr, host);
    oha__sbuf_printf(&b, sock->addr.family == 6 ? "[%s]" : "%s", host);
  }
  oha__sbuf_printf(&b, ":%u", (unsigned)sock->port);
  if (oha__sbuf_done(&b) != OHA_OK)
    return oha__fail(err, OHA_E_NOSPACE, "socket: does not fit in %zu bytes", size);
  return OHA_OK;
}

static bool same_host(const struct oha_sock *a, const struct oha_sock *b)
{
  if (a->addr.family != 0 || b->addr.family != 0)
    return oha_addr_equal(&a->addr, &b->addr);
  return oha__span_ieq(oha__span(a->host), oha__span(b->host));
}

bool oha_sock_equal(const struct oha_sock *a, const struct oha_sock *b)
{
  return a->proto == b->proto && a->port == b->port && same_host(a, b);
}

static uint16_t port_of(const struct oha_sock *listener)
{
  return listener->port != 0 ? listener->port : oha__proto_default_port(listener->proto);
}

bool oha_sock_matches(const struct oha_sock *listener, const struct oha_sock *advertised,
                      const struct oha_sock *stored)
{
  if (stored->proto != OHA_PROTO_ANY && listener->proto != OHA_PROTO_ANY && stored->proto != listener->proto)
    return false;
  if (stored->port != 0 && stored->port != port_of(listener) &&
      (advertised == NULL || stored->port != advertised->port))
    return false;
  return same_host(listener, stored) || (advertised != NULL && same_host(advertised, stored));
}
