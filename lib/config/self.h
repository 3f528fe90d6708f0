/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_SELF_H
#define OHA_CONFIG_SELF_H
#include <opensips-ha/cluster.h>

/* oha_cluster_self() by addresses that are known: the node whose host is among them. Pure. */
OHA_NODISCARD enum oha_rc oha__self_of(const struct oha_cluster *cluster, const struct oha_addr *addrs,
                                       size_t n_addrs, const struct oha_node **out, struct oha_error *err);

#endif
