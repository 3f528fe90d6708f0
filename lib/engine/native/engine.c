/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine.h"

/* The kernel's addresses are all the state there is: nothing takes an address back by itself. */
const struct oha__engine_ops oha__engine_native = {
  .kind = OHA_ENGINE_NATIVE,
  .observe = oha_place_vip_is_here,
  .acquire = oha_place_vip_add,
  .release = oha_place_vip_del,
};
