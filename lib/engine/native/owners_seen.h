/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_NATIVE_OWNERS_SEEN_H
#define OHA_ENGINE_NATIVE_OWNERS_SEEN_H
/* Counting the stations that claim an address, from the frames they send. Pure. */
#include <opensips-ha/vip.h>
#include "engine/native/frame.h"

/*
 * Does @p frame claim @p addr? ARP of either operation whose sender address it is (RFC 5227 section 2.4 calls
 * both a conflict), or a valid Neighbour Advertisement for it. Then *mac is the station it names; group and
 * zero addresses do not count.
 */
bool oha__owners_claim(const uint8_t *frame, size_t n, const struct oha_addr *addr,
                       uint8_t mac[OHA_MAC_BYTES]);

/* Count a station once; the list stops at OHA_MACS_MAX. @p elapsed_us since the first question. */
void oha__owners_note(struct oha_vip_owners *seen, const uint8_t mac[OHA_MAC_BYTES], int64_t elapsed_us);

#endif
