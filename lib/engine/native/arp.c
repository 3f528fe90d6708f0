/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/arp.h"

#define HW_ETHERNET 1
#define PROTO_IP4   0x0800

/* Offsets behind the Ethernet header (RFC 826). */
enum {
  AT_HW = 0,
  AT_PROTO = 2,
  AT_HW_LEN = 4,
  AT_PROTO_LEN = 5,
  AT_OP = 6,
  AT_SHA = 8,
  AT_SPA = 14,
  AT_THA = 18,
  AT_TPA = 24
};

static const uint8_t broadcast[OHA_MAC_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t zero[OHA_MAC_BYTES];

static void build(uint8_t *frame, enum oha__arp_op op, const uint8_t *mac, const uint8_t *sender_ip,
                  const uint8_t *target_mac, const uint8_t *target_ip)
{
  uint8_t *arp = frame + OHA_ETHER_BYTES;

  oha__put_ether(frame, broadcast, mac, OHA_ETHER_TYPE_ARP);
  oha__put_be16(arp + AT_HW, HW_ETHERNET);
  oha__put_be16(arp + AT_PROTO, PROTO_IP4);
  arp[AT_HW_LEN] = OHA_MAC_BYTES;
  arp[AT_PROTO_LEN] = 4;
  oha__put_be16(arp + AT_OP, op);
  memcpy(arp + AT_SHA, mac, OHA_MAC_BYTES);
  memcpy(arp + AT_SPA, sender_ip, 4);
  memcpy(arp + AT_THA, target_mac, OHA_MAC_BYTES);
  memcpy(arp + AT_TPA, target_ip, 4);
}

void oha__arp_build_probe(uint8_t frame[OHA_ARP_FRAME_BYTES], const uint8_t mac[OHA_MAC_BYTES],
                          const uint8_t ip[4])
{
  build(frame, OHA_ARP_REQUEST, mac, zero, zero, ip);
}

void oha__arp_build_announcement(uint8_t frame[OHA_ARP_FRAME_BYTES], enum oha__arp_op op,
                                 const uint8_t mac[OHA_MAC_BYTES], const uint8_t ip[4])
{
  /* RFC 5227 leaves the target hardware address of a request zero. Linux takes a reply for gratuitous only
   * when it names the sender's own (arp_is_garp() in net/ipv4/arp.c). */
  build(frame, op, mac, ip, op == OHA_ARP_REPLY ? mac : zero, ip);
}

bool oha__arp_parse(const uint8_t *frame, size_t n, struct oha__arp *out)
{
  const uint8_t *arp = frame + OHA_ETHER_BYTES;
  unsigned op;

  if (n < OHA_ARP_FRAME_BYTES || oha__get_be16(frame + OHA_ETHER_TYPE_AT) != OHA_ETHER_TYPE_ARP)
    return false;
  op = oha__get_be16(arp + AT_OP);
  if (oha__get_be16(arp + AT_HW) != HW_ETHERNET || oha__get_be16(arp + AT_PROTO) != PROTO_IP4 ||
      arp[AT_HW_LEN] != OHA_MAC_BYTES || arp[AT_PROTO_LEN] != 4 ||
      (op != OHA_ARP_REQUEST && op != OHA_ARP_REPLY))
    return false;
  out->op = op == OHA_ARP_REQUEST ? OHA_ARP_REQUEST : OHA_ARP_REPLY;
  memcpy(out->sender_mac, arp + AT_SHA, OHA_MAC_BYTES);
  memcpy(out->sender_ip, arp + AT_SPA, 4);
  memcpy(out->target_mac, arp + AT_THA, OHA_MAC_BYTES);
  memcpy(out->target_ip, arp + AT_TPA, 4);
  return true;
}
