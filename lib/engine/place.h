/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_PLACE_H
#define OHA_ENGINE_PLACE_H
#include <opensips-ha/remote.h>

#include <jansson.h>

/*
 * Run @p verb at a place that is not this machine, within its time plus @p extra_us.
 *
 * @p n_good exit codes 0 ... n_good - 1 come with rows: 1 for verbs that act or read, 3 for those that judge.
 * Any other becomes the failure that the answer names. *answer: json_decref(); NULL on failure.
 */
OHA_NODISCARD enum oha_rc oha__place_call(struct oha_ctx *ctx, const struct oha_place *place,
                                          const char *const *verb, int64_t extra_us, int n_good,
                                          json_t **answer, struct oha_error *err);

#endif
