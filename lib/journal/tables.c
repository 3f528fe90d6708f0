/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/tables.h"
#include "base/error.h"
#include "db/query.h"

#include <mysqld_error.h>

/* Read and written by their columns' names, so that a later version may add some. */
static const struct table {
  const char *name;
  const char *columns;
  const char *definition;
} tables[] = {
  { "opensips_ha_lease", "cluster, fence, holder, op_id, expires_at, n_touched",
    "cluster VARCHAR(64) NOT NULL, "
    "fence BIGINT UNSIGNED NOT NULL DEFAULT 0, "
    "holder VARCHAR(128) NOT NULL DEFAULT '', "
    "op_id CHAR(36) NOT NULL DEFAULT '', "
    "expires_at DATETIME(6) NOT NULL, "
    "n_touched BIGINT UNSIGNED NOT NULL DEFAULT 0, "
    "PRIMARY KEY (cluster)" },
  { "opensips_ha_operation",
    "op_id, cluster, verb, from_node, to_node, actor, reason, state, fence, revision, began_at, ended_at, "
    "summary, options",
    "op_id CHAR(36) NOT NULL, "
    "cluster VARCHAR(64) NOT NULL, "
    "verb VARCHAR(32) NOT NULL, "
    "from_node VARCHAR(64) NOT NULL DEFAULT '', "
    "to_node VARCHAR(64) NOT NULL DEFAULT '', "
    "actor VARCHAR(128) NOT NULL DEFAULT '', "
    "reason VARCHAR(256) NOT NULL DEFAULT '', "
    "state VARCHAR(16) NOT NULL, "
    "fence BIGINT UNSIGNED NOT NULL DEFAULT 0, "
    "revision INT UNSIGNED NOT NULL DEFAULT 0, "
    "began_at DATETIME(6) NOT NULL, "
    "ended_at DATETIME(6) DEFAULT NULL, "
    "summary VARCHAR(512) NOT NULL DEFAULT '', "
    "options VARCHAR(1024) NOT NULL DEFAULT '{}', "
    "PRIMARY KEY (op_id), "
    "KEY cluster_began_at (cluster, began_at)" },
  { "opensips_ha_step", "op_id, seq, name, state, detail, fence, at",
    "op_id CHAR(36) NOT NULL, "
    "seq INT UNSIGNED NOT NULL, "
    "name VARCHAR(32) NOT NULL, "
    "state VARCHAR(16) NOT NULL, "
    "detail VARCHAR(512) NOT NULL DEFAULT '', "
    "fence BIGINT UNSIGNED NOT NULL DEFAULT 0, "
    "at DATETIME(6) NOT NULL, "
    "PRIMARY KEY (op_id, seq)" },
  { "opensips_ha_page", "op_id, page_no, lo, hi, old_socket, new_socket, n_rows, ids",
    "op_id CHAR(36) NOT NULL, "
    "page_no INT UNSIGNED NOT NULL, "
    "lo BIGINT UNSIGNED NOT NULL, "
    "hi BIGINT UNSIGNED NOT NULL, "
    "old_socket VARCHAR(255) NOT NULL, "
    "new_socket VARCHAR(255) NOT NULL, "
    "n_rows INT UNSIGNED NOT NULL, "
    "ids MEDIUMBLOB NOT NULL, "
    "PRIMARY KEY (op_id, page_no)" },
  /* Written by health checks, to see that a host stores what it confirms: one row for each node and host. */
  { "opensips_ha_beat", "node, host, n, token, beat_at",
    "node VARCHAR(64) NOT NULL, "
    "host VARCHAR(255) NOT NULL, "
    "n BIGINT UNSIGNED NOT NULL, "
    "token BIGINT UNSIGNED NOT NULL, "
    "beat_at DATETIME(6) NOT NULL, "
    "PRIMARY KEY (node, host)" },
};

#define N_TABLES  (sizeof(tables) / sizeof(tables[0]))
#define N_JOURNAL (N_TABLES - 1) /* the last one is not the journal's, which works without it */

static void put_create(struct oha__sql *q, const struct table *t)
{
  oha__sql_puts(q, "CREATE TABLE ");
  oha__sql_puts(q, t->name);
  oha__sql_puts(q, " (");
  oha__sql_puts(q, t->definition);
  oha__sql_puts(q, ") ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
}

void oha_tables_print(oha_sql_fn *fn, void *arg)
{
  for (size_t i = 0; i < N_TABLES; i++) {
    struct oha__sql q;

    oha__sql_init(&q, NULL);
    put_create(&q, &tables[i]);
    if (!q.failed)
      fn(arg, q.p);
    oha__sql_clear(&q);
  }
}

static enum oha_rc no_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  (void)arg;
  (void)row;
  (void)err;
  return OHA_OK;
}

/* Reads nothing, but asks for every column that we use: 1146, 1054 and 1142 tell exactly what is wrong. */
static enum oha_rc check_table(struct oha_db *db, const struct table *t, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, db);
  oha__sql_puts(&q, "SELECT ");
  oha__sql_puts(&q, t->columns);
  oha__sql_puts(&q, " FROM ");
  oha__sql_puts(&q, t->name);
  oha__sql_puts(&q, " LIMIT 0");
  rc = oha__db_each_stored(db, &q, no_row, NULL, err);
  oha__sql_clear(&q);
  return rc;
}

enum oha_rc oha__tables_check(struct oha_db *db, struct oha_error *err)
{
  for (size_t i = 0; i < N_JOURNAL; i++) {
    struct oha_error local = OHA_ERROR_INIT;
    enum oha_rc rc = check_table(db, &tables[i], &local);

    if (rc == OHA_E_SCHEMA && local.sys == ER_NO_SUCH_TABLE)
      return oha__fail_sys(err, rc, local.origin, local.sys,
                           "the journal has no table %s; HINT: ha-ctl tables create", tables[i].name);
    if (rc != OHA_OK)
      return oha__fail_sys(err, rc, local.origin, local.sys, "journal: %s", local.text);
  }
  return OHA_OK;
}

/* One that somebody else makes at the same time is as good. */
static enum oha_rc make_table(struct oha_db *db, const struct table *t, unsigned *n_made,
                              struct oha_error *err)
{
  struct oha_error local = OHA_ERROR_INIT;
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, db);
  put_create(&q, t);
  rc = oha__db_exec(db, &q, NULL, &local);
  oha__sql_clear(&q);
  if (rc == OHA_OK)
    (*n_made)++;
  else if (local.sys != ER_TABLE_EXISTS_ERROR)
    return oha__fail_sys(err, rc, local.origin, local.sys, "make %s: %s", t->name, local.text);
  return check_table(db, t, err);
}

enum oha_rc oha_tables_create(struct oha_db *db, unsigned *n_made, struct oha_error *err)
{
  unsigned made = 0;
  enum oha_rc rc = OHA_OK;

  if (n_made != NULL)
    *n_made = 0;
  if (db == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_tables_create: db is NULL");
  for (size_t i = 0; rc == OHA_OK && i < N_TABLES; i++) {
    struct oha_error local = OHA_ERROR_INIT;

    rc = check_table(db, &tables[i], &local);
    if (rc == OHA_E_SCHEMA && local.sys == ER_NO_SUCH_TABLE)
      rc = make_table(db, &tables[i], &made, err);
    else if (rc != OHA_OK)
      rc =
          oha__fail_sys(err, rc, local.origin, local.sys, "%s is there, but: %s", tables[i].name, local.text);
  }
  if (n_made != NULL)
    *n_made = made;
  return rc;
}
