/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_ERA_H
#define OHA_MI_ERA_H
/* Which era is a server of? Pure parts of the answer. */
#include "base/sbuf.h"
#include "mi/value.h"

/* "OpenSIPS (3.6.8 (x86_64/linux))", "kamailio 5.6.3": its era; @p otherwise if it does not say. */
enum oha_mi_era oha__mi_era_of(const char *version, enum oha_mi_era otherwise);

/* The text in a reply to `version` that names the server; NULL = there is none. */
const char *oha__mi_find_version(const struct oha_mi_value *value);

/*
 * A request to a FIFO that servers of OpenSIPS of any era understand: to 3.0 and later it is JSON-RPC, which
 * answers in @p json_name; the unknown member's text holds line ends, between which 1.x and 2.x, once they
 * have passed over a command that they do not know, find one of their own, and answer in @p text_name.
 *
 * A plain request of the other era would do harm: text stays in the buffer of 3.0 and 3.1 for ever, and JSON
 * without an empty line behind it swallows the next request to 1.x and 2.x.
 */
void oha__mi_put_any_era(const char *id, const char *json_name, const char *text_name, struct oha_sbuf *out);

#endif
