/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/request.h"

#include <string.h>

bool oha__mi_is_same_array(const struct oha_mi_arg *a, const struct oha_mi_arg *b)
{
  if (a->kind != OHA_MI_ARG_ELEMENT || b->kind != OHA_MI_ARG_ELEMENT)
    return false;
  return a->name == NULL ? b->name == NULL : b->name != NULL && strcmp(a->name, b->name) == 0;
}
