/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_PEER_BOUND_H
#define OHA_PEER_BOUND_H
/* Which local sockets are bound: lines of /proc/net/{udp,udp6,tcp,tcp6}, see proc(5). Pure. */
#include <opensips-ha/sock.h>
#include "base/span.h"

struct oha__bound {
  struct oha_addr addr; /* all zero = every address of the family */
  uint16_t port;
  bool listening; /* state 0A (TCP_LISTEN), or 07 (what UDP has) */
};

/* One line. False: the heading, or no such line. */
bool oha__bound_parse(struct oha_span line, struct oha__bound *out);

/* Does this socket take what is sent to @p wanted? */
bool oha__bound_serves(const struct oha__bound *bound, const struct oha_sock *wanted);

#endif
