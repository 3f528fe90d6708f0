/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine.h"

/* From whatever interface has it: an address that stays because the cluster file names another one would be
 * an address with two owners. */
static enum oha_rc release(struct oha_ctx *ctx, const struct oha_place *place, const struct oha_vip_spec *vip,
                           bool *was_here, struct oha_error *err)
{
  struct oha_vip_spec anywhere = *vip;

  anywhere.interface_[0] = '\0';
  return oha_place_vip_del(ctx, place, &anywhere, was_here, err);
}

/* The kernel's addresses are all the state there is: nothing takes an address back by itself. */
const struct oha__engine_ops oha__engine_native = {
  .kind = OHA_ENGINE_NATIVE,
  .observe = oha_place_vip_is_here,
  .acquire = oha_place_vip_add,
  .release = release,
};
