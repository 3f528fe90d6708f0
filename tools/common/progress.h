/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_PROGRESS_H
#define COMMON_PROGRESS_H
/* One line on a terminal's standard error that is drawn again at most ten times a second. */
#include <opensips-ha/ctx.h>

#include <stdbool.h>
#include <stdint.h>

struct progress {
  const struct oha_ctx *ctx;
  bool wanted, drawn;
  struct oha_mono began, last;
};

/** @p quiet: draw nothing. Nor is anything drawn when stderr is no terminal. */
void progress_begin(struct progress *p, const struct oha_ctx *ctx, bool quiet);

/** "what: done of total, 12 s left"; @p total 0 = not known. */
void progress_update(struct progress *p, const char *what, uint64_t done, uint64_t total);

/** Wipe the line. */
void progress_end(struct progress *p);

#endif
