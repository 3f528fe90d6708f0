/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done about the location table, with calls flowing: who can be rung, new sockets, seen everywhere.
 */
#include "base/ctx.h"
#include "base/error.h"
#include "failover/step.h"

#include <opensips-ha/session.h>

#include <stdio.h>

#define DEFAULT_CLASSES ((1u << OHA_REACH_DIRECT) | (1u << OHA_REACH_UNPROVEN))

static bool has_table(const struct oha_plan *plan)
{
  return !plan->without_database;
}

/* Open the table, on a fresh connection where the old one was lost. */
static enum oha_rc open_table(struct oha_plan *plan, struct oha_location **out, struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;

  if (plan->db == NULL)
    return oha__fail(err, OHA_E_UNAVAILABLE, "no database");
  if (!oha_db_is_open(plan->db))
    rc = oha_db_reconnect(plan->db, err);
  return rc == OHA_OK ? oha_session_open_location(plan->db, plan->cluster, out, err) : rc;
}

/* ---- reach: who can still be rung ---- */

static enum oha_rc preview_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  struct oha_location *location = NULL;
  struct oha_move move = { .n_sockets = 0 };
  struct oha_reach_sum *sum = &plan->out->reach;
  struct oha_plan_event event = { .kind = OHA_EVENT_REACH, .reach = sum };
  char line[OHA_REACH_LINE_SIZE];
  enum oha_rc rc = oha__plan_move(plan, &move, err);

  if (rc == OHA_OK)
    rc = open_table(plan, &location, err);
  if (rc == OHA_OK)
    rc = oha_reach_scan(location, &move, NULL, NULL, NULL, sum, err);
  oha_location_close(location);
  oha_move_clear(&move);
  if (rc != OHA_OK)
    return rc;
  plan->out->have_reach = true;
  oha__plan_tell(plan, &event);
  snprintf(text, OHA__TEXT_SIZE, "%s", oha_reach_line(sum, line));
  return OHA_OK;
}

static void preview_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  snprintf(text, OHA__TEXT_SIZE, "count who can be rung through %s", plan->to->name);
}

const struct oha__step oha__step_preview = {
  .name = "reach",
  .flags = OHA__STEP_LOOKS_ONLY | OHA__STEP_REMAINS,
  .applies = has_table,
  .act = preview_act,
  .intent = preview_intent,
};

/* ---- rewrite ---- */

/* The target chooses between several listeners of a protocol and family only where it has more than one. */
static bool has_choice(const struct oha_plan *plan)
{
  for (size_t i = 0; i < plan->to->n_sockets; i++) {
    const struct oha_sock *own = &plan->to->sockets[i].listen;

    for (size_t j = i + 1; j < plan->to->n_sockets; j++)
      if (plan->to->sockets[j].listen.proto == own->proto &&
          plan->to->sockets[j].listen.addr.family == own->addr.family)
        return true;
    for (size_t v = 0; v < plan->cluster->n_vips; v++)
      for (size_t k = 0; k < plan->cluster->vips[v].n_sockets; k++)
        if (plan->cluster->vips[v].sockets[k].proto == own->proto &&
            plan->cluster->vips[v].sockets[k].addr.family == own->addr.family)
          return true;
  }
  return false;
}

static uint32_t rewrite_classes(const struct oha_plan *plan)
{
  if (plan->class_mask != 0)
    return plan->class_mask;
  switch (plan->cluster->rewrite) {
  case OHA_REWRITE_AUTO:
    return has_choice(plan) ? DEFAULT_CLASSES : 0;
  case OHA_REWRITE_DIRECT:
    return 1u << OHA_REACH_DIRECT;
  case OHA_REWRITE_NEVER:
    return plan->kind == OHA_PLAN_REWRITE ? DEFAULT_CLASSES : 0; /* asked for by hand */
  }
  return 0;
}

static bool rewrite_applies(const struct oha_plan *plan)
{
  return has_table(plan) && rewrite_classes(plan) != 0 && plan->to->working_mode == OHA_MODE_SQL_ONLY;
}

static void rewrite_options(const struct oha_plan *plan, struct oha_rewrite_opts *o)
{
  *o = (struct oha_rewrite_opts){ .size = sizeof(*o),
                                  .speed = plan->speed,
                                  .class_mask = rewrite_classes(plan),
                                  .rate_rows_per_s = plan->rate_rows_per_s,
                                  .page_target_us = plan->cluster->thresholds.page_target_us,
                                  .working_mode = plan->to->working_mode };
}

static enum oha_rc rewrite_progress(void *arg, const struct oha_rewrite_stats *so_far)
{
  struct oha_plan *plan = arg;
  struct oha_plan_event event = { .kind = OHA_EVENT_PROGRESS, .rewrite = so_far };

  oha__plan_tell(plan, &event);
  return oha__cancelled(plan->ctx) ? OHA_E_CANCELLED : OHA_OK;
}

static enum oha_rc rewrite_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  struct oha_location *location = NULL;
  struct oha_move move = { .n_sockets = 0 };
  struct oha_rewrite_opts o;
  struct oha_rewrite_stats *stats = &plan->out->rewrite;
  enum oha_rc rc = oha__plan_move(plan, &move, err);

  rewrite_options(plan, &o);
  o.progress = rewrite_progress;
  o.progress_arg = plan;
  if (rc == OHA_OK)
    rc = open_table(plan, &location, err);
  if (rc == OHA_OK)
    rc = oha_rewrite_run(location, plan->journal, plan->op.op_id, &move, &o, stats, err);
  oha_location_close(location);
  oha_move_clear(&move);
  if (rc == OHA_OK)
    snprintf(text, OHA__TEXT_SIZE, "%llu rows rewritten in %llu pages, %llu registered again meanwhile",
             (unsigned long long)stats->n_changed, (unsigned long long)stats->n_pages,
             (unsigned long long)stats->n_lost_race);
  return rc;
}

static enum oha_rc rewrite_undo(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  struct oha_location *location = NULL;
  struct oha_rewrite_opts o;
  struct oha_rewrite_stats *stats = &plan->out->rewrite;
  enum oha_rc rc = open_table(plan, &location, err);

  rewrite_options(plan, &o);
  o.progress = rewrite_progress;
  o.progress_arg = plan;
  if (rc == OHA_OK)
    rc = oha_rewrite_undo(location, plan->journal, plan->op.op_id, &o, stats, err);
  oha_location_close(location);
  if (rc == OHA_OK)
    snprintf(text, OHA__TEXT_SIZE,
             "%llu rows have their old socket again, %llu registered meanwhile and stay",
             (unsigned long long)stats->n_changed, (unsigned long long)stats->n_lost_race);
  return rc;
}

static void rewrite_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  int n = snprintf(text, OHA__TEXT_SIZE, "write sockets of %s into rows of class", plan->to->name);

  for (int r = 0; r < OHA_REACH_N && n > 0 && n < OHA__TEXT_SIZE; r++)
    if ((rewrite_classes(plan) & (1u << r)) != 0)
      n += snprintf(text + n, (size_t)(OHA__TEXT_SIZE - n), " %s", oha_reach_name((enum oha_reach)r));
}

const struct oha__step oha__step_rewrite = {
  .name = "rewrite",
  .flags = OHA__STEP_REMAINS,
  .applies = rewrite_applies,
  .act = rewrite_act,
  .undo = rewrite_undo,
  .intent = rewrite_intent,
};

/* ---- seen: every database host has the rewrite ---- */

#define CATCH_UP_US       (5 * OHA_US_PER_S) /* how long a replica may be behind */
#define CATCH_UP_EVERY_US (250 * OHA_US_PER_MS)

/* A Galera node is read causally and has it at the first look; a replica may need a little longer. */
static enum oha_rc verify_host(struct oha_plan *plan, const char *host, const struct oha_move *move,
                               uint64_t *n_left, struct oha_error *err)
{
  struct oha_mono due = oha_mono_add(oha_now_mono(plan->ctx), CATCH_UP_US);
  struct oha_session_opts o = { .size = sizeof(o), .host = host };
  struct oha_db *db = NULL;
  struct oha_location *location = NULL;
  enum oha_rc rc = oha_session_open_db(plan->ctx, plan->cluster, &o, &db, err);

  if (rc == OHA_OK)
    rc = oha_session_open_location(db, plan->cluster, &location, err);
  if (rc == OHA_OK)
    rc = oha_rewrite_verify(location, move, rewrite_classes(plan), n_left, err);
  while (rc == OHA_OK && *n_left > 0 && !oha__cancelled(plan->ctx) &&
         oha_mono_diff_us(due, oha_now_mono(plan->ctx)) > 0) {
    oha__sleep(plan->ctx, CATCH_UP_EVERY_US);
    rc = oha_rewrite_verify(location, move, rewrite_classes(plan), n_left, err);
  }
  oha_location_close(location);
  oha_db_close(db);
  return rc;
}

static enum oha_rc seen_act(struct oha_plan *plan, char text[OHA__TEXT_SIZE], struct oha_error *err)
{
  struct oha_move move = { .n_sockets = 0 };
  size_t n_seen = 0, n_silent = 0;
  enum oha_rc rc = oha__plan_move(plan, &move, err);

  for (size_t i = 0; rc == OHA_OK && i < plan->cluster->database.n_hosts; i++) {
    const char *host = plan->cluster->database.hosts[i];
    struct oha_error why = OHA_ERROR_INIT;
    uint64_t n_left = 0;

    if (verify_host(plan, host, &move, &n_left, &why) != OHA_OK) {
      n_silent++;
      oha__plan_note(plan, "database %s could not be asked whether it has the rewrite: %.200s", host,
                     why.text);
    } else if (n_left > 0) {
      rc = oha__fail(err, OHA_E_CONFLICT, "database %s: %llu rows still name an old socket", host,
                     (unsigned long long)n_left);
    } else {
      n_seen++;
    }
  }
  oha_move_clear(&move);
  if (rc == OHA_OK && n_seen == 0)
    rc = oha__fail(err, OHA_E_UNAVAILABLE, "no database host could be asked");
  if (rc == OHA_OK)
    snprintf(text, OHA__TEXT_SIZE, "%zu of %zu database hosts have the rewrite%s", n_seen,
             plan->cluster->database.n_hosts, n_silent > 0 ? ", the others did not answer" : "");
  return rc;
}

static bool seen_applies(const struct oha_plan *plan)
{
  return rewrite_applies(plan) && !plan->cluster->database.balancer;
}

static void seen_intent(const struct oha_plan *plan, char text[OHA__TEXT_SIZE])
{
  snprintf(text, OHA__TEXT_SIZE, "ask each of %zu database hosts whether it has the rewrite",
           plan->cluster->database.n_hosts);
}

const struct oha__step oha__step_seen = {
  .name = "seen",
  .flags = OHA__STEP_PROOF,
  .applies = seen_applies,
  .act = seen_act,
  .intent = seen_intent,
};
