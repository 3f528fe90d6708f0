/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_local.h"
#include "probes.h"

#include <opensips-ha/remote.h>
#include <opensips-ha/vip.h>

#include <stdlib.h>
#include <string.h>

#define ITEMS 64

struct service {
  struct app *app;
  const struct oha_node *node;
  struct report *r;
  size_t n;
  struct probe_item probes[ITEMS];
  const struct oha_vip *vip[ITEMS]; /* NULL = the node's own socket */
};

static const char *sock_text(const struct oha_sock *sock, char buf[OHA_SOCK_SIZE])
{
  if (oha_sock_format(sock, buf, OHA_SOCK_SIZE, NULL) != OHA_OK)
    snprintf(buf, OHA_SOCK_SIZE, "%s", sock->host);
  return buf;
}

static void ask(struct service *s, const struct oha_sock *sock, const struct oha_vip *vip)
{
  if (s->n >= ITEMS || !probe_is_possible(sock))
    return;
  s->probes[s->n].target = *sock;
  s->vip[s->n++] = vip;
}

/* An address that the kernel has and cannot use is worse than none: it is announced, and phones are deaf. */
static void look_at_holding(struct report *r, const struct oha_vip *vip, const struct oha_vip_holding *h)
{
  if (h->dad_failed)
    report_find(r, OHA_HEALTH_CRITICAL, true, "OHA-VIP-DAD",
                "another machine has it: `ha-ctl vip show`, then `ha-ctl vip del` on the wrong one",
                "%s is here, and duplicate address detection found another owner", vip->name);
  else if (!h->link_up)
    report_find(r, OHA_HEALTH_CRITICAL, true, "OHA-VIP-LINK", "look at the cable and the interface",
                "%s is here on %s, which is down or has no carrier", vip->name, h->interface_);
  else if (h->tentative)
    report_find(r, OHA_HEALTH_WARNING, true, "OHA-VIP-TENTATIVE", "",
                "%s is here and not yet usable (tentative)", vip->name);
}

static enum oha_rc look_at_vips(struct service *s, bool *held, struct oha_error *err)
{
  const struct oha_cluster *k = s->app->cluster;

  *held = k->n_vips > 0;
  for (size_t v = 0; v < k->n_vips; v++) {
    struct oha_vip_holding holding;
    bool here = false;
    enum oha_rc rc = oha_vip_is_here(s->app->ctx, &k->vips[v].addr, &here, &holding, err);

    if (rc != OHA_OK)
      return rc;
    report_measure(s->r, REPORT_VIP_HERE, "vip", k->vips[v].name, true, here ? 1000000 : 0);
    *held = *held && here;
    if (!here)
      continue;
    look_at_holding(s->r, &k->vips[v], &holding);
    for (size_t i = 0; i < k->vips[v].n_sockets; i++)
      ask(s, &k->vips[v].sockets[i], &k->vips[v]);
  }
  return OHA_OK;
}

static bool is_alive(const struct probe_item *item)
{
  return item->asked && item->result.end == OHA_PROBE_ALIVE;
}

/* A server that answers on one socket may hang on another: each silent one is told, and where all are it is
 * dead. */
static void judge_probes(struct service *s)
{
  size_t n_alive = 0;
  char text[OHA_SOCK_SIZE];

  for (size_t i = 0; i < s->n; i++) {
    const struct probe_item *item = &s->probes[i];

    n_alive += is_alive(item);
    report_measure(s->r, REPORT_PROBE, "sip", sock_text(&item->target, text), is_alive(item),
                   item->result.rtt_us);
  }
  if (s->n > 0 && n_alive == 0)
    report_find(s->r, OHA_HEALTH_CRITICAL, true, "OHA-SIP-DEAD", "look at the SIP server and its log",
                "the SIP server answers on none of its %zu sockets (%s: %s)", s->n,
                sock_text(&s->probes[0].target, text), oha_probe_end_name(s->probes[0].result.end));
  for (size_t i = 0; i < s->n && n_alive > 0; i++) {
    const struct probe_item *item = &s->probes[i];

    if (is_alive(item))
      continue;
    if (s->vip[i] != NULL)
      report_find(s->r, OHA_HEALTH_CRITICAL, true, "OHA-VIP-SILENT",
                  "is the server bound to it? `ha-ctl check --local --takeover` tells",
                  "%s is here and SIP at %s: %s", s->vip[i]->name, sock_text(&item->target, text),
                  oha_probe_end_name(item->result.end));
    else
      report_find(s->r, OHA_HEALTH_WARNING, true, "OHA-SIP-SILENT", "look at the SIP server and its log",
                  "SIP at %s: %s", sock_text(&item->target, text), oha_probe_end_name(item->result.end));
  }
}

enum oha_rc check_service(struct app *app, const struct oha_node *node, struct report *r, bool *held,
                          struct oha_error *err)
{
  static struct service s; /* large, and there is one */
  enum oha_rc rc;

  s.app = app;
  s.node = node;
  s.r = r;
  s.n = 0;
  for (size_t i = 0; i < node->n_sockets; i++)
    ask(&s, &node->sockets[i].listen, NULL);
  rc = look_at_vips(&s, held, err);
  if (rc == OHA_OK && s.n > 0)
    rc = probes_run(app, s.probes, s.n, app_timeout_us(app, app->cluster->thresholds.probe_timeout_us), err);
  if (rc == OHA_OK)
    judge_probes(&s);
  return rc;
}

enum oha_rc check_database(struct app *app, const char *node, struct report *r, struct database_look *look,
                           struct oha_error *err)
{
  const struct oha_database *d = &app->cluster->database;
  struct oha_db_opts db = {
    .size = sizeof(db),
    .hosts = d->hosts,
    .n_hosts = d->n_hosts < DATABASE_HOSTS ? d->n_hosts : DATABASE_HOSTS,
    .option_file = d->option_file,
    .group = d->group,
    .schema = d->schema,
  };
  struct oha_db_health_opts opts = {
    .size = sizeof(opts), .db = &db, .node = node, .timeout_us = app_timeout_us(app, d->connect_timeout_us)
  };
  struct oha_finding found[2 * DATABASE_HOSTS];
  size_t n = 0;
  enum oha_rc rc;

  look->n = db.n_hosts;
  if (d->n_hosts == 0)
    return OHA_OK;
  rc = oha_db_health_probe(app->ctx, &opts, look->hosts, db.n_hosts, err);
  if (rc != OHA_OK)
    return rc;
  oha_db_health_judge(look->hosts, db.n_hosts, d->balancer, found, sizeof(found) / sizeof(found[0]), &n);
  for (size_t i = 0; i < n && i < sizeof(found) / sizeof(found[0]); i++)
    report_take(r, &found[i], false);
  for (size_t i = 0; i < db.n_hosts; i++)
    report_measure(r, REPORT_DB_WRITE, "db", look->hosts[i].host, look->hosts[i].write_us >= 0,
                   look->hosts[i].write_us);
  return OHA_OK;
}

/* "1" in a file of /proc/sys. */
static bool sysctl_is_on(const char *path)
{
  FILE *f = fopen(path, "re");
  bool on = f != NULL && fgetc(f) == '1';

  if (f != NULL)
    fclose(f);
  return on;
}

static enum oha_rc look_at_binding(struct report *r, const struct oha_vip *vip, const struct oha_sock *sock,
                                   struct oha_error *err)
{
  bool v4 = vip->addr.family == 4, bound;
  bool nonlocal =
      sysctl_is_on(v4 ? "/proc/sys/net/ipv4/ip_nonlocal_bind" : "/proc/sys/net/ipv6/ip_nonlocal_bind");
  char text[OHA_SOCK_SIZE];
  enum oha_rc rc;

  if (!probe_is_possible(sock) && sock->proto != OHA_PROTO_WS && sock->proto != OHA_PROTO_WSS)
    return OHA_OK;
  rc = oha_sock_is_bound(sock, &bound, err);
  if (rc != OHA_OK)
    return rc;
  if (!bound)
    report_find(r, OHA_HEALTH_CRITICAL, false, "OHA-VIP-UNBOUND",
                nonlocal ? "name it as a listener in the server's configuration, and restart the server"
                         : "set net.ipv4.ip_nonlocal_bind and net.ipv6.ip_nonlocal_bind to 1, name it as a "
                           "listener, and restart the server",
                "nothing here is bound to %s: after a takeover the server would have to be restarted",
                sock_text(sock, text));
  return OHA_OK;
}

/* Without a way to the old active a takeover cannot make sure that it has let go. */
static void look_at_others(struct app *app, const struct oha_node *node, struct report *r)
{
  static const char *const verb[] = { "vip", "show", NULL };

  for (size_t i = 0; i < app->cluster->n_nodes; i++) {
    const struct oha_node *other = &app->cluster->nodes[i];
    struct oha_remote_opts o = {
      .size = sizeof(o),
      .name = other->name,
      .remote_command = other->remote_command,
      .verb = verb,
      .timeout_us = app_timeout_us(app, app->cluster->thresholds.remote_timeout_us),
    };
    struct oha_error err = OHA_ERROR_INIT;
    char *json = NULL;
    int code;
    bool answers;

    if (other == node)
      continue;
    answers = other->remote_command != NULL && oha_remote_run(app->ctx, &o, &code, &json, &err) == OHA_OK;
    free(json);
    report_measure(r, REPORT_REACHABLE, "node", other->name, true, answers ? 1000000 : 0);
    if (!answers)
      report_find(r, OHA_HEALTH_WARNING, false, "OHA-NODE-REMOTE",
                  app->cluster->fence_command != NULL
                      ? "mend its remote_command; until then it would be fenced"
                      : "mend its remote_command, or configure fence_command",
                  "node %s cannot be told to let go: %s", other->name,
                  other->remote_command == NULL ? "it has no remote_command" : err.text);
  }
}

enum oha_rc check_takeover(struct app *app, const struct oha_node *node, struct report *r,
                           struct oha_error *err)
{
  const struct oha_cluster *k = app->cluster;
  enum oha_rc rc = OHA_OK;

  for (size_t v = 0; v < k->n_vips; v++)
    for (size_t i = 0; i < k->vips[v].n_sockets && rc == OHA_OK; i++)
      rc = look_at_binding(r, &k->vips[v], &k->vips[v].sockets[i], err);
  if (rc == OHA_OK)
    look_at_others(app, node, r);
  return rc;
}
