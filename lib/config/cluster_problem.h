/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_CLUSTER_PROBLEM_H
#define OHA_CONFIG_CLUSTER_PROBLEM_H
/* Remarks about a cluster file: collected while it is read and checked, told in the order of its lines. */
#include <opensips-ha/cluster.h>

struct oha_problem {
  enum oha_problem_level level;
  int line;
  size_t seq; /* order of finding, for remarks on one line */
  char *text;
};

struct oha_problems {
  struct oha_problem *all;
  size_t n, cap, n_errors;
  bool nomem; /* sticks: some were not kept */
};

void oha__problem_add(struct oha_problems *p, enum oha_problem_level level, int line, const char *fmt, ...)
    OHA_PRINTF(4, 5);

/*
 * Hand all of them to @p fn (NULL: warnings and notes go to the log of @p ctx) and forget them.
 * OHA_OK without an error among them; OHA_E_CONFIG, err->text is "path:line: " and the first; OHA_E_NOMEM.
 */
OHA_NODISCARD enum oha_rc oha__problems_tell(struct oha_problems *p, const struct oha_ctx *ctx,
                                             const char *path, oha_cluster_problem_fn *fn, void *arg,
                                             struct oha_error *err);

void oha__problems_clear(struct oha_problems *p);

#endif
