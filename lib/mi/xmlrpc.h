/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_XMLRPC_H
#define OHA_MI_XMLRPC_H
/*
 * XML-RPC as mi_xmlrpc (1.4 to 1.11), mi_xmlrpc_ng (1.10 to 3.6), mi_xmlrpc (4.0) and Kamailio's xmlrpc speak
 * it. Pure; libxml2 is initialised at the first reply.
 */
#include <opensips-ha/error.h>
#include "base/sbuf.h"
#include "mi/request.h"
#include "mi/value.h"

/*
 * A <methodCall> with typed values only, for 3.x refuses others; names become one struct.
 * Returns OHA_OK; OHA_E_REFUSED a value that XML cannot hold, or no number. Room is the buffer's to say.
 */
OHA_NODISCARD enum oha_rc oha__xmlrpc_build(const struct oha__mi_request *request, struct oha_sbuf *out,
                                            struct oha_error *err);

/*
 * A <methodResponse>. No document type, so no entities; nothing is fetched. A number above 32 bits, which
 * 3.x writes as a double, is an INT again. Replies of the text era, in their two forms, get the shape of text
 * replies; an empty string may be an error there (mi_xmlrpc_ng of 1.11), so its code is 0. Returns OHA_OK;
 * OHA_E_PROTOCOL; OHA_E_NOMEM.
 */
OHA_NODISCARD enum oha_rc oha__xmlrpc_read(struct oha_span bytes, enum oha_mi_era era,
                                           struct oha_mi_reply *reply, struct oha_error *err);

#endif
