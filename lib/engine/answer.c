/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/answer.h"
#include "base/error.h"

static bool has_type(const json_t *value, enum oha__key_type type)
{
  switch (type) {
  case OHA_KEY_BOOLEAN:
    return json_is_boolean(value);
  case OHA_KEY_NUMBER:
    return json_is_integer(value);
  case OHA_KEY_NUMBER_OR_NULL:
    return json_is_integer(value) || json_is_null(value);
  case OHA_KEY_TEXT:
    return json_is_string(value);
  case OHA_KEY_TEXT_OR_NULL:
    return json_is_string(value) || json_is_null(value);
  }
  return false;
}

enum oha_rc oha__answer_bad_key(struct oha_error *err, const char *array, const char *key)
{
  return oha__fail(err, OHA_E_PROTOCOL, "the answer's %s[] has no proper \"%s\"", array, key);
}

enum oha_rc oha__answer_rows(const json_t *answer, const char *array, const struct oha__key *keys,
                             size_t n_keys, const json_t **out, struct oha_error *err)
{
  const json_t *rows = json_object_get(answer, array);

  if (!json_is_array(rows))
    return oha__fail(err, OHA_E_PROTOCOL, "the answer has no array \"%s\"", array);
  for (size_t i = 0; i < json_array_size(rows); i++)
    for (size_t k = 0; k < n_keys; k++)
      if (!has_type(json_object_get(json_array_get(rows, i), keys[k].name), keys[k].type))
        return oha__answer_bad_key(err, array, keys[k].name);
  *out = rows;
  return OHA_OK;
}
