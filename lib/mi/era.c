/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/era.h"

#include <string.h>

enum oha_mi_era oha__mi_era_of(const char *version, enum oha_mi_era otherwise)
{
  const char *at = strstr(version, "OpenSIPS (");
  struct oha_span major, rest;
  uint32_t number;

  if (at == NULL)
    return strncmp(version, "kamailio ", 9) == 0 ? OHA_MI_ERA_KAMAILIO : otherwise;
  if (!oha__span_cut(oha__span(at + strlen("OpenSIPS (")), '.', &major, &rest) ||
      !oha__span_u32(major, 1000, &number))
    return otherwise;
  return number < 3 ? OHA_MI_ERA_TEXT : number == 3 ? OHA_MI_ERA_JSONRPC : OHA_MI_ERA_MODULES;
}

const char *oha__mi_find_version(const struct oha_mi_value *value)
{
  if (value->type == OHA_MI_STRING)
    return strstr(value->string, "OpenSIPS (") != NULL || strncmp(value->string, "kamailio ", 9) == 0
               ? value->string
               : NULL;
  for (size_t i = 0; i < value->n_children; i++) {
    const char *found = oha__mi_find_version(&value->children[i]);

    if (found != NULL)
      return found;
  }
  return NULL;
}

void oha__mi_put_any_era(const char *id, const char *json_name, const char *text_name, struct oha_sbuf *out)
{
  oha__sbuf_printf(out,
                   ":%s:{\"jsonrpc\":\"2.0\",\"id\":\"%s\",\"method\":\"version\",\"eras\":\"\n\n"
                   ":version:%s\n\n\"}\n\n",
                   json_name, id, text_name);
}
