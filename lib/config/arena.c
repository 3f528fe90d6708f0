/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/arena.h"

#include "base/mem.h"

#include <string.h>

void *oha__arena_alloc(struct oha_arena *a, size_t n, size_t size)
{
  void *p = oha__calloc(n, size);

  if (p == NULL || !oha__grow((void **)&a->blocks, &a->cap, a->n, sizeof(*a->blocks))) {
    oha__free(p);
    a->nomem = true;
    return NULL;
  }
  a->blocks[a->n++] = p;
  return p;
}

const char *oha__arena_span(struct oha_arena *a, struct oha_span text)
{
  char *copy = oha__arena_alloc(a, text.n + 1, 1);

  if (copy == NULL)
    return "";
  if (text.n > 0)
    memcpy(copy, text.p, text.n);
  return copy;
}

const char *oha__arena_str(struct oha_arena *a, const char *text)
{
  return oha__arena_span(a, oha__span(text));
}

void oha__arena_clear(struct oha_arena *a)
{
  for (size_t i = 0; i < a->n; i++)
    oha__free(a->blocks[i]);
  oha__free(a->blocks);
  memset(a, 0, sizeof(*a));
}
