/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_NATIVE_LAN_H
#define OHA_ENGINE_NATIVE_LAN_H
/* Whole Ethernet frames on one interface: packet(7). Needs CAP_NET_RAW. */
#include "engine/native/addrs.h"

struct oha__lan {
  int fd; /* -1 = closed */
  char name[16];
};

enum oha__lan_hear {
  OHA_LAN_NOTHING, /* sends only */
  OHA_LAN_ARP,
  OHA_LAN_ADVERTS /* ICMPv6 Neighbour Advertisements */
};

/* OHA_E_DENIED without CAP_NET_RAW; OHA_E_IO. */
OHA_NODISCARD enum oha_rc oha__lan_open(const struct oha__link *link, enum oha__lan_hear hear,
                                        struct oha__lan *lan, struct oha_error *err);
void oha__lan_close(struct oha__lan *lan);

OHA_NODISCARD enum oha_rc oha__lan_send(const struct oha__lan *lan, const uint8_t *frame, size_t n,
                                        struct oha_error *err);

/* The next frame that others sent, without waiting: OHA_OK; OHA_END none is there; OHA_E_IO. */
OHA_NODISCARD enum oha_rc oha__lan_recv(const struct oha__lan *lan, uint8_t frame[OHA_ETHER_FRAME_BYTES],
                                        size_t *n, struct oha_error *err);

#endif
