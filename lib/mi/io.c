/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "mi/client.h"

#include <errno.h>
#include <poll.h>

#define SLICE_MS 250 /* until a cancellation by another thread is seen */

enum oha_rc oha__mi_wait(struct oha_ctx *ctx, int fd, short events, struct oha_mono deadline,
                         struct oha_error *err)
{
  struct pollfd p = { .fd = fd, .events = events };

  for (;;) {
    int left_ms = oha_poll_ms(oha_now_mono(ctx), deadline), n;

    if (oha__cancelled(ctx))
      return oha__fail(err, OHA_E_CANCELLED, "cancelled");
    n = poll(&p, 1, left_ms < SLICE_MS ? left_ms : SLICE_MS);
    if (n > 0)
      return OHA_OK;
    if (n < 0 && errno != EINTR)
      return oha__fail_errno(err, OHA_E_IO, errno, "poll");
    if (left_ms == 0)
      return OHA_E_TIMEOUT;
  }
}

enum oha_rc oha__mi_fail_over_cap(const struct oha_mi *mi, struct oha_error *err)
{
  return oha__fail(err, OHA_E_NOSPACE, "the reply is longer than %zu bytes", mi->cap_bytes);
}

enum oha_rc oha__mi_room(struct oha_mi *mi, size_t n, struct oha_error *err)
{
  void *array = mi->bytes;

  if (mi->n_bytes > mi->cap_bytes)
    return oha__mi_fail_over_cap(mi, err);
  if (!oha__grow(&array, &mi->room_bytes, mi->n_bytes + n, 1))
    return oha__fail_nomem(err);
  mi->bytes = array;
  return OHA_OK;
}
