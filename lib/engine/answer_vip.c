/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/answer.h"
#include "base/error.h"

#include <string.h>

enum oha_rc oha__answer_vip(const json_t *answer, const struct oha_addr *addr, const char *was_key,
                            struct oha__vip_row *out, struct oha_error *err)
{
  const struct oha__key keys[] = {
    { "name", OHA_KEY_TEXT_OR_NULL },  { "address", OHA_KEY_TEXT },
    { "prefix_bits", OHA_KEY_NUMBER }, { "interface", OHA_KEY_TEXT_OR_NULL },
    { "node", OHA_KEY_TEXT_OR_NULL },  { "here", OHA_KEY_BOOLEAN },
    { was_key, OHA_KEY_BOOLEAN },
  };
  size_t n_keys = sizeof(keys) / sizeof(*keys) - (was_key == NULL ? 1 : 0);
  char text[OHA_ADDR_SIZE];
  const json_t *rows;
  bool found = false;
  enum oha_rc rc;

  memset(out, 0, sizeof(*out));
  rc = oha__answer_rows(answer, "vips", keys, n_keys, &rows, err);
  for (size_t i = 0; rc == OHA_OK && i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    const char *address = json_string_value(json_object_get(row, "address"));
    struct oha_addr got;

    if (oha_addr_parse(address, strlen(address), &got, NULL) != OHA_OK)
      rc = oha__answer_bad_key(err, "vips", "address");
    else if (oha_addr_equal(&got, addr)) {
      found = true;
      out->here = out->here || json_is_true(json_object_get(row, "here"));
      out->was = out->was || (was_key != NULL && json_is_true(json_object_get(row, was_key)));
    }
  }
  if (rc == OHA_OK && !found)
    rc = oha__fail(err, OHA_E_PROTOCOL, "the answer's vips[] has no row for %s", oha_addr_format(addr, text));
  if (rc != OHA_OK)
    memset(out, 0, sizeof(*out));
  return rc;
}
