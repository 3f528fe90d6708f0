/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_CLUSTER_HINT_H
#define OHA_CONFIG_CLUSTER_HINT_H
#include <opensips-ha/api.h>

/*
 * The one of @p names that somebody who wrote @p word probably meant: the nearest by inserted, deleted,
 * replaced and swapped characters, case aside; NULL when none is near.
 */
const char *oha__hint(const char *word, const char *const *names, size_t n_names);

#endif
