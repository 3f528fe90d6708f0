/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/owners_seen.h"
#include "engine/native/arp.h"
#include "engine/native/nd.h"

#include <stdio.h>

bool oha__owners_claim(const uint8_t *frame, size_t n, const struct oha_addr *addr,
                       uint8_t mac[OHA_MAC_BYTES])
{
  struct oha__nd_advert advert;
  struct oha__arp arp;
  const uint8_t *claimed;

  if (addr->family == 4 && oha__arp_parse(frame, n, &arp) && memcmp(arp.sender_ip, addr->bytes, 4) == 0)
    claimed = arp.sender_mac;
  else if (addr->family == 6 && oha__nd_parse_advert(frame, n, &advert) &&
           memcmp(advert.target, addr->bytes, 16) == 0)
    claimed = advert.mac;
  else
    return false;
  if (!oha__mac_is_station(claimed))
    return false;
  memcpy(mac, claimed, OHA_MAC_BYTES);
  return true;
}

void oha__owners_note(struct oha_vip_owners *seen, const uint8_t mac[OHA_MAC_BYTES], int64_t elapsed_us)
{
  char text[OHA_MAC_SIZE];

  snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
           mac[5]);
  for (unsigned i = 0; i < seen->n_macs; i++)
    if (memcmp(seen->mac[i], text, sizeof(text)) == 0)
      return;
  if (seen->n_macs == OHA_MACS_MAX)
    return;
  if (seen->n_macs == 0)
    seen->first_answer_us = elapsed_us;
  memcpy(seen->mac[seen->n_macs++], text, sizeof(text));
}
