/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_DB_DATETIME_H
#define OHA_DB_DATETIME_H
/* MySQL's DATETIME text, read and written as UTC. Pure. */
#include <opensips-ha/time.h>
#include "base/span.h"

#define OHA_DB_DATETIME_SIZE 27 /* "2026-11-22 07:20:14.123456" and its NUL */

/* "YYYY-MM-DD hh:mm:ss" with up to 6 fractional digits; false for anything else, also for zero dates. */
bool oha__db_datetime_parse(struct oha_span text, struct oha_wall *out);

/* With 6 digits; years outside 1000 to 9999, which DATETIME cannot hold, become the nearest. Gives back
 * @p buf. */
char *oha__db_datetime_format(struct oha_wall at, char buf[OHA_DB_DATETIME_SIZE]);

#endif
