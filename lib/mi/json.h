/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_JSON_H
#define OHA_MI_JSON_H
/*
 * JSON (RFC 8259) as management interfaces write it: members of the same name are all kept, in order, as
 * mi_json of 2.x repeats "Contact"; numbers keep their text; control bytes in strings are let through, as are
 * bytes that are no UTF-8 (a phone's User-Agent). Pure.
 */
#include <opensips-ha/error.h>
#include "base/sbuf.h"
#include "mi/value.h"

/*
 * Read one value from the front of @p text; what is behind it, blanks skipped, stays in *text. The tree is in
 * the reply's memory. Returns OHA_OK; OHA_E_PROTOCOL (*text and *out untouched); OHA_E_NOMEM.
 */
OHA_NODISCARD enum oha_rc oha__json_read(struct oha_span *text, struct oha_mi_reply *reply,
                                         struct oha_mi_value *out, struct oha_error *err);

/* A quoted string. False, and nothing written, for bytes that are no UTF-8. */
bool oha__json_put(struct oha_sbuf *out, struct oha_span text);

#endif
