/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/nd.h"

#define IP6_BYTES      40
#define MESSAGE_BYTES  24 /* type, code, checksum, flags, target: NS and NA alike */
#define OPTION_BYTES   8  /* of an Ethernet address */
#define NEXT_ICMP6     58
#define HOP_LIMIT      255 /* RFC 4861: proves that no router forwarded it */
#define TYPE_SOLICIT   135
#define TYPE_ADVERT    136
#define OPT_SOURCE_MAC 1
#define OPT_TARGET_MAC 2
#define FLAG_ROUTER    0x80
#define FLAG_SOLICITED 0x40
#define FLAG_OVERRIDE  0x20

/* Offsets in the IPv6 header, and in the ICMPv6 message. */
enum { AT_PAYLOAD_BYTES = 4, AT_NEXT = 6, AT_HOPS = 7, AT_SOURCE = 8, AT_DEST = 24 };
enum { AT_TYPE = 0, AT_CODE = 1, AT_SUM = 2, AT_FLAGS = 4, AT_TARGET = 8, AT_OPTIONS = 24 };

static uint32_t sum_words(uint32_t sum, const uint8_t *p, size_t n)
{
  for (; n > 1; p += 2, n -= 2)
    sum += oha__get_be16(p);
  return n == 0 ? sum : sum + (uint32_t)(*p << 8);
}

/* Over the pseudo-header (RFC 8200 section 8.1) and the message: 0 when its checksum field is right. */
static uint16_t checksum(const uint8_t *ip6, size_t n_message)
{
  uint32_t sum = sum_words((uint32_t)n_message + NEXT_ICMP6, ip6 + AT_SOURCE, 32);

  sum = sum_words(sum, ip6 + IP6_BYTES, n_message);
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

/* Ethernet and IPv6 headers; @p dest is a group, whose Ethernet address follows from it (RFC 2464). */
static void put_headers(uint8_t *frame, const uint8_t *mac, const uint8_t *source, const uint8_t *dest,
                        size_t n_message)
{
  uint8_t *ip6 = frame + OHA_ETHER_BYTES;
  const uint8_t group[OHA_MAC_BYTES] = { 0x33, 0x33, dest[12], dest[13], dest[14], dest[15] };

  oha__put_ether(frame, group, mac, OHA_ETHER_TYPE_IP6);
  memset(ip6, 0, IP6_BYTES);
  ip6[0] = 0x60;
  oha__put_be16(ip6 + AT_PAYLOAD_BYTES, (unsigned)n_message);
  ip6[AT_NEXT] = NEXT_ICMP6;
  ip6[AT_HOPS] = HOP_LIMIT;
  memcpy(ip6 + AT_SOURCE, source, 16);
  memcpy(ip6 + AT_DEST, dest, 16);
}

static void put_message(uint8_t *frame, uint8_t type, uint8_t flags, const uint8_t *target, uint8_t option,
                        const uint8_t *mac, size_t n_message)
{
  uint8_t *ip6 = frame + OHA_ETHER_BYTES, *icmp = ip6 + IP6_BYTES;

  memset(icmp, 0, n_message);
  icmp[AT_TYPE] = type;
  icmp[AT_FLAGS] = flags;
  memcpy(icmp + AT_TARGET, target, 16);
  if (n_message > MESSAGE_BYTES) {
    icmp[AT_OPTIONS] = option;
    icmp[AT_OPTIONS + 1] = OPTION_BYTES / 8;
    memcpy(icmp + AT_OPTIONS + 2, mac, OHA_MAC_BYTES);
  }
  oha__put_be16(icmp + AT_SUM, checksum(ip6, n_message));
}

void oha__nd_build_advert(uint8_t frame[OHA_ND_FRAME_BYTES], const uint8_t mac[OHA_MAC_BYTES],
                          const uint8_t address[16], bool router)
{
  static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 1 };

  put_headers(frame, mac, address, all_nodes, MESSAGE_BYTES + OPTION_BYTES);
  put_message(frame, TYPE_ADVERT, router ? FLAG_ROUTER | FLAG_OVERRIDE : FLAG_OVERRIDE, address,
              OPT_TARGET_MAC, mac, MESSAGE_BYTES + OPTION_BYTES);
}

size_t oha__nd_build_solicit(uint8_t frame[OHA_ND_FRAME_BYTES], const uint8_t mac[OHA_MAC_BYTES],
                             const uint8_t source[16], const uint8_t target[16])
{
  static const uint8_t unspecified[16];
  uint8_t group[16] = { 0xff, 0x02, [11] = 1, [12] = 0xff };
  size_t n = MESSAGE_BYTES;

  if (memcmp(source, unspecified, sizeof(unspecified)) != 0)
    n += OPTION_BYTES;
  memcpy(group + 13, target + 13, 3);
  put_headers(frame, mac, source, group, n);
  put_message(frame, TYPE_SOLICIT, 0, target, OPT_SOURCE_MAC, mac, n);
  return OHA_ETHER_BYTES + IP6_BYTES + n;
}

/* Walk the options; *mac is set to the target link-layer address if there is one. False: not well formed. */
static bool read_options(const uint8_t *p, size_t n, const uint8_t **mac)
{
  while (n > 0) {
    size_t n_option;

    if (n < 2 || p[1] == 0)
      return false;
    n_option = (size_t)p[1] * 8;
    if (n_option > n)
      return false;
    if (p[0] == OPT_TARGET_MAC && n_option == OPTION_BYTES)
      *mac = p + 2;
    p += n_option;
    n -= n_option;
  }
  return true;
}

bool oha__nd_parse_advert(const uint8_t *frame, size_t n, struct oha__nd_advert *out)
{
  const uint8_t *ip6 = frame + OHA_ETHER_BYTES, *icmp = ip6 + IP6_BYTES, *mac = frame + OHA_MAC_BYTES;
  size_t n_message;
  bool to_group, solicited;

  if (n < OHA_ETHER_BYTES + IP6_BYTES + MESSAGE_BYTES ||
      oha__get_be16(frame + OHA_ETHER_TYPE_AT) != OHA_ETHER_TYPE_IP6 || ip6[0] >> 4 != 6 ||
      ip6[AT_NEXT] != NEXT_ICMP6 || ip6[AT_HOPS] != HOP_LIMIT)
    return false;
  n_message = oha__get_be16(ip6 + AT_PAYLOAD_BYTES);
  if (n_message < MESSAGE_BYTES || n_message > n - OHA_ETHER_BYTES - IP6_BYTES ||
      icmp[AT_TYPE] != TYPE_ADVERT || icmp[AT_CODE] != 0 || icmp[AT_TARGET] == 0xff ||
      checksum(ip6, n_message) != 0 || !read_options(icmp + AT_OPTIONS, n_message - MESSAGE_BYTES, &mac))
    return false;
  to_group = ip6[AT_DEST] == 0xff;
  solicited = (icmp[AT_FLAGS] & FLAG_SOLICITED) != 0;
  if (to_group && solicited)
    return false;
  memcpy(out->source, ip6 + AT_SOURCE, 16);
  memcpy(out->target, icmp + AT_TARGET, 16);
  memcpy(out->mac, mac, OHA_MAC_BYTES);
  out->router = (icmp[AT_FLAGS] & FLAG_ROUTER) != 0;
  out->solicited = solicited;
  out->override_ = (icmp[AT_FLAGS] & FLAG_OVERRIDE) != 0;
  return true;
}
