/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "health.h"

#include <opensips-ha/remote.h>
#include <opensips-ha/vip.h>

#include <stdlib.h>
#include <string.h>

const char *health_kind_name(enum health_kind kind)
{
  static const char *const names[] = { "node", "vip", "witness", "carrier" };

  return (unsigned)kind < HEALTH_N_KINDS ? names[kind] : "?";
}

bool health_wants(const struct app *app, const char *kind, const char *name)
{
  const char *wanted_kind = app->opt.value[OPT_KIND], *wanted = app->opt.value[OPT_PEER];

  return (wanted_kind == NULL || strcmp(wanted_kind, kind) == 0) &&
         (wanted == NULL || name == NULL || strcmp(wanted, name) == 0);
}

static struct health_peer *add(struct app *app, struct health *h, enum health_kind kind, const char *name)
{
  struct health_peer *p = &h->peers[h->n_peers];

  if (!health_wants(app, health_kind_name(kind), name))
    return NULL;
  if (h->n_peers >= HEALTH_PEERS) {
    h->cut = true;
    return NULL;
  }
  h->n_peers++;
  memset(p, 0, sizeof(*p));
  p->kind = kind;
  snprintf(p->name, sizeof(p->name), "%s", name);
  return p;
}

static void add_sock(struct app *app, struct health *h, enum health_kind kind, const char *name,
                     const struct oha_sock *sock)
{
  struct health_peer *p = add(app, h, kind, name);

  if (p == NULL)
    return;
  p->probe.target = *sock;
  p->can_probe = probe_is_possible(sock);
  if (!p->can_probe)
    snprintf(p->why, sizeof(p->why), "protocol %s is not probed", oha_proto_name(sock->proto));
}

struct finder {
  struct app *app;
  struct health *h;
};

static enum oha_rc take_found(void *arg, const struct oha_peer_found *found)
{
  struct finder *f = arg;
  struct health_peer *p = add(f->app, f->h, HEALTH_CARRIER, found->name);

  if (p == NULL)
    return OHA_OK;
  p->probe.target = found->target;
  p->can_probe = found->can_probe;
  if (!found->can_probe)
    snprintf(p->why, sizeof(p->why), "%.*s", (int)sizeof(p->why) - 1, found->why);
  return OHA_OK;
}

static void list_carriers(struct app *app, struct health *h)
{
  struct oha_session_opts opts = app_session(app, OHA_DB_READ);
  struct finder finder = { app, h };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_db *db = NULL;

  if (!health_wants(app, "carrier", NULL) || app->cluster->database.n_hosts == 0)
    return;
  if (oha_session_open_db(app->ctx, app->cluster, &opts, &db, &err) != OHA_OK ||
      oha_peers_discover(db, take_found, &finder, &err) != OHA_OK)
    report_find(&h->report, OHA_HEALTH_UNKNOWN, false, "OHA-PEERS-UNKNOWN", "mend the database first",
                "carriers and gateways of the routing tables cannot be read: %s", err.text);
  oha_db_close(db);
}

void health_list(struct app *app, struct health *h)
{
  const struct oha_cluster *k = app->cluster;

  for (size_t i = 0; i < k->n_nodes; i++)
    for (size_t j = 0; j < k->nodes[i].n_sockets; j++)
      add_sock(app, h, HEALTH_NODE, k->nodes[i].name, &k->nodes[i].sockets[j].listen);
  for (size_t v = 0; v < k->n_vips; v++)
    for (size_t j = 0; j < k->vips[v].n_sockets; j++)
      add_sock(app, h, HEALTH_VIP, k->vips[v].name, &k->vips[v].sockets[j]);
  for (size_t i = 0; i < k->n_witnesses; i++)
    add(app, h, HEALTH_WITNESS, k->witnesses[i].name);
  for (size_t i = 0; i < k->n_peers; i++)
    add_sock(app, h, HEALTH_CARRIER, k->peers[i].name, &k->peers[i].target);
  list_carriers(app, h);
}

/* A witness serves no SIP. It is there when its command runs; one without is asked for on the wire. */
static void look_at_witness(struct app *app, struct health_peer *p, const struct oha_witness *w)
{
  static const char *const verb[] = { "exit-codes", NULL };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_vip_spec spec = { .addr = w->addr };
  struct oha_vip_owners owners;
  struct oha_remote_opts o = {
    .size = sizeof(o),
    .name = w->name,
    .remote_command = w->remote_command,
    .verb = verb,
    .timeout_us = app_timeout_us(app, app->cluster->thresholds.remote_timeout_us),
  };
  char *json = NULL;
  int code;

  if (w->remote_command != NULL) {
    p->known = true;
    p->answers = oha_remote_run(app->ctx, &o, &code, &json, &err) == OHA_OK;
    free(json);
    snprintf(p->why, sizeof(p->why), "%.*s", (int)sizeof(p->why) - 1,
             p->answers ? "its command runs" : err.text);
    return;
  }
  p->known =
      oha_vip_interface_for(app->ctx, &w->addr, spec.interface_, &err) == OHA_OK &&
      oha_vip_owners(app->ctx, &spec, app->cluster->thresholds.arp_timeout_us, &owners, &err) == OHA_OK;
  p->answers = p->known && owners.n_macs > 0;
  snprintf(p->why, sizeof(p->why), "%.*s", (int)sizeof(p->why) - 1,
           !p->known    ? err.text
           : p->answers ? "answers on the wire"
                        : "nobody on the wire has its address");
}

enum oha_rc health_look(struct app *app, struct health *h, struct oha_error *err)
{
  static struct probe_item items[HEALTH_PEERS]; /* large, and there is one */
  const struct oha_cluster *k = app->cluster;
  size_t n = 0;
  enum oha_rc rc;

  if (health_wants(app, "vip", NULL))
    view_gather(app, &h->view);
  for (size_t i = 0; i < h->n_peers; i++) {
    struct health_peer *p = &h->peers[i];

    for (size_t w = 0; p->kind == HEALTH_WITNESS && w < k->n_witnesses; w++)
      if (strcmp(k->witnesses[w].name, p->name) == 0)
        look_at_witness(app, p, &k->witnesses[w]);
    if (p->can_probe)
      items[n++].target = p->probe.target;
  }
  rc = probes_run(app, items, n, app_timeout_us(app, k->thresholds.probe_timeout_us), err);
  n = 0;
  for (size_t i = 0; i < h->n_peers; i++)
    if (h->peers[i].can_probe)
      h->peers[i].probe = items[n++];
  return rc;
}

static bool is_alive(const struct health_peer *p)
{
  return p->kind == HEALTH_WITNESS ? p->answers : p->probe.asked && p->probe.result.end == OHA_PROBE_ALIVE;
}

/* A node may stand by without serving, but one whose every listener is silent cannot take over. */
static void judge_sip(struct report *r, const struct health_peer *p, const char *text)
{
  static const struct {
    enum oha_health level;
    const char *id, *hint;
  } rows[HEALTH_N_KINDS] = {
    [HEALTH_NODE] = { OHA_HEALTH_WARNING, "OHA-SIP-SILENT", "`ha-ctl check NODE` tells more" },
    [HEALTH_VIP] = { OHA_HEALTH_CRITICAL, "OHA-VIP-SILENT",
                     "look at the server, or `ha-ctl failover --to NODE`" },
    [HEALTH_WITNESS] = { OHA_HEALTH_WARNING, "OHA-WITNESS-SILENT",
                         "without it a dead peer and a dead uplink look alike" },
    [HEALTH_CARRIER] = { OHA_HEALTH_WARNING, "OHA-PEER-DOWN", "ask the carrier; calls to it fail" },
  };

  report_find(r, rows[p->kind].level, false, rows[p->kind].id, rows[p->kind].hint, "%s %s%s%s: %s",
              health_kind_name(p->kind), p->name, text[0] != '\0' ? " at " : "", text,
              p->kind == HEALTH_WITNESS ? p->why : oha_probe_end_name(p->probe.result.end));
}

static void judge_vips(struct app *app, struct health *h)
{
  for (size_t v = 0; v < h->view.n_vips; v++) {
    const char *name = app->cluster->vips[v].name;
    bool known;
    unsigned n = view_n_owners(&h->view, v, &known);

    if (!health_wants(app, "vip", name))
      continue;
    if (n > 1)
      report_find(&h->report, OHA_HEALTH_CRITICAL, false, "OHA-VIP-DUAL",
                  "`ha-ctl vip show`, then `ha-ctl vip del` on the wrong one",
                  "%u nodes hold %s: phones may be deaf", n, name);
    else if (n == 0 && known)
      report_find(&h->report, OHA_HEALTH_CRITICAL, false, "OHA-VIP-NONE", "`ha-ctl failover --to NODE`",
                  "no node holds %s: no phone can register or be called there", name);
  }
}

void health_judge(struct app *app, struct health *h)
{
  judge_vips(app, h);
  for (size_t i = 0; i < h->n_peers; i++) {
    const struct health_peer *p = &h->peers[i];
    char text[OHA_SOCK_SIZE] = "", subject[OHA_SOCK_SIZE + 160];

    if (!p->can_probe && !p->known)
      continue;
    if (p->can_probe && oha_sock_format(&p->probe.target, text, sizeof(text), NULL) != OHA_OK)
      text[0] = '\0';
    snprintf(subject, sizeof(subject), "%s%s%s", p->name, text[0] != '\0' ? " " : "", text);
    if (p->can_probe)
      report_measure(&h->report, REPORT_PROBE, health_kind_name(p->kind), subject, is_alive(p),
                     p->probe.result.rtt_us);
    else
      report_measure(&h->report, REPORT_REACHABLE, health_kind_name(p->kind), subject, true,
                     is_alive(p) ? 1000000 : 0);
    if (!is_alive(p))
      judge_sip(&h->report, p, text);
  }
  if (h->cut)
    report_find(&h->report, OHA_HEALTH_WARNING, false, "OHA-PEERS-CUT", "use --kind and --peer",
                "there are more than %d peers: the others were not looked at", HEALTH_PEERS);
}
