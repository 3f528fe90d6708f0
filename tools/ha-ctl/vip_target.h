/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_VIP_TARGET_H
#define HA_CTL_VIP_TARGET_H
/* What `vip show|add|del NAME|ADDRESS[/PREFIX]...` speaks of. */
#include "app.h"

#include <opensips-ha/vip.h>

#define VIP_WORDS_MAX 64

struct vip_target {
  const struct oha_vip *vip; /* of the cluster file; NULL = none has this address */
  struct oha_vip_spec spec;
};

/**
 * Understand the verb's argument. A name needs the cluster file. An address does not: it must be possible to
 * take it from a machine whose cluster file is broken or gone, so a file that cannot be read is as good as
 * none.
 *
 * @return 0, or the exit code of the failure, reported
 */
int vip_target_parse(struct app *app, const char *text, struct vip_target *out);

/** The name of this machine's node: --node, or by the cluster file; NULL = none. */
const char *vip_node_name(const struct app *app);

/**
 * May it be done? Yes with --yes, --dry-run, or --node, whose name was compared with this machine's identity;
 * else the operator types the node's name.
 *
 * @return 0, or the exit code, reported
 */
int vip_confirm(struct app *app, const struct vip_target *target, const char *deed);

/** The fields of a record of `vips` that all verbs share; the caller adds `here`. */
void vip_record(struct app *app, const char *name, const struct oha_addr *addr, int prefix_bits,
                const char *interface_, const char *node);

#endif
