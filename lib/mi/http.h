/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_HTTP_H
#define OHA_MI_HTTP_H
/*
 * HTTP/1.1 (RFC 9112) as far as the httpd module of OpenSIPS (libmicrohttpd) and xhttp of Kamailio speak it.
 * Own code, because what they need no HTTP library promises: head and body in one segment (httpd of 3.0
 * to 3.5 drops a body that comes in pieces), and an end at the status line of 202, 400 and 405, whose last
 * chunk never comes. Pure.
 */
#include <opensips-ha/error.h>
#include "base/sbuf.h"
#include "mi/address.h"

/* A request head up to and with the empty line. @p type NULL = GET, without a body. */
void oha__http_put_head(const struct oha__mi_address *address, const char *target, const char *type,
                        size_t n_body, const char *authorization, struct oha_sbuf *out);

#define OHA_HTTP_DATE_SIZE 40

/* A reply that is coming in. Zero it before the first byte. */
struct oha__http {
  enum { OHA_HTTP_HEAD, OHA_HTTP_LENGTH, OHA_HTTP_CHUNKS, OHA_HTTP_TO_END, OHA_HTTP_DONE } state;
  int status;
  char reason[64];
  char date[OHA_HTTP_DATE_SIZE]; /* "" = none */
  bool has_type;                 /* a Content-Type came */
  bool closes;                   /* the connection cannot be used again */
  size_t at;                     /* bytes understood */
  size_t body, n_body;           /* where the body begins, and how much of it is there, chunks joined */
  size_t n_left;                 /* of the body, or of this chunk */
};

/*
 * Look at all bytes that came so far; chunks are joined in place.
 * Returns OHA_OK the reply is whole; OHA_END more must come; OHA_E_PROTOCOL.
 */
OHA_NODISCARD enum oha_rc oha__http_feed(struct oha__http *http, char *bytes, size_t n, bool at_end,
                                         struct oha_error *err);

#endif
