/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_URI_H
#define OHA_URI_H
/* SIP URIs (RFC 3261 section 19.1) as far as routing needs them: user, host, port, transport. */
#include <opensips-ha/api.h>
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>

OHA_BEGIN_DECLS

/** Spans point into the parsed text, which must outlive them; n = 0 where a part is missing. */
struct oha_uri {
  bool secure; /* sips: */
  const char *user;
  size_t n_user;
  const char *host; /* without brackets */
  size_t n_host;
  struct oha_addr addr; /* family 0 when host is a name */
  uint16_t port;        /* 0 = none given */
  enum oha_proto proto; /* from ;transport=, ANY when none; unknown transports are refused */
  const char *params;   /* behind the first ';' */
  size_t n_params;
};

/**
 * Parse "sip:user@host:port;params?headers" without angle brackets; borrows @p text.
 *
 * @param out zeroed on failure
 * @return OHA_OK; OHA_E_PARSE (scheme other than sip/sips, empty host, bad port, unbalanced bracket, bytes
 *         that a URI cannot hold)
 */
OHA_API OHA_NODISCARD enum oha_rc oha_uri_parse(const char *text, size_t n, struct oha_uri *out,
                                                struct oha_error *err);

OHA_END_DECLS
#endif
