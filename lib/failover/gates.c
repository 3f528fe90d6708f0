/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "failover/gates.h"
#include "base/error.h"
#include "base/sbuf.h"
#include "base/span.h"

#include <opensips-ha/probe.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ON_FAILOVER (1u << OHA_PLAN_FAILOVER)
#define ON_REWRITE  (1u << OHA_PLAN_REWRITE)

/*
 * A gate fills value, threshold, text, passed and blocking; its rc is OHA_OK unless it could not be evaluated
 * at all. In an emergency only what would make things worse blocks.
 */
struct gate_kind {
  const char *name;
  uint32_t kinds;      /* of plans */
  enum oha_rc refusal; /* what a failed one ends the plan with */
  enum oha_rc (*ask)(struct oha_plan *plan, struct oha_gate *gate, struct oha_error *err);
};

static void set(char *field, size_t size, const char *fmt, ...) OHA_PRINTF(3, 4);

static void set(char *field, size_t size, const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(field, size, fmt, ap);
  va_end(ap);
}

#define SET(field, ...) set((field), sizeof(field), __VA_ARGS__)

/* ---- sip: the target's own server answers ---- */

struct sip_count {
  unsigned asked, alive;
};

static void sip_answer(void *arg, const struct oha_probe_result *result)
{
  struct sip_count *count = arg;

  count->alive += result->end == OHA_PROBE_ALIVE ? 1 : 0;
}

static enum oha_rc ask_sip(struct oha_plan *plan, struct oha_gate *gate, struct oha_error *err)
{
  struct sip_count count = { 0, 0 };
  struct oha_prober *prober = NULL;
  enum oha_rc rc = oha_prober_new(plan->ctx, &prober, err);

  for (size_t i = 0; rc == OHA_OK && i < plan->to->n_sockets; i++) {
    const struct oha_sock *sock = &plan->to->sockets[i].listen;
    struct oha_probe_opts o = { .size = sizeof(o),
                                .target = *sock,
                                .timeout_us = plan->cluster->thresholds.probe_timeout_us,
                                .retransmit = true };

    if (sock->proto != OHA_PROTO_UDP && sock->proto != OHA_PROTO_TCP)
      continue;
    rc = oha_prober_add(prober, &o, sip_answer, &count, err);
    count.asked++;
  }
  if (rc == OHA_OK)
    rc = oha_prober_run(prober, err);
  oha_prober_free(prober);
  if (rc != OHA_OK)
    return rc;
  SET(gate->value, "%u of %u listeners answer", count.alive, count.asked);
  SET(gate->threshold, "all");
  gate->passed = count.alive == count.asked;
  gate->blocking = count.alive == 0 && count.asked > 0;
  if (!gate->passed)
    SET(gate->text, "%s: %s; is its SIP server running, with all its listeners?", plan->to->name,
        count.alive == 0 ? "no own listener answers OPTIONS: the service would be dark there"
                         : "some own listeners do not answer OPTIONS");
  return OHA_OK;
}

/* ---- database, quorum ---- */

static enum oha_rc ask_database(struct oha_plan *plan, struct oha_gate *gate, struct oha_error *err)
{
  struct oha_db_verdict verdict;
  struct oha_error why = OHA_ERROR_INIT;

  (void)err;
  SET(gate->threshold, "answers and takes writes");
  gate->blocking = !plan->without_database;
  if (plan->without_database) {
    SET(gate->value, "left out (--without=database)");
    SET(gate->text, "no cluster-wide lease: make sure that nobody else moves this cluster now");
    gate->passed = true;
    return OHA_OK;
  }
  if (plan->db == NULL || oha_db_judge(plan->db, &verdict, &why) != OHA_OK) {
    SET(gate->value, "no database");
    SET(gate->text,
        "%s%sthe move itself does not need it: --without=database, then `ha-ctl resume` when it is back",
        why.text, why.text[0] == '\0' ? "" : "; ");
    return OHA_OK;
  }
  SET(gate->value, "%.90s %s", verdict.host, verdict.writable ? "writable" : "refuses writes");
  gate->passed = verdict.writable;
  if (!gate->passed)
    SET(gate->text, "%s", verdict.why);
  return OHA_OK;
}

static enum oha_rc ask_quorum(struct oha_plan *plan, struct oha_gate *gate, struct oha_error *err)
{
  const struct oha_db_verdict *verdict = plan->db == NULL ? NULL : oha_db_verdict_of(plan->db);

  (void)err;
  SET(gate->threshold, "Primary");
  gate->blocking = !plan->without_database;
  if (verdict == NULL || !verdict->galera) {
    SET(gate->value, verdict == NULL ? "not asked" : "no Galera");
    gate->passed = true;
    return OHA_OK;
  }
  SET(gate->value, "%s, size %lld", verdict->primary ? "Primary" : "non-Primary",
      (long long)verdict->cluster_size);
  gate->passed = verdict->primary && verdict->ready;
  if (!gate->passed)
    SET(gate->text, "%s is cut off from its majority: writes there are lost or refused", verdict->hostname);
  return OHA_OK;
}

/* ---- mode: does a rewritten row take effect? ---- */

static enum oha_rc ask_mode(struct oha_plan *plan, struct oha_gate *gate, struct oha_error *err)
{
  (void)err;
  SET(gate->value, "%s", oha_working_mode_name(plan->to->working_mode));
  SET(gate->threshold, "sql-only");
  gate->passed = plan->to->working_mode == OHA_MODE_SQL_ONLY;
  gate->blocking = plan->kind == OHA_PLAN_REWRITE;
  if (!gate->passed)
    SET(gate->text, "%s reads the location table at most at its start: rewritten sockets have no effect%s",
        plan->to->name, plan->kind == OHA_PLAN_REWRITE ? "" : ", the rewrite is left out");
  return OHA_OK;
}

/* ---- address: nobody but the old active has the VIP ---- */

/* Stations that may answer besides this one: the old active, and the target when it has the VIP already. */
static unsigned count_expected(const struct oha_plan *plan)
{
  return (plan->evidence.has_vip && plan->from != plan->self ? 1u : 0u) +
         (plan->evidence.target_has_vips && plan->to != plan->self ? 1u : 0u);
}

/* The old active's own station, which hangs on to the VIP: no stranger, if it is going to lose its power. */
static bool will_be_fenced(const struct oha_plan *plan, const char *mac)
{
  return plan->cluster->fence_command != NULL && !oha__gate_is_forced(plan, "fenced") &&
         plan->evidence.management != OHA__SIGN_ALIVE && plan->evidence.owners[0].n_macs > 0 &&
         strcmp(plan->evidence.owners[0].mac[0], mac) == 0;
}

static unsigned count_owners(const struct oha_plan *plan, const struct oha_vip_owners *owners)
{
  unsigned n = 0;

  for (unsigned i = 0; i < owners->n_macs && i < OHA_MACS_MAX; i++)
    n += will_be_fenced(plan, owners->mac[i]) ? 0 : 1;
  return n;
}

static enum oha_rc ask_address(struct oha_plan *plan, struct oha_gate *gate, struct oha_error *err)
{
  unsigned n_asked = 0, n_strangers = 0, n_owners, expected;
  char who[OHA_MAC_SIZE] = "";
  char address[OHA_ADDR_SIZE] = "";
  enum oha_rc rc = oha__evidence_collect(plan, false, err);

  if (rc != OHA_OK)
    return rc;
  expected = count_expected(plan);
  for (size_t i = 0; i < plan->cluster->n_vips; i++) {
    const struct oha_vip_owners *owners = &plan->evidence.owners[i + 1];

    n_asked += owners->asked ? 1 : 0;
    n_owners = count_owners(plan, owners);
    if (n_owners <= expected || n_strangers > 0)
      continue;
    n_strangers = n_owners - expected;
    SET(who, "%s", owners->mac[0]);
    oha_addr_format(&plan->cluster->vips[i].addr, address);
  }
  SET(gate->threshold, "nobody but the old active");
  gate->passed = n_strangers == 0;
  gate->blocking = true;
  if (n_asked == 0)
    SET(gate->value, "not asked: no VIP is on a network of this machine");
  else
    SET(gate->value, "%u of %zu VIPs asked, %u unexpected owners", n_asked, plan->cluster->n_vips,
        n_strangers);
  if (n_strangers > 0)
    SET(gate->text,
        "%s is answered for by %s%s: two owners would leave phones deaf; power that station off, or fence",
        address, who,
        plan->evidence.management == OHA__SIGN_ALIVE ? ""
                                                     : ", perhaps the old active, which cannot be reached");
  return OHA_OK;
}

/* ---- fenced: will there be proof that the old active does not serve? ---- */

static enum oha_rc ask_fenced(struct oha_plan *plan, struct oha_gate *gate, struct oha_error *err)
{
  unsigned silent;
  enum oha_rc rc = oha__evidence_collect(plan, false, err);

  if (rc != OHA_OK)
    return rc;
  silent = oha__evidence_silent(&plan->evidence);
  oha__evidence_text(&plan->evidence, gate->value, sizeof(gate->value));
  SET(gate->threshold, "it can be asked to stop, or fenced, or 2 silent paths and its typed name");
  gate->blocking = true;
  if (oha__evidence_settled(&plan->evidence)) {
    gate->passed = true;
    SET(gate->text, "%s has the VIP already", plan->to->name);
  } else if (plan->evidence.management == OHA__SIGN_ALIVE || plan->cluster->fence_command != NULL) {
    gate->passed = true;
    SET(gate->text,
        plan->evidence.management == OHA__SIGN_ALIVE ? "%s answers and will be demoted" : "%s will be fenced",
        plan->from->name);
  } else if (oha__evidence_alive(&plan->evidence)) {
    SET(gate->text,
        "%s lives but cannot be asked to give up the VIP, and there is no fence_command: power it off, "
        "then --force=fenced",
        plan->from->name);
  } else if (silent >= 2 && plan->confirmed_down) {
    gate->passed = true;
    SET(gate->text, "%u paths to %s are silent and the operator says that it is down", silent,
        plan->from->name);
  } else {
    SET(gate->text,
        silent >= 2
            ? "%s is silent, but silence alone is no proof: type its name at the prompt, or --force=fenced"
            : "too few paths to %s were asked: power it off, then --force=fenced",
        plan->from->name);
  }
  return OHA_OK;
}

/* ---- lease: nobody else is at it ---- */

static enum oha_rc ask_lease(struct oha_plan *plan, struct oha_gate *gate, struct oha_error *err)
{
  struct oha_lease_view view;
  struct oha_error why = OHA_ERROR_INIT;
  char until[OHA_RFC3339_SIZE];

  (void)err;
  SET(gate->threshold, "free or ours");
  gate->blocking = true;
  gate->passed = true;
  if (!plan->dry_run) {
    SET(gate->value, plan->without_database ? "local lock taken" : "taken");
    return OHA_OK;
  }
  if (plan->journal == NULL || oha_lease_show(plan->journal, &view, &why) != OHA_OK) {
    SET(gate->value, "not known");
    SET(gate->text, "%s", why.text);
    return OHA_OK;
  }
  gate->passed = !view.held;
  SET(gate->value, view.held ? "held" : "free");
  if (view.held)
    SET(gate->text, "held by %.60s until %s", view.holder, oha_wall_format(view.expires_at, until));
  return OHA_OK;
}

static const struct gate_kind gate_kinds[] = {
  { "sip", ON_FAILOVER, OHA_E_REFUSED, ask_sip },
  { "database", ON_FAILOVER | ON_REWRITE, OHA_E_UNAVAILABLE, ask_database },
  { "quorum", ON_FAILOVER | ON_REWRITE, OHA_E_NO_QUORUM, ask_quorum },
  { "mode", ON_FAILOVER | ON_REWRITE, OHA_E_REFUSED, ask_mode },
  { "fenced", ON_FAILOVER, OHA_E_REFUSED, ask_fenced },
  { "address", ON_FAILOVER, OHA_E_REFUSED, ask_address },
  { "lease", ON_FAILOVER | ON_REWRITE, OHA_E_BUSY, ask_lease },
};

#define N_GATES (sizeof(gate_kinds) / sizeof(gate_kinds[0]))

bool oha__gate_bit(enum oha_plan_kind kind, const char *name, uint32_t *bit)
{
  for (size_t i = 0; i < N_GATES; i++)
    if (strcmp(gate_kinds[i].name, name) == 0 && (gate_kinds[i].kinds & (1u << kind)) != 0) {
      *bit = 1u << i;
      return true;
    }
  return false;
}

const char *oha__gate_name_of_bit(unsigned bit)
{
  return bit < N_GATES ? gate_kinds[bit].name : NULL;
}

bool oha__gate_is_forced(const struct oha_plan *plan, const char *name)
{
  uint32_t bit;

  return oha__gate_bit(plan->kind, name, &bit) && (plan->forced_gates & bit) != 0;
}

enum oha_rc oha__gates_run(struct oha_plan *plan, struct oha_error *err)
{
  enum oha_rc worst = OHA_OK;
  char failed[96] = "";
  char first[OHA__TEXT_SIZE] = "";

  for (size_t i = 0; i < N_GATES; i++) {
    struct oha_gate gate = { .name = gate_kinds[i].name };
    struct oha_plan_event event = { .kind = OHA_EVENT_GATE, .gate = &gate };
    enum oha_rc rc;
    size_t n = strlen(failed);

    if ((gate_kinds[i].kinds & (1u << plan->kind)) == 0)
      continue;
    rc = gate_kinds[i].ask(plan, &gate, err);
    if (rc != OHA_OK) {
      oha__prefix(err, "gate %s: ", gate.name);
      return rc;
    }
    gate.forced = !gate.passed && (plan->forced_gates & (1u << i)) != 0;
    oha__plan_tell(plan, &event);
    if (gate.passed || !gate.blocking || gate.forced)
      continue;
    if (worst == OHA_OK) {
      worst = gate_kinds[i].refusal;
      SET(first, "%s", gate.text[0] != '\0' ? gate.text : gate.value);
    }
    set(failed + n, sizeof(failed) - n, "%s%s", n == 0 ? "" : ", ", gate.name);
  }
  if (worst == OHA_OK)
    return OHA_OK;
  return oha__fail(err, worst, "stopped by %s: %s", failed, first);
}
