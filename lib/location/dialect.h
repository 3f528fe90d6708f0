/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_LOCATION_DIALECT_H
#define OHA_LOCATION_DIALECT_H
/* Which dialect is a table? Pure: what the catalogue says in, struct oha_dialect out. */
#include <opensips-ha/error.h>
#include <opensips-ha/location.h>
#include "location/row.h"

/* A column, as information_schema.COLUMNS has it. */
struct oha__column {
  char name[65];
  char type[32]; /* DATA_TYPE: "char", "int", "datetime", ... */
  uint64_t size; /* CHARACTER_MAXIMUM_LENGTH; 0 = no text */
  bool nullable;
};

/* All that is known of a table. */
struct oha__table {
  bool has_version; /* the version table has a row for it */
  uint32_t version;
  char engine[65]; /* "" = a view */
  const struct oha__column *columns;
  size_t n_columns;
  const char *indexed[8]; /* columns that are the first of an index; NULL = no more */
};

/* Columns that were renamed: oha__field_name() (for the key: "contact_id" or "id") and the name in this
 * table. */
struct oha__renames {
  const char *const *keys;
  const char *const *names;
  size_t n;
};

/* The name that a field has in a table; NULL when the dialect has no such field. */
const char *oha__dialect_column(const struct oha_dialect *dialect, const struct oha__renames *renames,
                                enum oha__field field);

/*
 * Find the dialect: by the version row, and then the columns must fit; without a version row (nodes that
 * never write check none) by the columns alone, when only one dialect fits best.
 *
 * Returns OHA_OK; OHA_E_SCHEMA unknown version, columns that do not fit the version (both named), or no
 * single dialect that fits; OHA_E_CONFIG a rename of a column that no dialect has.
 */
OHA_NODISCARD enum oha_rc oha__dialect_detect(const struct oha__table *table,
                                              const struct oha__renames *renames, const char *table_name,
                                              struct oha_dialect *out, struct oha_error *err);

#endif
