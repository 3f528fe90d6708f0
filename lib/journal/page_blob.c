/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/page.h"
#include "base/error.h"
#include "base/mem.h"

/*
 * Layout: a version byte 1; the number of rows; then for each row the distance of its id from the one before
 * (the first one's from 0) and the difference of its expires to the one before, zigzag-coded. All numbers are
 * varints: 7 bits a byte, low ones first, the high bit says that more follows; in their shortest form.
 */
#define VERSION       1
#define MAX_VARINT    ((size_t)10)
#define MIN_ROW_BYTES 2

static size_t put_varint(uint8_t *p, uint64_t value)
{
  size_t n = 0;

  while (value >= 0x80) {
    p[n++] = (uint8_t)(value | 0x80);
    value >>= 7;
  }
  p[n++] = (uint8_t)value;
  return n;
}

static bool get_varint(const uint8_t *p, size_t n, size_t *at, uint64_t *value)
{
  uint64_t result = 0;

  for (unsigned shift = 0; shift < 64 && *at < n; shift += 7) {
    uint8_t byte = p[(*at)++];

    if (shift == 63 && byte > 1)
      return false;
    result |= (uint64_t)(byte & 0x7f) << shift;
    if ((byte & 0x80) != 0)
      continue;
    *value = result;
    return byte != 0 || shift == 0;
  }
  return false;
}

static uint64_t zigzag(int64_t value)
{
  return value < 0 ? (uint64_t)(-value) * 2 - 1 : (uint64_t)value * 2;
}

static int64_t unzigzag(uint64_t value)
{
  return (value & 1) != 0 ? -(int64_t)(value / 2) - 1 : (int64_t)(value / 2);
}

enum oha_rc oha__page_encode(const struct oha_page_row *rows, size_t n_rows, uint8_t **out, size_t *n_out,
                             struct oha_error *err)
{
  uint64_t id = 0;
  int64_t expires_s = 0;
  size_t n = 0;
  uint8_t *p;

  *out = NULL;
  *n_out = 0;
  for (size_t i = 1; i < n_rows; i++)
    if (rows[i].id <= rows[i - 1].id)
      return oha__fail(err, OHA_E_ARG, "page: row %llu after row %llu: ids must ascend",
                       (unsigned long long)rows[i].id, (unsigned long long)rows[i - 1].id);
  if (n_rows > SIZE_MAX / (4 * MAX_VARINT) || (p = oha__calloc(n_rows + 1, 2 * MAX_VARINT)) == NULL)
    return oha__fail_nomem(err);
  p[n++] = VERSION;
  n += put_varint(p + n, n_rows);
  for (size_t i = 0; i < n_rows; i++) {
    n += put_varint(p + n, rows[i].id - id);
    n += put_varint(p + n, zigzag((int64_t)rows[i].expires_s - expires_s));
    id = rows[i].id;
    expires_s = rows[i].expires_s;
  }
  *out = p;
  *n_out = n;
  return OHA_OK;
}

static bool decode_rows(const uint8_t *p, size_t n, size_t at, struct oha_page_row *rows, size_t n_rows)
{
  uint64_t id = 0, value;
  int64_t expires_s = 0;

  for (size_t i = 0; i < n_rows; i++) {
    if (!get_varint(p, n, &at, &value) || (i > 0 && value == 0) || value > UINT64_MAX - id)
      return false;
    id += value;
    if (!get_varint(p, n, &at, &value) || value > 2 * (uint64_t)UINT32_MAX)
      return false;
    expires_s += unzigzag(value);
    if (expires_s < 0 || expires_s > UINT32_MAX)
      return false;
    rows[i] = (struct oha_page_row){ id, (uint32_t)expires_s };
  }
  return at == n;
}

enum oha_rc oha__page_decode(const uint8_t *p, size_t n, struct oha_page_row **rows, size_t *n_rows,
                             struct oha_error *err)
{
  uint64_t count = 0;
  size_t at = 1;

  *rows = NULL;
  *n_rows = 0;
  /* a count that the bytes cannot hold must not become an allocation */
  if (n == 0 || p[0] != VERSION || !get_varint(p, n, &at, &count) || count > (n - at) / MIN_ROW_BYTES)
    return oha__fail(err, OHA_E_PARSE, "page: %zu bytes with a wrong head", n);
  *rows = oha__calloc((size_t)count, sizeof(**rows));
  if (*rows == NULL)
    return oha__fail_nomem(err);
  if (!decode_rows(p, n, at, *rows, (size_t)count)) {
    oha__free(*rows);
    *rows = NULL;
    return oha__fail(err, OHA_E_PARSE, "page: %zu bytes that are not %llu rows", n,
                     (unsigned long long)count);
  }
  *n_rows = (size_t)count;
  return OHA_OK;
}
