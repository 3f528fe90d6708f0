/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_SIP_SOCK_H
#define OHA_SIP_SOCK_H
#include <opensips-ha/sock.h>
#include "base/span.h"

/* A protocol's name in any case; false when OpenSIPS does not know it. "*" is none. */
bool oha__proto_read(struct oha_span name, enum oha_proto *out);

/* The port that a SIP listener without one gets: 5060, TLS 5061, WS 80, WSS 443, IPsec 5062; 0 = none known.
 */
uint16_t oha__proto_default_port(enum oha_proto proto);

#endif
