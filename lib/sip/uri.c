/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <opensips-ha/uri.h>
#include "sip/addr.h"
#include "sip/sock.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <string.h>

/* RFC 3986 appendix A delims and anything outside ASCII; the "unwise" ones do occur in parameters. */
static bool holds_foreign_byte(struct oha_span text)
{
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];

    if (c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"')
      return true;
  }
  return false;
}

/* Up to the first byte of @p stops; the rest, that byte included, stays in @p text. */
static struct oha_span take_until(struct oha_span *text, const char *stops)
{
  struct oha_span head = { text->p, 0 };

  while (head.n < text->n && strchr(stops, text->p[head.n]) == NULL)
    head.n++;
  text->p += head.n;
  text->n -= head.n;
  return head;
}

static bool is_host_name(struct oha_span host)
{
  for (size_t i = 0; i < host.n; i++)
    if (!oha__is_alpha(host.p[i]) && !oha__is_digit(host.p[i]) && strchr("-._", host.p[i]) == NULL)
      return false;
  return host.n > 0 && host.n < OHA_HOST_SIZE;
}

static const char *take_host(struct oha_span *rest, struct oha_uri *out)
{
  struct oha_span host;

  if (rest->n > 0 && rest->p[0] == '[') {
    host = take_until(rest, "]");
    if (rest->n == 0)
      return "missing ']'";
    host.n++;
    rest->p++;
    rest->n--;
    if (!oha__addr_read(host, &out->addr))
      return "no IPv6 address in the brackets";
    host = (struct oha_span){ host.p + 1, host.n - 2 };
  } else {
    host = take_until(rest, ":;?");
    if (!oha__addr_read(host, &out->addr) && !is_host_name(host))
      return host.n == 0 ? "empty host" : "bad host";
  }
  out->host = host.p;
  out->n_host = host.n;
  return NULL;
}

static const char *take_port(struct oha_span *rest, struct oha_uri *out)
{
  struct oha_span text;
  uint32_t port;

  if (rest->n == 0 || rest->p[0] != ':')
    return NULL;
  rest->p++;
  rest->n--;
  text = take_until(rest, ";?");
  if (!oha__span_u32(text, 65535, &port) || port == 0)
    return "bad port";
  out->port = (uint16_t)port;
  return NULL;
}

/* The first ";transport=" counts. */
static const char *take_params(struct oha_span rest, struct oha_uri *out)
{
  bool found = false;

  if (rest.n == 0 || rest.p[0] != ';')
    return NULL;
  rest = (struct oha_span){ rest.p + 1, rest.n - 1 };
  rest = take_until(&rest, "?");
  out->params = rest.p;
  out->n_params = rest.n;
  while (rest.n > 0 && !found) {
    struct oha_span param = take_until(&rest, ";");
    struct oha_span name, value;

    if (rest.n > 0)
      rest = (struct oha_span){ rest.p + 1, rest.n - 1 };
    if (!oha__span_cut(param, '=', &name, &value) || !oha__span_iis(name, "transport"))
      continue;
    found = true;
    if (!oha__proto_read(value, &out->proto) || out->proto > OHA_PROTO_WSS)
      return "unknown transport";
  }
  return NULL;
}

static const char *read_uri(struct oha_span rest, struct oha_uri *out)
{
  struct oha_span scheme, user, password;
  const char *why;

  if (holds_foreign_byte(rest))
    return "holds a byte that no URI can hold";
  if (!oha__span_cut(rest, ':', &scheme, &rest) ||
      (!oha__span_iis(scheme, "sip") && !oha__span_iis(scheme, "sips")))
    return "neither sip: nor sips:";
  out->secure = scheme.n == 4;
  if (oha__span_cut(rest, '@', &user, &rest)) {
    if (oha__span_cut(user, ':', &user, &password) && user.n == 0)
      return "password without a user";
    if (user.n == 0)
      return "empty user";
    out->user = user.p;
    out->n_user = user.n;
  }
  why = take_host(&rest, out);
  if (why == NULL)
    why = take_port(&rest, out);
  if (why == NULL && rest.n > 0 && rest.p[0] != ';' && rest.p[0] != '?')
    why = "bad bytes behind the host";
  return why != NULL ? why : take_params(rest, out);
}

enum oha_rc oha_uri_parse(const char *text, size_t n, struct oha_uri *out, struct oha_error *err)
{
  struct oha_span span = { text, n };
  char safe[OHA_SAFE_SIZE];
  const char *why;

  if (out == NULL || (text == NULL && n > 0))
    return oha__fail(err, OHA_E_ARG, "oha_uri_parse: NULL");
  memset(out, 0, sizeof(*out));
  why = read_uri(span, out);
  if (why == NULL)
    return OHA_OK;
  memset(out, 0, sizeof(*out));
  return oha__fail(err, OHA_E_PARSE, "URI '%s': %s", oha__safe(span, safe), why);
}
