/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_REMOTE_H
#define OHA_ENGINE_REMOTE_H
/* Verbs on other machines, with their answers as JSON. */
#include <opensips-ha/remote.h>

#include <jansson.h>

/*
 * oha_remote_run() with the parsed answer (json_decref()) beside its text (oha__free(); NULL = not wanted).
 * Both NULL on failure.
 */
OHA_NODISCARD enum oha_rc oha__remote_call(struct oha_ctx *ctx, const struct oha_remote_opts *opts,
                                           int *exit_code, json_t **answer, char **text,
                                           struct oha_error *err);

/*
 * What came back of a program that ran: one JSON object of our schema, from the node it was meant for?
 *
 * OHA_OK with *answer; OHA_E_UNAVAILABLE; OHA_E_PROTOCOL; OHA_E_REFUSED. Pure.
 */
OHA_NODISCARD enum oha_rc oha__remote_judge(const struct oha_run_result *result, json_t **answer,
                                            struct oha_error *err);

/*
 * Turn an answer that says "failed" into the library code that the verb failed with over there, by
 * errors[0].id, else by its exit code, and its text. Pure. Never OHA_OK.
 */
OHA_NODISCARD enum oha_rc oha__remote_failure(const json_t *answer, int exit_code, struct oha_error *err);

#endif
