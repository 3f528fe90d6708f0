/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machines of a plan: how to reach them, what they hold. */
#include "base/error.h"
#include "failover/plan.h"

#include <stdio.h>

enum oha_rc oha__plan_place(const struct oha_plan *plan, const struct oha_node *node, struct oha_place *out,
                            struct oha_error *err)
{
  *out = (struct oha_place){ .name = node->name, .timeout_us = plan->cluster->thresholds.remote_timeout_us };
  if (node == plan->self)
    return OHA_OK;
  if (node->remote_command == NULL)
    return oha__fail(err, OHA_E_UNAVAILABLE,
                     "node %s: not this machine, and the cluster file has no remote_command for it",
                     node->name);
  out->remote_command = node->remote_command;
  return OHA_OK;
}

struct oha_vip_spec oha__plan_vip_spec(const struct oha_vip *vip)
{
  struct oha_vip_spec spec = { .addr = vip->addr, .prefix_bits = vip->prefix_bits };

  snprintf(spec.interface_, sizeof(spec.interface_), "%s", vip->interface_);
  return spec;
}

enum oha_rc oha__plan_vips_at(const struct oha_plan *plan, const struct oha_node *node, size_t *n_here,
                              struct oha_error *err)
{
  struct oha_place place;
  enum oha_rc rc = oha__plan_place(plan, node, &place, err);

  *n_here = 0;
  for (size_t i = 0; rc == OHA_OK && i < plan->cluster->n_vips; i++) {
    struct oha_vip_spec spec = oha__plan_vip_spec(&plan->cluster->vips[i]);
    bool here = false;

    rc = oha_place_vip_is_here(plan->ctx, &place, &spec, &here, err);
    *n_here += here ? 1 : 0;
  }
  return rc;
}
