/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_ENGINE_H
#define OHA_ENGINE_ENGINE_H
/*
 * What moves VIPs. A kind is one file with its operations and one row in engine.c. Who has an address is no
 * question to an engine, whose daemon may be dead or wrong, but to the kernel of the place:
 * oha_place_vips_are_here().
 */
#include <opensips-ha/cluster.h>
#include <opensips-ha/remote.h>

struct oha__engine_ops {
  enum oha_engine_kind kind;

  /* Make the place own them and tell the neighbours at once; *already: it did. Repeat: safe. */
  enum oha_rc (*acquire)(struct oha_ctx *ctx, const struct oha_place *place, const struct oha_vip_spec *vips,
                         size_t n, bool *already, struct oha_error *err);

  /* Make the place give them up, and not take them back by itself; *was_here: it had it. OHA_OK is the
   * place's own word that it has looked again and none is there. Repeat: safe. */
  enum oha_rc (*release)(struct oha_ctx *ctx, const struct oha_place *place, const struct oha_vip_spec *vips,
                         size_t n, bool *was_here, struct oha_error *err);
};

/* NULL: this release does not have that kind. */
const struct oha__engine_ops *oha__engine_find(enum oha_engine_kind kind);

extern const struct oha__engine_ops oha__engine_native;

#endif
