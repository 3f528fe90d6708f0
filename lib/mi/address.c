/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/address.h"
#include "base/error.h"
#include "base/sbuf.h"
#include "base/span.h"

#include <string.h>

// clang-format off
static const struct { const char *prefix; enum oha__mi_scheme scheme; bool is_url; } schemes[] = {
  { "http://", OHA_MI_HTTP, true },     { "xmlrpc://", OHA_MI_XMLRPC, true },
  { "json://", OHA_MI_MIJSON, true },   { "fifo:", OHA_MI_FIFO, false },
  { "udp:", OHA_MI_UDP, false },        { "unix:", OHA_MI_UNIX, false },
};
// clang-format on

const char *oha_mi_era_name(enum oha_mi_era era)
{
  switch (era) {
  case OHA_MI_ERA_UNKNOWN:
    break;
  case OHA_MI_ERA_TEXT:
    return "text";
  case OHA_MI_ERA_JSONRPC:
    return "jsonrpc";
  case OHA_MI_ERA_MODULES:
    return "modules";
  case OHA_MI_ERA_KAMAILIO:
    return "kamailio";
  }
  return "unknown";
}

static bool era_of(struct oha_span name, enum oha_mi_era *era)
{
  for (enum oha_mi_era e = OHA_MI_ERA_TEXT; e <= OHA_MI_ERA_KAMAILIO; e++)
    if (oha__span_is(name, oha_mi_era_name(e))) {
      *era = e;
      return true;
    }
  return false;
}

/* An absolute path of plain bytes: it goes into a request line, a log, a system call. */
static bool take_path(struct oha_span text, char out[OHA_MI_PATH_SIZE])
{
  if (text.n == 0 || text.p[0] != '/')
    return false;
  for (size_t i = 0; i < text.n; i++)
    if (text.p[i] <= ' ' || text.p[i] == 0x7F)
      return false;
  return oha__span_copy(text, out, OHA_MI_PATH_SIZE);
}

/* "HOST:PORT", "[IPv6]:PORT" */
static bool take_host(struct oha_span text, struct oha__mi_address *out)
{
  struct oha_span host, port;
  uint32_t number;

  if (text.n > 0 && text.p[0] == '[') {
    if (!oha__span_cut((struct oha_span){ text.p + 1, text.n - 1 }, ']', &host, &port) || port.n == 0 ||
        port.p[0] != ':')
      return false;
    port = (struct oha_span){ port.p + 1, port.n - 1 };
  } else if (!oha__span_cut(text, ':', &host, &port)) {
    return false;
  }
  if (oha__span_is(host, "localhost")) /* RFC 6761 section 6.3 */
    host = OHA_SPAN("127.0.0.1");
  if (!oha__span_u32(port, 65535, &number) || number == 0 ||
      oha_addr_parse(host.p, host.n, &out->addr, NULL) != OHA_OK)
    return false;
  out->port = (uint16_t)number;
  return true;
}

/* "era=text&reply_dir=/run/opensips" */
static bool take_options(struct oha_span text, struct oha__mi_address *out)
{
  while (text.n > 0) {
    struct oha_span one = text, rest = { text.p + text.n, 0 }, key, value;

    oha__span_cut(text, '&', &one, &rest);
    text = rest;
    if (!oha__span_cut(one, '=', &key, &value))
      return false;
    if (oha__span_is(key, "era")) {
      if (!era_of(value, &out->era))
        return false;
    } else if (!oha__span_is(key, "reply_dir") || out->scheme != OHA_MI_FIFO ||
               !take_path(value, out->reply_dir)) {
      return false;
    }
  }
  return true;
}

/* mi_json is of the text era only; UDP and UNIX sockets, FIFOs and XML-RPC were there in all. */
static bool era_fits(const struct oha__mi_address *a)
{
  if (a->scheme == OHA_MI_MIJSON)
    return a->era == OHA_MI_ERA_UNKNOWN || a->era == OHA_MI_ERA_TEXT;
  return a->scheme != OHA_MI_HTTP || a->era != OHA_MI_ERA_TEXT;
}

static const char *read_address(struct oha_span text, struct oha__mi_address *out)
{
  struct oha_span options = { NULL, 0 }, host;
  const char *slash;
  bool is_url;
  size_t i = 0;

  oha__span_cut(text, '?', &text, &options);
  while (i < sizeof(schemes) / sizeof(schemes[0]) && !oha__span_starts(text, schemes[i].prefix))
    i++;
  if (i == sizeof(schemes) / sizeof(schemes[0]))
    return "must begin with http://, xmlrpc://, json://, fifo:, udp: or unix:";
  out->scheme = schemes[i].scheme;
  is_url = schemes[i].is_url;
  text.n -= strlen(schemes[i].prefix);
  text.p += strlen(schemes[i].prefix);
  host = text;
  if (is_url) {
    slash = text.n == 0 ? NULL : memchr(text.p, '/', text.n);
    host.n = slash == NULL ? text.n : (size_t)(slash - text.p);
    text = (struct oha_span){ text.p + host.n, text.n - host.n };
    if (text.n > 1 && text.p[text.n - 1] == '/')
      text.n--;
  }
  if ((is_url || out->scheme == OHA_MI_UDP) && !take_host(host, out))
    return "must have an IPv4 address, [IPv6 address] or localhost, then ':' and a port; names are not "
           "looked up";
  if (out->scheme != OHA_MI_UDP && !take_path(text, out->path))
    return is_url ? "must have a path such as /mi behind the port"
                  : "must have an absolute path, without blanks";
  if (out->scheme == OHA_MI_FIFO)
    memcpy(out->reply_dir, "/tmp", sizeof("/tmp"));
  if (!take_options(options, out))
    return "behind '?' may stand era=text|jsonrpc|modules|kamailio and, of a FIFO, reply_dir=/DIR, joined by "
           "'&'";
  return era_fits(out) ? NULL : "this transport did not exist in that era";
}

enum oha_rc oha__mi_address_parse(const char *text, struct oha__mi_address *out, struct oha_error *err)
{
  const char *wrong;
  char safe[OHA_SAFE_SIZE];

  memset(out, 0, sizeof(*out));
  wrong = read_address(oha__span(text), out);
  if (wrong == NULL)
    return OHA_OK;
  memset(out, 0, sizeof(*out));
  return oha__fail(err, OHA_E_PARSE, "management address '%s': %s", oha__safe(oha__span(text), safe), wrong);
}

bool oha_mi_address_is_local(const char *address)
{
  struct oha__mi_address a;

  if (address == NULL || oha__mi_address_parse(address, &a, NULL) != OHA_OK)
    return false;
  if (a.scheme == OHA_MI_FIFO || a.scheme == OHA_MI_UNIX)
    return true;
  if (a.addr.family == 4)
    return a.addr.bytes[0] == 127;
  for (size_t i = 0; i < 15; i++)
    if (a.addr.bytes[i] != 0)
      return false;
  return a.addr.bytes[15] == 1;
}
