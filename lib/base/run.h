/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_BASE_RUN_H
#define OHA_BASE_RUN_H
#include <opensips-ha/run.h>

/* The runner used when the caller gives none: posix_spawn(3); @p arg is the struct oha_ctx. */
enum oha_rc oha__run_spawn(void *arg, const struct oha_run_opts *opts, struct oha_run_result *result,
                           struct oha_error *err);

#endif
