/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <opensips-ha/location.h>
#include "base/ctx.h"
#include "base/error.h"
#include "location/location.h"

#include <string.h>

struct pass {
  const struct oha_move *move;
  enum oha_flavour flavour;
  struct oha_wall now;
  bool show_expired;
  oha_reach_fn *fn;
  void *arg;
  struct oha_reach_sum sum;
};

static enum oha_rc on_binding(void *arg, const struct oha_binding *binding)
{
  struct pass *p = arg;
  bool never;
  enum oha_reach reach = oha_reach_of(p->move, p->flavour, binding, p->now, &never);

  oha_reach_add(&p->sum, reach, never, binding, p->now);
  if (p->fn == NULL || (reach == OHA_REACH_EXPIRED && !p->show_expired))
    return OHA_OK;
  return p->fn(p->arg, binding, reach, never);
}

enum oha_rc oha_reach_scan(struct oha_location *location, const struct oha_move *move,
                           const struct oha_location_filter *filter, oha_reach_fn *fn, void *arg,
                           struct oha_reach_sum *sum, struct oha_error *err)
{
  struct pass p = { .move = move, .fn = fn, .arg = arg };
  struct oha_location_filter f;
  uint64_t n_bad = 0, *also_n_bad;
  enum oha_rc rc;

  if (sum != NULL)
    memset(sum, 0, sizeof(*sum));
  if (location == NULL || move == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_reach_scan: NULL");
  if ((rc = oha__opts_take(&f, filter, sizeof(f), err)) != OHA_OK)
    return rc;
  p.flavour = location->dialect.flavour;
  p.now = oha_now_wall(oha__db_ctx(location->db));
  p.show_expired = f.include_expired;
  also_n_bad = f.n_bad;
  f.n_bad = &n_bad;
  f.include_expired = true; /* they are counted in the sum */
  f.columns |= OHA_BINDING_REACH;
  rc = oha_location_each(location, &f, on_binding, &p, err);
  p.sum.n_bad = n_bad;
  if (also_n_bad != NULL)
    *also_n_bad += n_bad;
  if (sum != NULL)
    *sum = p.sum;
  return rc;
}
