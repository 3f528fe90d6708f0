/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_CLUSTER_LOAD_H
#define OHA_CONFIG_CLUSTER_LOAD_H
#include <opensips-ha/cluster.h>

#include <sys/stat.h>

/* oha_cluster_load() of a text that has been read from @p path; @p st says what kind of file it was, or NULL.
 */
OHA_NODISCARD enum oha_rc oha__cluster_of_text(struct oha_ctx *ctx, const char *path, const char *text,
                                               size_t n, const struct stat *st,
                                               oha_cluster_problem_fn *problem, void *arg,
                                               struct oha_cluster **out, struct oha_error *err);

#endif
