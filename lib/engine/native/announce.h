/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_NATIVE_ANNOUNCE_H
#define OHA_ENGINE_NATIVE_ANNOUNCE_H
#include "engine/native/lan.h"

/* Tell the neighbours once, now, that @p addr is at @p link. */
OHA_NODISCARD enum oha_rc oha__announce_once(const struct oha__lan *lan, const struct oha__link *link,
                                             const struct oha_addr *addr, struct oha_error *err);

#endif
