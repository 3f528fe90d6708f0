/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_XMLRPC_TREE_H
#define OHA_MI_XMLRPC_TREE_H
/* The XML of a <methodResponse> as a tree of values, by libxml2's SAX interface. */
#include <opensips-ha/error.h>
#include "base/span.h"
#include "mi/value.h"

/* *top is the one parameter, NULL when there is none, or the fault. OHA_OK; OHA_E_PROTOCOL; OHA_E_NOMEM */
OHA_NODISCARD enum oha_rc oha__xmlrpc_tree(struct oha_span bytes, struct oha_mi_reply *reply,
                                           struct oha_mi_value *top, bool *is_fault, struct oha_error *err);

#endif
