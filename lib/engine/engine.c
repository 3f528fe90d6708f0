/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine.h"

const struct oha__engine_ops *oha__engine_find(enum oha_engine_kind kind)
{
  static const struct oha__engine_ops *const kinds[] = {
    &oha__engine_native,
    NULL,
  };

  for (size_t i = 0; kinds[i] != NULL; i++)
    if (kinds[i]->kind == kind)
      return kinds[i];
  return NULL;
}
