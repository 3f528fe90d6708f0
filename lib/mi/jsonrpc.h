/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_JSONRPC_H
#define OHA_MI_JSONRPC_H
/*
 * JSON-RPC 2.0 as OpenSIPS 3.0 and later (mi_http, mi_fifo, mi_datagram) and Kamailio 5.x (jsonrpcs) speak
 * it. Pure.
 */
#include <opensips-ha/error.h>
#include "base/sbuf.h"
#include "mi/request.h"
#include "mi/value.h"

/*
 * One request object, always with an id and a method. With @p reply_member the reply FIFO is named inside, as
 * Kamailio's FIFO wants it. Returns OHA_OK; OHA_E_REFUSED a value is no UTF-8 or no number. Room is the
 * buffer's to say.
 */
OHA_NODISCARD enum oha_rc oha__jsonrpc_build(const struct oha__mi_request *request, bool reply_member,
                                             struct oha_sbuf *out, struct oha_error *err);

/*
 * The first object in @p bytes that answers the request of that id; an error with id null answers it too.
 * Returns OHA_OK; OHA_END there is none, only answers to others; OHA_E_PROTOCOL; OHA_E_NOMEM. The reply is
 * untouched unless OHA_OK.
 */
OHA_NODISCARD enum oha_rc oha__jsonrpc_read(struct oha_span bytes, const char *id, struct oha_mi_reply *reply,
                                            struct oha_error *err);

#endif
