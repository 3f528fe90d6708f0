/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define REDRAW_US (100 * OHA_US_PER_MS)

void progress_begin(struct progress *p, const struct oha_ctx *ctx, bool quiet)
{
  *p = (struct progress){ .ctx = ctx, .wanted = !quiet && isatty(STDERR_FILENO) == 1 };
  p->began = p->last = oha_now_mono(ctx);
}

void progress_update(struct progress *p, const char *what, uint64_t done, uint64_t total)
{
  struct oha_mono now;
  char left[OHA_DURATION_SIZE];

  if (!p->wanted)
    return;
  now = oha_now_mono(p->ctx);
  if (oha_mono_diff_us(now, p->last) < REDRAW_US)
    return;
  p->last = now;
  p->drawn = true;
  if (total == 0 || done == 0 || done > total) {
    fprintf(stderr, "\r%s: %" PRIu64 "\033[K", what, done);
    return;
  }
  oha_duration_format(
      (int64_t)((double)oha_mono_diff_us(now, p->began) / (double)done * (double)(total - done)), left);
  fprintf(stderr, "\r%s: %" PRIu64 " of %" PRIu64 ", %s left\033[K", what, done, total, left);
}

void progress_end(struct progress *p)
{
  if (p->drawn)
    fputs("\r\033[K", stderr);
  p->drawn = false;
}
