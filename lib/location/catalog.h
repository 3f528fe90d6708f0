/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_LOCATION_CATALOG_H
#define OHA_LOCATION_CATALOG_H
/* What the server knows about a table: its version row, columns, engine and indexes. */
#include "db/query.h"
#include "location/dialect.h"

struct oha__catalog {
  struct oha__table table; /* points into what follows */
  struct oha__column *columns;
  size_t cap_columns;
  char *indexed[sizeof(((struct oha__table *)NULL)->indexed) / sizeof(char *)];
};

/*
 * Read it.
 *
 * @p version_table may be missing: then no version is known.
 * Returns OHA_OK; OHA_E_DENIED with the GRANT that is missing; OHA_E_SCHEMA there is no such table; what
 * oha__db_each() returns. Clear with oha__catalog_clear() in any case.
 */
OHA_NODISCARD enum oha_rc oha__catalog_read(struct oha_db *db, const char *schema, const char *table,
                                            const char *version_table, struct oha__catalog *out,
                                            struct oha_error *err);

void oha__catalog_clear(struct oha__catalog *catalog);

#endif
