/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_LOCATION_ROW_H
#define OHA_LOCATION_ROW_H
/* One fetched row into a struct oha_binding. Pure: columns as text in, fields out. */
#include <opensips-ha/location.h>
#include "base/tz.h"
#include "db/query.h"

/* Columns of table location that have a meaning here, in the order in which they are selected. */
enum oha__field {
  OHA__FIELD_ID = 0,
  OHA__FIELD_USERNAME,
  OHA__FIELD_DOMAIN,
  OHA__FIELD_CONTACT,
  OHA__FIELD_RECEIVED,
  OHA__FIELD_PATH,
  OHA__FIELD_SOCKET,
  OHA__FIELD_EXPIRES,
  OHA__FIELD_CFLAGS,
  OHA__FIELD_Q,
  OHA__FIELD_CALLID,
  OHA__FIELD_CSEQ,
  OHA__FIELD_LAST_MODIFIED,
  OHA__FIELD_FLAGS,
  OHA__FIELD_USER_AGENT,
  OHA__FIELD_METHODS,
  OHA__FIELD_SIP_INSTANCE,
  OHA__FIELD_KV_STORE,
  OHA__FIELD_ATTR
};
#define OHA__FIELD_N 19

#define OHA__FIELDS_REACH ((1u << OHA__FIELD_Q) - 1)
#define OHA__FIELDS_ALL   ((1u << OHA__FIELD_N) - 1)

/* "contact", ... as OpenSIPS calls them by default; OHA__FIELD_ID is "contact_id". */
const char *oha__field_name(enum oha__field field);

/* Where each field is in a fetched row, and how to read it. */
struct oha__row_layout {
  const struct oha_dialect *dialect;
  const struct oha__tz *tz;
  bool need_domain;        /* use_domain: a row without domain is never looked at by a registrar */
  int8_t at[OHA__FIELD_N]; /* column number; -1 = not selected, or no such column */
};

#define OHA__WHY_SIZE 192

/*
 * Read a row.
 *
 * Strings of @p out are lent as long as the row is. A field that was not selected is NULL or 0.
 * @p why on OHA_E_PARSE says what is wrong, for people: "expires '0000-00-00 00:00:00': zero date"; out->id
 * is then the row's id where that could be read, else 0, and all else is zero. Returns OHA_OK; OHA_E_PARSE.
 */
OHA_NODISCARD enum oha_rc oha__row_decode(const struct oha__row_layout *layout, const struct oha__row *row,
                                          struct oha_binding *out, char why[OHA__WHY_SIZE]);

/* "2026-11-22 08:17:15" or with a fraction, which is dropped; false when it is no such text or a zero date.
 */
bool oha__datetime_parse(struct oha_span text, struct oha__tz_civil *out);

#define OHA__DATETIME_SIZE 24

/* "2026-11-22 08:17:15"; years outside 0 to 9999 are capped. Gives back @p buf. */
char *oha__datetime_format(int64_t local_s, char buf[OHA__DATETIME_SIZE]);

/* Is a binding alive? By whole seconds, as the registrar does: permanent, or expires > now. */
bool oha__binding_is_live(const struct oha_binding *binding, struct oha_wall now);

#endif
