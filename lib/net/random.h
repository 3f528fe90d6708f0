/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_RANDOM_H
#define OHA_NET_RANDOM_H
#include <opensips-ha/error.h>

/* Bits that nobody can guess, by getrandom(2). OHA_OK; OHA_E_IO */
OHA_NODISCARD enum oha_rc oha__random(void *out, size_t n, struct oha_error *err);

#endif
