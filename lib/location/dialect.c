/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of dialects. Source: scripts/mysql/usrloc-create.sql of OpenSIPS 1.4 to 4.0 and
 * utils/kamctl/mysql/usrloc-create.sql of Kamailio 5.x.
 */
#include "location/dialect.h"
#include "base/error.h"
#include "base/sbuf.h"
#include "base/span.h"

#include <string.h>

enum kind { KIND_NONE = 0, KIND_TEXT, KIND_NUMBER, KIND_REAL, KIND_DATETIME };

static const char *const kind_names[] = {
  [KIND_NONE] = "another type", [KIND_TEXT] = "text",         [KIND_NUMBER] = "a whole number",
  [KIND_REAL] = "a number",     [KIND_DATETIME] = "DATETIME",
};

/* What tells dialects apart. The other columns are the same in all of them. */
struct dialect_row {
  const char *name;
  const char *software;
  enum oha_flavour flavour;
  uint32_t version;
  const char *key;
  enum kind expires;
  enum kind cflags;
  const char *sip_instance; /* NULL = no such column */
  bool attr, kv_store, ruid;
  /* Signs that only choose between rows that fit equally well; "" and 0 = none. */
  const char *contact_type; /* DATA_TYPE */
  int domain_nullable;      /* 1 yes, -1 no */
  uint32_t path_size;       /* exactly */
};

// clang-format off
#define OPENSIPS OHA_FLAVOUR_OPENSIPS
#define KAMAILIO OHA_FLAVOUR_KAMAILIO
static const struct dialect_row rows[] = {
  { "opensips-1004", "OpenSIPS 1.4",           OPENSIPS, 1004, "id", KIND_DATETIME, KIND_NUMBER, NULL,
    false, false, false, "varchar", 1, 0 },
  { "opensips-1005", "OpenSIPS 1.5 or 1.6",    OPENSIPS, 1005, "id", KIND_DATETIME, KIND_NUMBER, NULL,
    false, false, false, "char", 1, 0 },
  { "opensips-1006", "OpenSIPS 1.7",           OPENSIPS, 1006, "id", KIND_DATETIME, KIND_NUMBER, NULL,
    false, false, false, "char", -1, 0 },
  { "opensips-1007", "OpenSIPS 1.8",           OPENSIPS, 1007, "id", KIND_DATETIME, KIND_NUMBER, "sip_instance",
    false, false, false, "char", -1, 128 },
  { "opensips-1007", "OpenSIPS 1.9",           OPENSIPS, 1007, "id", KIND_DATETIME, KIND_NUMBER, "sip_instance",
    false, false, false, "char", -1, 255 },
  { "opensips-1009", "OpenSIPS 1.10 to 2.1",   OPENSIPS, 1009, "id", KIND_DATETIME, KIND_TEXT, "sip_instance",
    true, false, false, "char", -1, 0 },
  { "opensips-1011", "OpenSIPS 2.2 or 2.3",    OPENSIPS, 1011, "contact_id", KIND_DATETIME, KIND_TEXT,
    "sip_instance", true, false, false, "char", 1, 0 },
  { "opensips-1013", "OpenSIPS 2.4 or 3.0",    OPENSIPS, 1013, "contact_id", KIND_NUMBER, KIND_TEXT,
    "sip_instance", true, true, false, "char", 1, 0 },
  { "opensips-1013", "OpenSIPS 3.1 or later",  OPENSIPS, 1013, "contact_id", KIND_NUMBER, KIND_TEXT,
    "sip_instance", true, true, false, "text", 1, 0 },
  { "kamailio-9",    "Kamailio 5.x",           KAMAILIO, 9,    "id", KIND_DATETIME, KIND_NUMBER, "instance",
    false, false, true, "varchar", 1, 0 },
};
// clang-format on
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static enum kind kind_of(const char *type)
{
  static const struct {
    const char *type;
    enum kind kind;
  } kinds[] = {
    { "char", KIND_TEXT },         { "varchar", KIND_TEXT },    { "text", KIND_TEXT },
    { "tinytext", KIND_TEXT },     { "mediumtext", KIND_TEXT }, { "longtext", KIND_TEXT },
    { "binary", KIND_TEXT },       { "varbinary", KIND_TEXT },  { "blob", KIND_TEXT },
    { "json", KIND_TEXT },         { "int", KIND_NUMBER },      { "bigint", KIND_NUMBER },
    { "mediumint", KIND_NUMBER },  { "smallint", KIND_NUMBER }, { "tinyint", KIND_NUMBER },
    { "float", KIND_REAL },        { "double", KIND_REAL },     { "decimal", KIND_REAL },
    { "datetime", KIND_DATETIME },
  };

  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    if (oha__span_iis(oha__span(type), kinds[i].type))
      return kinds[i].kind;
  return KIND_NONE;
}

/* The kind that a dialect gives a field; KIND_NONE = it has no such field. */
static enum kind kind_in(const struct dialect_row *row, enum oha__field field)
{
  switch (field) {
  case OHA__FIELD_ID:
  case OHA__FIELD_CSEQ:
  case OHA__FIELD_FLAGS:
  case OHA__FIELD_METHODS:
    return KIND_NUMBER;
  case OHA__FIELD_Q:
    return KIND_REAL;
  case OHA__FIELD_LAST_MODIFIED:
    return KIND_DATETIME;
  case OHA__FIELD_EXPIRES:
    return row->expires;
  case OHA__FIELD_CFLAGS:
    return row->cflags;
  case OHA__FIELD_SIP_INSTANCE:
    return row->sip_instance != NULL ? KIND_TEXT : KIND_NONE;
  case OHA__FIELD_KV_STORE:
    return row->kv_store ? KIND_TEXT : KIND_NONE;
  case OHA__FIELD_ATTR:
    return row->attr ? KIND_TEXT : KIND_NONE;
  case OHA__FIELD_USERNAME:
  case OHA__FIELD_DOMAIN:
  case OHA__FIELD_CONTACT:
  case OHA__FIELD_RECEIVED:
  case OHA__FIELD_PATH:
  case OHA__FIELD_SOCKET:
  case OHA__FIELD_CALLID:
  case OHA__FIELD_USER_AGENT:
    return KIND_TEXT;
  }
  return KIND_NONE;
}

static const char *renamed(const struct oha__renames *renames, const char *key)
{
  for (size_t i = 0; i < renames->n; i++)
    if (oha__span_is(oha__span(renames->keys[i]), key))
      return renames->names[i];
  return key;
}

static const char *column_in(const struct dialect_row *row, const struct oha__renames *renames,
                             enum oha__field field)
{
  if (kind_in(row, field) == KIND_NONE)
    return NULL;
  if (field == OHA__FIELD_ID)
    return renamed(renames, row->key);
  return renamed(renames, field == OHA__FIELD_SIP_INSTANCE ? row->sip_instance : oha__field_name(field));
}

/* Column names have no case in MySQL. */
static const struct oha__column *find_column(const struct oha__table *table, const char *name)
{
  for (size_t i = 0; i < table->n_columns; i++)
    if (oha__span_iis(oha__span(table->columns[i].name), name))
      return &table->columns[i];
  return NULL;
}

/* How many columns of a dialect the table has, and in @p b, when not NULL, what is wrong with the others. */
static size_t fit(const struct dialect_row *row, const struct oha__table *table,
                  const struct oha__renames *renames, bool *fits, struct oha_sbuf *b)
{
  bool has_ruid = find_column(table, "ruid") != NULL;
  size_t n = row->ruid && has_ruid ? 1 : 0, n_wrong = row->ruid && !has_ruid ? 1 : 0;

  if (n_wrong > 0 && b != NULL)
    oha__sbuf_puts(b, "ruid is missing");
  for (int i = 0; i < OHA__FIELD_N; i++) {
    enum kind wanted = kind_in(row, (enum oha__field)i);
    const char *name = column_in(row, renames, (enum oha__field)i);
    const struct oha__column *column = name == NULL ? NULL : find_column(table, name);

    if (name == NULL)
      continue;
    if (column != NULL && kind_of(column->type) == wanted) {
      n++;
      continue;
    }
    if (b != NULL && n_wrong < 3) {
      oha__sbuf_printf(b, "%s%.64s is ", n_wrong > 0 ? ", " : "", name);
      if (column == NULL)
        oha__sbuf_puts(b, "missing");
      else
        oha__sbuf_printf(b, "%.31s, not %s", column->type, kind_names[wanted]);
    } else if (b != NULL && n_wrong == 3) {
      oha__sbuf_puts(b, ", ...");
    }
    n_wrong++;
  }
  *fits = n_wrong == 0;
  return n;
}

/* How many of the signs that choose between equals a table shows; a sign that differs counts against it. */
static int signs(const struct dialect_row *row, const struct oha__table *table,
                 const struct oha__renames *renames)
{
  const struct oha__column *contact = find_column(table, renamed(renames, "contact"));
  const struct oha__column *domain = find_column(table, renamed(renames, "domain"));
  const struct oha__column *path = find_column(table, renamed(renames, "path"));
  int n = 0;

  if (contact != NULL)
    n += oha__span_iis(oha__span(contact->type), row->contact_type) ? 1 : -1;
  if (domain != NULL)
    n += domain->nullable == (row->domain_nullable > 0) ? 1 : -1;
  if (path != NULL && row->path_size != 0)
    n += path->size == row->path_size ? 1 : -1;
  return n;
}

static uint32_t size_of(const struct oha__table *table, const struct oha__renames *renames, const char *key)
{
  const struct oha__column *column = find_column(table, renamed(renames, key));

  if (column == NULL)
    return 0;
  return column->size > UINT32_MAX ? UINT32_MAX : (uint32_t)column->size;
}

static bool is_indexed(const struct oha__table *table, const char *name)
{
  for (size_t i = 0; i < sizeof(table->indexed) / sizeof(table->indexed[0]) && table->indexed[i] != NULL; i++)
    if (oha__span_iis(oha__span(table->indexed[i]), name))
      return true;
  return false;
}

static void describe(const struct dialect_row *row, const struct oha__table *table,
                     const struct oha__renames *renames, struct oha_dialect *out)
{
  *out = (struct oha_dialect){
    .flavour = row->flavour,
    .table_version = row->version,
    .version_from_columns = !table->has_version,
    .expires_is_datetime = row->expires == KIND_DATETIME,
    .cflags_is_number = row->cflags == KIND_NUMBER,
    .has_sip_instance = row->sip_instance != NULL,
    .has_kv_store = row->kv_store,
    .has_attr = row->attr,
    .has_packed_ids = row->flavour == OHA_FLAVOUR_OPENSIPS && row->version >= 1011,
    .transactional = oha__span_iis(oha__span(table->engine), "InnoDB"),
    .index_on_key = is_indexed(table, renamed(renames, row->key)),
    .index_on_username = is_indexed(table, renamed(renames, "username")),
    .contact_size = size_of(table, renames, "contact"),
    .received_size = size_of(table, renames, "received"),
    .path_size = size_of(table, renames, "path"),
    .socket_size = size_of(table, renames, "socket"),
  };
  (void)oha__span_copy(oha__span(row->name), out->name, sizeof(out->name));
  (void)oha__span_copy(oha__span(row->software), out->software, sizeof(out->software));
  (void)oha__span_copy(oha__span(renamed(renames, row->key)), out->key_column, sizeof(out->key_column));
}

static enum oha_rc check_renames(const struct oha__renames *renames, struct oha_error *err)
{
  char safe[OHA_SAFE_SIZE];

  for (size_t i = 0; i < renames->n; i++) {
    struct oha_span key = oha__span(renames->keys[i]), name = oha__span(renames->names[i]);
    bool known = oha__span_is(key, "id") || oha__span_is(key, "instance");

    for (int f = 0; f < OHA__FIELD_N && !known; f++)
      known = oha__span_is(key, oha__field_name((enum oha__field)f));
    if (!known)
      return oha__fail(err, OHA_E_CONFIG, "column '%s': table location has no such column to be renamed",
                       oha__safe(key, safe));
    if (name.n == 0 || name.n > 64)
      return oha__fail(err, OHA_E_CONFIG, "column %s: its name '%s' must have 1 to 64 bytes",
                       renames->keys[i], oha__safe(name, safe));
  }
  return OHA_OK;
}

enum choice {
  CHOOSE_FITTING,    /* all columns as they must be */
  CHOOSE_BY_VERSION, /* the same, and of the version that the version row says */
  CHOOSE_CLOSEST     /* whatever is wrong with it */
};

/* The row that fits best: most columns, then most signs; NULL = none. *tie: another version fits as well. */
static const struct dialect_row *best_row(const struct oha__table *table, const struct oha__renames *renames,
                                          enum choice choice, const struct dialect_row **tie)
{
  const struct dialect_row *best = NULL;
  size_t best_n = 0;
  int best_signs = 0;

  *tie = NULL;
  for (size_t i = 0; i < N_ROWS; i++) {
    bool fits;
    size_t n = fit(&rows[i], table, renames, &fits, NULL);
    int n_signs = signs(&rows[i], table, renames);

    if ((choice != CHOOSE_CLOSEST && !fits) ||
        (choice == CHOOSE_BY_VERSION && rows[i].version != table->version))
      continue;
    if (best == NULL || n > best_n || (n == best_n && n_signs > best_signs)) {
      best = &rows[i];
      best_n = n;
      best_signs = n_signs;
      *tie = NULL;
    } else if (n == best_n && n_signs == best_signs && rows[i].version != best->version) {
      *tie = &rows[i];
    }
  }
  return best;
}

/* No version row, and nothing fits: say what the table is closest to, and what is wrong. */
static enum oha_rc fail_unversioned(const struct oha__table *table, const struct oha__renames *renames,
                                    const char *table_name, struct oha_error *err)
{
  const struct dialect_row *tie, *row = best_row(table, renames, CHOOSE_CLOSEST, &tie);
  char wrong[320] = "";
  struct oha_sbuf b;
  bool fits;

  oha__sbuf_init(&b, wrong, sizeof(wrong));
  if (row != NULL)
    (void)fit(row, table, renames, &fits, &b);
  return oha__fail(err, OHA_E_SCHEMA,
                   "table %s: no version row, and its columns fit no known version; closest is %s, where %s",
                   table_name, row == NULL ? "none" : row->name, wrong);
}

/* The version row is unknown, or the columns contradict it. */
static enum oha_rc fail_versioned(const struct oha__table *table, const struct oha__renames *renames,
                                  const char *table_name, struct oha_error *err)
{
  const struct dialect_row *tie, *other = best_row(table, renames, CHOOSE_FITTING, &tie);
  char wrong[320] = "";
  struct oha_sbuf b;
  bool fits;

  for (size_t i = 0; i < N_ROWS; i++) {
    if (rows[i].version != table->version)
      continue;
    oha__sbuf_init(&b, wrong, sizeof(wrong));
    (void)fit(&rows[i], table, renames, &fits, &b);
    return oha__fail(err, OHA_E_SCHEMA, "table %s: the version row says %u (%s), but %s%s%s", table_name,
                     table->version, rows[i].software, wrong,
                     other == NULL ? "" : "; its columns are those of ", other == NULL ? "" : other->name);
  }
  return oha__fail(err, OHA_E_SCHEMA,
                   "table %s: version %u is unknown: must be 1004, 1005, 1006, 1007, 1009, 1011 or 1013 "
                   "(OpenSIPS), or 9 (Kamailio)",
                   table_name, table->version);
}

enum oha_rc oha__dialect_detect(const struct oha__table *table, const struct oha__renames *renames,
                                const char *table_name, struct oha_dialect *out, struct oha_error *err)
{
  const struct dialect_row *row, *tie;
  enum oha_rc rc;

  memset(out, 0, sizeof(*out));
  if ((rc = check_renames(renames, err)) != OHA_OK)
    return rc;
  row = best_row(table, renames, table->has_version ? CHOOSE_BY_VERSION : CHOOSE_FITTING, &tie);
  if (row == NULL)
    return (table->has_version ? fail_versioned : fail_unversioned)(table, renames, table_name, err);
  if (tie != NULL)
    return oha__fail(err, OHA_E_SCHEMA,
                     "table %s: no version row, and its columns fit %s as well as %s: put the right version "
                     "into the version table",
                     table_name, row->name, tie->name);
  describe(row, table, renames, out);
  return OHA_OK;
}

const char *oha__dialect_column(const struct oha_dialect *dialect, const struct oha__renames *renames,
                                enum oha__field field)
{
  for (size_t i = 0; i < N_ROWS; i++)
    if (oha__span_is(oha__span(rows[i].name), dialect->name))
      return column_in(&rows[i], renames, field);
  return NULL;
}
