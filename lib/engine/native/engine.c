/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine.h"
#include "base/error.h"
#include "base/mem.h"

/* From whatever interface has them: an address that stays because the cluster file names another one would be
 * an address with two owners. */
static enum oha_rc release(struct oha_ctx *ctx, const struct oha_place *place,
                           const struct oha_vip_spec *vips, size_t n, bool *was_here, struct oha_error *err)
{
  struct oha_vip_spec *anywhere = oha__calloc(n, sizeof(*anywhere));
  enum oha_rc rc;

  if (anywhere == NULL)
    return oha__fail_nomem(err);
  for (size_t i = 0; i < n; i++) {
    anywhere[i] = vips[i];
    anywhere[i].interface_[0] = '\0';
  }
  rc = oha_place_vips_del(ctx, place, anywhere, n, was_here, err);
  oha__free(anywhere);
  return rc;
}

/* The kernel's addresses are all the state there is: nothing takes an address back by itself. */
const struct oha__engine_ops oha__engine_native = {
  .kind = OHA_ENGINE_NATIVE,
  .acquire = oha_place_vips_add,
  .release = release,
};
