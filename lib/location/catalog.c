/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "location/catalog.h"
#include "base/error.h"
#include "base/mem.h"

#include <string.h>

#define N_INDEXED_MAX (sizeof(((struct oha__table *)NULL)->indexed) / sizeof(char *))

static enum oha_rc no_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  (void)arg;
  (void)row;
  (void)err;
  return OHA_OK;
}

static void put_name(struct oha__sql *q, const char *schema, const char *table)
{
  oha__sql_ident(q, schema);
  oha__sql_puts(q, ".");
  oha__sql_ident(q, table);
}

/* information_schema hides what one may not see; the table itself says whether it is missing or forbidden. */
static enum oha_rc probe_table(struct oha_db *db, struct oha__sql *q, const char *schema, const char *table,
                               struct oha_error *err)
{
  oha__sql_reset(q);
  oha__sql_puts(q, "SELECT 1 FROM ");
  put_name(q, schema, table);
  oha__sql_puts(q, " LIMIT 0");
  return oha__db_each_stored(db, q, no_row, NULL, err);
}

static void put_where(struct oha__sql *q, const char *schema, const char *table)
{
  oha__sql_puts(q, " WHERE TABLE_SCHEMA = ");
  oha__sql_text(q, oha__span(schema));
  oha__sql_puts(q, " AND TABLE_NAME = ");
  oha__sql_text(q, oha__span(table));
}

static enum oha_rc take_column(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha__catalog *c = arg;
  struct oha_span size = oha__col(row, 2);
  struct oha__column *column;

  if (!oha__grow((void **)&c->columns, &c->cap_columns, c->table.n_columns, sizeof(*c->columns)))
    return oha__fail_nomem(err);
  column = &c->columns[c->table.n_columns];
  if (!oha__span_copy(oha__col(row, 0), column->name, sizeof(column->name)) ||
      !oha__span_copy(oha__col(row, 1), column->type, sizeof(column->type)))
    return OHA_OK; /* no column of ours has such a name or type */
  column->size = 0;
  if (size.p != NULL && !oha__span_u64(size, UINT64_MAX, &column->size))
    column->size = 0;
  column->nullable = oha__span_iis(oha__col(row, 3), "YES");
  c->table.n_columns++;
  c->table.columns = c->columns;
  return OHA_OK;
}

static enum oha_rc take_engine(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha__catalog *c = arg;

  (void)err;
  (void)oha__span_copy(oha__col(row, 0), c->table.engine, sizeof(c->table.engine));
  return OHA_OK;
}

static enum oha_rc take_indexed(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha__catalog *c = arg;
  size_t n = 0;

  while (n < N_INDEXED_MAX && c->indexed[n] != NULL)
    n++;
  if (n == N_INDEXED_MAX)
    return OHA_OK;
  if ((c->indexed[n] = oha__span_dup(oha__col(row, 0))) == NULL)
    return oha__fail_nomem(err);
  c->table.indexed[n] = c->indexed[n];
  return OHA_OK;
}

static enum oha_rc take_version(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha__catalog *c = arg;
  struct oha_span v = oha__col(row, 0);

  c->table.has_version = true;
  if (v.p != NULL && oha__span_u32(v, UINT32_MAX, &c->table.version))
    return OHA_OK;
  return oha__fail(err, OHA_E_SCHEMA, "the version table's table_version is NULL or no number");
}

static enum oha_rc read_version(struct oha_db *db, struct oha__sql *q, const char *schema, const char *table,
                                const char *version_table, struct oha__catalog *c, struct oha_error *err)
{
  struct oha_error local = OHA_ERROR_INIT;
  enum oha_rc rc;

  oha__sql_reset(q);
  oha__sql_puts(q, "SELECT table_version FROM ");
  put_name(q, schema, version_table);
  oha__sql_puts(q, " WHERE table_name = ");
  oha__sql_text(q, oha__span(table));
  rc = oha__db_each_stored(db, q, take_version, c, &local);
  if (rc == OHA_E_SCHEMA && local.origin == OHA_ORIGIN_MYSQL) /* no such table, or another one of that name */
    return OHA_OK;
  if (rc != OHA_OK && err != NULL && err->rc == OHA_OK)
    *err = local;
  return rc;
}

enum oha_rc oha__catalog_read(struct oha_db *db, const char *schema, const char *table,
                              const char *version_table, struct oha__catalog *out, struct oha_error *err)
{
  struct {
    const char *select;
    const char *also;
    oha__row_fn *fn;
  } const reads[] = {
    { "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, IS_NULLABLE FROM information_schema.COLUMNS",
      "", take_column },
    { "SELECT ENGINE FROM information_schema.TABLES", "", take_engine },
    { "SELECT DISTINCT COLUMN_NAME FROM information_schema.STATISTICS", " AND SEQ_IN_INDEX = 1",
      take_indexed },
  };
  struct oha__sql q;
  enum oha_rc rc;

  memset(out, 0, sizeof(*out));
  oha__sql_init(&q, db);
  rc = probe_table(db, &q, schema, table, err);
  for (size_t i = 0; rc == OHA_OK && i < sizeof(reads) / sizeof(reads[0]); i++) {
    oha__sql_reset(&q);
    oha__sql_puts(&q, reads[i].select);
    put_where(&q, schema, table);
    oha__sql_puts(&q, reads[i].also);
    rc = oha__db_each_stored(db, &q, reads[i].fn, out, err);
  }
  if (rc == OHA_OK)
    rc = read_version(db, &q, schema, table, version_table, out, err);
  oha__sql_clear(&q);
  return rc;
}

void oha__catalog_clear(struct oha__catalog *catalog)
{
  for (size_t i = 0; i < N_INDEXED_MAX; i++)
    oha__free(catalog->indexed[i]);
  oha__free(catalog->columns);
  memset(catalog, 0, sizeof(*catalog));
}
