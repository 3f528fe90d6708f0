/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/host.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <string.h>

#define MAX_UNIX_PATH 107 /* sun_path of unix(7) less its NUL */

static bool is_name(struct oha_span a, bool v6)
{
  for (size_t i = 0; i < a.n; i++) {
    char c = a.p[i];
    bool plain = oha__is_digit(c) || oha__is_alpha(c) || c == '.' || c == '-' || c == '_';

    if (!plain && !(v6 && (c == ':' || c == '%')))
      return false;
  }
  return a.n > 0;
}

static enum oha_rc bad_host(struct oha_span text, const char *why, struct oha_error *err)
{
  char safe[OHA_SAFE_SIZE];

  return oha__fail(err, OHA_E_CONFIG, "database host '%s': %s", oha__safe(text, safe), why);
}

static enum oha_rc parse_unix(struct oha_span text, struct oha__db_host *out, struct oha_error *err)
{
  struct oha_span path = { text.p + 5, text.n - 5 };

  if (path.n < 2 || path.p[0] != '/')
    return bad_host(text, "unix: needs an absolute path", err);
  if (path.n > MAX_UNIX_PATH || !oha__span_copy(path, out->name, sizeof(out->name)))
    return bad_host(text, "the path of a socket has at most 107 bytes", err);
  out->is_unix = true;
  return OHA_OK;
}

enum oha_rc oha__db_host_parse(struct oha_span text, struct oha__db_host *out, struct oha_error *err)
{
  struct oha_span name = text, port = { NULL, 0 }, rest;
  bool v6 = false;
  uint32_t number = OHA_DB_DEFAULT_PORT;

  memset(out, 0, sizeof(*out));
  if (!oha__span_copy(text, out->text, sizeof(out->text)))
    return bad_host(text, "longer than 255 bytes, or with a NUL", err);
  if (oha__span_starts(text, "unix:"))
    return parse_unix(text, out, err);

  if (text.n > 0 && text.p[0] == '[') {
    if (!oha__span_cut((struct oha_span){ text.p + 1, text.n - 1 }, ']', &name, &rest))
      return bad_host(text, "missing ']'", err);
    if (rest.n > 0 && rest.p[0] != ':')
      return bad_host(text, "after ']' only a port may follow", err);
    if (rest.n > 0)
      port = (struct oha_span){ rest.p + 1, rest.n - 1 };
    v6 = true;
  } else if (oha__span_cut(text, ':', &name, &rest)) {
    v6 = memchr(rest.p, ':', rest.n) != NULL; /* a bare IPv6 address has no port */
    if (v6)
      name = text;
    else
      port = rest;
  }
  if (!is_name(name, v6) || !oha__span_copy(name, out->name, sizeof(out->name)))
    return bad_host(text, "not a host name or an address", err);
  if (port.p != NULL && (!oha__span_u32(port, 65535, &number) || number == 0))
    return bad_host(text, "the port must be a number from 1 to 65535", err);
  out->port = (uint16_t)number;
  return OHA_OK;
}
