/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TZif bytes (RFC 8536 section 3) into struct oha__tz. No I/O. */
#include "base/tz.h"
#include "base/error.h"
#include "base/mem.h"

#include <string.h>

#define HEADER_BYTES  44
#define N_TYPES_MAX   255
#define N_CHANGES_MAX 20000 /* a change a month for a thousand years; real zones have under 300 */

struct reader {
  const uint8_t *p, *end;
};

struct header {
  char version;
  uint32_t n_isut, n_isstd, n_leap, n_time, n_type, n_char;
};

static uint64_t get_be(const uint8_t *p, size_t n)
{
  uint64_t v = 0;

  while (n-- > 0)
    v = v << 8 | *p++;
  return v;
}

static enum oha_rc bad(struct oha_error *err, const char *what)
{
  return oha__fail(err, OHA_E_PARSE, "time zone data: %s", what);
}

static bool take_header(struct reader *r, struct header *h)
{
  const uint8_t *p = r->p;

  if (r->end - p < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
    return false;
  h->version = (char)p[4];
  h->n_isut = (uint32_t)get_be(p + 20, 4);
  h->n_isstd = (uint32_t)get_be(p + 24, 4);
  h->n_leap = (uint32_t)get_be(p + 28, 4);
  h->n_time = (uint32_t)get_be(p + 32, 4);
  h->n_type = (uint32_t)get_be(p + 36, 4);
  h->n_char = (uint32_t)get_be(p + 40, 4);
  r->p += HEADER_BYTES;
  return true;
}

/* Bytes of the data block; 32-bit counts times small sizes cannot overflow 64 bits. */
static uint64_t block_bytes(const struct header *h, size_t time_bytes)
{
  return (uint64_t)h->n_time * (time_bytes + 1) + (uint64_t)h->n_type * 6 + h->n_char +
         (uint64_t)h->n_leap * (time_bytes + 4) + h->n_isstd + h->n_isut;
}

static enum oha_rc check_counts(const struct reader *r, const struct header *h, size_t time_bytes,
                                struct oha_error *err)
{
  if (h->n_type == 0 || h->n_type > N_TYPES_MAX || h->n_char == 0)
    return bad(err, "bad number of local time types");
  if ((h->n_isut != 0 && h->n_isut != h->n_type) || (h->n_isstd != 0 && h->n_isstd != h->n_type))
    return bad(err, "bad number of indicators");
  if (h->n_time > N_CHANGES_MAX)
    return bad(err, "too many changes");
  if (h->n_leap != 0)
    return bad(err, "it counts leap seconds, which SIP servers' clocks do not");
  if (block_bytes(h, time_bytes) > (uint64_t)(r->end - r->p))
    return bad(err, "cut short");
  return OHA_OK;
}

static enum oha_rc take_types(struct oha__tz *tz, const uint8_t *p, uint32_t n_char, struct oha_error *err)
{
  for (size_t i = 0; i < tz->n_types; i++, p += 6) {
    struct oha__tz_type *type = &tz->types[i];

    type->offset_s = (int32_t)(uint32_t)get_be(p, 4);
    type->is_dst = p[4] == 1;
    if (type->offset_s <= -OHA_TZ_OFFSET_MAX_S || type->offset_s >= OHA_TZ_OFFSET_MAX_S)
      return bad(err, "an offset from UTC is longer than 26 hours");
    if (p[4] > 1 || p[5] >= n_char)
      return bad(err, "bad local time type");
  }
  tz->first = tz->types[0];
  return OHA_OK;
}

static enum oha_rc take_block(struct reader *r, const struct header *h, size_t time_bytes, struct oha__tz *tz,
                              struct oha_error *err)
{
  const uint8_t *times = r->p, *indices;
  enum oha_rc rc = check_counts(r, h, time_bytes, err);

  if (rc != OHA_OK)
    return rc;
  indices = times + h->n_time * time_bytes;
  tz->types = oha__calloc(h->n_type, sizeof(*tz->types));
  tz->changes = oha__calloc(h->n_time, sizeof(*tz->changes));
  if (tz->types == NULL || tz->changes == NULL)
    return oha__fail_nomem(err);
  tz->n_types = h->n_type;
  tz->n_changes = h->n_time;
  rc = take_types(tz, indices + h->n_time, h->n_char, err);
  for (size_t i = 0; rc == OHA_OK && i < h->n_time; i++) {
    uint64_t raw = get_be(times + i * time_bytes, time_bytes);

    tz->changes[i].at_s = time_bytes == 4 ? (int32_t)(uint32_t)raw : (int64_t)raw;
    tz->changes[i].type = indices[i];
    if (indices[i] >= h->n_type)
      return bad(err, "a change names a local time type that is not there");
    if (i > 0 && tz->changes[i].at_s <= tz->changes[i - 1].at_s)
      return bad(err, "changes are not in ascending order");
  }
  r->p += block_bytes(h, time_bytes);
  return rc;
}

/* "\n" POSIX-TZ "\n"; an empty one means that nothing is known after the last change. */
static enum oha_rc take_footer(struct reader *r, struct oha__tz *tz, struct oha_error *err)
{
  const uint8_t *end;

  if (r->p == r->end || *r->p != '\n')
    return bad(err, "no footer");
  r->p++;
  end = r->p == r->end ? NULL : memchr(r->p, '\n', (size_t)(r->end - r->p));
  if (end == NULL)
    return bad(err, "footer without end");
  if (end > r->p) {
    tz->has_footer = true;
    if (!oha__tz_posix_parse((struct oha_span){ (const char *)r->p, (size_t)(end - r->p) }, &tz->footer))
      return bad(err, "bad footer");
  }
  return OHA_OK;
}

static enum oha_rc parse_into(struct reader *r, struct oha__tz *tz, struct oha_error *err)
{
  struct header h;
  enum oha_rc rc;

  if (!take_header(r, &h))
    return bad(err, "does not start with a TZif header");
  if (h.version == '\0')
    return take_block(r, &h, 4, tz, err);
  if (h.version < '2' || h.version > '4')
    return bad(err, "unknown TZif version");
  if (block_bytes(&h, 4) > (uint64_t)(r->end - r->p))
    return bad(err, "cut short");
  r->p += block_bytes(&h, 4); /* the 32-bit copy for readers of version 1 */
  if (!take_header(r, &h))
    return bad(err, "second header missing");
  rc = take_block(r, &h, 8, tz, err);
  return rc != OHA_OK ? rc : take_footer(r, tz, err);
}

enum oha_rc oha__tz_parse(const uint8_t *p, size_t n, struct oha__tz **out, struct oha_error *err)
{
  struct reader r = { p, p + n };
  struct oha__tz *tz = oha__calloc(1, sizeof(*tz));
  enum oha_rc rc;

  *out = NULL;
  if (tz == NULL)
    return oha__fail_nomem(err);
  if ((rc = parse_into(&r, tz, err)) == OHA_OK)
    *out = tz;
  else
    oha__tz_free(tz);
  return rc;
}

void oha__tz_free(struct oha__tz *tz)
{
  if (tz == NULL)
    return;
  oha__free(tz->types);
  oha__free(tz->changes);
  oha__free(tz);
}
