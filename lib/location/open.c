/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "location/catalog.h"
#include "location/location.h"
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"

static enum oha_rc take_schema(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha_location *l = arg;

  if (oha__col(row, 0).p == NULL)
    return oha__fail(err, OHA_E_CONFIG, "no schema given, and the connection has no default one");
  l->schema = oha__span_dup(oha__col(row, 0));
  return l->schema == NULL ? oha__fail_nomem(err) : OHA_OK;
}

static enum oha_rc find_schema(struct oha_location *l, const char *wanted, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  if (wanted != NULL) {
    l->schema = oha__strdup(wanted);
    return l->schema == NULL ? oha__fail_nomem(err) : OHA_OK;
  }
  oha__sql_init(&q, l->db);
  oha__sql_puts(&q, "SELECT DATABASE()");
  rc = oha__db_each_stored(l->db, &q, take_schema, l, err);
  oha__sql_clear(&q);
  return rc;
}

static enum oha_rc no_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  (void)arg;
  (void)row;
  (void)err;
  return OHA_OK;
}

/* Does the server let us read all that we would read? Catalogues also show what one may only write. */
static enum oha_rc probe_columns(struct oha_location *l, struct oha_error *err)
{
  struct oha__row_layout layout;
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, l->db);
  oha__location_put_select(&q, l, OHA__FIELDS_ALL, &layout);
  oha__sql_puts(&q, " LIMIT 0");
  rc = oha__db_each_stored(l->db, &q, no_row, NULL, err);
  oha__sql_clear(&q);
  return rc;
}

/* A column that seems to be missing may be one that we may not see: then that is the error. */
static enum oha_rc denied_instead(struct oha_location *l, enum oha_rc rc, struct oha_error *err)
{
  struct oha_error denied = OHA_ERROR_INIT;
  struct oha__sql q;

  if (rc != OHA_E_SCHEMA)
    return rc;
  oha__sql_init(&q, l->db);
  oha__sql_puts(&q, "SELECT * FROM ");
  oha__location_put_table(&q, l);
  oha__sql_puts(&q, " LIMIT 0");
  if (oha__db_each_stored(l->db, &q, no_row, NULL, &denied) == OHA_E_DENIED) {
    rc = OHA_E_DENIED;
    if (err != NULL)
      *err = denied;
  }
  oha__sql_clear(&q);
  return rc;
}

static enum oha_rc name_columns(struct oha_location *l, const struct oha__renames *renames,
                                struct oha_error *err)
{
  for (int i = 0; i < OHA__FIELD_N; i++) {
    const char *name = oha__dialect_column(&l->dialect, renames, (enum oha__field)i);

    if (name != NULL && (l->columns[i] = oha__strdup(name)) == NULL)
      return oha__fail_nomem(err);
  }
  return OHA_OK;
}

static enum oha_rc find_dialect(struct oha_location *l, const struct oha_location_opts *o,
                                struct oha_error *err)
{
  const struct oha__renames renames = { o->column_keys, o->column_names, o->n_columns };
  const char *version_table = o->version_table == NULL ? "version" : o->version_table;
  struct oha__catalog catalog;
  enum oha_rc rc;

  rc = oha__catalog_read(l->db, l->schema, l->table, version_table, &catalog, err);
  if (rc == OHA_OK)
    rc = denied_instead(l, oha__dialect_detect(&catalog.table, &renames, l->table, &l->dialect, err), err);
  if (rc == OHA_OK)
    rc = name_columns(l, &renames, err);
  if (rc == OHA_OK)
    rc = probe_columns(l, err);
  if (rc == OHA_OK && l->dialect.version_from_columns)
    oha__log(oha__db_ctx(l->db), OHA_LOG_WARN, "location",
             "table %s.%s has no row in table %s; by its columns it is %s (%s)", l->schema, l->table,
             version_table, l->dialect.name, l->dialect.software);
  oha__catalog_clear(&catalog);
  return rc;
}

static enum oha_rc check_name(const char *what, const char *name, struct oha_error *err)
{
  struct oha_span span = oha__span(name);
  char safe[OHA_SAFE_SIZE];

  if (name == NULL || (span.n > 0 && span.n <= 64))
    return OHA_OK;
  return oha__fail(err, OHA_E_CONFIG, "%s '%s': its name must have 1 to 64 bytes", what,
                   oha__safe(span, safe));
}

static enum oha_rc check_opts(const struct oha_location_opts *o, struct oha_error *err)
{
  enum oha_rc rc = check_name("schema", o->schema, err);

  if (rc == OHA_OK)
    rc = check_name("table", o->table, err);
  if (rc == OHA_OK)
    rc = check_name("version table", o->version_table, err);
  if (rc == OHA_OK && o->n_columns > 0 && (o->column_keys == NULL || o->column_names == NULL))
    rc = oha__fail(err, OHA_E_ARG, "oha_location_open: n_columns without column_keys or column_names");
  return rc;
}

enum oha_rc oha_location_open(struct oha_db *db, const struct oha_location_opts *opts,
                              struct oha_location **out, struct oha_error *err)
{
  struct oha_location_opts o;
  struct oha_location *l;
  enum oha_rc rc;

  if (db == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_location_open: NULL");
  *out = NULL;
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc == OHA_OK)
    rc = check_opts(&o, err);
  if (rc != OHA_OK)
    return rc;
  if ((l = oha__calloc(1, sizeof(*l))) == NULL)
    return oha__fail_nomem(err);
  l->db = db;
  l->use_domain = o.use_domain;
  if ((l->table = oha__strdup(o.table == NULL ? "location" : o.table)) == NULL)
    rc = oha__fail_nomem(err);
  if (rc == OHA_OK)
    rc = oha__tz_open(NULL, o.time_zone == NULL ? "UTC" : o.time_zone, &l->tz, err);
  if (rc == OHA_OK)
    rc = find_schema(l, o.schema, err);
  if (rc == OHA_OK)
    rc = find_dialect(l, &o, err);
  if (rc != OHA_OK) {
    oha_location_close(l);
    return rc;
  }
  *out = l;
  return OHA_OK;
}

void oha_location_close(struct oha_location *location)
{
  if (location == NULL)
    return;
  for (int i = 0; i < OHA__FIELD_N; i++)
    oha__free(location->columns[i]);
  oha__tz_free(location->tz);
  oha__free(location->schema);
  oha__free(location->table);
  oha__free(location);
}

const struct oha_dialect *oha_location_dialect(const struct oha_location *location)
{
  return &location->dialect;
}
