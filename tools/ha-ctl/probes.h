/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_PROBES_H
#define HA_CTL_PROBES_H
/* Many SIP probes at once, and how one is shown. */
#include "app.h"

#include <opensips-ha/probe.h>

struct probe_item {
  struct oha_sock target;
  bool asked; /* false: this protocol, or a name, cannot be probed */
  struct oha_probe_result result;
};

/** Can a probe be sent there? UDP, TCP or TLS to an address and a port. */
bool probe_is_possible(const struct oha_sock *target);

/** Probe all items at once and wait for the last answer. @return OHA_OK (also when nobody answers) */
OHA_NODISCARD enum oha_rc probes_run(struct app *app, struct probe_item *items, size_t n, int64_t timeout_us,
                                     struct oha_error *err);

/** "alive", "timeout" ... in its colour; "?" when it was not asked. */
void show_probe_end(struct out *o, const char *key, const char *title, const struct probe_item *item);

/** A record of `peers`. */
void show_peer(struct out *o, const struct probe_item *item);

#endif
