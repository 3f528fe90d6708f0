/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"

#include <string.h>

const struct verb *verb_find(const struct verb *table, int argc, char *const *argv, int *n_used)
{
  for (const struct verb *v = table; v->name != NULL; v++) {
    size_t n = strcspn(v->name, " ");

    if (strlen(argv[0]) != n || memcmp(argv[0], v->name, n) != 0)
      continue;
    *n_used = v->name[n] == '\0' ? 1 : 2;
    if (*n_used == 1 || (argc > 1 && strcmp(argv[1], v->name + n + 1) == 0))
      return v;
  }
  return NULL;
}
