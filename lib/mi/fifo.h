/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_FIFO_H
#define OHA_MI_FIFO_H
/* The FIFO that a server reads its requests from. */
#include <opensips-ha/ctx.h>
#include "base/span.h"

#include <sys/stat.h>

#define OHA_FIFO_REQUEST_MAX                                                                                 \
  4096 /* one read(2) of OpenSIPS, and PIPE_BUF: what is no longer is not torn apart */

/*
 * Open it for writing. Returns OHA_OK; OHA_E_UNAVAILABLE there is none, or nobody reads it; OHA_E_DENIED;
 * OHA_E_CONFIG it is no FIFO.
 */
OHA_NODISCARD enum oha_rc oha__fifo_open(const char *path, int *fd, struct stat *st, struct oha_error *err);

/* Write a whole request at once. OHA_OK; OHA_E_TIMEOUT; OHA_E_UNAVAILABLE; OHA_E_CANCELLED; OHA_E_IO */
OHA_NODISCARD enum oha_rc oha__fifo_write(struct oha_ctx *ctx, int fd, struct oha_span request,
                                          struct oha_mono deadline, struct oha_error *err);

#endif
