/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/span.h"

#include <string.h>

struct oha_span oha__span(const char *text)
{
  return text == NULL ? (struct oha_span){ "", 0 } : (struct oha_span){ text, strlen(text) };
}

bool oha__span_eq(struct oha_span a, struct oha_span b)
{
  return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool oha__span_ieq(struct oha_span a, struct oha_span b)
{
  if (a.n != b.n)
    return false;
  for (size_t i = 0; i < a.n; i++)
    if (oha__lower(a.p[i]) != oha__lower(b.p[i]))
      return false;
  return true;
}

bool oha__span_is(struct oha_span a, const char *text)
{
  return oha__span_eq(a, oha__span(text));
}

bool oha__span_iis(struct oha_span a, const char *text)
{
  return oha__span_ieq(a, oha__span(text));
}

bool oha__span_starts(struct oha_span a, const char *prefix)
{
  size_t n = strlen(prefix);

  return a.n >= n && memcmp(a.p, prefix, n) == 0;
}

bool oha__span_cut(struct oha_span a, char sep, struct oha_span *head, struct oha_span *tail)
{
  const char *at = a.n == 0 ? NULL : memchr(a.p, sep, a.n);

  if (at == NULL)
    return false;
  *head = (struct oha_span){ a.p, (size_t)(at - a.p) };
  *tail = (struct oha_span){ at + 1, a.n - head->n - 1 };
  return true;
}

struct oha_span oha__span_trim(struct oha_span a)
{
  while (a.n > 0 && oha__is_blank(a.p[0])) {
    a.p++;
    a.n--;
  }
  while (a.n > 0 && oha__is_blank(a.p[a.n - 1]))
    a.n--;
  return a;
}

bool oha__span_u64(struct oha_span a, uint64_t max, uint64_t *out)
{
  uint64_t v = 0;

  if (a.n == 0)
    return false;
  for (size_t i = 0; i < a.n; i++) {
    uint64_t digit;

    if (!oha__is_digit(a.p[i]))
      return false;
    digit = (uint64_t)(a.p[i] - '0');
    if (v > (UINT64_MAX - digit) / 10)
      return false;
    v = v * 10 + digit;
  }
  if (v > max)
    return false;
  *out = v;
  return true;
}

bool oha__span_u32(struct oha_span a, uint32_t max, uint32_t *out)
{
  uint64_t v;

  if (!oha__span_u64(a, max, &v))
    return false;
  *out = (uint32_t)v;
  return true;
}

bool oha__span_i64(struct oha_span a, int64_t *out)
{
  bool negative = a.n > 0 && a.p[0] == '-';
  uint64_t v;

  if (negative)
    a = (struct oha_span){ a.p + 1, a.n - 1 };
  if (!oha__span_u64(a, INT64_MAX, &v))
    return false;
  *out = negative ? -(int64_t)v : (int64_t)v;
  return true;
}

bool oha__span_copy(struct oha_span a, char *out, size_t size)
{
  if (a.n >= size || (a.n > 0 && memchr(a.p, '\0', a.n) != NULL))
    return false;
  if (a.n > 0)
    memcpy(out, a.p, a.n);
  out[a.n] = '\0';
  return true;
}
