/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sip/addr.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <arpa/inet.h>
#include <string.h>

/* Dotted quad without leading zeros; anything else is a name to OpenSIPS as well. */
static bool read_v4(struct oha_span t, uint8_t out[4])
{
  uint8_t bytes[4];
  size_t at = 0;

  if (t.n < 7 || t.n > 15)
    return false;
  for (int i = 0; i < 4; i++) {
    size_t start = at;
    unsigned v = 0;

    while (at < t.n && at - start < 3 && oha__is_digit(t.p[at]))
      v = v * 10 + (unsigned)(t.p[at++] - '0');
    if (at == start || v > 255 || (at - start > 1 && t.p[start] == '0'))
      return false;
    bytes[i] = (uint8_t)v;
    if (i < 3 && (at >= t.n || t.p[at++] != '.'))
      return false;
  }
  if (at != t.n)
    return false;
  memcpy(out, bytes, sizeof(bytes));
  return true;
}

static bool read_v6(struct oha_span t, uint8_t out[16])
{
  char text[INET6_ADDRSTRLEN];
  uint8_t bytes[16];

  if (!oha__span_copy(t, text, sizeof(text)) || inet_pton(AF_INET6, text, bytes) != 1)
    return false;
  memcpy(out, bytes, sizeof(bytes));
  return true;
}

bool oha__addr_read(struct oha_span text, struct oha_addr *out)
{
  struct oha_addr addr = { .family = 4 };

  if (read_v4(text, addr.bytes)) {
    *out = addr;
    return true;
  }
  if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
    text = (struct oha_span){ text.p + 1, text.n - 2 };
  addr = (struct oha_addr){ .family = 6 };
  if (text.n < 2 || memchr(text.p, ':', text.n) == NULL || !read_v6(text, addr.bytes))
    return false;
  *out = addr;
  return true;
}

enum oha_rc oha_addr_parse(const char *text, size_t n, struct oha_addr *out, struct oha_error *err)
{
  char safe[OHA_SAFE_SIZE];

  if (out == NULL || (text == NULL && n > 0))
    return oha__fail(err, OHA_E_ARG, "oha_addr_parse: NULL");
  memset(out, 0, sizeof(*out));
  if (!oha__addr_read((struct oha_span){ text, n }, out))
    return oha__fail(err, OHA_E_PARSE, "address '%s': neither IPv4 nor IPv6",
                     oha__safe((struct oha_span){ text, n }, safe));
  return OHA_OK;
}

static char *put_decimal(char *p, unsigned v)
{
  if (v >= 100)
    *p++ = (char)('0' + v / 100);
  if (v >= 10)
    *p++ = (char)('0' + v / 10 % 10);
  *p++ = (char)('0' + v % 10);
  return p;
}

static char *put_v4(char *p, const uint8_t bytes[4])
{
  for (int i = 0; i < 4; i++) {
    if (i > 0)
      *p++ = '.';
    p = put_decimal(p, bytes[i]);
  }
  *p = '\0';
  return p;
}

size_t oha__addr_canonical(const struct oha_addr *addr, char buf[OHA_ADDR_SIZE])
{
  static const char hex[] = "0123456789ABCDEF";
  char *p = buf;

  *p = '\0';
  if (addr->family == 4)
    return (size_t)(put_v4(p, addr->bytes) - buf);
  if (addr->family != 6)
    return 0;
  for (int i = 0; i < 16; i += 2) {
    unsigned v = (unsigned)addr->bytes[i] << 8 | addr->bytes[i + 1];

    if (i > 0)
      *p++ = ':';
    for (int shift = 12; shift >= 0; shift -= 4)
      if (shift == 0 || v >> shift != 0)
        *p++ = hex[v >> shift & 15];
  }
  *p = '\0';
  return (size_t)(p - buf);
}

char *oha_addr_format(const struct oha_addr *addr, char buf[OHA_ADDR_SIZE])
{
  buf[0] = '\0';
  if (addr->family == 4)
    put_v4(buf, addr->bytes);
  else if (addr->family == 6 && inet_ntop(AF_INET6, addr->bytes, buf, OHA_ADDR_SIZE) == NULL)
    buf[0] = '\0';
  return buf;
}

static size_t addr_bytes(const struct oha_addr *addr)
{
  return addr->family == 4 ? 4 : addr->family == 6 ? 16 : 0;
}

bool oha_addr_equal(const struct oha_addr *a, const struct oha_addr *b)
{
  return a->family == b->family && memcmp(a->bytes, b->bytes, addr_bytes(a)) == 0;
}

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
  unsigned whole = bits / 8;
  unsigned rest = bits % 8;

  if (memcmp(a, b, whole) != 0)
    return false;
  return rest == 0 || ((a[whole] ^ b[whole]) & (0xff00 >> rest & 0xff)) == 0;
}

bool oha_addr_is_private(const struct oha_addr *addr)
{
  static const struct oha_network private_networks[] = {
    { { 4, { 0 } }, 8 },           /* RFC 1122: this host */
    { { 4, { 10 } }, 8 },          /* RFC 1918 */
    { { 4, { 172, 16 } }, 12 },    /* RFC 1918 */
    { { 4, { 192, 168 } }, 16 },   /* RFC 1918 */
    { { 4, { 100, 64 } }, 10 },    /* RFC 6598: carrier-grade NAT */
    { { 4, { 127 } }, 8 },         /* loopback */
    { { 4, { 169, 254 } }, 16 },   /* RFC 3927: link-local */
    { { 6, { 0 } }, 128 },         /* unspecified */
    { { 6, { [15] = 1 } }, 128 },  /* loopback */
    { { 6, { 0xfc } }, 7 },        /* RFC 4193 */
    { { 6, { 0xfe, 0x80 } }, 10 }, /* link-local */
  };
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
  struct oha_addr v4 = { .family = 4 };

  if (addr->family == 6 && memcmp(addr->bytes, mapped, sizeof(mapped)) == 0) {
    memcpy(v4.bytes, addr->bytes + sizeof(mapped), 4);
    addr = &v4;
  }
  for (size_t i = 0; i < sizeof(private_networks) / sizeof(private_networks[0]); i++)
    if (oha_network_contains(&private_networks[i], addr))
      return true;
  return false;
}

bool oha_network_contains(const struct oha_network *network, const struct oha_addr *addr)
{
  size_t n = addr_bytes(addr);

  return n > 0 && network->addr.family == addr->family && network->prefix_bits <= n * 8 &&
         same_prefix(network->addr.bytes, addr->bytes, network->prefix_bits);
}

static bool host_bits_are_zero(const struct oha_network *network)
{
  struct oha_network with_zeros = *network;
  size_t n = addr_bytes(&network->addr);

  for (size_t bit = network->prefix_bits; bit < n * 8; bit++)
    with_zeros.addr.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
  return oha_addr_equal(&with_zeros.addr, &network->addr);
}

enum oha_rc oha_network_parse(const char *text, size_t n, struct oha_network *out, struct oha_error *err)
{
  struct oha_span whole = { text, n };
  struct oha_span host = whole, bits_text = { 0 };
  struct oha_network network = { 0 };
  char safe[OHA_SAFE_SIZE];
  bool has_bits;
  uint32_t bits;

  if (out == NULL || (text == NULL && n > 0))
    return oha__fail(err, OHA_E_ARG, "oha_network_parse: NULL");
  memset(out, 0, sizeof(*out));
  has_bits = oha__span_cut(whole, '/', &host, &bits_text);
  if (!oha__addr_read(host, &network.addr))
    return oha__fail(err, OHA_E_PARSE, "network '%s': neither IPv4 nor IPv6", oha__safe(whole, safe));
  bits = (uint32_t)addr_bytes(&network.addr) * 8;
  if (has_bits && !oha__span_u32(bits_text, bits, &bits))
    return oha__fail(err, OHA_E_PARSE, "network '%s': the prefix length must be 0 to %u",
                     oha__safe(whole, safe), bits);
  network.prefix_bits = (uint8_t)bits;
  if (!host_bits_are_zero(&network))
    return oha__fail(err, OHA_E_PARSE, "network '%s': bits behind the prefix are set",
                     oha__safe(whole, safe));
  *out = network;
  return OHA_OK;
}
