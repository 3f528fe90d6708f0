/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The target owns the addresses: the VIPs, those it adopts, and nobody else does. */
#include "base/ctx.h"
#include "base/error.h"
#include "failover/gates.h"
#include "failover/step.h"

#include <stdio.h>
#include <string.h>

/* ---- vip ---- */

static enum oha_rc vip_look(struct oha_plan *plan, bool *done, char text[OHA__TEXT_SIZE],
                            struct oha_error *err)
{
  size_t n_here = 0;
  enum oha_rc rc = oha__plan_vips(plan, plan->to, OHA__VIPS_OBSERVE, &n_here, err);

  if (rc != OHA_OK)
    return rc;
  *done = n_here == plan->cluster->n_vips;
  snprintf(text, OHA__TEXT_SIZE, "%s holds %zu of %zu VIPs", plan->to->name, n_here, plan->cluster->n_vips);
  return OHA_OK;
}

static enum oha_rc vip_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  size_t n_already;

  (void)text;
  plan->dark_counts = true;
  return oha__plan_vips(plan, plan->to, OHA__VIPS_ACQUIRE, &n_already, err);
}

static enum oha_rc vip_undo(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  size_t n_were_here;
  enum oha_rc rc = oha__plan_vips(plan, plan->to, OHA__VIPS_RELEASE, &n_were_here, err);

  if (rc == OHA_OK)
    snprintf(text, OHA__TEXT_SIZE, "%s has no VIP any more", plan->to->name);
  return rc;
}

static void vip_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  snprintf(text, OHA__TEXT_SIZE, "give %zu VIP%s to %s and announce %s", plan->cluster->n_vips,
           plan->cluster->n_vips == 1 ? "" : "s", plan->to->name, plan->cluster->n_vips == 1 ? "it" : "them");
}

static int64_t vip_block_us(const struct oha_plan *plan)
{
  return plan->cluster->thresholds.remote_timeout_us * (int64_t)(plan->cluster->n_vips + 1);
}

const struct oha__step oha__step_vip = {
  .name = "vip",
  .flags = OHA__STEP_DARK,
  .block_us = vip_block_us,
  .look = vip_look,
  .act = vip_act,
  .undo = vip_undo,
  .intent = vip_intent,
};

/* ---- adopt: service addresses of a node that is proven to be without power ---- */

static bool is_first_of_its_address(const struct oha_node *node, size_t i)
{
  for (size_t j = 0; j < i; j++)
    if (node->sockets[j].adoptable &&
        oha_addr_equal(&node->sockets[j].listen.addr, &node->sockets[i].listen.addr))
      return false;
  return node->sockets[i].adoptable;
}

/* Call @p fn for each adoptable address of the old active, at the target. */
static enum oha_rc each_adoptable(struct oha_plan *plan, size_t *n,
                                  enum oha_rc (*fn)(struct oha_plan *, const struct oha_place *,
                                                    const struct oha_vip_spec *, bool *, struct oha_error *),
                                  size_t *n_true, struct oha_error *err)
{
  struct oha_place place;
  enum oha_rc rc = oha__plan_place(plan, plan->to, &place, err);

  *n = 0;
  *n_true = 0;
  for (size_t i = 0; rc == OHA_OK && i < plan->from->n_sockets; i++) {
    struct oha_vip_spec spec = oha__plan_adopted_spec(plan, &plan->from->sockets[i]);
    bool yes = false;

    if (!is_first_of_its_address(plan->from, i))
      continue;
    rc = fn(plan, &place, &spec, &yes, err);
    *n += 1;
    *n_true += yes ? 1 : 0;
  }
  return rc;
}

static enum oha_rc one_is_here(struct oha_plan *plan, const struct oha_place *place,
                               const struct oha_vip_spec *spec, bool *yes, struct oha_error *err)
{
  return oha_place_vip_is_here(plan->ctx, place, spec, yes, err);
}

static enum oha_rc one_add(struct oha_plan *plan, const struct oha_place *place,
                           const struct oha_vip_spec *spec, bool *yes, struct oha_error *err)
{
  return oha_place_vip_add(plan->ctx, place, spec, yes, err);
}

static enum oha_rc one_del(struct oha_plan *plan, const struct oha_place *place,
                           const struct oha_vip_spec *spec, bool *yes, struct oha_error *err)
{
  return oha_place_vip_del(plan->ctx, place, spec, yes, err);
}

static bool adopt_applies(const struct oha_plan *plan)
{
  bool claimed = oha__gate_is_forced(plan, "fenced") && !oha__evidence_alive(&plan->evidence);

  if (plan->proof != OHA__PROOF_FENCED && !claimed)
    return false;
  for (size_t i = 0; i < plan->from->n_sockets; i++)
    if (plan->from->sockets[i].adoptable)
      return true;
  return false;
}

static enum oha_rc adopt_look(struct oha_plan *plan, bool *done, char text[OHA__TEXT_SIZE],
                              struct oha_error *err)
{
  size_t n, n_here;
  enum oha_rc rc = each_adoptable(plan, &n, one_is_here, &n_here, err);

  if (rc != OHA_OK)
    return rc;
  *done = n_here == n;
  plan->adopted = *done;
  snprintf(text, OHA__TEXT_SIZE, "%s holds %zu of %zu service addresses of %s", plan->to->name, n_here, n,
           plan->from->name);
  return OHA_OK;
}

static enum oha_rc adopt_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  size_t n, n_already;

  (void)text;
  return each_adoptable(plan, &n, one_add, &n_already, err);
}

static enum oha_rc adopt_undo(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  size_t n, n_were;
  enum oha_rc rc = each_adoptable(plan, &n, one_del, &n_were, err);

  if (rc == OHA_OK)
    snprintf(text, OHA__TEXT_SIZE, "%s gave %zu service addresses of %s back", plan->to->name, n_were,
             plan->from->name);
  return rc;
}

static void adopt_assume(struct oha_plan *plan)
{
  plan->adopted = true;
}

static void adopt_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  snprintf(text, OHA__TEXT_SIZE, "%s takes over the adoptable service addresses of %s", plan->to->name,
           plan->from->name);
}

const struct oha__step oha__step_adopt = {
  .name = "adopt",
  .flags = OHA__STEP_DARK | OHA__STEP_PROOF,
  .block_us = vip_block_us,
  .applies = adopt_applies,
  .look = adopt_look,
  .act = adopt_act,
  .undo = adopt_undo,
  .assume = adopt_assume,
  .intent = adopt_intent,
};

/* ---- sole-owner: announced once more, and nobody else answers for the VIP ---- */

static enum oha_rc sole_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  unsigned n_asked = 0;
  unsigned expected = plan->to == plan->self ? 0 : 1;
  size_t n_already;
  enum oha_rc rc = oha__plan_vips(plan, plan->to, OHA__VIPS_ACQUIRE, &n_already, err); /* announces again */

  if (rc == OHA_OK)
    rc = oha__evidence_ask_lan(plan, err);
  for (size_t i = 0; rc == OHA_OK && i < plan->cluster->n_vips; i++) {
    const struct oha_vip_owners *owners = &plan->evidence.owners[i + 1];
    char address[OHA_ADDR_SIZE];

    n_asked += owners->asked ? 1 : 0;
    if (owners->n_macs > expected)
      rc =
          oha__fail(err, OHA_E_CONFLICT,
                    "OHA-VIP-DUAL: %s is answered for by %u stations, %s among them: power the other one off",
                    oha_addr_format(&plan->cluster->vips[i].addr, address), owners->n_macs + 1 - expected,
                    owners->mac[0]);
  }
  if (rc == OHA_OK)
    snprintf(text, OHA__TEXT_SIZE,
             n_asked == 0 ? "not asked: no VIP is on a network of this machine"
                          : "nobody else answers for the VIP");
  return rc;
}

static void sole_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  (void)plan;
  snprintf(text, OHA__TEXT_SIZE, "announce again, and ask the LAN whether anybody else answers for the VIP");
}

const struct oha__step oha__step_sole = {
  .name = "sole-owner",
  .flags = OHA__STEP_PROOF,
  .block_us = vip_block_us,
  .act = sole_act,
  .intent = sole_intent,
};
