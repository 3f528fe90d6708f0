/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_CLUSTER_MODEL_H
#define OHA_CONFIG_CLUSTER_MODEL_H
/* The memory behind a struct oha_cluster, and building one. */
#include "config/arena.h"
#include "config/cluster_conf.h"
#include "config/cluster_problem.h"

/* What oha_cluster_free() frees: the public part comes first. */
struct oha_model {
  struct oha_cluster cluster;
  struct oha_arena arena;
};

/*
 * Read the options of a file whose names are all right (cluster_schema.h) into the model; what a value must
 * look like by itself is checked here. Each section has its place in the model, in order, whatever is wrong
 * with it: what could not be read is zero or "".
 */
void oha__model_build(struct oha_model *m, const struct oha_conf_sec *root, struct oha_problems *p);

/* The rules between values. Sections of @p root and arrays of the model correspond one to one. */
void oha__model_check(struct oha_model *m, const struct oha_conf_sec *root, struct oha_problems *p);

/* Words of the file for an enum; NULL where a number has none. */
extern const char *const oha__rewrite_words[], *const oha__engine_words[], *const oha__mode_words[];
#define OHA_N_REWRITE_WORDS 3
#define OHA_N_ENGINE_WORDS  4
#define OHA_N_MODE_WORDS    7

#endif
