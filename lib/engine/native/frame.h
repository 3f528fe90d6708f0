/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_NATIVE_FRAME_H
#define OHA_ENGINE_NATIVE_FRAME_H
/* Ethernet II frames, as arp.c and nd.c build and read them. Bytes only. */
#include <opensips-ha/api.h>

#include <string.h>

#define OHA_MAC_BYTES         6
#define OHA_ETHER_BYTES       14 /* destination, source, type */
#define OHA_ETHER_TYPE_AT     12 /* where the type is */
#define OHA_ETHER_TYPE_ARP    0x0806
#define OHA_ETHER_TYPE_IP6    0x86dd
#define OHA_ETHER_FRAME_BYTES 1514 /* the largest without a VLAN tag */

static inline uint16_t oha__get_be16(const uint8_t *p)
{
  return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void oha__put_be16(uint8_t *p, unsigned v)
{
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}

static inline void oha__put_ether(uint8_t *frame, const uint8_t to[OHA_MAC_BYTES],
                                  const uint8_t from[OHA_MAC_BYTES], unsigned type)
{
  memcpy(frame, to, OHA_MAC_BYTES);
  memcpy(frame + OHA_MAC_BYTES, from, OHA_MAC_BYTES);
  oha__put_be16(frame + OHA_ETHER_TYPE_AT, type);
}

/* A station's own address: not a group's, not zero. */
static inline bool oha__mac_is_station(const uint8_t mac[OHA_MAC_BYTES])
{
  static const uint8_t zero[OHA_MAC_BYTES];

  return (mac[0] & 1) == 0 && memcmp(mac, zero, OHA_MAC_BYTES) != 0;
}

#endif
