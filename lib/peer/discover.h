/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_PEER_DISCOVER_H
#define OHA_PEER_DISCOVER_H
/* What a row of a routing table names as a peer. Pure. */
#include <opensips-ha/peer.h>
#include "base/span.h"

/*
 * "sip:host:port;transport=tcp", "host:port", or a bare address, as dispatcher.destination and
 * dr_gateways.address have it. Fills in target, can_probe and why.
 */
void oha__found_uri(struct oha_peer_found *found, struct oha_span text);

/* A row of table address: only a single host with a port is a peer. */
void oha__found_address(struct oha_peer_found *found, struct oha_span ip, struct oha_span mask,
                        struct oha_span port, struct oha_span proto);

#endif
