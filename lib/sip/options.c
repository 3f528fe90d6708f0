/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sip/options.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <string.h>

static const char cookie[] = "z9hG4bK"; /* RFC 3261 section 8.1.1.7 */

#define N_COOKIE (sizeof(cookie) - 1)

bool oha__sip_uri_is_safe(const char *uri)
{
  for (const char *p = uri; *p != '\0'; p++)
    if (*p <= ' ' || *p >= 0x7f || *p == '<' || *p == '>' || *p == '"')
      return false;
  return uri[0] != '\0';
}

char *oha__sip_hex(const uint8_t *bytes, size_t n, char *buf)
{
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < n; i++) {
    buf[2 * i] = digits[bytes[i] >> 4];
    buf[2 * i + 1] = digits[bytes[i] & 15];
  }
  buf[2 * n] = '\0';
  return buf;
}

bool oha__sip_branch_read(const char *branch, size_t n, uint8_t out[16])
{
  if (n != N_COOKIE + 32 || memcmp(branch, cookie, N_COOKIE) != 0)
    return false;
  for (size_t i = 0; i < 16; i++) {
    int high = oha__hex_digit(branch[N_COOKIE + 2 * i]);
    int low = oha__hex_digit(branch[N_COOKIE + 2 * i + 1]);

    if (high < 0 || low < 0)
      return false;
    out[i] = (uint8_t)(high << 4 | low);
  }
  return true;
}

static const char *via_name(enum oha_proto proto)
{
  switch ((int)proto) {
  case OHA_PROTO_UDP:
    return "UDP";
  case OHA_PROTO_TCP:
    return "TCP";
  case OHA_PROTO_TLS:
    return "TLS";
  default:
    return NULL;
  }
}

static void put_sent_by(struct oha_sbuf *b, const struct oha_addr *addr, uint16_t port)
{
  char text[OHA_ADDR_SIZE];

  oha_addr_format(addr, text);
  oha__sbuf_printf(b, addr->family == 6 ? "[%s]:%u" : "%s:%u", text, (unsigned)port);
}

enum oha_rc oha__sip_options_build(const struct oha_sip_options *q, char *buf, size_t size, size_t *n_bytes,
                                   struct oha_error *err)
{
  const char *via = via_name(q->proto);
  char hex[OHA_SIP_HEX_SIZE];
  struct oha_sbuf b;

  *n_bytes = 0;
  if (via == NULL)
    return oha__fail(err, OHA_E_ARG, "OPTIONS: protocol %s cannot be probed", oha_proto_name(q->proto));
  if (!oha__sip_uri_is_safe(q->uri) || !oha__sip_uri_is_safe(q->from) ||
      (q->contact != NULL && !oha__sip_uri_is_safe(q->contact)))
    return oha__fail(err, OHA_E_ARG, "OPTIONS: a URI is empty or holds bytes that no URI can hold");
  oha__sbuf_init(&b, buf, size);
  oha__sbuf_printf(&b, "OPTIONS %s SIP/2.0\r\nVia: SIP/2.0/%s ", q->uri, via);
  put_sent_by(&b, &q->local, q->local_port);
  oha__sbuf_printf(&b, ";branch=%s%s;rport\r\n", cookie, oha__sip_hex(q->ids.branch, 16, hex));
  oha__sbuf_puts(&b, "Max-Forwards: 70\r\n");
  oha__sbuf_printf(&b, "From: <%s>;tag=%s\r\n", q->from, oha__sip_hex(q->ids.tag, 8, hex));
  oha__sbuf_printf(&b, "To: <%s>\r\n", q->uri);
  oha__sbuf_printf(&b, "Call-ID: %s\r\nCSeq: 1 OPTIONS\r\n", oha__sip_hex(q->ids.call_id, 16, hex));
  if (q->contact != NULL)
    oha__sbuf_printf(&b, "Contact: <%s>\r\n", q->contact);
  oha__sbuf_puts(&b, "Accept: application/sdp\r\nUser-Agent: opensips-ha/" OHA_VERSION "\r\n");
  oha__sbuf_puts(&b, "Content-Length: 0\r\n\r\n");
  if (oha__sbuf_done(&b) != OHA_OK)
    return oha__fail(err, OHA_E_NOSPACE, "OPTIONS: longer than %zu bytes", size - 1);
  *n_bytes = b.n;
  return OHA_OK;
}
