/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SIP OPTIONS as another machine sees it: a proof from outside the pair. */
#include "engine/place.h"
#include "engine/answer.h"
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_TIMEOUT_US (1 * OHA_US_PER_S) /* oha_probe_opts */
#define N_JUDGE_CODES      3                  /* 2 = it does not answer, which the row says in detail */

static enum oha_rc probe_remote(struct oha_ctx *ctx, const struct oha_place *place,
                                const struct oha_sock *target, int64_t timeout_us,
                                struct oha_probe_result *out, struct oha_error *err)
{
  char socket[OHA_SOCK_SIZE], duration[OHA_DURATION_SIZE];
  const char *const verb[] = { "probe", socket, "--timeout", duration, NULL };
  json_t *answer;
  enum oha_rc rc = oha_sock_format(target, socket, sizeof(socket), err);

  if (rc != OHA_OK)
    return rc;
  snprintf(duration, sizeof(duration), "%lldus", (long long)timeout_us);
  rc = oha__place_call(ctx, place, verb, timeout_us, N_JUDGE_CODES, &answer, err);
  if (rc != OHA_OK)
    return rc;
  rc = oha__answer_probe(answer, target, out, err);
  json_decref(answer);
  if (rc != OHA_OK)
    oha__prefix(err, "node %s: ", place->name);
  return rc;
}

enum oha_rc oha_place_probe(struct oha_ctx *ctx, const struct oha_place *place, const struct oha_sock *target,
                            int64_t timeout_us, struct oha_probe_result *out, struct oha_error *err)
{
  if (out != NULL)
    memset(out, 0, sizeof(*out));
  if (ctx == NULL || place == NULL || target == NULL || out == NULL || timeout_us < 0)
    return oha__fail(err, OHA_E_ARG, "oha_place_probe: NULL, or a negative time");
  if (timeout_us == 0)
    timeout_us = DEFAULT_TIMEOUT_US;
  if (place->remote_command == NULL) {
    const struct oha_probe_opts opts = {
      .size = sizeof(opts), .target = *target, .timeout_us = timeout_us, .retransmit = true
    };

    return oha_probe(ctx, &opts, out, err);
  }
  return probe_remote(ctx, place, target, timeout_us, out, err);
}
