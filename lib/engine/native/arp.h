/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_NATIVE_ARP_H
#define OHA_ENGINE_NATIVE_ARP_H
/* ARP for IPv4 over Ethernet (RFC 826, RFC 5227): building and reading frames. Pure. */
#include "engine/native/frame.h"

#define OHA_ARP_FRAME_BYTES (OHA_ETHER_BYTES + 28) /* the driver pads it to 60 */

enum oha__arp_op { OHA_ARP_REQUEST = 1, OHA_ARP_REPLY = 2 };

struct oha__arp {
  enum oha__arp_op op;
  uint8_t sender_mac[OHA_MAC_BYTES], target_mac[OHA_MAC_BYTES];
  uint8_t sender_ip[4], target_ip[4];
};

/* RFC 5227 section 2.1.1: a broadcast request for @p ip from sender address 0, which no cache learns from. */
void oha__arp_build_probe(uint8_t frame[OHA_ARP_FRAME_BYTES], const uint8_t mac[OHA_MAC_BYTES],
                          const uint8_t ip[4]);

/* "@p ip is at @p mac" to all, as a request (RFC 5227 section 3) or as a reply that nobody asked for. */
void oha__arp_build_announcement(uint8_t frame[OHA_ARP_FRAME_BYTES], enum oha__arp_op op,
                                 const uint8_t mac[OHA_MAC_BYTES], const uint8_t ip[4]);

/* False, and @p out untouched, when the frame is no whole ARP request or reply for IPv4 over Ethernet. */
bool oha__arp_parse(const uint8_t *frame, size_t n, struct oha__arp *out);

#endif
