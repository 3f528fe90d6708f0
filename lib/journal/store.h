/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_JOURNAL_STORE_H
#define OHA_JOURNAL_STORE_H
/* One note, in both places. */
#include "journal/journal.h"

struct oha__stored {
  struct oha_error database_error; /* rc OHA_OK: the database has it, or there is none, or it can wait */
};

/*
 * Append @p line (taken) to the local log, then write to the database by oha__journal_write(@p fn, @p arg).
 * Returns OHA_OK when at least one has it; OHA_E_LEASE; otherwise what the local log said.
 */
OHA_NODISCARD enum oha_rc oha__store(struct oha_journal *journal, const char *op_id, char *line,
                                     oha__write_fn *fn, const void *arg, enum oha__patience patience,
                                     struct oha__stored *stored, struct oha_error *err);

#endif
