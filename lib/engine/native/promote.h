/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_NATIVE_PROMOTE_H
#define OHA_ENGINE_NATIVE_PROMOTE_H
#include "engine/native/addrs.h"

/*
 * Set net.ipv4.conf.IF.promote_secondaries by netlink: no /proc/sys, which containers mount read-only. While
 * it is 1, removing a primary IPv4 address makes its first secondary the primary, instead of removing all
 * secondaries of its network (and with the last of them every route of the interface, the default route,
 * too).
 */
OHA_NODISCARD enum oha_rc oha__promote_secondaries_set(struct oha__netlink *nl, const struct oha__link *link,
                                                       bool on, struct oha_error *err);

/* Would removing @p victim take other addresses with it? */
bool oha__promote_is_needed(const struct oha__addrs *addrs, const struct oha__link_addr *victim);

#endif
