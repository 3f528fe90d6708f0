/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"
#include "failover/gates.h"

#include <opensips-ha/probe.h>

#include <errno.h>
#include <string.h>

#define EXIT_UNREACHABLE 255

static enum oha__sign sign_of_probe(const struct oha_probe_result *result)
{
  switch (result->end) {
  case OHA_PROBE_ALIVE:
  case OHA_PROBE_GARBLED:
  case OHA_PROBE_TLS_FAILED:
  case OHA_PROBE_REFUSED: /* its kernel answered: the machine lives */
    return OHA__SIGN_ALIVE;
  case OHA_PROBE_TIMEOUT:
    return OHA__SIGN_SILENT;
  case OHA_PROBE_UNREACHABLE: /* no route, no descriptor, a firewall here: that is our own trouble */
    return result->sys_errno == 0 || result->sys_errno == EHOSTUNREACH ? OHA__SIGN_SILENT : OHA__SIGN_NONE;
  }
  return OHA__SIGN_NONE;
}

struct own_sockets {
  enum oha__sign sign;
};

static void own_socket_done(void *arg, const struct oha_probe_result *result)
{
  struct own_sockets *seen = arg;
  enum oha__sign sign = sign_of_probe(result);

  if (sign == OHA__SIGN_ALIVE || seen->sign == OHA__SIGN_NONE)
    seen->sign = sign;
}

/* Start asking every listener that the node has of its own; the answers wait in the prober. */
static enum oha_rc start_sip(struct oha_plan *plan, struct oha_prober *prober, struct own_sockets *seen,
                             struct oha_error *err)
{
  struct oha_mono next;
  enum oha_rc rc = OHA_OK;

  for (size_t i = 0; rc == OHA_OK && i < plan->from->n_sockets; i++) {
    const struct oha_sock *sock = &plan->from->sockets[i].listen;
    struct oha_probe_opts o = { .size = sizeof(o),
                                .target = *sock,
                                .timeout_us = plan->cluster->thresholds.probe_timeout_us,
                                .retransmit = true };

    if ((sock->proto == OHA_PROTO_UDP || sock->proto == OHA_PROTO_TCP) && !plan->adopted_socket[i])
      rc = oha_prober_add(prober, &o, own_socket_done, seen, err);
  }
  return rc == OHA_OK ? oha_prober_process(prober, &next, err) : rc;
}

enum oha_rc oha__evidence_ask_lan(struct oha_plan *plan, struct oha_error *err)
{
  struct oha__evidence *e = &plan->evidence;
  size_t n = plan->cluster->n_vips + 1;
  struct oha_vip_spec *specs = oha__calloc(n, sizeof(*specs));
  enum oha_rc rc;

  if (e->owners == NULL)
    e->owners = oha__calloc(n, sizeof(*e->owners));
  if (specs == NULL || e->owners == NULL) {
    oha__free(specs);
    return oha__fail_nomem(err);
  }
  specs[0] = (struct oha_vip_spec){ .addr = plan->from->host,
                                    .prefix_bits = plan->from->host.family == 4 ? 32 : 128 };
  for (size_t i = 1; i < n; i++)
    specs[i] = oha__plan_vip_spec(&plan->cluster->vips[i - 1]);
  rc = oha_vip_owners_all(plan->ctx, specs, n, plan->cluster->thresholds.arp_timeout_us, e->owners, NULL);
  if (rc != OHA_E_CANCELLED) /* a LAN that fails is a path that cannot be asked */
    rc = OHA_OK;
  if (e->owners[0].asked)
    e->arp = e->owners[0].n_macs > 0 ? OHA__SIGN_ALIVE : OHA__SIGN_SILENT;
  oha__free(specs);
  return rc == OHA_OK ? rc : oha__fail(err, rc, "cancelled while asking the LAN");
}

static const struct oha_node_socket *first_udp_socket(const struct oha_plan *plan)
{
  for (size_t i = 0; i < plan->from->n_sockets; i++)
    if (plan->from->sockets[i].listen.proto == OHA_PROTO_UDP && !plan->adopted_socket[i])
      return &plan->from->sockets[i];
  return NULL;
}

static void ask_witness(struct oha_plan *plan)
{
  const struct oha_node_socket *target = first_udp_socket(plan);

  for (size_t i = 0; target != NULL && i < plan->cluster->n_witnesses; i++) {
    const struct oha_witness *witness = &plan->cluster->witnesses[i];
    struct oha_place place = { .name = witness->name,
                               .remote_command = witness->remote_command,
                               .timeout_us = plan->cluster->thresholds.remote_timeout_us };
    struct oha_probe_result result;

    if (witness->remote_command == NULL ||
        oha_place_probe(plan->ctx, &place, &target->listen, plan->cluster->thresholds.probe_timeout_us,
                        &result, NULL) != OHA_OK)
      continue;
    plan->evidence.witness = sign_of_probe(&result);
    if (plan->evidence.witness == OHA__SIGN_ALIVE)
      return;
  }
}

/*
 * An answer that it failed is an answer. Only a command that ran and reached nobody (255, as ssh(1) says it)
 * or did not end says that there is silence: not one that is missing, or cannot be started here.
 */
static enum oha__sign sign_of_command(enum oha_rc rc, const struct oha_error *why)
{
  bool is_exit = rc != OHA_OK && why->origin == OHA_ORIGIN_EXIT;

  if (rc == OHA_OK || rc == OHA_E_REFUSED || rc == OHA_E_PROTOCOL ||
      (is_exit && why->sys != EXIT_UNREACHABLE))
    return OHA__SIGN_ALIVE;
  return rc == OHA_E_TIMEOUT || is_exit ? OHA__SIGN_SILENT : OHA__SIGN_NONE;
}

static void ask_management(struct oha_plan *plan)
{
  struct oha_error why = OHA_ERROR_INIT;
  size_t n_here = 0;
  enum oha_rc rc = oha__plan_vips(plan, plan->from, OHA__VIPS_OBSERVE, &n_here, &why);

  plan->evidence.management = sign_of_command(rc, &why);
  plan->evidence.has_vip = rc == OHA_OK && n_here > 0;
  if (rc != OHA_OK)
    oha__log(plan->ctx, OHA_LOG_INFO, "failover", "%s: %s", plan->from->name, why.text);
}

/* The paths besides its own management one, together: the longest of them counts, not their sum. */
static enum oha_rc ask_the_rest(struct oha_plan *plan, struct oha_error *err)
{
  struct own_sockets seen = { OHA__SIGN_NONE };
  struct oha_prober *prober = NULL;
  enum oha_rc rc = oha_prober_new(plan->ctx, &prober, err);

  if (rc == OHA_OK)
    rc = start_sip(plan, prober, &seen, err);
  if (rc == OHA_OK) {
    ask_witness(plan);
    rc = oha__evidence_ask_lan(plan, err);
  }
  if (rc == OHA_OK)
    rc = oha_prober_run(prober, err);
  oha_prober_free(prober);
  plan->evidence.sip = seen.sign;
  return rc;
}

/* It has its power (again): a fence before this, and a claim that only the journal has, prove nothing. */
static void forget_the_past(struct oha_plan *plan)
{
  uint32_t fenced;

  if (plan->proof == OHA__PROOF_FENCED)
    plan->proof = OHA__PROOF_NONE;
  if (oha__gate_bit(plan->kind, "fenced", &fenced))
    plan->forced_gates &= ~(plan->forced_before & fenced);
}

enum oha_rc oha__evidence_collect(struct oha_plan *plan, bool again, struct oha_error *err)
{
  size_t n_here = 0;
  enum oha_rc rc = OHA_OK;

  if (plan->evidence.collected && !again)
    return OHA_OK;
  oha__evidence_clear(&plan->evidence);
  plan->evidence.target_has_vips =
      oha__plan_vips(plan, plan->to, OHA__VIPS_OBSERVE, &n_here, NULL) == OHA_OK &&
      n_here == plan->cluster->n_vips;
  ask_management(plan);
  rc = plan->evidence.management == OHA__SIGN_ALIVE ? oha__evidence_ask_lan(plan, err)
                                                    : ask_the_rest(plan, err);
  plan->evidence.collected = rc == OHA_OK;
  if (rc == OHA_OK && oha__evidence_alive(&plan->evidence))
    forget_the_past(plan);
  return rc;
}

void oha__evidence_clear(struct oha__evidence *e)
{
  oha__free(e->owners);
  memset(e, 0, sizeof(*e));
}

unsigned oha__evidence_silent(const struct oha__evidence *e)
{
  return (e->management == OHA__SIGN_SILENT ? 1u : 0u) + (e->sip == OHA__SIGN_SILENT ? 1u : 0u) +
         (e->arp == OHA__SIGN_SILENT ? 1u : 0u) + (e->witness == OHA__SIGN_SILENT ? 1u : 0u);
}

bool oha__evidence_alive(const struct oha__evidence *e)
{
  return e->management == OHA__SIGN_ALIVE || e->sip == OHA__SIGN_ALIVE || e->arp == OHA__SIGN_ALIVE ||
         e->witness == OHA__SIGN_ALIVE;
}

bool oha__evidence_settled(const struct oha__evidence *e)
{
  return e->target_has_vips && !e->has_vip;
}

void oha__evidence_text(const struct oha__evidence *e, char *buf, size_t size)
{
  static const char *const words[] = { "not asked", "answers", "silent" };
  struct oha_sbuf b;

  oha__sbuf_init(&b, buf, size);
  oha__sbuf_printf(&b, "management %s, SIP %s, ARP/ND %s, witness %s", words[e->management], words[e->sip],
                   words[e->arp], words[e->witness]);
  if (oha__sbuf_done(&b) != OHA_OK)
    buf[0] = '\0';
}
