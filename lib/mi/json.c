/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/json.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

struct reader {
  struct oha_span whole, rest;
  struct oha__mi_builder *b;
  char *scratch; /* a decoded string; as long as the text, which is longer */
  size_t cap;
  struct oha_error *err;
};

static enum oha_rc bad(struct reader *r, const char *what)
{
  struct oha_span near = r->rest;
  char safe[OHA_SAFE_SIZE];

  near.n = near.n > 24 ? 24 : near.n;
  return oha__fail(r->err, OHA_E_PROTOCOL, "JSON, byte %zu: %s at '%s'", r->whole.n - r->rest.n, what,
                   oha__safe(near, safe));
}

static void skip(struct reader *r, size_t n)
{
  r->rest.p += n;
  r->rest.n -= n;
}

static bool is_one_of(char c, const char *set)
{
  return c != '\0' && strchr(set, c) != NULL;
}

static void skip_blanks(struct reader *r)
{
  while (r->rest.n > 0 && is_one_of(r->rest.p[0], " \t\r\n"))
    skip(r, 1);
}

static bool take(struct reader *r, char c)
{
  if (r->rest.n == 0 || r->rest.p[0] != c)
    return false;
  skip(r, 1);
  return true;
}

static bool take_word(struct reader *r, const char *word)
{
  if (!oha__span_starts(r->rest, word))
    return false;
  skip(r, strlen(word));
  return true;
}

/* Four hex digits behind "\u". */
static bool take_unit(struct reader *r, uint32_t *unit)
{
  uint32_t value = 0;

  if (r->rest.n < 4)
    return false;
  for (size_t i = 0; i < 4; i++) {
    int digit = oha__hex_digit(r->rest.p[i]);

    if (digit < 0)
      return false;
    value = value << 4 | (uint32_t)digit;
  }
  skip(r, 4);
  *unit = value;
  return true;
}

static size_t encode_utf8(uint32_t c, char *out)
{
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (char)(0xC0 | c >> 6);
    out[1] = (char)(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (char)(0xE0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3F));
    out[2] = (char)(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = (char)(0xF0 | c >> 18);
  out[1] = (char)(0x80 | (c >> 12 & 0x3F));
  out[2] = (char)(0x80 | (c >> 6 & 0x3F));
  out[3] = (char)(0x80 | (c & 0x3F));
  return 4;
}

/* Half a surrogate pair stands for nothing: U+FFFD. */
static bool take_character(struct reader *r, uint32_t *c)
{
  struct oha_span before;
  uint32_t low;

  if (!take_unit(r, c))
    return false;
  if (*c < 0xD800 || *c > 0xDFFF)
    return true;
  before = r->rest;
  if (*c <= 0xDBFF && take_word(r, "\\u") && take_unit(r, &low) && low >= 0xDC00 && low <= 0xDFFF) {
    *c = 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00);
    return true;
  }
  r->rest = before;
  *c = 0xFFFD;
  return true;
}

static bool take_escape(struct reader *r, char *out, size_t *n)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  const char *found;
  uint32_t c;

  if (r->rest.n == 0)
    return false;
  if (take(r, 'u')) {
    if (!take_character(r, &c))
      return false;
    *n += encode_utf8(c, out + *n);
    return true;
  }
  found = r->rest.p[0] == '\0' ? NULL : strchr(from, r->rest.p[0]);
  if (found == NULL)
    return false;
  out[(*n)++] = to[found - from];
  skip(r, 1);
  return true;
}

/* Behind the opening quote. The decoded text is lent until the next one. */
static enum oha_rc take_string(struct reader *r, struct oha_span *out)
{
  size_t n = 0;

  if (r->scratch == NULL) {
    r->scratch = oha__calloc(r->rest.n + 4, 1);
    if (r->scratch == NULL)
      return oha__fail_nomem(r->err);
  }
  for (;;) {
    size_t plain = 0;

    while (plain < r->rest.n && r->rest.p[plain] != '"' && r->rest.p[plain] != '\\')
      plain++;
    memcpy(r->scratch + n, r->rest.p, plain);
    n += plain;
    skip(r, plain);
    if (take(r, '"'))
      break;
    if (!take(r, '\\'))
      return bad(r, "a string does not end");
    if (!take_escape(r, r->scratch, &n))
      return bad(r, "no such escape");
  }
  *out = (struct oha_span){ r->scratch, n };
  return OHA_OK;
}

static size_t number_length(struct oha_span text)
{
  size_t n = 0;

  while (n < text.n && (oha__is_digit(text.p[n]) || is_one_of(text.p[n], "+-.eE")))
    n++;
  return n;
}

static enum oha_rc read_scalar(struct reader *r, const char *name)
{
  struct oha_mi_value value = { .type = OHA_MI_NULL };
  struct oha_span text = { NULL, 0 };
  enum oha_rc rc;

  if (take(r, '"')) {
    rc = take_string(r, &text);
    if (rc == OHA_OK)
      oha__mi_put_string(r->b, name, text);
    return rc;
  }
  text = (struct oha_span){ r->rest.p, number_length(r->rest) };
  if (text.n > 0) {
    if (!oha__mi_is_number(text))
      return bad(r, "no number");
    skip(r, text.n);
    oha__mi_put_number(r->b, name, text);
    return OHA_OK;
  }
  if (take_word(r, "true"))
    value = (struct oha_mi_value){ .type = OHA_MI_BOOL, .boolean = true };
  else if (take_word(r, "false"))
    value.type = OHA_MI_BOOL;
  else if (!take_word(r, "null"))
    return bad(r, "no value");
  oha__mi_put(r->b, name, value);
  return OHA_OK;
}

/* The name of a member, and what stands between it and its value. */
static enum oha_rc read_name(struct reader *r, const char **name)
{
  struct oha_span text = { NULL, 0 };
  enum oha_rc rc;

  if (!take(r, '"'))
    return bad(r, "no name of a member");
  rc = take_string(r, &text);
  if (rc != OHA_OK)
    return rc;
  *name = oha__mi_text(r->b->reply, text);
  if (*name == NULL)
    return oha__fail_nomem(r->err);
  skip_blanks(r);
  if (!take(r, ':'))
    return bad(r, "no ':' behind a name");
  skip_blanks(r);
  return OHA_OK;
}

/* Behind a value: on to the next one. *is_last: every container is closed. */
static enum oha_rc read_separator(struct reader *r, size_t depth_before, bool *is_last)
{
  struct oha__mi_builder *b = r->b;

  for (;;) {
    bool in_array;

    *is_last = b->rc != OHA_OK || b->depth == depth_before;
    skip_blanks(r);
    if (*is_last)
      return OHA_OK;
    in_array = b->open[b->depth - 1].type == OHA_MI_ARRAY;
    if (take(r, ',')) {
      skip_blanks(r);
      return OHA_OK;
    }
    if (!take(r, in_array ? ']' : '}'))
      return bad(r, in_array ? "no ',' or ']'" : "no ',' or '}'");
    oha__mi_end(b);
  }
}

/* Containers are on the builder's stack, so that depth costs no stack of ours. */
static enum oha_rc read_value(struct reader *r)
{
  struct oha__mi_builder *b = r->b;
  size_t depth_before = b->depth;
  enum oha_rc rc = OHA_OK;
  bool is_last = false;

  skip_blanks(r);
  while (rc == OHA_OK && !is_last) {
    const char *name = NULL;
    bool is_array;

    if (b->depth > depth_before && b->open[b->depth - 1].type == OHA_MI_OBJECT) {
      rc = read_name(r, &name);
      if (rc != OHA_OK)
        return rc;
    }
    is_array = r->rest.n > 0 && r->rest.p[0] == '[';
    if (is_array || (r->rest.n > 0 && r->rest.p[0] == '{')) {
      skip(r, 1);
      oha__mi_begin(b, name, is_array ? OHA_MI_ARRAY : OHA_MI_OBJECT);
      skip_blanks(r);
      if (b->rc == OHA_OK && !take(r, is_array ? ']' : '}'))
        continue;
      oha__mi_end(b);
    } else {
      rc = read_scalar(r, name);
    }
    if (rc == OHA_OK)
      rc = read_separator(r, depth_before, &is_last);
  }
  return rc;
}

enum oha_rc oha__json_read(struct oha_span *text, struct oha_mi_reply *reply, struct oha_mi_value *out,
                           struct oha_error *err)
{
  struct oha__mi_builder b;
  struct reader r = { .whole = *text, .rest = *text, .b = &b, .err = err };
  enum oha_rc rc, built;

  oha__mi_build(&b, reply);
  rc = read_value(&r);
  oha__free(r.scratch);
  built = oha__mi_built(&b, out);
  if (rc == OHA_OK && built == OHA_E_NOMEM)
    return oha__fail_nomem(err);
  if (rc == OHA_OK && built != OHA_OK)
    return oha__fail(err, OHA_E_PROTOCOL, "JSON: deeper than %d levels", OHA_MI_DEPTH);
  if (rc == OHA_OK)
    *text = r.rest;
  return rc;
}

bool oha__json_put(struct oha_sbuf *out, struct oha_span text)
{
  for (size_t i = 0, len; i < text.n; i += len) {
    len = oha__utf8_len(text.p + i, text.n - i);
    if (len == 0)
      return false;
  }
  oha__sbuf_putc(out, '"');
  for (size_t i = 0; i < text.n; i++) {
    unsigned char c = (unsigned char)text.p[i];

    if (c == '"' || c == '\\') {
      oha__sbuf_putc(out, '\\');
      oha__sbuf_putc(out, (char)c);
    } else if (c < 0x20 || c == 0x7F) {
      oha__sbuf_printf(out, "\\u%04x", c);
    } else {
      oha__sbuf_putc(out, (char)c);
    }
  }
  oha__sbuf_putc(out, '"');
  return true;
}
