/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cluster_hint.h"

#include "base/span.h"

#include <string.h>

#define WORD_MAX 32

static unsigned least(unsigned a, unsigned b)
{
  return a < b ? a : b;
}

/* Optimal string alignment distance. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
  unsigned row[3][WORD_MAX + 1];

  for (size_t j = 0; j <= nb; j++)
    row[0][j] = (unsigned)j;
  for (size_t i = 1; i <= na; i++) {
    unsigned *now = row[i % 3], *up = row[(i - 1) % 3], *upper = row[(i + 1) % 3];

    now[0] = (unsigned)i;
    for (size_t j = 1; j <= nb; j++) {
      bool same = oha__lower(a[i - 1]) == oha__lower(b[j - 1]);

      now[j] = least(up[j - 1] + !same, least(up[j], now[j - 1]) + 1);
      if (i > 1 && j > 1 && oha__lower(a[i - 1]) == oha__lower(b[j - 2]) &&
          oha__lower(a[i - 2]) == oha__lower(b[j - 1]))
        now[j] = least(now[j], upper[j - 2] + 1);
    }
  }
  return row[na % 3][nb];
}

const char *oha__hint(const char *word, const char *const *names, size_t n_names)
{
  size_t n = strlen(word);
  const char *best = NULL;
  unsigned best_distance = 1 + (n > 4 ? 2 : 1);

  if (n > WORD_MAX)
    return NULL;
  for (size_t i = 0; i < n_names; i++) {
    size_t n_name = strlen(names[i]);
    unsigned d = n_name > WORD_MAX ? best_distance : distance(word, n, names[i], n_name);

    if (d < best_distance) {
      best_distance = d;
      best = names[i];
    }
  }
  return best;
}
