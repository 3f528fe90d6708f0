/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "failover/plan.h"
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "failover/gates.h"
#include "failover/step.h"
#include "journal/journal.h"

#include <opensips-ha/session.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *oha_plan_kind_name(enum oha_plan_kind kind)
{
  switch (kind) {
  case OHA_PLAN_FAILOVER:
    return "failover";
  case OHA_PLAN_REWRITE:
    return "rewrite";
  }
  return "?";
}

static enum oha_rc copy_text(const char **out, const char *text, struct oha_error *err)
{
  if (text == NULL || (*out = oha__strdup(text)) != NULL)
    return OHA_OK;
  return oha__fail_nomem(err);
}

static enum oha_rc take_options(struct oha_plan *plan, const struct oha_plan_opts *o, struct oha_error *err)
{
  enum oha_rc rc;

  plan->kind = o->kind;
  plan->confirmed_down = o->confirmed_down;
  plan->without_database = o->without_database;
  plan->dry_run = o->dry_run;
  plan->speed = o->speed;
  plan->rate_rows_per_s = o->rate_rows_per_s;
  plan->class_mask = o->class_mask;
  for (size_t i = 0; i < o->n_force; i++) {
    uint32_t bit;

    if (!oha__gate_bit(o->kind, o->force[i], &bit))
      return oha__fail(err, OHA_E_ARG, "--force=%s: no gate of %s has that name", o->force[i],
                       oha_plan_kind_name(o->kind));
    plan->forced_gates |= bit;
  }
  rc = copy_text(&plan->reason, o->reason, err);
  if (rc == OHA_OK)
    rc = copy_text(&plan->actor, o->actor, err);
  if (rc == OHA_OK)
    rc = copy_text(&plan->state_dir, o->state_dir, err);
  if (rc == OHA_OK && o->self != NULL) {
    plan->self = oha_cluster_node(plan->cluster, o->self);
    if (plan->self == NULL)
      rc = oha__fail(err, OHA_E_NOTFOUND, "node '%s' is not in %s", o->self, plan->cluster->path);
  }
  return rc;
}

/* A dry run does without a journal where it cannot be had: it only reads there. */
static enum oha_rc open_journal(struct oha_plan *plan, struct oha_error *err)
{
  struct oha_session_opts o = { .size = sizeof(o), .state_dir = plan->state_dir };

  if (!plan->dry_run)
    return oha_session_open_journal(plan->ctx, plan->cluster, plan->db, &o, &plan->journal, err);
  if (oha_session_open_journal(plan->ctx, plan->cluster, plan->db, &o, &plan->journal, NULL) != OHA_OK)
    plan->journal = NULL;
  return OHA_OK;
}

/* Operations come newest first: the first that moved the service. */
static enum oha_rc take_last_move(void *arg, const struct oha_op_record *record)
{
  if (strcmp(record->verb, "failover") != 0 ||
      (record->state != OHA_OP_DONE && record->state != OHA_OP_DEGRADED &&
       record->state != OHA_OP_INCOMPLETE))
    return OHA_OK;
  *(struct oha_op_record *)arg = *record;
  return OHA_END;
}

/* Who gives: the node that holds the VIP, else the target of the last move, else the only other one. */
static enum oha_rc find_from(struct oha_plan *plan, struct oha_error *err)
{
  struct oha_op_record last = { .to = "" };

  for (size_t i = 0; i < plan->cluster->n_nodes; i++) {
    const struct oha_node *node = &plan->cluster->nodes[i];
    size_t n_here;

    if (node != plan->to && oha__plan_vips(plan, node, OHA__VIPS_OBSERVE, &n_here, NULL) == OHA_OK &&
        n_here > 0) {
      plan->from = node;
      return OHA_OK;
    }
  }
  if (plan->journal != NULL && oha_op_each(plan->journal, 0, take_last_move, &last, NULL) == OHA_OK) {
    plan->from = oha_cluster_node(plan->cluster, last.to);
    if (plan->from != NULL && plan->from != plan->to)
      return OHA_OK;
  }
  plan->from = NULL;
  if (plan->cluster->n_nodes == 2)
    plan->from = plan->to == &plan->cluster->nodes[0] ? &plan->cluster->nodes[1] : &plan->cluster->nodes[0];
  if (plan->from == NULL)
    return oha__fail(err, OHA_E_CONFIG,
                     "no node shows the VIP and no move is on record: name the old active (--from)");
  return OHA_OK;
}

static enum oha_rc find_nodes(struct oha_plan *plan, const char *from, const char *to, struct oha_error *err)
{
  if (to == NULL)
    return oha__fail(err, OHA_E_ARG, "no target node: name it (--to)");
  plan->to = oha_cluster_node(plan->cluster, to);
  if (plan->to == NULL)
    return oha__fail(err, OHA_E_NOTFOUND, "node '%s' is not in %s", to, plan->cluster->path);
  if (from == NULL)
    return find_from(plan, err);
  plan->from = oha_cluster_node(plan->cluster, from);
  if (plan->from == NULL)
    return oha__fail(err, OHA_E_NOTFOUND, "node '%s' is not in %s", from, plan->cluster->path);
  if (plan->from == plan->to)
    return oha__fail(err, OHA_E_ARG, "--from and --to are both %s", to);
  return OHA_OK;
}

static enum oha_rc check_cluster(const struct oha_plan *plan, struct oha_error *err)
{
  if (plan->kind != OHA_PLAN_FAILOVER)
    return OHA_OK;
  if (plan->cluster->n_vips == 0)
    return oha__fail(err, OHA_E_CONFIG, "%s has no vip section: there is nothing to move",
                     plan->cluster->path);
  if (plan->engine == NULL)
    return oha__fail(err, OHA_E_REFUSED,
                     "engine \"%s\" moves this VIP, and this release drives only engine \"native\"",
                     oha_engine_name(plan->cluster->engine));
  return OHA_OK;
}

static enum oha_rc plan_alloc(struct oha_ctx *ctx, const struct oha_cluster *cluster, struct oha_db *db,
                              const struct oha_plan_opts *o, struct oha_plan **out, struct oha_error *err)
{
  struct oha_plan *plan = oha__calloc(1, sizeof(*plan));
  enum oha_rc rc;

  if (plan == NULL)
    return oha__fail_nomem(err);
  plan->ctx = ctx;
  plan->cluster = cluster;
  plan->engine = oha__engine_find(cluster->engine);
  plan->db = db;
  rc = take_options(plan, o, err);
  if (rc == OHA_OK)
    rc = open_journal(plan, err);
  if (rc != OHA_OK) {
    oha_plan_free(plan);
    return rc;
  }
  *out = plan;
  return OHA_OK;
}

enum oha_rc oha_plan_new(struct oha_ctx *ctx, const struct oha_cluster *cluster, struct oha_db *db,
                         const struct oha_plan_opts *opts, struct oha_plan **out, struct oha_error *err)
{
  struct oha_plan_opts o;
  struct oha_plan *plan = NULL;
  enum oha_rc rc;

  if (ctx == NULL || cluster == NULL || opts == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_plan_new: NULL");
  *out = NULL;
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc == OHA_OK)
    rc = plan_alloc(ctx, cluster, o.without_database ? NULL : db, &o, &plan, err);
  if (rc == OHA_OK)
    rc = check_cluster(plan, err);
  if (rc == OHA_OK)
    rc = find_nodes(plan, o.from, o.to, err);
  if (rc != OHA_OK) {
    oha_plan_free(plan);
    return rc;
  }
  *out = plan;
  return OHA_OK;
}

static enum oha_rc remember_step(void *arg, const struct oha_step_record *record)
{
  struct oha_plan *plan = arg;
  size_t n;
  const struct oha__step *const *steps = oha__steps_of(plan->kind, &n);

  for (size_t i = 0; i < n; i++)
    if (strcmp(steps[i]->name, record->name) == 0) {
      plan->has_prior[i] = true;
      plan->prior[i] = record->state;
      if ((steps[i]->flags & OHA__STEP_NO_RETURN) != 0 && record->state == OHA_STEP_DONE)
        plan->proof = OHA__PROOF_FENCED;
      if ((steps[i]->flags & OHA__STEP_DARK) == 0 && record->fence == plan->op.fence)
        plan->was_noted_in_light = true;
    }
  return OHA_OK;
}

static enum oha_rc kind_of_verb(const char *verb, enum oha_plan_kind *kind, struct oha_error *err)
{
  for (int k = OHA_PLAN_FAILOVER; k <= OHA_PLAN_REWRITE; k++)
    if (strcmp(oha_plan_kind_name((enum oha_plan_kind)k), verb) == 0) {
      *kind = (enum oha_plan_kind)k;
      return OHA_OK;
    }
  return oha__fail(err, OHA_E_REFUSED, "operation of verb '%s': this release cannot resume or undo it", verb);
}

/* "The newest that is open" must not take back what a later move did. */
static enum oha_rc check_newest(struct oha_plan *plan, struct oha_error *err)
{
  struct oha_op_record newest = { .op_id = "" };
  enum oha_rc rc = oha_op_each(plan->journal, 0, take_last_move, &newest, err);

  if (rc != OHA_OK || newest.began_at.us <= plan->op.began_at.us)
    return rc;
  return oha__fail(
      err, OHA_E_REFUSED,
      "%s %s (%s to %s) is open, but %s moved the service from %s to %s since: name the one that is "
      "meant, by its id",
      plan->op.verb, plan->op.op_id, plan->op.from, plan->op.to, newest.op_id, newest.from, newest.to);
}

static enum oha_rc find_operation(struct oha_plan *plan, const char *op_id, struct oha_error *err)
{
  enum oha_rc rc;

  if (plan->journal == NULL)
    return oha__fail(err, OHA_E_UNAVAILABLE, "the journal cannot be read");
  rc = oha_op_find(plan->journal, op_id, &plan->op, err);
  return rc == OHA_OK && op_id == NULL ? check_newest(plan, err) : rc;
}

enum oha_rc oha_plan_resume(struct oha_ctx *ctx, const struct oha_cluster *cluster, struct oha_db *db,
                            const struct oha_plan_opts *opts, const char *op_id, struct oha_plan **out,
                            struct oha_error *err)
{
  struct oha_plan_opts o;
  struct oha_plan *plan = NULL;
  enum oha_rc rc;

  if (ctx == NULL || cluster == NULL || opts == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_plan_resume: NULL");
  *out = NULL;
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc == OHA_OK)
    rc = plan_alloc(ctx, cluster, o.without_database ? NULL : db, &o, &plan, err);
  if (rc == OHA_OK)
    rc = find_operation(plan, op_id, err);
  if (rc == OHA_OK)
    rc = kind_of_verb(plan->op.verb, &plan->kind, err);
  if (rc == OHA_OK)
    rc = oha__plan_options_load(plan, plan->op.options, err);
  if (rc == OHA_OK)
    rc = check_cluster(plan, err);
  if (rc == OHA_OK)
    rc = find_nodes(plan, plan->op.from, plan->op.to, err);
  if (rc == OHA_OK)
    rc = oha_step_each(plan->journal, plan->op.op_id, remember_step, plan, err);
  if (rc != OHA_OK) {
    oha_plan_free(plan);
    return rc;
  }
  plan->resumed = true;
  plan->is_blind = plan->op.state == OHA_OP_RUNNING && !plan->was_noted_in_light &&
                   !oha__op_is_here(plan->journal, &plan->op);
  *out = plan;
  return OHA_OK;
}

enum oha_rc oha__plan_reread(struct oha_plan *plan, struct oha_error *err)
{
  struct oha_op_record now;
  enum oha_rc rc = oha_op_find(plan->journal, plan->op.op_id, &now, err);

  if (rc == OHA_OK && (now.fence != plan->op.fence || now.revision != plan->op.revision))
    rc = oha__fail(err, OHA_E_BUSY,
                   "operation %s was gone on with by somebody else meanwhile: look at it again",
                   plan->op.op_id);
  if (rc != OHA_OK)
    return rc;
  memset(plan->has_prior, 0, sizeof(plan->has_prior));
  return oha_step_each(plan->journal, plan->op.op_id, remember_step, plan, err);
}

void oha_plan_free(struct oha_plan *plan)
{
  if (plan == NULL)
    return;
  oha_journal_close(plan->journal);
  oha__evidence_clear(&plan->evidence);
  oha__free(plan->adopted_socket);
  oha__free(plan->reason);
  oha__free(plan->actor);
  oha__free(plan->state_dir);
  oha__free(plan);
}

const char *oha_plan_from(const struct oha_plan *plan)
{
  return plan->from->name;
}

const char *oha_plan_to(const struct oha_plan *plan)
{
  return plan->to->name;
}

void oha__plan_tell(struct oha_plan *plan, const struct oha_plan_event *event)
{
  struct oha_plan_event e = *event;

  if (plan->fn == NULL)
    return;
  e.at_us = oha_mono_diff_us(oha_now_mono(plan->ctx), plan->began);
  plan->fn(plan->fn_arg, &e);
}

void oha__plan_note(struct oha_plan *plan, const char *fmt, ...)
{
  char text[OHA__TEXT_SIZE];
  struct oha_plan_event event = { .kind = OHA_EVENT_NOTE, .text = text };
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  oha__log(plan->ctx, OHA_LOG_INFO, "failover", "%s", text);
  oha__plan_tell(plan, &event);
}

enum oha_rc oha__plan_move(const struct oha_plan *plan, struct oha_move *out, struct oha_error *err)
{
  return oha_move_init(plan->cluster, plan->from->name, plan->to->name, plan->adopted, out, err);
}
