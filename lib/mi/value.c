/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/value.h"
#include "base/error.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

#define CHUNK_BYTES      4096
#define CHUNK_BYTES_MOST ((size_t)1024 * 1024)
#define ALIGN_BYTES      16
#define REPLACEMENT      "\xEF\xBF\xBD" /* U+FFFD */

struct oha__mi_chunk {
  struct oha__mi_chunk *next;
  _Alignas(ALIGN_BYTES) char bytes[];
};

struct oha_mi_reply *oha__mi_reply_new(void)
{
  struct oha_mi_reply *reply = oha__calloc(1, sizeof(*reply));

  if (reply != NULL) {
    reply->code = 200;
    reply->reason = reply->date = "";
  }
  return reply;
}

void oha_mi_reply_free(struct oha_mi_reply *reply)
{
  if (reply == NULL)
    return;
  while (reply->chunks != NULL) {
    struct oha__mi_chunk *next = reply->chunks->next;

    oha__free(reply->chunks);
    reply->chunks = next;
  }
  oha__free(reply);
}

/* Chunks grow with what is there already, so that a large reply takes few. */
static void *take_room(struct oha_mi_reply *reply, size_t n)
{
  size_t want = (n + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
  char *room;

  if (want < n)
    return NULL;
  if (reply->chunks == NULL || want > reply->n_room - reply->n_used) {
    size_t size = reply->n_room < CHUNK_BYTES ? CHUNK_BYTES : reply->n_room * 2;
    struct oha__mi_chunk *chunk;

    size = size > CHUNK_BYTES_MOST ? CHUNK_BYTES_MOST : size;
    size = size < want ? want : size;
    chunk = oha__calloc(1, sizeof(*chunk) + size);
    if (chunk == NULL)
      return NULL;
    chunk->next = reply->chunks;
    reply->chunks = chunk;
    reply->n_used = 0;
    reply->n_room = size;
  }
  room = reply->chunks->bytes + reply->n_used;
  reply->n_used += want;
  return room;
}

const char *oha__mi_text(struct oha_mi_reply *reply, struct oha_span text)
{
  size_t n_nuls = 0;
  char *copy, *to;

  for (size_t i = 0; i < text.n; i++)
    n_nuls += text.p[i] == '\0';
  to = copy = take_room(reply, text.n + n_nuls * (sizeof(REPLACEMENT) - 2) + 1);
  if (copy == NULL)
    return NULL;
  if (n_nuls == 0 && text.n > 0)
    memcpy(copy, text.p, text.n);
  for (size_t i = 0; n_nuls > 0 && i < text.n; i++) {
    if (text.p[i] != '\0') {
      *to++ = text.p[i];
    } else {
      memcpy(to, REPLACEMENT, sizeof(REPLACEMENT) - 1);
      to += sizeof(REPLACEMENT) - 1;
    }
  }
  return copy;
}

void oha__mi_build(struct oha__mi_builder *b, struct oha_mi_reply *reply)
{
  memset(b, 0, sizeof(*b));
  b->reply = reply;
}

void oha__mi_put(struct oha__mi_builder *b, const char *name, struct oha_mi_value value)
{
  void *array = b->pending;

  if (b->rc != OHA_OK)
    return;
  if (b->depth == 0 && b->n_pending > 0) {
    b->rc = OHA_E_PROTOCOL;
    return;
  }
  if (!oha__grow(&array, &b->cap, b->n_pending, sizeof(*b->pending))) {
    b->rc = OHA_E_NOMEM;
    return;
  }
  b->pending = array;
  value.name = name;
  b->pending[b->n_pending++] = value;
}

void oha__mi_put_string(struct oha__mi_builder *b, const char *name, struct oha_span text)
{
  struct oha_mi_value value = { .type = OHA_MI_STRING };

  if (b->rc != OHA_OK)
    return;
  value.string = oha__mi_text(b->reply, text);
  if (value.string == NULL)
    b->rc = OHA_E_NOMEM;
  oha__mi_put(b, name, value);
}

/* Digits from *at on; how many. */
static size_t skip_digits(struct oha_span text, size_t *at)
{
  size_t from = *at;

  while (*at < text.n && oha__is_digit(text.p[*at]))
    (*at)++;
  return *at - from;
}

/* RFC 8259 section 6; the exponent is held within what can matter. */
static bool scan_number(struct oha_span text, bool *is_integer, int *exponent)
{
  size_t at = text.n > 0 && text.p[0] == '-', first = at;
  bool negative = false;
  int e = 0;

  if (skip_digits(text, &at) == 0 || (text.p[first] == '0' && at - first > 1))
    return false;
  *is_integer = at == text.n;
  if (at < text.n && text.p[at] == '.') {
    at++;
    if (skip_digits(text, &at) == 0)
      return false;
  }
  if (at < text.n && (text.p[at] == 'e' || text.p[at] == 'E')) {
    at++;
    if (at < text.n && (text.p[at] == '-' || text.p[at] == '+'))
      negative = text.p[at++] == '-';
    first = at;
    if (skip_digits(text, &at) == 0)
      return false;
    for (size_t i = first; i < at && e < 10000; i++)
      e = e * 10 + (text.p[i] - '0');
  }
  *exponent = negative ? -e : e;
  return at == text.n;
}

bool oha__mi_is_number(struct oha_span text)
{
  bool is_integer;
  int exponent;

  return scan_number(text, &is_integer, &exponent);
}

static long double power_of_10(int64_t exponent)
{
  long double power = 1, square = 10;

  while (exponent > 0) {
    if (exponent % 2 != 0)
      power *= square;
    square *= square;
    exponent /= 2;
  }
  return power;
}

/* Near enough to the text, which is kept; strtod(3) would ask the locale what a point is. */
static double real_of(struct oha_span text, int exponent)
{
  bool negative = text.p[0] == '-', fraction = false;
  long double value = 0;

  for (size_t i = negative; i < text.n && text.p[i] != 'e' && text.p[i] != 'E'; i++) {
    if (text.p[i] == '.') {
      fraction = true;
      continue;
    }
    value = value * 10 + (text.p[i] - '0');
    if (fraction)
      exponent--;
  }
  if (value != 0)
    value = exponent < 0 ? value / power_of_10(-(int64_t)exponent) : value * power_of_10(exponent);
  return (double)(negative ? -value : value);
}

void oha__mi_put_number(struct oha__mi_builder *b, const char *name, struct oha_span text)
{
  struct oha_mi_value value = { .type = OHA_MI_REAL };
  bool is_integer = false;
  int exponent = 0;

  if (!scan_number(text, &is_integer, &exponent)) {
    oha__mi_put_string(b, name, text);
    return;
  }
  value.real = real_of(text, exponent);
  if (is_integer && oha__span_i64(text, &value.integer))
    value.type = OHA_MI_INT;
  value.string = oha__mi_text(b->reply, text);
  if (value.string == NULL && b->rc == OHA_OK)
    b->rc = OHA_E_NOMEM;
  oha__mi_put(b, name, value);
}

void oha__mi_begin(struct oha__mi_builder *b, const char *name, enum oha_mi_type container)
{
  if (b->rc != OHA_OK)
    return;
  if (b->depth == OHA_MI_DEPTH || (b->depth == 0 && b->n_pending > 0)) {
    b->rc = OHA_E_PROTOCOL;
    return;
  }
  b->open[b->depth].first = b->n_pending;
  b->open[b->depth].type = container;
  b->open[b->depth].name = name;
  b->depth++;
}

void oha__mi_end_as(struct oha__mi_builder *b, enum oha_mi_type type)
{
  struct oha_mi_value value = { .type = type }, *children;
  size_t first;

  if (b->rc != OHA_OK)
    return;
  assert(b->depth > 0);
  b->depth--;
  first = b->open[b->depth].first;
  value.n_children = b->n_pending - first;
  if (value.n_children > 0) {
    children = take_room(b->reply, value.n_children * sizeof(*children));
    if (children == NULL) {
      b->rc = OHA_E_NOMEM;
      return;
    }
    memcpy(children, b->pending + first, value.n_children * sizeof(*children));
    for (size_t i = 0; type == OHA_MI_ARRAY && i < value.n_children; i++)
      children[i].name = NULL;
    value.children = children;
  }
  b->n_pending = first;
  oha__mi_put(b, b->open[b->depth].name, value);
}

void oha__mi_end(struct oha__mi_builder *b)
{
  if (b->rc == OHA_OK)
    oha__mi_end_as(b, b->open[b->depth - 1].type);
}

void oha__mi_put_copy(struct oha__mi_builder *b, const char *name, const struct oha_mi_value *value)
{
  if (value->type == OHA_MI_ARRAY || value->type == OHA_MI_OBJECT) {
    oha__mi_begin(b, name, value->type);
    for (size_t i = 0; b->rc == OHA_OK && i < value->n_children; i++)
      oha__mi_put_copy(b, value->children[i].name, &value->children[i]);
    oha__mi_end(b);
    return;
  }
  oha__mi_put(b, name, *value);
}

enum oha_rc oha__mi_built(struct oha__mi_builder *b, struct oha_mi_value *out)
{
  enum oha_rc rc = b->rc;

  if (rc == OHA_OK && (b->depth != 0 || b->n_pending != 1))
    rc = OHA_E_PROTOCOL;
  if (rc == OHA_OK)
    *out = b->pending[0];
  oha__free(b->pending);
  memset(b, 0, sizeof(*b));
  return rc;
}

const struct oha_mi_value *oha_mi_member(const struct oha_mi_value *object, const char *name)
{
  if (object == NULL || name == NULL || object->type != OHA_MI_OBJECT)
    return NULL;
  for (size_t i = 0; i < object->n_children; i++)
    if (strcmp(object->children[i].name, name) == 0)
      return &object->children[i];
  return NULL;
}
