/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_JOURNAL_TEXT_H
#define OHA_JOURNAL_TEXT_H
/* Names of states, clean text, operation ids. Pure, but for the random bytes of a new id. */
#include <opensips-ha/journal.h>
#include "base/span.h"

const char *oha__op_state_name(enum oha_op_state state);
bool oha__op_state_parse(struct oha_span name, enum oha_op_state *out);
const char *oha__step_state_name(enum oha_step_state state);
bool oha__step_state_parse(struct oha_span name, enum oha_step_state *out);

/* Anybody can go on with it: RUNNING (perhaps nobody runs it any more) or INCOMPLETE. */
static inline bool oha__op_is_open(enum oha_op_state state)
{
  return state == OHA_OP_RUNNING || state == OHA_OP_INCOMPLETE;
}

/* Text as the journal stores it: control characters and what is not UTF-8 become '?'; cut at a character's
 * end to fit. NULL is "". Gives back @p out. May be done in place. */
char *oha__text_clean(char *out, size_t size, const char *text);

/* A UUID in lower case with dashes (RFC 9562 section 4). */
bool oha__op_id_is_valid(struct oha_span id);

#endif
