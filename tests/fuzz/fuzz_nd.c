/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Neighbour Advertisements from the wire. A random change hardly ever has the right checksum, so each input
 * is tried as it is and once more with the checksum put right.
 */
#include "engine/native/nd.h"
#include "engine/native/owners_seen.h"

#include <stdlib.h>

#define AT_LENGTH   (OHA_ETHER_BYTES + 4)
#define AT_SOURCE   (OHA_ETHER_BYTES + 8)
#define AT_MESSAGE  (OHA_ETHER_BYTES + 40)
#define AT_CHECKSUM (AT_MESSAGE + 2)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_frame(const uint8_t *frame, size_t n)
{
  struct oha_addr addr = { .family = 6 };
  struct oha__nd_advert advert;
  uint8_t mac[OHA_MAC_BYTES];

  if (!oha__nd_parse_advert(frame, n, &advert))
    return;
  if (advert.target[0] == 0xff || (advert.solicited && frame[AT_SOURCE + 16] == 0xff))
    abort();
  memcpy(addr.bytes, advert.target, 16);
  if (oha__owners_claim(frame, n, &addr, mac) != oha__mac_is_station(advert.mac))
    abort();
  addr.bytes[15] ^= 1;
  if (oha__owners_claim(frame, n, &addr, mac))
    abort();
}

static void put_checksum(uint8_t *frame, size_t n_message)
{
  uint64_t sum = n_message + 58;

  frame[AT_CHECKSUM] = frame[AT_CHECKSUM + 1] = 0;
  for (size_t i = AT_SOURCE; i < AT_MESSAGE + n_message; i++)
    sum += (uint64_t)frame[i] << ((i - AT_SOURCE) % 2 == 0 ? 8 : 0);
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  oha__put_be16(frame + AT_CHECKSUM, (unsigned)(~sum & 0xffff));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint8_t *copy;
  size_t n_message;

  try_frame(data, size);
  if (size < AT_CHECKSUM + 2)
    return 0;
  n_message = oha__get_be16(data + AT_LENGTH);
  if (n_message < 4 || n_message > size - AT_MESSAGE)
    return 0;
  copy = malloc(size);
  if (copy == NULL)
    return 0;
  memcpy(copy, data, size);
  put_checksum(copy, n_message);
  try_frame(copy, size);
  free(copy);
  return 0;
}
