/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_SHAPE_H
#define OHA_MI_SHAPE_H
/*
 * Replies of 1.10 to 2.4 as mi_json and mi_xmlrpc_ng wrap them, brought into the shape of the text form's
 * trees: a node is {"value", "attributes", "children" (mi_json) or "kids" (mi_xmlrpc_ng)}, nodes of one name
 * are an array under it, nodes without names are under "". Pure.
 */
#include <opensips-ha/error.h>
#include "mi/value.h"

/* Replaces reply->value. Returns OHA_OK; OHA_E_NOMEM; OHA_E_PROTOCOL (too deep). */
OHA_NODISCARD enum oha_rc oha__mi_reshape(struct oha_mi_reply *reply, struct oha_error *err);

/* Statistics of Kamailio, ["NAME = VALUE", ...], become members; anything else stays. OHA_OK; OHA_E_NOMEM */
OHA_NODISCARD enum oha_rc oha__mi_reshape_pairs(struct oha_mi_reply *reply, struct oha_error *err);

#endif
