/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_INDEX_H
#define OHA_NET_INDEX_H
/*
 * A hash table of nodes that live in somebody else's structs. The caller hashes, and compares what it finds.
 * When it cannot grow it gets slower, not wrong.
 */
#include "base/span.h"

struct oha_index_node {
  uint64_t hash;
  struct oha_index_node *next, **pprev;
};

struct oha_index {
  struct oha_index_node **buckets;
  size_t n_buckets; /* a power of two */
  size_t n;
};

/* False when out of memory. */
bool oha__index_init(struct oha_index *index);
void oha__index_clear(struct oha_index *index); /* the nodes are left alone */

void oha__index_add(struct oha_index *index, struct oha_index_node *node, uint64_t hash);
void oha__index_remove(struct oha_index *index, struct oha_index_node *node);

/* The first node with that hash, and the next one; NULL = no more. */
struct oha_index_node *oha__index_find(const struct oha_index *index, uint64_t hash);
struct oha_index_node *oha__index_more(const struct oha_index_node *node);

#endif
