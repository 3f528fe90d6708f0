/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OPTIONS to the VIP, from outside the pair: from its first answer on the service is back. */
#include "base/ctx.h"
#include "base/error.h"
#include "failover/step.h"

#include <opensips-ha/probe.h>

#include <stdio.h>

#define N_TRIES 5

/* One exchange, from a witness or (witness NULL) from this machine. */
static enum oha_rc ask(struct oha_plan *plan, const struct oha_witness *witness,
                       const struct oha_sock *target, struct oha_probe_result *result, struct oha_error *err)
{
  struct oha_place place = { .timeout_us = plan->cluster->thresholds.remote_timeout_us };
  int64_t timeout_us = plan->cluster->thresholds.probe_timeout_us;

  if (witness != NULL) {
    place.name = witness->name;
    place.remote_command = witness->remote_command;
  } else {
    place.name = "this machine";
  }
  return oha_place_probe(plan->ctx, &place, target, timeout_us, result, err);
}

/* The first witness that can be asked; NULL: none. */
static const struct oha_witness *find_witness(struct oha_plan *plan, const struct oha_sock *target,
                                              struct oha_probe_result *result)
{
  for (size_t i = 0; i < plan->cluster->n_witnesses; i++) {
    const struct oha_witness *witness = &plan->cluster->witnesses[i];

    if (witness->remote_command != NULL && ask(plan, witness, target, result, NULL) == OHA_OK)
      return witness;
  }
  return NULL;
}

static bool can_be_asked(const struct oha_sock *sock)
{
  return sock->proto == OHA_PROTO_UDP || sock->proto == OHA_PROTO_TCP;
}

static enum oha_rc prove_socket(struct oha_plan *plan, const struct oha_sock *target, const char **from,
                                struct oha_error *err)
{
  char name[OHA_SOCK_SIZE] = "";
  struct oha_probe_result result = { .end = OHA_PROBE_TIMEOUT };
  const struct oha_witness *witness = find_witness(plan, target, &result);
  enum oha_rc rc = OHA_OK;

  *from = witness == NULL ? NULL : witness->name;
  for (int i = 0; i < N_TRIES && result.end != OHA_PROBE_ALIVE; i++) {
    if (i > 0)
      oha__sleep(plan->ctx, 100 * OHA_US_PER_MS);
    rc = ask(plan, witness, target, &result, err);
    if (rc != OHA_OK)
      return rc;
  }
  if (result.end == OHA_PROBE_ALIVE)
    return OHA_OK;
  rc = oha_sock_format(target, name, sizeof(name), err);
  if (rc != OHA_OK)
    return rc;
  return oha__fail(err, OHA_E_UNAVAILABLE, "%s does not answer OPTIONS from %s: %s", name,
                   *from == NULL ? "this machine" : *from, oha_probe_end_name(result.end));
}

static enum oha_rc prove_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  const char *from = NULL;
  size_t n_asked = 0;

  for (size_t v = 0; v < plan->cluster->n_vips; v++)
    for (size_t i = 0; i < plan->cluster->vips[v].n_sockets; i++) {
      enum oha_rc rc;

      if (!can_be_asked(&plan->cluster->vips[v].sockets[i]))
        continue;
      rc = prove_socket(plan, &plan->cluster->vips[v].sockets[i], &from, err);
      if (rc != OHA_OK)
        return rc;
      if (n_asked++ == 0 && plan->dark_counts)
        plan->out->dark_us = oha_mono_diff_us(oha_now_mono(plan->ctx), plan->dark_from);
    }
  if (n_asked == 0)
    return oha__fail(err, OHA_E_CONFIG, "no vip has a UDP or TCP socket in %s: SIP cannot be proved",
                     plan->cluster->path);
  if (from == NULL)
    snprintf(text, OHA__TEXT_SIZE,
             "%zu VIP listeners answer from this machine; no witness could be asked: the proof "
             "from outside is not made",
             n_asked);
  else
    snprintf(text, OHA__TEXT_SIZE, "%zu VIP listeners answer from %s", n_asked, from);
  return OHA_OK;
}

static void prove_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  snprintf(text, OHA__TEXT_SIZE, "OPTIONS to the VIP from %s",
           plan->cluster->n_witnesses > 0 ? plan->cluster->witnesses[0].name : "this machine");
}

static int64_t prove_block_us(const struct oha_plan *plan)
{
  return N_TRIES * (plan->cluster->thresholds.remote_timeout_us + plan->cluster->thresholds.probe_timeout_us);
}

const struct oha__step oha__step_prove_sip = {
  .name = "prove-sip",
  .flags = OHA__STEP_DARK | OHA__STEP_PROOF,
  .block_us = prove_block_us,
  .act = prove_act,
  .intent = prove_intent,
};
