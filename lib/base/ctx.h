/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_BASE_CTX_H
#define OHA_BASE_CTX_H
#include <opensips-ha/ctx.h>

#include <signal.h>

struct oha_ctx {
  oha_log_fn *log;
  void *log_arg;
  enum oha_log_level log_level;
  struct oha_clock_ops clock;
  oha_run_fn *run;
  void *run_arg;
  volatile sig_atomic_t cancelled;
  bool cancel_waits;
};

/* One line to the caller's log; nothing when there is none or the level is off. */
void oha__log(const struct oha_ctx *ctx, enum oha_log_level level, const char *module, const char *fmt, ...)
    OHA_PRINTF(4, 5);

/* Asked to stop, and not told to wait with it. */
bool oha__cancelled(const struct oha_ctx *ctx);

/* While @p on, a cancel is kept and not acted on: for what must be finished, or taken back, first. */
void oha__cancel_wait(struct oha_ctx *ctx, bool on);

/* Sleep on the context's clock; returns early when a signal comes. */
void oha__sleep(const struct oha_ctx *ctx, int64_t d_us);

/*
 * Bring a caller's options into a full-size struct of ours: fields that an older caller did not know are
 * zero.
 * @p out has @p known_size bytes; its first member is the size_t size.
 */
OHA_NODISCARD enum oha_rc oha__opts_take(void *out, const void *opts, size_t known_size,
                                         struct oha_error *err);

#endif
