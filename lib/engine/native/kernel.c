/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel has, for callers: every address, one address, the interface of a network. */
#include "engine/native/addrs.h"
#include "base/error.h"

#include <string.h>

enum oha_rc oha_addrs_each(struct oha_ctx *ctx, oha_vip_fn *fn, void *arg, struct oha_error *err)
{
  struct oha__addrs addrs;
  enum oha_rc rc;

  if (ctx == NULL || fn == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_addrs_each: NULL");
  rc = oha__addrs_snapshot(ctx, &addrs, err);
  for (size_t i = 0; rc == OHA_OK && i < addrs.n_addrs; i++)
    rc = fn(arg, &addrs.addrs[i].holding);
  oha__addrs_clear(&addrs);
  return rc == OHA_END ? OHA_OK : rc;
}

enum oha_rc oha_vip_is_here(struct oha_ctx *ctx, const struct oha_addr *addr, bool *here,
                            struct oha_vip_holding *holding, struct oha_error *err)
{
  struct oha__addrs addrs;
  const struct oha__link_addr *found = NULL;
  enum oha_rc rc;

  if (here != NULL)
    *here = false;
  if (holding != NULL)
    memset(holding, 0, sizeof(*holding));
  if (ctx == NULL || addr == NULL || here == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_vip_is_here: NULL");
  rc = oha__addrs_snapshot(ctx, &addrs, err);
  if (rc == OHA_OK)
    found = oha__addrs_find(&addrs, addr, 0);
  if (found != NULL) {
    *here = true;
    if (holding != NULL)
      *holding = found->holding;
  }
  oha__addrs_clear(&addrs);
  return rc;
}

enum oha_rc oha_vip_interface_for(struct oha_ctx *ctx, const struct oha_addr *addr, char interface_[16],
                                  struct oha_error *err)
{
  struct oha_vip_spec spec = { .interface_ = "" };
  struct oha__addrs addrs;
  const struct oha__link *link;
  enum oha_rc rc;

  if (interface_ != NULL)
    interface_[0] = '\0';
  if (ctx == NULL || addr == NULL || interface_ == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_vip_interface_for: NULL");
  spec.addr = *addr;
  rc = oha__addrs_snapshot(ctx, &addrs, err);
  if (rc == OHA_OK)
    rc = oha__addrs_pick(&addrs, &spec, &link, err);
  if (rc == OHA_OK)
    memcpy(interface_, link->name, sizeof(link->name));
  oha__addrs_clear(&addrs);
  return rc;
}
