/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations and steps of the local log and of the database, as one. */
#include "journal/journal.h"
#include "journal/text.h"
#include "base/error.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct entry {
  struct oha_op_record record; /* the newer of the two */
  bool is_local;
  bool database_is_current; /* has it, and not older */
};

struct op_list {
  struct entry *all;
  size_t n, cap;
  size_t n_local; /* these come first, until sorted */
};

static enum oha_rc add(struct op_list *list, const struct entry *entry, struct oha_error *err)
{
  if (!oha__grow((void **)&list->all, &list->cap, list->n, sizeof(*list->all)))
    return oha__fail_nomem(err);
  list->all[list->n++] = *entry;
  return OHA_OK;
}

static enum oha_rc add_local(void *arg, const struct oha__log *log, struct oha_error *err)
{
  struct op_list *list = arg;
  struct entry entry = { .record = log->op, .is_local = true };

  list->n_local++;
  return add(list, &entry, err);
}

static bool is_older(const struct oha_op_record *a, const struct oha_op_record *b)
{
  return a->fence < b->fence || (a->fence == b->fence && a->revision < b->revision);
}

static enum oha_rc add_from_database(void *arg, const struct oha_op_record *record, struct oha_error *err)
{
  struct entry entry = { .record = *record, .database_is_current = true };
  struct op_list *list = arg;

  for (size_t i = 0; i < list->n_local; i++) {
    struct entry *have = &list->all[i];

    if (strcmp(have->record.op_id, record->op_id) != 0)
      continue;
    if (is_older(record, &have->record))
      return OHA_OK;
    have->record = *record;
    have->database_is_current = true;
    return OHA_OK;
  }
  return add(list, &entry, err);
}

static int newest_first(const void *a, const void *b)
{
  const struct oha_op_record *x = &((const struct entry *)a)->record;
  const struct oha_op_record *y = &((const struct entry *)b)->record;

  if (x->began_at.us != y->began_at.us)
    return x->began_at.us > y->began_at.us ? -1 : 1;
  return strcmp(x->op_id, y->op_id);
}

/* "op_id IN (...)" of the local operations; with @p or_open also whatever is open in the database. */
static enum oha_rc condition(const struct op_list *list, bool or_open, struct oha__sql *q,
                             struct oha_error *err)
{
  oha__sql_puts(q, "(op_id IN (''");
  for (size_t i = 0; i < list->n_local; i++) {
    oha__sql_puts(q, ", ");
    oha__sql_text(q, oha__span(list->all[i].record.op_id));
  }
  oha__sql_puts(q, or_open ? ") OR state IN ('running', 'incomplete'))" : "))");
  return q->failed ? oha__fail_nomem(err) : OHA_OK;
}

enum which { ALL, LOCAL_ONES, LOCAL_AND_OPEN };

static enum oha_rc load(struct oha_journal *journal, enum which which, unsigned limit, struct op_list *list,
                        struct oha_error *err)
{
  struct oha__sql only;
  enum oha_rc rc;

  memset(list, 0, sizeof(*list));
  oha__sql_init(&only, journal->db);
  rc = oha__local_each(journal, add_local, list, err);
  if (rc == OHA_OK && journal->db != NULL && which != ALL)
    rc = condition(list, which == LOCAL_AND_OPEN, &only, err);
  if (rc == OHA_OK && journal->db != NULL)
    rc = oha__db_ops(journal, which == ALL ? NULL : only.p, limit, add_from_database, list, err);
  oha__sql_clear(&only);
  if (rc == OHA_OK && list->n > 1)
    qsort(list->all, list->n, sizeof(*list->all), newest_first);
  return rc;
}

enum oha_rc oha_op_each(struct oha_journal *journal, unsigned limit, oha_op_fn *fn, void *arg,
                        struct oha_error *err)
{
  struct op_list list;
  enum oha_rc rc;

  if (journal == NULL || fn == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_op_each: NULL");
  rc = load(journal, ALL, limit, &list, err);
  for (size_t i = 0; rc == OHA_OK && i < list.n && (limit == 0 || i < limit); i++)
    rc = fn(arg, &list.all[i].record);
  oha__free(list.all);
  return rc == OHA_END ? OHA_OK : rc;
}

static enum oha_rc find_newest_open(struct oha_journal *journal, struct oha_op_record *out,
                                    struct oha_error *err)
{
  struct op_list list;
  enum oha_rc rc = load(journal, LOCAL_AND_OPEN, 0, &list, err);
  size_t i = 0;

  while (rc == OHA_OK && i < list.n && !oha__op_is_open(list.all[i].record.state))
    i++;
  if (rc == OHA_OK && i < list.n)
    *out = list.all[i].record;
  else if (rc == OHA_OK)
    rc = oha__fail(err, OHA_E_NOTFOUND, "cluster '%s': no operation is open", journal->cluster);
  oha__free(list.all);
  return rc;
}

static enum oha_rc take_newer(void *arg, const struct oha_op_record *record, struct oha_error *err)
{
  struct oha_op_record *have = arg;

  (void)err;
  if (have->op_id[0] == '\0' || !is_older(record, have))
    *have = *record;
  return OHA_OK;
}

static enum oha_rc find_by_id(struct oha_journal *journal, const char *op_id, struct oha_op_record *out,
                              struct oha_error *err)
{
  struct oha_error local = OHA_ERROR_INIT;
  struct oha__log log;
  struct oha__sql only;
  enum oha_rc rc = oha__local_read(journal, op_id, &log, &local);

  if (rc == OHA_OK && log.has_op && strcmp(log.op.cluster, journal->cluster) == 0)
    *out = log.op;
  oha__log_clear(&log);
  if (rc != OHA_OK && rc != OHA_E_NOTFOUND && rc != OHA_E_DENIED)
    return oha__hand_on(err, &local);
  rc = OHA_OK;
  if (journal->db != NULL) {
    oha__sql_init(&only, journal->db);
    oha__sql_puts(&only, "op_id = ");
    oha__sql_text(&only, oha__span(op_id));
    rc = only.failed ? oha__fail_nomem(err) : oha__db_ops(journal, only.p, 1, take_newer, out, err);
    oha__sql_clear(&only);
  }
  if (rc == OHA_OK && out->op_id[0] == '\0')
    rc = oha__fail(err, OHA_E_NOTFOUND, "cluster '%s': there is no operation %s", journal->cluster, op_id);
  return rc;
}

enum oha_rc oha_op_find(struct oha_journal *journal, const char *op_id, struct oha_op_record *out,
                        struct oha_error *err)
{
  if (journal == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_op_find: NULL");
  memset(out, 0, sizeof(*out));
  if (op_id == NULL)
    return find_newest_open(journal, out, err);
  if (!oha__op_id_is_valid(oha__span(op_id)))
    return oha__fail(err, OHA_E_ARG, "an operation's id must be a UUID in lower case");
  return find_by_id(journal, op_id, out, err);
}

bool oha__op_is_here(const struct oha_journal *journal, const struct oha_op_record *record)
{
  struct oha__log log;
  bool is_here = oha__local_read(journal, record->op_id, &log, NULL) == OHA_OK && log.has_op &&
                 !is_older(&log.op, record);

  oha__log_clear(&log);
  return is_here;
}

struct step_list {
  struct oha__log log; /* of the local log, then with the database's steps where they are newer */
  struct oha__log_step *more;
  size_t n_more, cap_more;
};

static enum oha_rc add_step(void *arg, const struct oha__log_step *step, struct oha_error *err)
{
  struct step_list *list = arg;

  for (size_t i = 0; i < list->log.n_steps; i++) {
    struct oha__log_step *have = &list->log.steps[i];

    if (have->record.seq != step->record.seq)
      continue;
    if (step->fence > have->fence || (step->fence == have->fence && step->record.at.us > have->record.at.us))
      *have = *step;
    return OHA_OK;
  }
  if (!oha__grow((void **)&list->more, &list->cap_more, list->n_more, sizeof(*list->more)))
    return oha__fail_nomem(err);
  list->more[list->n_more++] = *step;
  return OHA_OK;
}

/* Both lists are in order of seq, and none is in both. */
static enum oha_rc walk_steps(const struct step_list *list, oha_step_record_fn *fn, void *arg)
{
  size_t i = 0, k = 0;
  enum oha_rc rc = OHA_OK;
  struct oha_step_record record;
  const struct oha__log_step *step;

  while (rc == OHA_OK && (i < list->log.n_steps || k < list->n_more)) {
    bool from_log = k == list->n_more ||
                    (i < list->log.n_steps && list->log.steps[i].record.seq < list->more[k].record.seq);

    step = from_log ? &list->log.steps[i] : &list->more[k];
    record = step->record;
    record.fence = step->fence;
    rc = fn(arg, &record);
    i += from_log;
    k += !from_log;
  }
  return rc == OHA_END ? OHA_OK : rc;
}

enum oha_rc oha_step_each(struct oha_journal *journal, const char *op_id, oha_step_record_fn *fn, void *arg,
                          struct oha_error *err)
{
  struct oha_error local = OHA_ERROR_INIT;
  struct step_list list = { 0 };
  enum oha_rc rc;

  if (journal == NULL || op_id == NULL || fn == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_step_each: NULL");
  rc = oha__local_read(journal, op_id, &list.log, &local);
  if (rc == OHA_E_NOTFOUND || rc == OHA_E_DENIED)
    rc = OHA_OK;
  else if (rc != OHA_OK)
    oha__hand_on(err, &local);
  if (rc == OHA_OK && journal->db != NULL)
    rc = oha__db_steps(journal, op_id, add_step, &list, err);
  if (rc == OHA_OK)
    rc = walk_steps(&list, fn, arg);
  oha__log_clear(&list.log);
  oha__free(list.more);
  return rc;
}

static enum oha_rc catch_up_with(struct oha_journal *journal, const char *op_id, struct oha_error *err)
{
  struct oha__log log;
  enum oha_rc rc = oha__local_read(journal, op_id, &log, err);

  if (rc == OHA_OK && log.has_op)
    rc = oha__journal_write(journal, OHA__BRIEF, oha__write_log, &log, err);
  oha__log_clear(&log);
  return rc;
}

void oha__journal_catch_up(struct oha_journal *journal)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct op_list list;
  enum oha_rc rc = load(journal, LOCAL_ONES, 0, &list, &err);

  for (size_t i = 0; rc == OHA_OK && i < list.n; i++) {
    const struct entry *entry = &list.all[i];

    if (entry->is_local && (!entry->database_is_current || oha__op_is_open(entry->record.state)))
      rc = catch_up_with(journal, entry->record.op_id, &err);
  }
  oha__free(list.all);
  if (rc != OHA_OK)
    oha__journal_fell_behind(journal, err.text);
}
