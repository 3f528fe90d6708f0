/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_JOURNAL_TABLES_H
#define OHA_JOURNAL_TABLES_H
#include <opensips-ha/journal.h>

/* Are our tables there, with the columns that we use? OHA_E_SCHEMA, OHA_E_DENIED, OHA_E_DB ... */
OHA_NODISCARD enum oha_rc oha__tables_check(struct oha_db *db, struct oha_error *err);

#endif
