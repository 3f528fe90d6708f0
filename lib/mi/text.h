/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_TEXT_H
#define OHA_MI_TEXT_H
/*
 * The text form of management commands and their replies: mi_fifo and mi_datagram of OpenSIPS 1.4 to 2.4.
 * Pure.
 *
 *   :ul_show_contact:REPLY_FIFO      200 OK
 *   location                         AOR:: 4001
 *   4001                             <tab>Contact:: sip:4001@192.0.2.1:5062 Q=1
 *                                    <tab><tab>Expires:: 1742
 *
 * each ended by an empty line. Replies are ambiguous: nothing tells where a value ends and the node's
 * attributes begin (` Q=1`), or escapes a line end. What follows a blank and looks like NAME= is taken for an
 * attribute, except in nodes that hold a phone's own words; a line that ends in CR goes on in the next one.
 */
#include <opensips-ha/error.h>
#include "base/sbuf.h"
#include "mi/request.h"
#include "mi/value.h"

#define OHA_MI_TEXT_LINE_MAX 1023 /* MAX_READ of mi_fifo less its NUL */

/*
 * A request; arguments have no names. Returns OHA_OK; OHA_E_REFUSED a value that this form cannot hold. Room
 * is the buffer's to say.
 */
OHA_NODISCARD enum oha_rc oha__text_build(const struct oha__mi_request *request, struct oha_sbuf *out,
                                          struct oha_error *err);

/*
 * A whole reply. With @p must_end (FIFO) one that has data and no empty line behind it was cut off.
 * Returns OHA_OK; OHA_E_PROTOCOL; OHA_E_NOMEM.
 */
OHA_NODISCARD enum oha_rc oha__text_read(struct oha_span bytes, bool must_end, struct oha_mi_reply *reply,
                                         struct oha_error *err);

/* The nodes alone, as XML-RPC of that time wraps them into one string: the reply's value. */
OHA_NODISCARD enum oha_rc oha__text_read_nodes(struct oha_span bytes, struct oha_mi_reply *reply,
                                               struct oha_error *err);

/* "500 command not available" and the like: "CODE REASON", three digits and a blank. */
bool oha__text_is_status(struct oha_span bytes);

#endif
