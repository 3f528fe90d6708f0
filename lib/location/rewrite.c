/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rewriting the sockets of a move: page after page, through conflicts and lost servers. */
#include "base/ctx.h"
#include "base/error.h"
#include "location/rewrite_mend.h"
#include "location/rewrite_page.h"

#include <string.h>

#define DEFAULT_CLASSES ((1u << OHA_REACH_DIRECT) | (1u << OHA_REACH_UNPROVEN))

static enum oha_rc check_mode(const struct oha_rewrite_opts *o, struct oha_error *err)
{
  if (o->working_mode == OHA_MODE_SQL_ONLY)
    return OHA_OK;
  return oha__fail(
      err, OHA_E_REFUSED,
      "working mode %s reads the location table at most once, at start: a rewritten socket has no effect "
      "on calls, and the server may write its own memory over it",
      oha_working_mode_name(o->working_mode));
}

static enum oha_rc check_run(const struct oha_location *location, struct oha_journal *journal,
                             const char *op_id, const struct oha_rewrite_opts *o, struct oha_error *err)
{
  if (o->dry_run || o->no_journal)
    return OHA_OK;
  if (journal == NULL || op_id == NULL || op_id[0] == '\0')
    return oha__fail(err, OHA_E_ARG, "oha_rewrite_run: needs a journal and an operation");
  if (oha__journal_db(journal) != location->db)
    return oha__fail(err, OHA_E_ARG, "oha_rewrite_run: journal and table must share one connection");
  return OHA_OK;
}

/* On a new connection it shows whether the page in flight was committed. */
static enum oha_rc mend(struct oha__rewrite_job *job, struct oha__pace *pace, unsigned attempt,
                        struct oha_rewrite_stats *stats, struct oha_error *err)
{
  bool is_new = false;
  enum oha_rc rc = oha__rewrite_mend(job->location->db, pace, attempt, stats, &is_new, err);

  if (rc == OHA_OK && is_new && job->journal != NULL)
    rc = oha__page_next(job->journal, job->op_id, &job->page_no, err);
  return rc;
}

/* The same server as when `was` was judged? */
static bool is_same_server(const struct oha_db_verdict *was, const struct oha_db *db)
{
  const struct oha_db_verdict *is = oha_db_verdict_of(db);

  return is->server_id == was->server_id && strcmp(is->hostname, was->hostname) == 0 &&
         strcmp(is->host, was->host) == 0;
}

/*
 * From the first row to behind the last; on another server from the first row again, because one that follows
 * asynchronously may lack the last pages.
 */
static enum oha_rc all_pages(struct oha__rewrite_job *job, const struct oha_rewrite_opts *o,
                             struct oha__pace *pace, struct oha_rewrite_stats *stats, struct oha_error *err)
{
  struct oha_ctx *ctx = oha__db_ctx(job->location->db);
  struct oha_db_verdict server = *oha_db_verdict_of(job->location->db);
  uint64_t cursor = 0;
  bool end = false;
  unsigned attempt = 0;

  while (!end) {
    struct oha_mono since = oha_now_mono(ctx);
    uint64_t changed_before = stats->n_changed;
    struct oha_error why = OHA_ERROR_INIT;
    enum oha_rc rc = oha__cancelled(ctx)
                         ? oha__fail(&why, OHA_E_CANCELLED, "stopped between pages")
                         : oha__rewrite_page(job, pace->rows, o->dry_run, &cursor, &end, stats, &why);
    int64_t rest_us;

    if (rc != OHA_OK && rc != OHA_E_CANCELLED)
      rc = mend(job, pace, attempt++, stats, &why);
    else if (rc == OHA_OK)
      attempt = 0;
    if (rc != OHA_OK)
      return oha__fail_sys(err, rc, why.origin, why.sys, "%s", why.text);
    if (!is_same_server(&server, job->location->db)) {
      server = *oha_db_verdict_of(job->location->db);
      cursor = 0;
    }
    if (attempt > 0)
      continue;
    stats->elapsed_us += oha_mono_diff_us(oha_now_mono(ctx), since);
    if (o->progress != NULL && (rc = o->progress(o->progress_arg, stats)) != OHA_OK)
      return oha__fail(err, rc, "stopped between pages");
    rest_us = oha__pace_done_us(pace, stats->n_changed - changed_before,
                                oha_mono_diff_us(oha_now_mono(ctx), since));
    if (rest_us > 0 && !end && !o->dry_run) {
      stats->pause_reason = o->rate_rows_per_s > 0 ? "rate cap" : "room for the registrars";
      stats->paused_us += rest_us;
      oha__sleep(ctx, rest_us);
    }
  }
  return OHA_OK;
}

enum oha_rc oha_rewrite_run(struct oha_location *location, struct oha_journal *journal, const char *op_id,
                            const struct oha_move *move, const struct oha_rewrite_opts *opts,
                            struct oha_rewrite_stats *stats, struct oha_error *err)
{
  struct oha_rewrite_opts o;
  struct oha__rewrite_job job = { .location = location, .op_id = op_id, .move = move };
  struct oha__pace pace;
  enum oha_rc rc;

  if (location == NULL || move == NULL || stats == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_rewrite_run: NULL");
  memset(stats, 0, sizeof(*stats));
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc == OHA_OK)
    rc = check_mode(&o, err);
  if (rc == OHA_OK)
    rc = check_run(location, journal, op_id, &o, err);
  if (rc != OHA_OK)
    return rc;
  job.journal = o.dry_run || o.no_journal ? NULL : journal;
  job.class_mask = o.class_mask != 0 ? o.class_mask : DEFAULT_CLASSES;
  oha__pace_init(&pace, o.speed == OHA_SPEED_PACED, oha_db_verdict_of(location->db)->galera, o.page_rows,
                 o.page_target_us, o.rate_rows_per_s);

  oha__sql_init(&job.sql, location->db);
  if (job.journal != NULL)
    rc = oha__page_next(job.journal, op_id, &job.page_no, err);
  if (rc == OHA_OK)
    rc = all_pages(&job, &o, &pace, stats, err);
  oha__rewrite_job_clear(&job);
  return rc;
}
