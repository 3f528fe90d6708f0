/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_LOCATION_FIXTURE_H
#define OHA_TESTS_LOCATION_FIXTURE_H
/* Location tables as the releases make them, in a private server. */
#include "dbtest.h"

#include "location/location.h"

/* Drop `location` and `version`, make location by tests/data/location/NAME.sql, and put a version row; 0 =
 * none. */
void fixture_make(struct oha_db *db, const char *name, uint32_t version);

/* Open it, or fail the test. @p opts NULL = defaults. */
struct oha_location *fixture_open(struct oha_db *db, const struct oha_location_opts *opts);

/* db_must() with printf formatting. */
void fixture_sql(struct oha_db *db, const char *fmt, ...) OHA_PRINTF(2, 3);

/* A contact_id as a registrar with a cache makes it. */
uint64_t fixture_packed_id(const char *aor, uint32_t record_label, uint32_t contact_label);

#endif
