/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_JOURNAL_LOCAL_H
#define OHA_JOURNAL_LOCAL_H
/* Files in the state directory. */
#include "journal/journal.h"

#define OHA__PATH_SIZE 4096

/* STATE/NAME or STATE/NAME/MORE; false when it is too long. */
bool oha__local_path(const struct oha_journal *journal, char path[OHA__PATH_SIZE], const char *name,
                     const char *more);

/* Make the state directory and what belongs in it. */
OHA_NODISCARD enum oha_rc oha__local_make_dirs(const struct oha_journal *journal, struct oha_error *err);

/* OHA_E_NOTFOUND, OHA_E_DENIED, else OHA_E_IO. */
enum oha_rc oha__local_rc_of_errno(int e);

#endif
