/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the hosts of a database show when they are compared. Pure. */
#include <opensips-ha/peer.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PAUSED_PPM_MAX 50000 /* 5 %: more, and the slowest member holds the writers */
#define QUEUE_MAX      64    /* write sets; flow control begins near gcs.fc_limit, 16 to 100 */

struct judgement {
  const struct oha_db_health *hosts;
  size_t n;
  bool balancer;
  size_t n_good; /* took our write, or (nothing tried) say that they would */
  struct oha_finding *out;
  size_t max, n_out;
  enum oha_health worst;
};

const char *oha_health_name(enum oha_health level)
{
  switch (level) {
  case OHA_HEALTH_OK:
    return "OK";
  case OHA_HEALTH_WARNING:
    return "WARNING";
  case OHA_HEALTH_CRITICAL:
    return "CRITICAL";
  case OHA_HEALTH_UNKNOWN:
    return "UNKNOWN";
  }
  return "?";
}

static int rank(enum oha_health level)
{
  static const int ranks[] = {
    [OHA_HEALTH_OK] = 0, [OHA_HEALTH_WARNING] = 1, [OHA_HEALTH_UNKNOWN] = 2, [OHA_HEALTH_CRITICAL] = 3
  };

  return (unsigned)level < sizeof(ranks) / sizeof(ranks[0]) ? ranks[level] : 2;
}

enum oha_health oha_health_worse(enum oha_health a, enum oha_health b)
{
  return rank(a) >= rank(b) ? a : b;
}

static void __attribute__((format(printf, 6, 7)))
find(struct judgement *j, enum oha_health level, const char *id, const struct oha_db_health *about,
     const char *hint, const char *fmt, ...)
{
  struct oha_finding *f;
  va_list ap;

  j->worst = oha_health_worse(j->worst, level);
  if (j->n_out++ >= j->max)
    return;
  f = &j->out[j->n_out - 1];
  memset(f, 0, sizeof(*f));
  f->level = level;
  f->id = id;
  f->hint = hint;
  if (about != NULL)
    snprintf(f->subject, sizeof(f->subject), "%s", about->host);
  va_start(ap, fmt);
  vsnprintf(f->text, sizeof(f->text), fmt, ap);
  va_end(ap);
}

/* Without a row of ours nothing can be written: then what the server says has to do. */
static bool was_refused(const struct oha_db_health *h)
{
  return h->tried && h->write_rc != OHA_OK && h->write_rc != OHA_E_SCHEMA && h->write_rc != OHA_E_DENIED;
}

static bool is_good(const struct oha_db_health *h)
{
  return h->answered && h->verdict.writable && !was_refused(h);
}

static bool is_other_server(const struct oha_db_health *a, const struct oha_db_health *b)
{
  return a->verdict.server_id != b->verdict.server_id ||
         strcmp(a->verdict.hostname, b->verdict.hostname) != 0;
}

static void judge_host(struct judgement *j, const struct oha_db_health *h)
{
  enum oha_health lost = j->n_good > 0 ? OHA_HEALTH_WARNING : OHA_HEALTH_CRITICAL;

  if (!h->answered && (h->rc == OHA_E_DENIED || h->rc == OHA_E_SCHEMA))
    find(j, OHA_HEALTH_UNKNOWN, "OHA-DB-DENIED", h, "check the account in the option file, and its grants",
         "%s: %s", h->host, h->why);
  else if (!h->answered)
    find(j, lost, "OHA-DB-DOWN", h, "start it, or take it out of database { hosts }",
         "%s does not answer: %s", h->host, h->why);
  else if (was_refused(h))
    find(j, lost, h->verdict.galera ? "OHA-DB-STALE" : "OHA-DB-WRITE", h, "look at its error log",
         "%s says that it can be written, and a write to it fails: %s", h->host, h->why);
  else if (h->verdict.galera && !h->verdict.primary)
    find(j, lost, "OHA-DB-NO-QUORUM", h, "bring it back to the Primary component", "%s: %s", h->host,
         h->verdict.why);
  else if (h->verdict.galera && !h->verdict.writable)
    find(j, lost, "OHA-DB-OUT", h, "undo the setting when the work on it is done", "%s takes no writes: %s",
         h->host, h->verdict.why);
  else if (h->tried && h->write_rc == OHA_E_SCHEMA)
    find(j, OHA_HEALTH_WARNING, "OHA-DB-NO-BEAT", h, "ha-ctl tables create",
         "%s: no row of ours can be written: %s", h->host, h->why);
  else if (h->tried && h->write_rc == OHA_E_DENIED)
    find(j, OHA_HEALTH_UNKNOWN, "OHA-DB-DENIED", h, "grant INSERT, UPDATE, SELECT on opensips_ha_beat",
         "%s: %s", h->host, h->why);
  if (h->flow_paused_ppm > PAUSED_PPM_MAX)
    find(j, OHA_HEALTH_WARNING, "OHA-DB-FLOW", h,
         "find the slowest member; FLUSH STATUS starts the count anew",
         "%s: writers are held %" PRId64 ".%" PRId64 " %% of the time (wsrep_flow_control_paused)", h->host,
         h->flow_paused_ppm / 10000, h->flow_paused_ppm / 1000 % 10);
  if (h->recv_queue > QUEUE_MAX)
    find(j, OHA_HEALTH_WARNING, "OHA-DB-QUEUE", h, "it is behind: find out what it waits for",
         "%s: %" PRId64 " write sets wait to be applied (wsrep_local_recv_queue)", h->host, h->recv_queue);
  if (h->lag_tried && h->lag_us < 0)
    find(j, OHA_HEALTH_WARNING, "OHA-DB-LAG", h, "SHOW REPLICA STATUS there tells why",
         "%s is behind, or does not replicate: what the primary has did not arrive in time", h->host);
}

/* Two hosts that both take writes must be of one Galera cluster and one membership, or else be one server. */
static void compare_two(struct judgement *j, const struct oha_db_health *a, const struct oha_db_health *b)
{
  const struct oha_db_verdict *x = &a->verdict, *y = &b->verdict;

  if (!is_good(a) || !is_good(b) || (!x->galera && !y->galera && !is_other_server(a, b)))
    return;
  if (x->galera != y->galera || (x->galera && strcmp(x->cluster_uuid, y->cluster_uuid) != 0))
    find(j, OHA_HEALTH_CRITICAL, "OHA-DB-SPLIT", NULL, "stop writing to one of them, then rejoin it",
         "%s and %s both take writes and are not of one Galera cluster: registrations diverge", a->host,
         b->host);
  else if (!x->galera)
    find(j, OHA_HEALTH_CRITICAL, "OHA-DB-TWO-WRITERS", NULL, "SET GLOBAL read_only = 1 on the replica",
         "%s and %s both take writes: registrations diverge", a->host, b->host);
  else if (strcmp(x->cluster_conf_id, y->cluster_conf_id) != 0 || x->cluster_size != y->cluster_size)
    find(j, OHA_HEALTH_CRITICAL, "OHA-DB-SPLIT", NULL, "stop writing to one of them, then rejoin it",
         "%s (view %s, %" PRId64 " members) and %s (view %s, %" PRId64
         " members) both take writes, as two Primary components: registrations diverge",
         a->host, x->cluster_conf_id, x->cluster_size, b->host, y->cluster_conf_id, y->cluster_size);
}

static void judge_size(struct judgement *j)
{
  const struct oha_db_health *best = NULL;

  for (size_t i = 0; i < j->n; i++)
    if (is_good(&j->hosts[i]) && j->hosts[i].verdict.galera &&
        (best == NULL || j->hosts[i].verdict.cluster_size > best->verdict.cluster_size))
      best = &j->hosts[i];
  if (best == NULL || j->balancer || best->verdict.cluster_size >= (int64_t)j->n)
    return;
  find(j, OHA_HEALTH_WARNING, "OHA-DB-MEMBERS", NULL, "bring the missing ones back",
       "the Galera cluster has %" PRId64 " of %zu members", best->verdict.cluster_size, j->n);
}

enum oha_health oha_db_health_judge(const struct oha_db_health *hosts, size_t n_hosts, bool balancer,
                                    struct oha_finding *out, size_t max, size_t *n_out)
{
  struct judgement j = {
    .hosts = hosts, .n = n_hosts, .balancer = balancer, .out = out, .max = max, .worst = OHA_HEALTH_OK
  };
  size_t n_answered = 0;

  for (size_t i = 0; i < n_hosts; i++) {
    n_answered += hosts[i].answered;
    j.n_good += is_good(&hosts[i]);
  }
  for (size_t i = 0; i < n_hosts; i++)
    for (size_t k = i + 1; k < n_hosts; k++)
      compare_two(&j, &hosts[i], &hosts[k]);
  if (n_hosts > 0 && j.n_good == 0 && n_answered > 0)
    find(&j, OHA_HEALTH_CRITICAL, "OHA-DB-NONE", NULL,
         "phones still get 200 OK, but their registrations are not stored: make a host writable",
         "no host of the database takes writes");
  for (size_t i = 0; i < n_hosts; i++)
    judge_host(&j, &hosts[i]);
  judge_size(&j);
  *n_out = j.n_out;
  return j.worst;
}
