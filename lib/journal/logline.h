/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_JOURNAL_LOGLINE_H
#define OHA_JOURNAL_LOGLINE_H
/*
 * The local log of one operation: a JSON object per line, "kind" "op" (the whole record) or "step". The last
 * line of a kind, and for steps of a seq, counts. A line that was cut by a crash, or that cannot be read for
 * another reason, is passed over and counted. Pure.
 */
#include <opensips-ha/journal.h>
#include "base/span.h"

struct oha__log_step {
  struct oha_step_record record;
  uint64_t fence; /* of the lease under which it was noted */
};

struct oha__log {
  bool has_op;
  struct oha_op_record op;
  struct oha__log_step *steps; /* by seq */
  size_t n_steps, cap_steps;
  unsigned n_bad;
};

void oha__log_clear(struct oha__log *log);

/* Returns OHA_OK also for a log without a readable line; OHA_E_NOMEM. */
OHA_NODISCARD enum oha_rc oha__log_parse(struct oha_span text, struct oha__log *out, struct oha_error *err);

/* Options as they are stored: a compact JSON object in ASCII, "" becomes "{}". In place. OHA_E_ARG when they
 * are something else, or too long. */
OHA_NODISCARD enum oha_rc oha__options_normalise(char *options, size_t size, struct oha_error *err);

/* A line with its newline; gives *line, freed by oha__free(). Texts must be clean (see text.h) and options
 * normalised. @p behind: why the database has not got it, "" = it may have. */
OHA_NODISCARD enum oha_rc oha__log_op_line(const struct oha_op_record *record, char **line,
                                           struct oha_error *err);
OHA_NODISCARD enum oha_rc oha__log_step_line(const struct oha__log_step *step, const char *behind,
                                             char **line, struct oha_error *err);

/* What the lock file says of who has it, or had it: one line. False when it says nothing readable. */
struct oha__lock_note {
  char holder[128];
  char op_id[OHA_OP_ID_SIZE];
  struct oha_wall at;
};
bool oha__lock_note_parse(struct oha_span text, struct oha__lock_note *out);
OHA_NODISCARD enum oha_rc oha__lock_note_line(const struct oha__lock_note *note, char **line,
                                              struct oha_error *err);

#endif
