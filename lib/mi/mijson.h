/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_MIJSON_H
#define OHA_MI_MIJSON_H
/* mi_json of OpenSIPS 1.11 to 2.4: GET /json/COMMAND?params=a,b and what it answers. Pure. */
#include <opensips-ha/error.h>
#include "base/sbuf.h"
#include "mi/request.h"
#include "mi/value.h"

/*
 * "ROOT/COMMAND?params=..."; arguments have no names. Returns OHA_OK; OHA_E_REFUSED a value with a comma,
 * which would become two, or an empty one. Room is the buffer's to say.
 */
OHA_NODISCARD enum oha_rc oha__mijson_build(const struct oha__mi_request *request, const char *root,
                                            struct oha_sbuf *out, struct oha_error *err);

/*
 * The body of the answer. @p has_type: it came with a Content-Type, as from 2.1 on, so that no body means
 * done; 1.11 sends none for errors either.
 * Returns OHA_OK; OHA_E_PROTOCOL; OHA_E_NOMEM.
 */
OHA_NODISCARD enum oha_rc oha__mijson_read(struct oha_span body, bool has_type, struct oha_mi_reply *reply,
                                           struct oha_error *err);

#endif
