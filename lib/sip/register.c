/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sip/register.h"
#include "base/error.h"
#include "base/sbuf.h"

enum oha_rc oha__sip_register_build(const struct oha_sip_register *q, char *buf, size_t size, size_t *n_bytes,
                                    struct oha_error *err)
{
  char hex[OHA_SIP_HEX_SIZE], addr[OHA_ADDR_SIZE];
  struct oha_sbuf b;

  *n_bytes = 0;
  if (!oha__sip_uri_is_safe(q->domain) || !oha__sip_uri_is_safe(q->aor) || !oha__sip_uri_is_safe(q->contact))
    return oha__fail(err, OHA_E_ARG, "REGISTER: a URI is empty or holds bytes that no URI can hold");
  oha_addr_format(&q->local, addr);
  oha__sbuf_init(&b, buf, size);
  oha__sbuf_printf(&b, "REGISTER sip:%s SIP/2.0\r\n", q->domain);
  oha__sbuf_printf(&b, q->local.family == 6 ? "Via: SIP/2.0/UDP [%s]:%u" : "Via: SIP/2.0/UDP %s:%u", addr,
                   (unsigned)q->local_port);
  oha__sbuf_printf(&b, ";branch=z9hG4bK%s;rport\r\n", oha__sip_hex(q->ids.branch, 16, hex));
  oha__sbuf_puts(&b, "Max-Forwards: 70\r\n");
  oha__sbuf_printf(&b, "From: <%s>;tag=%s\r\n", q->aor, oha__sip_hex(q->ids.tag, 8, hex));
  oha__sbuf_printf(&b, "To: <%s>\r\n", q->aor);
  oha__sbuf_printf(&b, "Call-ID: %s\r\n", oha__sip_hex(q->ids.call_id, 16, hex));
  oha__sbuf_printf(&b, "CSeq: %u REGISTER\r\n", (unsigned)q->cseq);
  oha__sbuf_printf(&b, "Contact: <%s>;expires=%u\r\n", q->contact, (unsigned)q->expires_s);
  oha__sbuf_puts(&b, "User-Agent: opensips-ha/" OHA_VERSION "\r\nContent-Length: 0\r\n\r\n");
  if (oha__sbuf_done(&b) != OHA_OK)
    return oha__fail(err, OHA_E_NOSPACE, "REGISTER: longer than %zu bytes", size - 1);
  *n_bytes = b.n;
  return OHA_OK;
}
