/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_ARENA_H
#define OHA_CONFIG_ARENA_H
/*
 * Memory that is freed all at once. Out of memory sticks in `nomem`: calls give NULL (strings: ""), and one
 * check at the end finds it.
 */
#include "base/span.h"

struct oha_arena {
  void **blocks;
  size_t n, cap;
  bool nomem;
};

void *oha__arena_alloc(struct oha_arena *a, size_t n, size_t size); /* zeroed */
const char *oha__arena_str(struct oha_arena *a, const char *text);
const char *oha__arena_span(struct oha_arena *a, struct oha_span text);
void oha__arena_clear(struct oha_arena *a);

#endif
