/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking a rewrite back by its journal, and asking a server whether it has all of it. */
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "location/rewrite_mend.h"
#include "location/rewrite_page.h"

#include <inttypes.h>
#include <string.h>

struct undo {
  struct oha_location *location;
  struct oha_journal *journal;
  const char *op_id;
  const struct oha_rewrite_opts *opts;
  struct oha_rewrite_stats *stats;
  struct oha__sql sql;
  struct oha__row_layout layout;
  const struct oha__page *page; /* at hand */
  size_t at;                    /* in page->rows: where the next row read can be */
  uint64_t *ids;                /* rows as the rewrite left them */
  size_t n, cap;
};

/* Both the page and the rows read ascend: walk them side by side. */
static enum oha_rc take_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct undo *u = arg;
  struct oha_binding binding;
  char why[OHA__WHY_SIZE];
  const struct oha_page_row *was;
  uint32_t expires_s;

  if (oha__row_decode(&u->layout, row, &binding, why) != OHA_OK)
    return OHA_OK;
  while (u->at < u->page->n_rows && u->page->rows[u->at].id < binding.id)
    u->at++;
  if (u->at == u->page->n_rows || u->page->rows[u->at].id != binding.id)
    return OHA_OK;
  was = &u->page->rows[u->at++];
  expires_s = binding.permanent ? 0 : (uint32_t)(binding.expires.us / OHA_US_PER_S);
  if (was->expires_s != expires_s)
    return OHA_OK; /* registered again since */
  if (!oha__grow((void **)&u->ids, &u->cap, u->n, sizeof(*u->ids)))
    return oha__fail_nomem(err);
  u->ids[u->n++] = binding.id;
  return OHA_OK;
}

static enum oha_rc read_page(struct undo *u, struct oha_error *err)
{
  struct oha_location *l = u->location;
  struct oha__sql *q = &u->sql;
  const struct oha__page *page = u->page;

  u->n = 0;
  u->at = 0;
  oha__sql_reset(q);
  oha__location_put_select(q, l, OHA__REWRITE_FIELDS, &u->layout);
  oha__sql_puts(q, " WHERE ");
  oha__location_put_column(q, l, OHA__FIELD_ID);
  oha__sql_printf(q, " BETWEEN %" PRIu64 " AND %" PRIu64 " AND ", page->rows[0].id,
                  page->rows[page->n_rows - 1].id);
  oha__location_put_is(q, l, OHA__FIELD_SOCKET, oha__span(page->new_socket));
  oha__sql_puts(q, " ORDER BY ");
  oha__location_put_column(q, l, OHA__FIELD_ID);
  oha__sql_puts(q, l->dialect.transactional ? " FOR UPDATE" : "");
  return oha__db_each(l->db, q, take_row, u, err);
}

static enum oha_rc write_page(struct undo *u, uint64_t *n_changed, struct oha_error *err)
{
  struct oha_location *l = u->location;
  struct oha__sql *q = &u->sql;

  oha__sql_reset(q);
  oha__sql_puts(q, "UPDATE ");
  oha__location_put_table(q, l);
  oha__sql_puts(q, " SET ");
  oha__location_put_column(q, l, OHA__FIELD_SOCKET);
  oha__sql_puts(q, " = ");
  oha__sql_text(q, oha__span(u->page->old_socket));
  oha__sql_puts(q, " WHERE ");
  oha__location_put_column(q, l, OHA__FIELD_ID);
  for (size_t i = 0; i < u->n; i++)
    oha__sql_printf(q, "%s%" PRIu64, i == 0 ? " IN (" : ",", u->ids[i]);
  oha__sql_puts(q, ") AND ");
  oha__location_put_is(q, l, OHA__FIELD_SOCKET, oha__span(u->page->new_socket));
  return oha__db_exec(l->db, q, n_changed, err);
}

static enum oha_rc undo_once(struct undo *u, uint64_t *n_changed, struct oha_error *err)
{
  bool atomic = u->location->dialect.transactional && !u->opts->dry_run;
  enum oha_rc rc = atomic ? oha__db_begin(u->location->db, err) : OHA_OK;

  *n_changed = 0;
  if (rc == OHA_OK && !u->opts->dry_run)
    rc = oha_lease_extend(u->journal, 0, err);
  if (rc == OHA_OK)
    rc = read_page(u, err);
  if (rc == OHA_OK && u->n > 0 && !u->opts->dry_run)
    rc = write_page(u, n_changed, err);
  if (rc == OHA_OK && !u->opts->dry_run)
    rc = oha__page_drop(u->journal, u->op_id, u->page->page_no, err);
  if (rc == OHA_OK && atomic)
    rc = oha__db_commit(u->location->db, err);
  if (rc != OHA_OK && atomic)
    oha__db_rollback(u->location->db);
  return rc;
}

static enum oha_rc undo_page(void *arg, const struct oha__page *page, struct oha_error *err)
{
  struct undo *u = arg;
  struct oha_ctx *ctx = oha__db_ctx(u->location->db);
  struct oha_mono since = oha_now_mono(ctx);
  struct oha_error why = OHA_ERROR_INIT;
  uint64_t n_changed = 0;
  enum oha_rc rc;

  if (page->n_rows == 0)
    return OHA_OK;
  u->page = page;
  rc = undo_once(u, &n_changed, &why);
  if (rc != OHA_OK)
    return oha__fail_sys(err, rc, why.origin, why.sys, "page %u: %s", page->page_no, why.text);
  u->stats->n_pages++;
  u->stats->n_matched += page->n_rows;
  u->stats->n_changed += n_changed;
  u->stats->n_lost_race += page->n_rows - (u->opts->dry_run ? u->n : n_changed);
  u->stats->elapsed_us += oha_mono_diff_us(oha_now_mono(ctx), since);
  if (u->opts->progress != NULL && (rc = u->opts->progress(u->opts->progress_arg, u->stats)) != OHA_OK)
    return oha__fail(err, rc, "stopped between pages");
  if (u->opts->speed == OHA_SPEED_PACED)
    oha__sleep(ctx, oha_mono_diff_us(oha_now_mono(ctx), since));
  return oha__cancelled(ctx) ? oha__fail(err, OHA_E_CANCELLED, "stopped between pages") : OHA_OK;
}

/* Pages that were taken back are gone from the journal, so that after a failure the next one is the first. */
static enum oha_rc all_pages(struct undo *u, struct oha_error *err)
{
  unsigned attempt = 0;

  for (;;) {
    struct oha_error why = OHA_ERROR_INIT;
    uint64_t n_before = u->stats->n_pages;
    bool is_new;
    enum oha_rc rc = oha__page_each(u->journal, u->op_id, undo_page, u, &why);

    if (rc == OHA_OK)
      return OHA_OK;
    attempt = u->stats->n_pages > n_before ? 0 : attempt + 1;
    if (!u->opts->dry_run)
      rc = oha__rewrite_mend(u->location->db, NULL, attempt, u->stats, &is_new, &why);
    if (rc != OHA_OK)
      return oha__fail_sys(err, rc, why.origin, why.sys, "%s", why.text);
  }
}

enum oha_rc oha_rewrite_undo(struct oha_location *location, struct oha_journal *journal, const char *op_id,
                             const struct oha_rewrite_opts *opts, struct oha_rewrite_stats *stats,
                             struct oha_error *err)
{
  struct oha_rewrite_opts o;
  struct undo u = { .location = location, .journal = journal, .op_id = op_id, .opts = &o, .stats = stats };
  enum oha_rc rc;

  if (location == NULL || journal == NULL || op_id == NULL || stats == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_rewrite_undo: NULL");
  memset(stats, 0, sizeof(*stats));
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc == OHA_OK && oha__journal_db(journal) != location->db)
    rc = oha__fail(err, OHA_E_ARG, "oha_rewrite_undo: journal and table must share one connection");
  if (rc != OHA_OK)
    return rc;
  oha__sql_init(&u.sql, location->db);
  rc = all_pages(&u, err);
  oha__sql_clear(&u.sql);
  oha__free(u.ids);
  return rc;
}

struct left {
  struct oha_location *location;
  struct oha__row_layout layout;
  const struct oha_move *move;
  struct oha__rewrite_pairs pairs;
  uint32_t class_mask;
  struct oha_wall now;
  uint64_t n;
};

static enum oha_rc count_left(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct left *left = arg;
  struct oha_binding binding;
  char why[OHA__WHY_SIZE];
  uint32_t pair = 0;
  enum oha_reach reach;
  enum oha_rc rc;

  if (oha__row_decode(&left->layout, row, &binding, why) != OHA_OK)
    return OHA_OK;
  rc = oha__rewrite_pair_of(&left->pairs, left->move, left->layout.dialect, binding.socket, &pair, err);
  if (rc != OHA_OK || !left->pairs.items[pair].wanted)
    return rc;
  reach = oha_reach_of(left->move, left->layout.dialect->flavour, &binding, left->now, NULL);
  left->n += (left->class_mask & (1u << reach)) != 0 ? 1 : 0;
  return OHA_OK;
}

static enum oha_rc count_all_left(struct left *left, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, left->location->db);
  oha__location_put_select(&q, left->location, OHA__REWRITE_FIELDS, &left->layout);
  oha__sql_puts(&q, " WHERE ");
  rc = oha__rewrite_put_candidates(&q, left->location, left->move, err);
  if (rc == OHA_OK)
    rc = oha__db_each(left->location->db, &q, count_left, left, err);
  oha__sql_clear(&q);
  oha__rewrite_pairs_clear(&left->pairs);
  return rc;
}

enum oha_rc oha_rewrite_verify(struct oha_location *location, const struct oha_move *move,
                               uint32_t class_mask, uint64_t *n_left, struct oha_error *err)
{
  struct left left = { .location = location, .move = move, .class_mask = class_mask };
  bool galera;
  enum oha_rc rc = OHA_OK;

  if (location == NULL || move == NULL || n_left == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_rewrite_verify: NULL");
  *n_left = 0;
  left.now = oha_now_wall(oha__db_ctx(location->db));
  galera = oha_db_verdict_of(location->db)->galera;
  if (galera) /* wait for what other nodes have committed before the first read */
    rc = oha__db_do(location->db, "SET SESSION wsrep_sync_wait = 1", err);
  if (rc == OHA_OK)
    rc = count_all_left(&left, err);
  if (galera && rc == OHA_OK)
    rc = oha__db_do(location->db, "SET SESSION wsrep_sync_wait = 0", err);
  if (rc == OHA_OK)
    *n_left = left.n;
  return rc;
}
