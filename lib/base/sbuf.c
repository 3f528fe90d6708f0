/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/sbuf.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void oha__sbuf_init(struct oha_sbuf *b, char *buf, size_t size)
{
  *b = (struct oha_sbuf){ .p = buf, .size = size };
  buf[0] = '\0';
}

static void overflow(struct oha_sbuf *b)
{
  b->overflow = true;
  b->n = 0;
  b->p[0] = '\0';
}

void oha__sbuf_put(struct oha_sbuf *b, struct oha_span text)
{
  if (b->overflow)
    return;
  if (text.n >= b->size - b->n) {
    overflow(b);
    return;
  }
  if (text.n > 0)
    memcpy(b->p + b->n, text.p, text.n);
  b->n += text.n;
  b->p[b->n] = '\0';
}

void oha__sbuf_puts(struct oha_sbuf *b, const char *text)
{
  oha__sbuf_put(b, oha__span(text));
}

void oha__sbuf_putc(struct oha_sbuf *b, char c)
{
  oha__sbuf_put(b, (struct oha_span){ &c, 1 });
}

void oha__sbuf_printf(struct oha_sbuf *b, const char *fmt, ...)
{
  va_list ap;
  int n;

  if (b->overflow)
    return;
  va_start(ap, fmt);
  n = vsnprintf(b->p + b->n, b->size - b->n, fmt, ap);
  va_end(ap);
  if (n < 0 || (size_t)n >= b->size - b->n)
    overflow(b);
  else
    b->n += (size_t)n;
}

void oha__sbuf_put_safe(struct oha_sbuf *b, struct oha_span bytes, size_t max_bytes)
{
  size_t room = max_bytes < 8 ? 8 : max_bytes;
  size_t used = 0;

  for (size_t i = 0; i < bytes.n;) {
    size_t len = oha__utf8_len(bytes.p + i, bytes.n - i);
    unsigned char c = (unsigned char)bytes.p[i];
    bool plain = len > 0 && c >= 0x20 && c != 0x7f && c != '\\';
    size_t need = plain ? len : 4;

    if (used + need > room - 3) {
      oha__sbuf_puts(b, "...");
      return;
    }
    if (plain)
      oha__sbuf_put(b, (struct oha_span){ bytes.p + i, len });
    else
      oha__sbuf_printf(b, "\\x%02X", c);
    i += plain ? len : 1;
    used += need;
  }
}

enum oha_rc oha__sbuf_done(struct oha_sbuf *b)
{
  return b->overflow ? OHA_E_NOSPACE : OHA_OK;
}

const char *oha__safe(struct oha_span bytes, char buf[OHA_SAFE_SIZE])
{
  struct oha_sbuf b;

  oha__sbuf_init(&b, buf, OHA_SAFE_SIZE);
  oha__sbuf_put_safe(&b, bytes, OHA_SAFE_SIZE - 8);
  return buf;
}
