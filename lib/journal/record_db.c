/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations and steps in the database's tables. */
#include "journal/journal.h"
#include "journal/text.h"
#include "base/error.h"
#include "db/datetime.h"

#include <string.h>

static void put_text(struct oha__sql *q, const char *before, const char *text)
{
  oha__sql_puts(q, before);
  oha__sql_text(q, oha__span(text));
}

static void put_time(struct oha__sql *q, const char *before, struct oha_wall at)
{
  char text[OHA_DB_DATETIME_SIZE];

  oha__sql_puts(q, before);
  if (at.us == 0)
    oha__sql_puts(q, "NULL");
  else
    put_text(q, "", oha__db_datetime_format(at, text));
}

static enum oha_rc run(struct oha__sql *q, struct oha_error *err)
{
  enum oha_rc rc = oha__db_exec(q->db, q, NULL, err);

  oha__sql_clear(q);
  return rc;
}

/*
 * Newer is the higher fence, then the higher revision. Assignments take effect from left to right, so that
 * what the others compare with comes last.
 */
enum oha_rc oha__write_op(struct oha_journal *journal, const void *arg, struct oha_error *err)
{
  static const char *const columns[] = { "state",    "from_node", "to_node", "actor",   "reason",
                                         "ended_at", "summary",   "options", "revision" };
  const struct oha_op_record *r = arg;
  struct oha__sql q;

  oha__sql_init(&q, journal->db);
  oha__sql_puts(&q, "INSERT INTO opensips_ha_operation (op_id, cluster, verb, from_node, to_node, actor, "
                    "reason, state, fence, revision, began_at, ended_at, summary, options) VALUES (");
  put_text(&q, "", r->op_id);
  put_text(&q, ", ", r->cluster);
  put_text(&q, ", ", r->verb);
  put_text(&q, ", ", r->from);
  put_text(&q, ", ", r->to);
  put_text(&q, ", ", r->actor);
  put_text(&q, ", ", r->reason);
  put_text(&q, ", ", oha__op_state_name(r->state));
  oha__sql_printf(&q, ", %llu, %u", (unsigned long long)r->fence, (unsigned)r->revision);
  put_time(&q, ", ", r->began_at);
  put_time(&q, ", ", r->ended_at);
  put_text(&q, ", ", r->summary);
  put_text(&q, ", ", r->options);
  oha__sql_puts(&q, ") ON DUPLICATE KEY UPDATE ");
  for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
    oha__sql_printf(&q,
                    "%s = IF(VALUES(fence) > fence OR (VALUES(fence) = fence AND VALUES(revision) >= "
                    "revision), VALUES(%s), %s), ",
                    columns[i], columns[i], columns[i]);
  oha__sql_puts(&q, "fence = GREATEST(fence, VALUES(fence))");
  return run(&q, err);
}

enum oha_rc oha__write_step(struct oha_journal *journal, const void *arg, struct oha_error *err)
{
  static const char *const columns[] = { "name", "state", "detail", "at" };
  const struct oha__step_of *step = arg;
  const struct oha_step_record *r = &step->step->record;
  struct oha__sql q;

  oha__sql_init(&q, journal->db);
  put_text(&q, "INSERT INTO opensips_ha_step (op_id, seq, name, state, detail, fence, at) VALUES (",
           step->op_id);
  oha__sql_printf(&q, ", %u", (unsigned)r->seq);
  put_text(&q, ", ", r->name);
  put_text(&q, ", ", oha__step_state_name(r->state));
  put_text(&q, ", ", r->detail);
  oha__sql_printf(&q, ", %llu", (unsigned long long)step->step->fence);
  put_time(&q, ", ", r->at);
  oha__sql_puts(&q, ") ON DUPLICATE KEY UPDATE ");
  for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
    oha__sql_printf(&q,
                    "%s = IF(VALUES(fence) > fence OR (VALUES(fence) = fence AND VALUES(at) >= at), "
                    "VALUES(%s), %s), ",
                    columns[i], columns[i], columns[i]);
  oha__sql_puts(&q, "fence = GREATEST(fence, VALUES(fence))");
  return run(&q, err);
}

enum oha_rc oha__write_log(struct oha_journal *journal, const void *arg, struct oha_error *err)
{
  const struct oha__log *log = arg;
  enum oha_rc rc = oha__write_op(journal, &log->op, err);

  for (size_t i = 0; rc == OHA_OK && i < log->n_steps; i++) {
    struct oha__step_of step = { log->op.op_id, &log->steps[i] };

    rc = oha__write_step(journal, &step, err);
  }
  return rc;
}

struct ops_reader {
  oha__op_row_fn *fn;
  void *arg;
};

static bool take_text(const struct oha__row *row, unsigned i, char *out, size_t size)
{
  if (!oha__span_copy(oha__col(row, i), out, size))
    return false;
  oha__text_clean(out, size, out);
  return true;
}

static enum oha_rc take_op(void *arg, const struct oha__row *row, struct oha_error *err)
{
  const struct ops_reader *reader = arg;
  struct oha_op_record r = { 0 };

  if (row->n != 14 || !take_text(row, 0, r.op_id, sizeof(r.op_id)) ||
      !oha__op_id_is_valid(oha__span(r.op_id)) || !take_text(row, 1, r.cluster, sizeof(r.cluster)) ||
      !take_text(row, 2, r.verb, sizeof(r.verb)) || !take_text(row, 3, r.from, sizeof(r.from)) ||
      !take_text(row, 4, r.to, sizeof(r.to)) || !take_text(row, 5, r.actor, sizeof(r.actor)) ||
      !take_text(row, 6, r.reason, sizeof(r.reason)) || !oha__op_state_parse(oha__col(row, 7), &r.state) ||
      !oha__span_u64(oha__col(row, 8), UINT64_MAX, &r.fence) ||
      !oha__span_u32(oha__col(row, 9), UINT32_MAX, &r.revision) ||
      !oha__db_datetime_parse(oha__col(row, 10), &r.began_at) ||
      (row->col[11] != NULL && !oha__db_datetime_parse(oha__col(row, 11), &r.ended_at)) ||
      !take_text(row, 12, r.summary, sizeof(r.summary)) || !take_text(row, 13, r.options, sizeof(r.options)))
    return oha__fail(err, OHA_E_SCHEMA, "opensips_ha_operation has a row that cannot be read ('%s')",
                     r.op_id);
  return reader->fn(reader->arg, &r, err);
}

enum oha_rc oha__db_ops(struct oha_journal *journal, const char *only, unsigned limit, oha__op_row_fn *fn,
                        void *arg, struct oha_error *err)
{
  struct ops_reader reader = { fn, arg };
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, journal->db);
  oha__sql_puts(&q, "SELECT op_id, cluster, verb, from_node, to_node, actor, reason, state, fence, revision, "
                    "began_at, ended_at, summary, options FROM opensips_ha_operation WHERE cluster = ");
  oha__sql_text(&q, oha__span(journal->cluster));
  if (only != NULL) {
    oha__sql_puts(&q, " AND ");
    oha__sql_puts(&q, only);
  }
  oha__sql_puts(&q, " ORDER BY began_at DESC, op_id");
  if (limit > 0)
    oha__sql_printf(&q, " LIMIT %u", limit);
  rc = oha__db_each_stored(journal->db, &q, take_op, &reader, err);
  oha__sql_clear(&q);
  return rc;
}

struct steps_reader {
  oha__step_row_fn *fn;
  void *arg;
};

static enum oha_rc take_step(void *arg, const struct oha__row *row, struct oha_error *err)
{
  const struct steps_reader *reader = arg;
  struct oha__log_step step = { 0 };
  struct oha_step_record *r = &step.record;

  if (row->n != 6 || !oha__span_u32(oha__col(row, 0), UINT32_MAX, &r->seq) ||
      !take_text(row, 1, r->name, sizeof(r->name)) || !oha__step_state_parse(oha__col(row, 2), &r->state) ||
      !take_text(row, 3, r->detail, sizeof(r->detail)) ||
      !oha__span_u64(oha__col(row, 4), UINT64_MAX, &step.fence) ||
      !oha__db_datetime_parse(oha__col(row, 5), &r->at))
    return oha__fail(err, OHA_E_SCHEMA, "opensips_ha_step has a row that cannot be read (step %u)",
                     (unsigned)r->seq);
  return reader->fn(reader->arg, &step, err);
}

enum oha_rc oha__db_steps(struct oha_journal *journal, const char *op_id, oha__step_row_fn *fn, void *arg,
                          struct oha_error *err)
{
  struct steps_reader reader = { fn, arg };
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, journal->db);
  put_text(&q, "SELECT seq, name, state, detail, fence, at FROM opensips_ha_step WHERE op_id = ", op_id);
  oha__sql_puts(&q, " ORDER BY seq");
  rc = oha__db_each_stored(journal->db, &q, take_step, &reader, err);
  oha__sql_clear(&q);
  return rc;
}
