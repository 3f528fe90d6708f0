/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_BASE_SBUF_H
#define OHA_BASE_SBUF_H
/*
 * Text being built in a buffer of fixed size. An overflow sticks, the buffer becomes "", and one check at the
 * end (oha__sbuf_done) finds it.
 */
#include <opensips-ha/error.h>
#include "base/span.h"

struct oha_sbuf {
  char *p;
  size_t size;
  size_t n; /* without the NUL, always < size */
  bool overflow;
};

void oha__sbuf_init(struct oha_sbuf *b, char *buf, size_t size); /* size > 0 */
void oha__sbuf_put(struct oha_sbuf *b, struct oha_span text);
void oha__sbuf_puts(struct oha_sbuf *b, const char *text);
void oha__sbuf_putc(struct oha_sbuf *b, char c);
void oha__sbuf_printf(struct oha_sbuf *b, const char *fmt, ...) OHA_PRINTF(2, 3);

/*
 * Bytes from outside made safe for one line of a log or error text: control bytes, '\\' and what is not valid
 * UTF-8 become \xHH. Long text keeps its beginning and ends in "...".
 */
void oha__sbuf_put_safe(struct oha_sbuf *b, struct oha_span bytes, size_t max_bytes);

/* OHA_OK, or OHA_E_NOSPACE with the buffer "". */
OHA_NODISCARD enum oha_rc oha__sbuf_done(struct oha_sbuf *b);

#define OHA_SAFE_SIZE 96

/* oha__sbuf_put_safe() into a buffer of its own, for "%s". Gives back @p buf. */
const char *oha__safe(struct oha_span bytes, char buf[OHA_SAFE_SIZE]);

#endif
