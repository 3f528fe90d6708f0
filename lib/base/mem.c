/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#ifdef OHA_TESTING
long oha__mem_fail_at = -1;

static bool may_allocate(void)
{
  if (oha__mem_fail_at < 0)
    return true;
  return oha__mem_fail_at-- != 0;
}
#else
static bool may_allocate(void)
{
  return true;
}
#endif

void *oha__calloc(size_t n, size_t size)
{
  return may_allocate() ? calloc(n == 0 ? 1 : n, size == 0 ? 1 : size) : NULL;
}

char *oha__strndup(const char *text, size_t n)
{
  char *copy = oha__calloc(n + 1, 1);

  if (copy != NULL && n > 0)
    memcpy(copy, text, n);
  return copy;
}

char *oha__strdup(const char *text)
{
  return oha__strndup(text, strlen(text));
}

char *oha__span_dup(struct oha_span span)
{
  return oha__strndup(span.p, span.n);
}

bool oha__grow(void **array, size_t *cap, size_t n, size_t size)
{
  size_t want = *cap == 0 ? 8 : *cap * 2;
  char *bigger;

  if (n < *cap)
    return true;
  if (want <= n)
    want = n + 1;
  if (want > SIZE_MAX / 2 / size || !may_allocate())
    return false;
  bigger = realloc(*array, want * size);
  if (bigger == NULL)
    return false;
  memset(bigger + *cap * size, 0, (want - *cap) * size);
  *array = bigger;
  *cap = want;
  return true;
}

void oha__free(const void *p)
{
  free((void *)(uintptr_t)p);
}
