/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_LOCATION_LOCATION_H
#define OHA_LOCATION_LOCATION_H
/* What the files of this folder share: the handle, and SQL about its table. */
#include <opensips-ha/location.h>
#include "base/tz.h"
#include "db/query.h"
#include "location/row.h"

struct oha_location {
  struct oha_db *db;           /* the caller's */
  struct oha_dialect dialect;  /* what the table is */
  struct oha__tz *tz;          /* of the registrars' processes; for DATETIME columns */
  enum oha_answer use_domain;  /* as configured */
  char *schema, *table;        /* never NULL */
  char *columns[OHA__FIELD_N]; /* their names in this table; NULL = this dialect has none */
  bool ids_packed;             /* found at ids_checked: the table's ends hold packed ids */
  struct oha_mono ids_checked; /* us 0 = never */
};

/* "`schema`.`table`" */
void oha__location_put_table(struct oha__sql *q, const struct oha_location *location);

/* "`socket`"; the field must be there (location->columns[field] != NULL). */
void oha__location_put_column(struct oha__sql *q, const struct oha_location *location, enum oha__field field);

/*
 * "`socket` = 'text' AND CAST(`socket` AS BINARY) = x'...'": the same bytes, whatever the collation thinks of
 * case and trailing blanks.
 */
void oha__location_put_is(struct oha__sql *q, const struct oha_location *location, enum oha__field field,
                          struct oha_span text);

/*
 * A value for column `expires`, such as "1795335435" or "'2026-11-22 08:17:15'"; 0 = permanent. What
 * oha__row_decode() made of a value of the table comes back as the same value, except for local times that no
 * clock ever showed.
 */
void oha__location_put_expires(struct oha__sql *q, const struct oha_location *location, int64_t expires_s);

/*
 * A condition on `expires` that holds for bindings alive at @p now, and fails for the others: bad ones, too.
 */
void oha__location_put_live(struct oha__sql *q, const struct oha_location *location, struct oha_wall now);

/*
 * "SELECT `contact_id`,`username`,... FROM `schema`.`table`", for a WHERE to follow: the fields of @p fields
 * (bits 1u << enum oha__field) that this dialect has. @p layout is made to fit the rows; it points into
 * @p location. So a keyset page is
 *   oha__location_put_select(q, location, OHA__FIELDS_REACH, &layout);
 *   oha__sql_puts(q, " WHERE "); oha__location_put_column(q, location, OHA__FIELD_ID);
 *   oha__sql_printf(q, " > %llu ORDER BY ", last); oha__location_put_column(q, location, OHA__FIELD_ID);
 *   oha__sql_printf(q, " LIMIT %u", n);
 * and each of its rows is read by oha__row_decode(&layout, ...).
 */
void oha__location_put_select(struct oha__sql *q, const struct oha_location *location, uint32_t fields,
                              struct oha__row_layout *layout);

/* Fields for the OHA_BINDING_* bits of a filter. */
uint32_t oha__location_fields_of(uint32_t binding_columns);

#endif
