/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/ctx.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <opensips-ha/session.h>

#include <pwd.h>
#include <string.h>
#include <unistd.h>

static int64_t at_most(int64_t value_us, int64_t limit_us)
{
  return limit_us > 0 && limit_us < value_us ? limit_us : value_us;
}

enum oha_rc oha_session_open_db(struct oha_ctx *ctx, const struct oha_cluster *cluster,
                                const struct oha_session_opts *opts, struct oha_db **out,
                                struct oha_error *err)
{
  struct oha_session_opts o;
  struct oha_db_opts db;
  enum oha_rc rc;

  if (out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_session_open_db: out is NULL");
  *out = NULL;
  if (ctx == NULL || cluster == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_session_open_db: no context or no cluster");
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc != OHA_OK)
    return rc;
  if (o.host == NULL && cluster->database.n_hosts == 0)
    return oha__fail(err, OHA_E_CONFIG, "%s: the cluster has no database host", cluster->path);
  db = (struct oha_db_opts){
    .size = sizeof(db),
    .hosts = o.host != NULL ? &o.host : cluster->database.hosts,
    .n_hosts = o.host != NULL ? 1 : cluster->database.n_hosts,
    .balancer = cluster->database.balancer,
    .option_file = cluster->database.option_file,
    .group = cluster->database.group,
    .schema = cluster->database.schema,
    .need = o.need,
    .connect_timeout_us = at_most(cluster->database.connect_timeout_us, o.timeout_us),
    .read_timeout_us = at_most(cluster->database.read_timeout_us, o.timeout_us),
    .write_timeout_us = at_most(cluster->database.write_timeout_us, o.timeout_us),
  };
  return oha_db_open(ctx, &db, out, err);
}

/* A DATETIME has no zone of its own: it means the same on all nodes only if their processes have one zone. */
static enum oha_rc check_time_zones(const struct oha_cluster *cluster, struct oha_error *err)
{
  const struct oha_node *nodes = cluster->nodes;

  for (size_t i = 1; i < cluster->n_nodes; i++)
    if (strcmp(nodes[i].time_zone, nodes[0].time_zone) != 0)
      return oha__fail(
          err, OHA_E_REFUSED,
          "table %s stores expires as DATETIME, and nodes differ in time_zone: %s has %s, %s has %s",
          cluster->database.table, nodes[0].name, nodes[0].time_zone, nodes[i].name, nodes[i].time_zone);
  return OHA_OK;
}

enum oha_rc oha_session_open_location(struct oha_db *db, const struct oha_cluster *cluster,
                                      struct oha_location **out, struct oha_error *err)
{
  struct oha_location_opts o;
  struct oha_location *location = NULL;
  enum oha_rc rc;

  if (out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_session_open_location: out is NULL");
  *out = NULL;
  if (db == NULL || cluster == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_session_open_location: no database or no cluster");
  o = (struct oha_location_opts){
    .size = sizeof(o),
    .schema = cluster->database.schema,
    .table = cluster->database.table,
    .version_table = cluster->database.version_table,
    .column_keys = cluster->database.column_keys,
    .column_names = cluster->database.column_names,
    .n_columns = cluster->database.n_columns,
    .use_domain = cluster->database.use_domain,
    .time_zone = cluster->n_nodes > 0 ? cluster->nodes[0].time_zone : NULL,
  };
  rc = oha_location_open(db, &o, &location, err);
  if (rc == OHA_OK && oha_location_dialect(location)->expires_is_datetime)
    rc = check_time_zones(cluster, err);
  if (rc != OHA_OK) {
    oha_location_close(location);
    return rc;
  }
  *out = location;
  return OHA_OK;
}

char *oha_session_actor(char buf[OHA_ACTOR_SIZE])
{
  struct oha_sbuf b;
  struct passwd pw, *found = NULL;
  char pw_text[1024], host[80];

  if (gethostname(host, sizeof(host)) != 0)
    memcpy(host, "?", 2);
  host[sizeof(host) - 1] = '\0';
  oha__sbuf_init(&b, buf, OHA_ACTOR_SIZE);
  if (getpwuid_r(getuid(), &pw, pw_text, sizeof(pw_text), &found) == 0 && found != NULL)
    oha__sbuf_printf(&b, "%.40s@%s", found->pw_name, host);
  else
    oha__sbuf_printf(&b, "uid%u@%s", (unsigned)getuid(), host);
  return buf;
}

enum oha_rc oha_session_open_journal(struct oha_ctx *ctx, const struct oha_cluster *cluster,
                                     struct oha_db *db, const struct oha_session_opts *opts,
                                     struct oha_journal **out, struct oha_error *err)
{
  struct oha_session_opts o;
  struct oha_journal_opts journal;
  char actor[OHA_ACTOR_SIZE], holder[OHA_ACTOR_SIZE + 16];
  struct oha_sbuf b;
  enum oha_rc rc;

  if (out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_session_open_journal: out is NULL");
  *out = NULL;
  if (ctx == NULL || cluster == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_session_open_journal: no context or no cluster");
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc != OHA_OK)
    return rc;
  oha__sbuf_init(&b, holder, sizeof(holder));
  oha__sbuf_printf(&b, "%s/%ld", oha_session_actor(actor), (long)getpid());
  journal = (struct oha_journal_opts){
    .size = sizeof(journal),
    .cluster = cluster->name,
    .state_dir = o.state_dir,
    .holder = o.holder != NULL ? o.holder : holder,
    .lease_ttl_us = cluster->thresholds.lease_ttl_us,
  };
  return oha_journal_open(ctx, db, &journal, out, err);
}
