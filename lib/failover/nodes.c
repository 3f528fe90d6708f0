/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machines of a plan: how to reach them, what they hold. */
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
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

static enum oha_rc engine_call(const struct oha_plan *plan, const struct oha_place *place,
                               enum oha__vips_op op, const struct oha_vip_spec *specs, bool *yes,
                               struct oha_error *err)
{
  const size_t n = plan->cluster->n_vips;

  switch (op) {
  case OHA__VIPS_OBSERVE: /* by the kernel, whatever moves them */
    return oha_place_vips_are_here(plan->ctx, place, specs, n, yes, err);
  case OHA__VIPS_ACQUIRE:
    return plan->engine->acquire(plan->ctx, place, specs, n, yes, err);
  case OHA__VIPS_RELEASE:
    return plan->engine->release(plan->ctx, place, specs, n, yes, err);
  }
  return OHA_E_BUG;
}

enum oha_rc oha__plan_vips(const struct oha_plan *plan, const struct oha_node *node, enum oha__vips_op op,
                           size_t *n_yes, struct oha_error *err)
{
  const size_t n = plan->cluster->n_vips;
  struct oha_vip_spec *specs = NULL;
  struct oha_place place;
  bool *yes = NULL;
  enum oha_rc rc = oha__plan_place(plan, node, &place, err);

  *n_yes = 0;
  if (rc != OHA_OK)
    return rc;
  specs = oha__calloc(n, sizeof(*specs));
  yes = oha__calloc(n, sizeof(*yes));
  if (specs == NULL || yes == NULL)
    rc = oha__fail_nomem(err);
  for (size_t i = 0; rc == OHA_OK && i < n; i++)
    specs[i] = oha__plan_vip_spec(&plan->cluster->vips[i]);
  if (rc == OHA_OK)
    rc = engine_call(plan, &place, op, specs, yes, err);
  for (size_t i = 0; rc == OHA_OK && i < n; i++)
    *n_yes += yes[i] ? 1 : 0;
  oha__free(specs);
  oha__free(yes);
  return rc;
}

struct oha_vip_spec oha__plan_adopted_spec(const struct oha_plan *plan, const struct oha_node_socket *socket)
{
  struct oha_vip_spec spec = { .addr = socket->listen.addr };

  spec.prefix_bits = spec.addr.family == 4 ? 32 : 128;
  snprintf(spec.interface_, sizeof(spec.interface_), "%s", plan->to->interface_);
  return spec;
}

/* Which of these sockets' addresses are at the target? Unknown = they are not. */
static void look_for(struct oha_plan *plan, const size_t *sockets, struct oha_vip_spec *specs, bool *here,
                     size_t n)
{
  struct oha_error why = OHA_ERROR_INIT;
  struct oha_place place;
  enum oha_rc rc = oha__plan_place(plan, plan->to, &place, &why);

  for (size_t i = 0; i < n; i++)
    specs[i] = oha__plan_adopted_spec(plan, &plan->from->sockets[sockets[i]]);
  if (rc == OHA_OK)
    rc = oha_place_vips_are_here(plan->ctx, &place, specs, n, here, &why);
  if (rc != OHA_OK) {
    oha__log(plan->ctx, OHA_LOG_INFO, "failover", "adopted addresses at %s: %s", plan->to->name, why.text);
    return;
  }
  plan->adopted = true;
  for (size_t i = 0; i < n; i++) {
    plan->adopted_socket[sockets[i]] = here[i];
    plan->adopted = plan->adopted && here[i];
  }
}

enum oha_rc oha__plan_see_adopted(struct oha_plan *plan, struct oha_error *err)
{
  size_t n = 0, size = plan->from->n_sockets + 1; /* none is no failure */
  size_t *sockets = oha__calloc(size, sizeof(*sockets));
  struct oha_vip_spec *specs = oha__calloc(size, sizeof(*specs));
  bool *here = oha__calloc(size, sizeof(*here));
  enum oha_rc rc = OHA_OK;

  plan->adopted = false;
  oha__free(plan->adopted_socket);
  plan->adopted_socket = oha__calloc(size, sizeof(*plan->adopted_socket));
  for (size_t i = 0; sockets != NULL && i < plan->from->n_sockets; i++)
    if (plan->from->sockets[i].adoptable)
      sockets[n++] = i;
  if (sockets == NULL || specs == NULL || here == NULL || plan->adopted_socket == NULL)
    rc = oha__fail_nomem(err);
  else if (n > 0)
    look_for(plan, sockets, specs, here, n);
  oha__free(sockets);
  oha__free(specs);
  oha__free(here);
  return rc;
}
