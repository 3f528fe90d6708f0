/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of a plan as the journal keeps them, so that `resume` runs what was begun. */
#include "base/error.h"
#include "base/sbuf.h"
#include "failover/gates.h"

#include <jansson.h>
#include <string.h>

enum oha_rc oha__plan_options_save(const struct oha_plan *plan, char *buf, size_t size, struct oha_error *err)
{
  json_t *force = json_array();
  json_t *root = NULL;
  size_t n;

  for (unsigned bit = 0; force != NULL && bit < 32; bit++)
    if ((plan->forced_gates & (1u << bit)) != 0)
      json_array_append_new(force, json_string(oha__gate_name_of_bit(bit)));
  if (force != NULL)
    root = json_pack("{s:o, s:b, s:b, s:i, s:I, s:i}", "force", force, "confirmed_down", plan->confirmed_down,
                     "without_database", plan->without_database, "speed", (int)plan->speed, "rate_rows_per_s",
                     (json_int_t)plan->rate_rows_per_s, "class_mask", (int)plan->class_mask);
  if (root == NULL) {
    json_decref(force);
    return oha__fail_nomem(err);
  }
  n = json_dumpb(root, buf, size - 1, JSON_COMPACT);
  json_decref(root);
  if (n == 0 || n >= size)
    return oha__fail(err, OHA_E_NOSPACE, "options of the operation: over %zu bytes", size - 1);
  buf[n] = '\0';
  return OHA_OK;
}

enum oha_rc oha__plan_options_load(struct oha_plan *plan, const char *json, struct oha_error *err)
{
  json_error_t why;
  json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &why);
  json_t *force = NULL, *name;
  int confirmed = 0, without = 0, speed = 0, class_mask = 0;
  json_int_t rate = 0;
  size_t i;

  if (root == NULL || json_unpack_ex(root, &why, 0, "{s:o, s:b, s:b, s:i, s:I, s:i}", "force", &force,
                                     "confirmed_down", &confirmed, "without_database", &without, "speed",
                                     &speed, "rate_rows_per_s", &rate, "class_mask", &class_mask) != 0) {
    json_decref(root);
    return oha__fail(err, OHA_E_PARSE, "options of operation %s: %s", plan->op.op_id, why.text);
  }
  json_array_foreach(force, i, name)
  {
    uint32_t bit;

    if (json_is_string(name) && oha__gate_bit(plan->kind, json_string_value(name), &bit))
      plan->forced_before |= bit & ~plan->forced_gates;
  }
  plan->forced_gates |= plan->forced_before;
  plan->confirmed_down = plan->confirmed_down || confirmed != 0;
  plan->speed = speed == OHA_SPEED_FULL ? OHA_SPEED_FULL : OHA_SPEED_PACED;
  plan->rate_rows_per_s = rate < 0 ? 0 : (uint64_t)rate;
  plan->class_mask = (uint32_t)class_mask;
  json_decref(root);
  return OHA_OK;
}
