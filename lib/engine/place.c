/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/place.h"
#include "engine/answer.h"
#include "engine/remote.h"
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_TIMEOUT_US (5 * OHA_US_PER_S)
#define ADDR_PREFIX_SIZE   (OHA_ADDR_SIZE + 4)

enum oha_rc oha__place_call(struct oha_ctx *ctx, const struct oha_place *place, const char *const *verb,
                            int64_t extra_us, int n_good, json_t **answer, struct oha_error *err)
{
  const struct oha_remote_opts opts = {
    .size = sizeof(opts),
    .name = place->name,
    .remote_command = place->remote_command,
    .verb = verb,
    .timeout_us = (place->timeout_us > 0 ? place->timeout_us : DEFAULT_TIMEOUT_US) + extra_us
  };
  int exit_code;
  enum oha_rc rc = oha__remote_call(ctx, &opts, &exit_code, answer, NULL, err);

  if (rc != OHA_OK || exit_code < n_good)
    return rc;
  rc = oha__remote_failure(*answer, exit_code, err);
  json_decref(*answer);
  *answer = NULL;
  oha__prefix(err, "node %s: ", place->name);
  return rc;
}

/* `vip ACTION ADDRESS` over there; what its answer says about the address. */
static enum oha_rc vip_call(struct oha_ctx *ctx, const struct oha_place *place, const char *action,
                            const struct oha_vip_spec *spec, const char *was_key, struct oha__vip_row *row,
                            struct oha_error *err)
{
  char address[ADDR_PREFIX_SIZE], interface[sizeof(spec->interface_) + 1];
  const char *verb[] = { "vip", action, address, NULL, NULL, NULL };
  json_t *answer;
  enum oha_rc rc;

  oha_addr_format(&spec->addr, address);
  if (was_key != NULL) {
    size_t n = strlen(address);
    int bits = spec->prefix_bits != 0 ? spec->prefix_bits : spec->addr.family == 4 ? 32 : 128;

    snprintf(address + n, sizeof(address) - n, "/%d", bits);
    snprintf(interface, sizeof(interface), "%.*s", (int)sizeof(spec->interface_), spec->interface_);
    verb[3] = interface[0] != '\0' ? "--interface" : NULL;
    verb[4] = interface;
  }
  rc = oha__place_call(ctx, place, verb, 0, 1, &answer, err);
  if (rc != OHA_OK)
    return rc;
  rc = oha__answer_vip(answer, &spec->addr, was_key, row, err);
  json_decref(answer);
  if (rc != OHA_OK)
    oha__prefix(err, "node %s: ", place->name);
  return rc;
}

static enum oha_rc check_args(const struct oha_ctx *ctx, const struct oha_place *place,
                              const struct oha_vip_spec *spec, bool *out, struct oha_error *err)
{
  if (out != NULL)
    *out = false;
  if (ctx == NULL || place == NULL || spec == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_place: NULL");
  return OHA_OK;
}

enum oha_rc oha_place_vip_is_here(struct oha_ctx *ctx, const struct oha_place *place,
                                  const struct oha_vip_spec *spec, bool *here, struct oha_error *err)
{
  struct oha__vip_row row;
  enum oha_rc rc = check_args(ctx, place, spec, here, err);

  if (rc != OHA_OK)
    return rc;
  if (place->remote_command == NULL)
    return oha_vip_is_here(ctx, &spec->addr, here, NULL, err);
  rc = vip_call(ctx, place, "show", spec, NULL, &row, err);
  *here = rc == OHA_OK && row.here;
  return rc;
}

/* Add or del: what its exit code claims must be what its row shows. */
static enum oha_rc change(struct oha_ctx *ctx, const struct oha_place *place, const char *action,
                          const struct oha_vip_spec *spec, const char *was_key, bool want_here, bool *was,
                          struct oha_error *err)
{
  struct oha__vip_row row;
  enum oha_rc rc = vip_call(ctx, place, action, spec, was_key, &row, err);

  if (rc == OHA_OK && row.here != want_here)
    rc = oha__fail(err, OHA_E_PROTOCOL, "node %s: vip %s says that it succeeded, but the address is %s",
                   place->name, action, row.here ? "still there" : "not there");
  *was = rc == OHA_OK && row.was;
  return rc;
}

enum oha_rc oha_place_vip_add(struct oha_ctx *ctx, const struct oha_place *place,
                              const struct oha_vip_spec *spec, bool *already, struct oha_error *err)
{
  bool unused;
  enum oha_rc rc = check_args(ctx, place, spec, already == NULL ? &unused : already, err);

  if (rc != OHA_OK)
    return rc;
  if (place->remote_command == NULL)
    return oha_vip_add(ctx, spec, already, err);
  return change(ctx, place, "add", spec, "already", true, already == NULL ? &unused : already, err);
}

enum oha_rc oha_place_vip_del(struct oha_ctx *ctx, const struct oha_place *place,
                              const struct oha_vip_spec *spec, bool *was_here, struct oha_error *err)
{
  bool unused;
  enum oha_rc rc = check_args(ctx, place, spec, was_here == NULL ? &unused : was_here, err);

  if (rc != OHA_OK)
    return rc;
  if (place->remote_command == NULL)
    return oha_vip_del(ctx, spec, was_here, err);
  return change(ctx, place, "del", spec, "was_here", false, was_here == NULL ? &unused : was_here, err);
}
