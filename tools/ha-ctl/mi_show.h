/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_MI_SHOW_H
#define HA_CTL_MI_SHOW_H
/* The tree that a management command answered, for people and as JSON. */
#include "common/out.h"

#include <opensips-ha/mi.h>

/**
 * Text: "name: value", what is below a name indented, "-" in front of each element that has several lines.
 * JSON: the key @p key; members of one name become one array under it.
 */
void mi_show(struct out *o, const char *key, const struct oha_mi_value *value);

#endif
