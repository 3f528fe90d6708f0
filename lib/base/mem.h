/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_BASE_MEM_H
#define OHA_BASE_MEM_H
/* All memory of the library comes from here, so that a test can make the nth request fail. */
#include <opensips-ha/api.h>
#include "base/span.h"

/* Zeroed; NULL when out of memory or when n * size overflows. */
void *oha__calloc(size_t n, size_t size);

char *oha__strdup(const char *text);
char *oha__strndup(const char *text, size_t n);
char *oha__span_dup(struct oha_span span);

/*
 * Room for one more element: grows *array (of *cap elements of @p size bytes) so that *cap > n.
 * The new part is zeroed. False, and nothing changed, when out of memory.
 */
bool oha__grow(void **array, size_t *cap, size_t n, size_t size);

/* Like free(3); takes const so that read-only models need no casts. */
void oha__free(const void *p);

#ifdef OHA_TESTING
extern long oha__mem_fail_at; /* the nth request from now fails (0 = the next); -1 = never */
#endif

#endif
