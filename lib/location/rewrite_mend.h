/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_LOCATION_REWRITE_MEND_H
#define OHA_LOCATION_REWRITE_MEND_H
/* What to do about a page that failed: smaller, later, or on another server. */
#include "db/query.h"
#include "location/rewrite_pace.h"

#include <opensips-ha/rewrite.h>

/*
 * Returns OHA_OK when the page may be tried again, after a wait if one is due; else the failure. A page whose
 * outcome is not known may be tried again as it is: rows that it changed do not match any more.
 *
 * @p pace     made smaller where that helps; NULL = the page cannot be made smaller
 * @p attempt  failures in a row before this one
 * @p is_new   set when the connection is a new one, perhaps to another server
 */
OHA_NODISCARD enum oha_rc oha__rewrite_mend(struct oha_db *db, struct oha__pace *pace, unsigned attempt,
                                            struct oha_rewrite_stats *stats, bool *is_new,
                                            struct oha_error *err);

#endif
