/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_NATIVE_ND_H
#define OHA_ENGINE_NATIVE_ND_H
/* IPv6 Neighbour Discovery over Ethernet (RFC 4861, RFC 2464): building and reading frames. Pure. */
#include "engine/native/frame.h"

/* Ethernet, IPv6, ICMPv6 with target, one link-layer address option. */
#define OHA_ND_FRAME_BYTES (OHA_ETHER_BYTES + 40 + 24 + 8)

struct oha__nd_advert {
  uint8_t source[16];         /* of the packet */
  uint8_t target[16];         /* the address that is advertised */
  uint8_t mac[OHA_MAC_BYTES]; /* target link-layer address option, or the frame's source without one */
  bool router, solicited, override_;
};

/*
 * RFC 4861 section 7.2.6: an unsolicited Neighbour Advertisement to all nodes, from the address itself, with
 * the override flag, so that caches change at once.
 *
 * @p router says whether this machine forwards on that interface: a router that clears the flag falls out of
 * its neighbours' default router lists.
 */
void oha__nd_build_advert(uint8_t frame[OHA_ND_FRAME_BYTES], const uint8_t mac[OHA_MAC_BYTES],
                          const uint8_t address[16], bool router);

/*
 * RFC 4861 section 7.2.2: a Neighbour Solicitation for @p target to its solicited-node group.
 *
 * @p source our address on that link; all zeros is the form of duplicate address detection (RFC 4862), which
 * must not carry our link-layer address: then the frame is 8 bytes shorter. Gives the frame's length.
 */
size_t oha__nd_build_solicit(uint8_t frame[OHA_ND_FRAME_BYTES], const uint8_t mac[OHA_MAC_BYTES],
                             const uint8_t source[16], const uint8_t target[16]);

/* False, and @p out untouched, when the frame is no Neighbour Advertisement that RFC 4861 section 7.1.2 calls
 * valid (hop limit, checksum, code, length, target, options). */
bool oha__nd_parse_advert(const uint8_t *frame, size_t n, struct oha__nd_advert *out);

#endif
