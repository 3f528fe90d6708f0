/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "location/rewrite_page.h"
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"

#include <inttypes.h>
#include <string.h>

struct read_state {
  struct oha__rewrite_job *job;
  struct oha__row_layout layout;
  struct oha_wall now;
};

static bool is_wanted_class(const struct read_state *state, const struct oha_binding *binding)
{
  enum oha_reach reach =
      oha_reach_of(state->job->move, state->layout.dialect->flavour, binding, state->now, NULL);

  return (state->job->class_mask & (1u << reach)) != 0;
}

static enum oha_rc take_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct read_state *state = arg;
  struct oha__rewrite_job *job = state->job;
  struct oha__rewrite_rows *rows = &job->rows;
  struct oha_binding binding;
  char why[OHA__WHY_SIZE];
  uint32_t pair = 0;
  enum oha_rc rc = oha__row_decode(&state->layout, row, &binding, why);

  rows->n_seen++;
  rows->last_key = binding.id;
  if (rc != OHA_OK)
    return OHA_OK; /* a registrar does not read it either; the listing counts and names it */
  rc = oha__rewrite_pair_of(&job->pairs, job->move, state->layout.dialect, binding.socket, &pair, err);
  if (rc != OHA_OK || !job->pairs.items[pair].wanted || !is_wanted_class(state, &binding))
    return rc;
  if (!oha__grow((void **)&rows->items, &rows->cap, rows->n, sizeof(*rows->items)))
    return oha__fail_nomem(err);
  rows->items[rows->n++] = (struct oha__rewrite_row){
    .row = { .id = binding.id,
             .expires_s = binding.permanent ? 0 : (uint32_t)(binding.expires.us / OHA_US_PER_S) },
    .pair = pair,
  };
  return OHA_OK;
}

static enum oha_rc read_rows(struct oha__rewrite_job *job, uint32_t n_rows, uint64_t cursor, bool lock,
                             struct oha_error *err)
{
  struct oha_location *l = job->location;
  struct read_state state = { .job = job, .now = oha_now_wall(oha__db_ctx(l->db)) };
  enum oha_rc rc;

  job->rows.n = 0;
  job->rows.n_seen = 0;
  oha__sql_reset(&job->sql);
  oha__location_put_select(&job->sql, l, OHA__REWRITE_FIELDS, &state.layout);
  oha__sql_puts(&job->sql, " WHERE ");
  oha__location_put_column(&job->sql, l, OHA__FIELD_ID);
  oha__sql_printf(&job->sql, " > %" PRIu64 " AND ", cursor);
  rc = oha__rewrite_put_candidates(&job->sql, l, job->move, err);
  if (rc != OHA_OK)
    return rc;
  oha__sql_puts(&job->sql, " ORDER BY ");
  oha__location_put_column(&job->sql, l, OHA__FIELD_ID);
  oha__sql_printf(&job->sql, " LIMIT %u%s", n_rows, lock ? " FOR UPDATE" : "");
  return oha__db_each(l->db, &job->sql, take_row, &state, err);
}

/* The rows of one pair, gathered for the journal and the statement. */
static enum oha_rc gather(struct oha__rewrite_job *job, uint32_t pair, size_t *n, struct oha_error *err)
{
  *n = 0;
  for (size_t i = 0; i < job->rows.n; i++) {
    if (job->rows.items[i].pair != pair)
      continue;
    if (!oha__grow((void **)&job->page, &job->page_cap, *n, sizeof(*job->page)))
      return oha__fail_nomem(err);
    job->page[(*n)++] = job->rows.items[i].row;
  }
  return OHA_OK;
}

/*
 * By range where each row of the page is to be changed, which the server does fastest; else by list. The rows
 * read are locked, so a range cannot take in more than was read.
 */
static enum oha_rc update_rows(struct oha__rewrite_job *job, const struct oha__rewrite_pair *pair, size_t n,
                               bool range, uint64_t *n_changed, struct oha_error *err)
{
  struct oha_location *l = job->location;
  struct oha__sql *q = &job->sql;

  oha__sql_reset(q);
  oha__sql_puts(q, "UPDATE ");
  oha__location_put_table(q, l);
  oha__sql_puts(q, " SET ");
  oha__location_put_column(q, l, OHA__FIELD_SOCKET);
  oha__sql_puts(q, " = ");
  oha__sql_text(q, oha__span(pair->new_text));
  oha__sql_puts(q, " WHERE ");
  oha__location_put_column(q, l, OHA__FIELD_ID);
  if (range)
    oha__sql_printf(q, " BETWEEN %" PRIu64 " AND %" PRIu64, job->page[0].id, job->page[n - 1].id);
  for (size_t i = 0; !range && i < n; i++)
    oha__sql_printf(q, "%s%" PRIu64, i == 0 ? " IN (" : ",", job->page[i].id);
  oha__sql_puts(q, range ? " AND " : ") AND ");
  oha__location_put_column(q, l, OHA__FIELD_SOCKET);
  oha__sql_puts(q, " = ");
  oha__sql_text(q, oha__span(pair->old_text));
  return oha__db_exec(l->db, q, n_changed, err);
}

/* A table without transactions: its page is in the journal before the rows change, so that none is forgotten.
 */
static enum oha_rc journal_page(struct oha__rewrite_job *job, const struct oha__rewrite_pair *texts,
                                uint32_t page_no, size_t n, struct oha_error *err)
{
  struct oha_db *db = job->location->db;
  bool ahead = !job->location->dialect.transactional;
  enum oha_rc rc = ahead ? oha__db_begin(db, err) : OHA_OK;

  if (rc == OHA_OK)
    rc =
        oha__page_put(job->journal, job->op_id, page_no, texts->old_text, texts->new_text, job->page, n, err);
  if (rc == OHA_OK && ahead)
    rc = oha__db_commit(db, err);
  else if (rc != OHA_OK && ahead)
    oha__db_rollback(db);
  return rc;
}

static enum oha_rc change_rows(struct oha__rewrite_job *job, struct oha_rewrite_stats *page,
                               struct oha_error *err)
{
  bool range = job->rows.n == job->rows.n_seen && job->location->dialect.transactional;
  enum oha_rc rc = OHA_OK;

  for (uint32_t pair = 0; rc == OHA_OK && pair < job->pairs.n; pair++) {
    const struct oha__rewrite_pair *texts = &job->pairs.items[pair];
    uint64_t n_changed = 0;
    size_t n;

    rc = gather(job, pair, &n, err);
    if (rc != OHA_OK || n == 0)
      continue;
    if (job->journal != NULL)
      rc = journal_page(job, texts, job->page_no + (uint32_t)page->n_pages, n, err);
    if (rc == OHA_OK)
      rc = update_rows(job, texts, n, range, &n_changed, err);
    if (rc == OHA_OK && n_changed > n)
      rc = oha__fail(err, OHA_E_CONFLICT, "a page changed %" PRIu64 " rows, %zu were read", n_changed, n);
    page->n_pages++;
    page->n_changed += n_changed;
    page->n_lost_race += n_changed < n ? n - n_changed : 0;
  }
  return rc;
}

enum oha_rc oha__rewrite_page(struct oha__rewrite_job *job, uint32_t n_rows, bool dry_run, uint64_t *cursor,
                              bool *end, struct oha_rewrite_stats *stats, struct oha_error *err)
{
  struct oha_db *db = job->location->db;
  struct oha_rewrite_stats page = { .n_pages = 0 };
  bool atomic = !dry_run && job->location->dialect.transactional;
  enum oha_rc rc = atomic ? oha__db_begin(db, err) : OHA_OK;

  if (rc == OHA_OK)
    rc = read_rows(job, n_rows, *cursor, atomic, err);
  if (rc == OHA_OK && !dry_run)
    rc = change_rows(job, &page, err);
  if (rc == OHA_OK && atomic)
    rc = oha__db_commit(db, err);
  if (rc != OHA_OK) {
    if (atomic)
      oha__db_rollback(db);
    else /* in the journal ahead of their rows: a new try must not have their numbers */
      job->page_no += (uint32_t)page.n_pages;
    return rc;
  }
  *end = job->rows.n_seen == 0; /* so the last page is a look behind the end: rows that came meanwhile */
  if (job->rows.n_seen > 0)
    *cursor = job->rows.last_key;
  job->page_no += (uint32_t)page.n_pages;
  stats->n_pages += page.n_pages;
  stats->n_scanned += job->rows.n_seen;
  stats->n_matched += job->rows.n;
  stats->n_changed += page.n_changed;
  stats->n_lost_race += page.n_lost_race;
  return OHA_OK;
}

void oha__rewrite_job_clear(struct oha__rewrite_job *job)
{
  oha__sql_clear(&job->sql);
  oha__rewrite_pairs_clear(&job->pairs);
  oha__free(job->rows.items);
  oha__free(job->page);
  memset(&job->rows, 0, sizeof(job->rows));
  job->page = NULL;
  job->page_cap = 0;
}
