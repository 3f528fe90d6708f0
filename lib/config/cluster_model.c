/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cluster_model.h"

#include "base/error.h"
#include "base/mem.h"

#include <string.h>

const char *const oha__rewrite_words[OHA_N_REWRITE_WORDS] = {
  [OHA_REWRITE_AUTO] = "auto",
  [OHA_REWRITE_NEVER] = "never",
  [OHA_REWRITE_DIRECT] = "direct",
};

const char *const oha__engine_words[OHA_N_ENGINE_WORDS] = {
  [OHA_ENGINE_NATIVE] = "native",
  [OHA_ENGINE_KEEPALIVED] = "keepalived",
  [OHA_ENGINE_PACEMAKER] = "pacemaker",
  [OHA_ENGINE_COMMAND] = "command",
};

/* working_mode_preset of module usrloc, OpenSIPS 2.4 and later. */
const char *const oha__mode_words[OHA_N_MODE_WORDS] = {
  [OHA_MODE_SQL_ONLY] = "sql-only",
  [OHA_MODE_WRITE_THROUGH] = "single-instance-sql-write-through",
  [OHA_MODE_WRITE_BACK] = "single-instance-sql-write-back",
  [OHA_MODE_NO_DB] = "single-instance-no-db",
  [OHA_MODE_FULL_SHARING] = "full-sharing-cluster",
  [OHA_MODE_FULL_SHARING_CACHEDB] = "full-sharing-cachedb-cluster",
  [OHA_MODE_FEDERATION_CACHEDB] = "federation-cachedb-cluster",
};

static const char *word(const char *const *words, size_t n, unsigned i)
{
  return i < n ? words[i] : "?";
}

const char *oha_rewrite_policy_name(enum oha_rewrite_policy policy)
{
  return word(oha__rewrite_words, OHA_N_REWRITE_WORDS, policy);
}

const char *oha_engine_name(enum oha_engine_kind kind)
{
  return word(oha__engine_words, OHA_N_ENGINE_WORDS, kind);
}

const char *oha_working_mode_name(enum oha_working_mode mode)
{
  return word(oha__mode_words, OHA_N_MODE_WORDS, mode);
}

const char *oha_answer_name(enum oha_answer answer)
{
  static const char *const words[] = { "unknown", "no", "yes" };

  return word(words, sizeof(words) / sizeof(words[0]), answer);
}

void oha_cluster_free(struct oha_cluster *cluster)
{
  struct oha_model *m = (struct oha_model *)cluster; /* its first member */

  if (m == NULL)
    return;
  oha__arena_clear(&m->arena);
  oha__free(m);
}

const struct oha_node *oha_cluster_node(const struct oha_cluster *cluster, const char *name)
{
  for (size_t i = 0; name != NULL && i < cluster->n_nodes; i++)
    if (strcmp(cluster->nodes[i].name, name) == 0)
      return &cluster->nodes[i];
  return NULL;
}

enum oha_rc oha_cluster_time_zone(const struct oha_cluster *cluster, const char **out, struct oha_error *err)
{
  const struct oha_node *nodes = cluster->nodes;

  *out = NULL;
  for (size_t i = 1; i < cluster->n_nodes; i++)
    if (strcmp(nodes[i].time_zone, nodes[0].time_zone) != 0)
      return oha__fail(err, OHA_E_REFUSED,
                       "time_zone of node %s is %s, of node %s %s: a DATETIME column that both write has no "
                       "one meaning",
                       nodes[0].name, nodes[0].time_zone, nodes[i].name, nodes[i].time_zone);
  *out = nodes[0].time_zone;
  return OHA_OK;
}
