/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_SIM_WORLD_H
#define OHA_TESTS_SIM_WORLD_H
/*
 * Two nodes that exist only in shared memory, so that a plan can be run, killed in a child process, and
 * looked at from outside. They are reached through a runner in place of posix_spawn(3); what answers SIP for
 * them is a responder on loopback.
 */
#include <opensips-ha/ctx.h>

#include <stdbool.h>
#include <stdint.h>

struct sim_node {
  bool power; /* off: its remote_command is out of reach */
  bool has_vip;
  bool has_adopted;
  bool refuses_vip; /* vip add fails there */
  bool keeps_vip;   /* vip del fails there */
};

struct sim_world {
  struct sim_node a, b;
  bool fence_works;
  unsigned n_fenced, n_changes;
  unsigned n_both;  /* how often a change left two owners */
  char trace[2048]; /* "a-vip b+vip ..." in the order of changes */
};

/** The world of this process and its children. */
struct sim_world *sim_world(void) __attribute__((returns_nonnull));

/** Where the responder listens: differs from process to process, so that two tests may run at once. */
uint16_t sim_port(void);

/** A holds the VIP, both have power, nothing is traced. */
void sim_reset(void);

/** The runner for oha_ctx_opts. */
enum oha_rc sim_run(void *arg, const struct oha_run_opts *opts, struct oha_run_result *result,
                    struct oha_error *err);

/** Answer OPTIONS at 127.0.0.PORTs of A (only while it has power) and B, and at the VIP; false: no sockets.
 */
bool sim_start_responder(void);
void sim_stop_responder(void);

#endif
