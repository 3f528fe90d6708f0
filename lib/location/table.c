/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SQL about the location table, as its dialect wants it. Builds text only. */
#include "location/location.h"

#include <inttypes.h>

void oha__location_put_table(struct oha__sql *q, const struct oha_location *location)
{
  oha__sql_ident(q, location->schema);
  oha__sql_puts(q, ".");
  oha__sql_ident(q, location->table);
}

void oha__location_put_column(struct oha__sql *q, const struct oha_location *location, enum oha__field field)
{
  oha__sql_ident(q, location->columns[field]);
}

void oha__location_put_is(struct oha__sql *q, const struct oha_location *location, enum oha__field field,
                          struct oha_span text)
{
  oha__location_put_column(q, location, field);
  oha__sql_puts(q, " = ");
  oha__sql_text(q, text);
  oha__sql_puts(q, " AND CAST(");
  oha__location_put_column(q, location, field);
  oha__sql_puts(q, " AS BINARY) = ");
  oha__sql_bytes(q, text.p, text.n);
}

static void put_datetime(struct oha__sql *q, int64_t local_s)
{
  char text[OHA__DATETIME_SIZE];

  oha__sql_text(q, oha__span(oha__datetime_format(local_s, text)));
}

void oha__location_put_expires(struct oha__sql *q, const struct oha_location *location, int64_t expires_s)
{
  if (location->dialect.expires_is_datetime)
    put_datetime(q, oha__tz_local_of(location->tz, expires_s));
  else
    oha__sql_printf(q, "%" PRId64, expires_s);
}

/* Alive: permanent, or expires > now; a number above 2147483647 is negative to OpenSIPS. */
void oha__location_put_live(struct oha__sql *q, const struct oha_location *location, struct oha_wall now)
{
  int64_t now_s = now.us / OHA_US_PER_S;

  oha__sql_puts(q, "(");
  oha__location_put_column(q, location, OHA__FIELD_EXPIRES);
  oha__sql_puts(q, " = ");
  oha__location_put_expires(q, location, 0);
  oha__sql_puts(q, " OR ");
  oha__location_put_column(q, location, OHA__FIELD_EXPIRES);
  if (location->dialect.expires_is_datetime) {
    oha__sql_puts(q, " >= ");
    put_datetime(q, oha__tz_local_after(location->tz, now_s));
  } else {
    oha__sql_printf(q, " BETWEEN %" PRId64 " AND %d", now_s + 1, INT32_MAX);
  }
  oha__sql_puts(q, ")");
}

void oha__location_put_select(struct oha__sql *q, const struct oha_location *location, uint32_t fields,
                              struct oha__row_layout *layout)
{
  int8_t n = 0;

  *layout = (struct oha__row_layout){ .dialect = &location->dialect,
                                      .tz = location->tz,
                                      .need_domain = location->use_domain == OHA_YES };
  oha__sql_puts(q, "SELECT ");
  for (int i = 0; i < OHA__FIELD_N; i++) {
    layout->at[i] = -1;
    if ((fields >> i & 1u) == 0 || location->columns[i] == NULL)
      continue;
    if (n > 0)
      oha__sql_puts(q, ",");
    oha__location_put_column(q, location, (enum oha__field)i);
    layout->at[i] = n++;
  }
  oha__sql_puts(q, " FROM ");
  oha__location_put_table(q, location);
}

uint32_t oha__location_fields_of(uint32_t binding_columns)
{
  return (binding_columns & OHA_BINDING_DETAILS) != 0 ? OHA__FIELDS_ALL : OHA__FIELDS_REACH;
}
