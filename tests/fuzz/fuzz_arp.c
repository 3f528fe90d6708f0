/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ARP frames from the wire: what parses has a known operation, and only its sender is a claimant. */
#include "engine/native/arp.h"
#include "engine/native/owners_seen.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_addr addr = { .family = 4 };
  uint8_t mac[OHA_MAC_BYTES];
  struct oha__arp arp;

  if (!oha__arp_parse(data, size, &arp)) {
    if (oha__owners_claim(data, size, &addr, mac))
      abort();
    return 0;
  }
  if (size < OHA_ARP_FRAME_BYTES || (arp.op != OHA_ARP_REQUEST && arp.op != OHA_ARP_REPLY))
    abort();
  memcpy(addr.bytes, arp.sender_ip, 4);
  if (oha__owners_claim(data, size, &addr, mac) != oha__mac_is_station(arp.sender_mac))
    abort();
  addr.bytes[0] ^= 1;
  if (oha__owners_claim(data, size, &addr, mac))
    abort();
  return 0;
}
