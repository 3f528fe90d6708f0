/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_SIP_ADDR_H
#define OHA_SIP_ADDR_H
#include <opensips-ha/sock.h>
#include "base/span.h"

/*
 * oha_addr_parse() without an error text, for callers that try a name next. @p out is untouched on false.
 */
bool oha__addr_read(struct oha_span text, struct oha_addr *out);

/*
 * As OpenSIPS prints a listener (ip_addr2a): dotted IPv4; IPv6 in eight upper-case groups, no "::", no
 * brackets. "" for family 0. Gives back the length.
 */
size_t oha__addr_canonical(const struct oha_addr *addr, char buf[OHA_ADDR_SIZE]);

#endif
