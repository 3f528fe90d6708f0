/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_VALUE_H
#define OHA_MI_VALUE_H
/* A reply and the building of its tree, for the parsers of all formats. */
#include <opensips-ha/mi.h>
#include "base/span.h"

#define OHA_MI_DEPTH 64 /* of a tree; replies of real servers stay below 10 */

struct oha__mi_chunk;

struct oha_mi_reply {
  struct oha_mi_value value;
  int code;
  bool is_text;            /* it came in the text form */
  bool is_unknown_command; /* the server does not know it, or not by this name */
  const char *reason, *date;
  struct oha__mi_chunk *chunks; /* the memory of all strings and children */
  size_t n_used, n_room;        /* of the first chunk */
};

/* Code 200, no value, no texts. NULL when out of memory. */
struct oha_mi_reply *oha__mi_reply_new(void);

/* A copy with a NUL that lives as long as the reply; a NUL in it becomes U+FFFD. NULL when out of memory. */
const char *oha__mi_text(struct oha_mi_reply *reply, struct oha_span text);

/*
 * Builds a tree from a stream of values. What goes wrong sticks and comes out at the end, so that the calls
 * in between need no checks.
 */
struct oha__mi_builder {
  struct oha_mi_reply *reply;
  struct oha_mi_value *pending; /* finished values whose container is still open */
  size_t n_pending, cap;
  struct {
    size_t first; /* its children begin here in `pending` */
    enum oha_mi_type type;
    const char *name;
  } open[OHA_MI_DEPTH];
  size_t depth;
  enum oha_rc rc; /* OHA_OK, OHA_E_NOMEM, OHA_E_PROTOCOL (too deep, or not one value) */
};

void oha__mi_build(struct oha__mi_builder *b, struct oha_mi_reply *reply);

/* @p name must be of oha__mi_text() or static; NULL in an array and at the top. */
void oha__mi_put(struct oha__mi_builder *b, const char *name, struct oha_mi_value value);
void oha__mi_put_string(struct oha__mi_builder *b, const char *name, struct oha_span text);

/* A number of JSON's grammar (RFC 8259 section 6) and nothing else? */
bool oha__mi_is_number(struct oha_span text);

/* A number by its text; what is none becomes a string. */
void oha__mi_put_number(struct oha__mi_builder *b, const char *name, struct oha_span text);

void oha__mi_begin(struct oha__mi_builder *b, const char *name, enum oha_mi_type container);
void oha__mi_end(struct oha__mi_builder *b);

/* End the container as another type than it began; elements of an array lose their names. */
void oha__mi_end_as(struct oha__mi_builder *b, enum oha_mi_type type);

/* A copy of a tree, of this or another reply. */
void oha__mi_put_copy(struct oha__mi_builder *b, const char *name, const struct oha_mi_value *value);

/* Free what building took and, when it went well, move the one value to @p out (may be NULL: dropped). */
OHA_NODISCARD enum oha_rc oha__mi_built(struct oha__mi_builder *b, struct oha_mi_value *out);

#endif
