/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_BASE_SPAN_H
#define OHA_BASE_SPAN_H
/*
 * Text that came from outside: pointer and length, not NUL-terminated, any bytes. ASCII rules only, no
 * locale. Functions that return bool leave their outputs untouched when they return false.
 */
#include <opensips-ha/api.h>

struct oha_span {
  const char *p;
  size_t n;
};

#define OHA_SPAN(literal) ((struct oha_span){ "" literal, sizeof(literal) - 1 })

struct oha_span oha__span(const char *text); /* of a C string; NULL gives an empty span */

bool oha__span_eq(struct oha_span a, struct oha_span b);
bool oha__span_ieq(struct oha_span a, struct oha_span b); /* ASCII case ignored */
bool oha__span_is(struct oha_span a, const char *text);
bool oha__span_iis(struct oha_span a, const char *text);
bool oha__span_starts(struct oha_span a, const char *prefix);

/* Split at the first @p sep: head before it, tail after it. False when there is none. */
bool oha__span_cut(struct oha_span a, char sep, struct oha_span *head, struct oha_span *tail);

/* Without blanks and tabs at both ends. */
struct oha_span oha__span_trim(struct oha_span a);

/* A decimal number without sign, blank or junk, at most @p max. */
bool oha__span_u64(struct oha_span a, uint64_t max, uint64_t *out);
bool oha__span_u32(struct oha_span a, uint32_t max, uint32_t *out);
/* The same with an optional leading '-'. */
bool oha__span_i64(struct oha_span a, int64_t *out);

/* Copy with a NUL; false when it does not fit in @p size bytes or holds a NUL itself. */
bool oha__span_copy(struct oha_span a, char *out, size_t size);

static inline bool oha__is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static inline bool oha__is_alpha(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool oha__is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static inline char oha__lower(char c)
{
  return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static inline char oha__upper(char c)
{
  return (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

/* 0..15, or -1. */
static inline int oha__hex_digit(char c)
{
  if (oha__is_digit(c))
    return c - '0';
  c = oha__lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
