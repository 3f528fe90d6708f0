/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_THERE_H
#define OHA_TESTS_THERE_H
/* A runner that plays the other machine: it keeps what it was asked to run, and gives one canned answer. */
#include <opensips-ha/ctx.h>

#define OPEN "{\"schema\":\"opensips-ha/1\","

struct there {
  enum oha_rc rc; /* of the runner */
  int exit_status;
  bool truncated;
  const char *out, *err_out;
  char argv[512]; /* what was run, words in blanks */
  int64_t timeout_us;
  unsigned n_calls;
};

/* A context whose programs all run there; @p t must outlive it. */
struct oha_ctx *there_ctx(struct there *t);

#endif
