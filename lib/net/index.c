/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/index.h"
#include "base/mem.h"

#define N_BUCKETS_FIRST 64

bool oha__index_init(struct oha_index *index)
{
  *index = (struct oha_index){ .buckets = oha__calloc(N_BUCKETS_FIRST, sizeof(void *)),
                               .n_buckets = N_BUCKETS_FIRST };
  return index->buckets != NULL;
}

void oha__index_clear(struct oha_index *index)
{
  oha__free(index->buckets);
  *index = (struct oha_index){ 0 };
}

static void put(struct oha_index_node **bucket, struct oha_index_node *node)
{
  node->next = *bucket;
  node->pprev = bucket;
  if (node->next != NULL)
    node->next->pprev = &node->next;
  *bucket = node;
}

static void grow(struct oha_index *index)
{
  size_t n_bigger = index->n_buckets * 2;
  struct oha_index_node **bigger = oha__calloc(n_bigger, sizeof(void *));

  if (bigger == NULL)
    return;
  for (size_t i = 0; i < index->n_buckets; i++)
    for (struct oha_index_node *node = index->buckets[i], *next; node != NULL; node = next) {
      next = node->next;
      put(&bigger[node->hash & (n_bigger - 1)], node);
    }
  oha__free(index->buckets);
  index->buckets = bigger;
  index->n_buckets = n_bigger;
}

void oha__index_add(struct oha_index *index, struct oha_index_node *node, uint64_t hash)
{
  if (index->n >= index->n_buckets)
    grow(index);
  node->hash = hash;
  put(&index->buckets[hash & (index->n_buckets - 1)], node);
  index->n++;
}

void oha__index_remove(struct oha_index *index, struct oha_index_node *node)
{
  if (node->pprev == NULL)
    return;
  *node->pprev = node->next;
  if (node->next != NULL)
    node->next->pprev = node->pprev;
  node->next = NULL;
  node->pprev = NULL;
  index->n--;
}

static struct oha_index_node *first_with(struct oha_index_node *node, uint64_t hash)
{
  while (node != NULL && node->hash != hash)
    node = node->next;
  return node;
}

struct oha_index_node *oha__index_find(const struct oha_index *index, uint64_t hash)
{
  return first_with(index->buckets[hash & (index->n_buckets - 1)], hash);
}

struct oha_index_node *oha__index_more(const struct oha_index_node *node)
{
  return first_with(node->next, node->hash);
}
