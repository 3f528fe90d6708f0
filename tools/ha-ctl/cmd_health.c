/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is alive, of all that the cluster depends on, and who reaches whom. */
#include "check_local.h"
#include "health.h"
#include "show.h"
#include "verbs.h"

#include <string.h>

static void show_peers(struct app *app, const struct health *h)
{
  struct out *o = &app->out;

  out_array(o, "peers", "Peers", "none", OUT_TABLE);
  for (size_t i = 0; i < h->n_peers; i++) {
    const struct health_peer *p = &h->peers[i];
    const struct oha_probe_result *r = &p->probe.result;
    bool alive = p->probe.asked && r->end == OHA_PROBE_ALIVE;

    out_record(o);
    out_str(o, "kind", "KIND", health_kind_name(p->kind));
    out_str(o, "name", "NAME", p->name);
    if (p->kind == HEALTH_WITNESS) {
      out_none(o, "target", "TARGET");
      if (p->known)
        out_tone(o, "end", "END", p->answers ? "alive" : "timeout", p->answers ? TONE_GOOD : TONE_BAD);
      else
        out_unknown(o, "end", "END");
    } else {
      show_sock(o, "target", "TARGET", &p->probe.target);
      show_probe_end(o, "end", "END", &p->probe);
    }
    if (alive)
      out_uint(o, "code", "CODE", r->code);
    else
      out_none(o, "code", "CODE");
    if (alive)
      out_us(o, "rtt_us", "ROUND TRIP", r->rtt_us);
    else
      out_none(o, "rtt_us", "ROUND TRIP");
    out_str(o, "note", "NOTE", p->why[0] != '\0' ? p->why : NULL);
  }
}

static void show_databases(struct app *app, const struct database_look *look)
{
  struct out *o = &app->out;

  out_array(o, "databases", "Database", "none configured", OUT_TABLE);
  for (size_t i = 0; i < look->n; i++) {
    const struct oha_db_health *d = &look->hosts[i];
    bool stores = d->tried && d->write_rc == OHA_OK;

    out_record(o);
    out_str(o, "host", "HOST", d->host);
    out_tone(o, "state", "STATE", d->answered ? "answers" : "does not serve",
             d->answered ? TONE_GOOD : TONE_BAD);
    if (d->tried)
      out_bool(o, "stores", "STORES", stores);
    else
      out_none(o, "stores", "STORES");
    if (d->write_us >= 0)
      out_us(o, "write_us", "WRITE", d->write_us);
    else
      out_none(o, "write_us", "WRITE");
    if (d->answered && d->verdict.galera)
      out_int(o, "cluster_size", "MEMBERS", d->verdict.cluster_size);
    else
      out_none(o, "cluster_size", "MEMBERS");
    if (d->lag_us >= 0)
      out_us(o, "lag_us", "LAG", d->lag_us);
    else
      out_none(o, "lag_us", "LAG");
    out_str(o, "why", "NOTE", d->why[0] != '\0' ? d->why : d->verdict.why[0] != '\0' ? d->verdict.why : NULL);
  }
}

static int look_at_database(struct app *app, struct health *h, bool shown)
{
  static struct database_look look;
  struct oha_error err = OHA_ERROR_INIT;
  const char *node = app->self != NULL ? app->self->name : "-";

  if (!health_wants(app, "database", NULL) || option_has(&app->opt, OPT_PEER))
    return 0;
  if (check_database(app, node, &h->report, &look, &err) != OHA_OK)
    return app_fail(app, &err);
  if (shown)
    show_databases(app, &look);
  return 0;
}

int cmd_health(struct app *app)
{
  static struct health h; /* large, and there is one */
  struct oha_error err = OHA_ERROR_INIT;
  bool shown = app->out.form <= OUT_JSON;
  int code = app_cluster(app);

  if (code != 0)
    return code;
  if (option_has(&app->opt, OPT_WATCH) && !shown)
    return app_usage(app, "--watch has no output form %s", app->opt.value[OPT_OUTPUT]);
  snprintf(h.report.who, sizeof(h.report.who), "%s", app->cluster->name);
  health_list(app, &h);
  if (option_has(&app->opt, OPT_WATCH))
    return health_watch(app, &h);
  if (health_look(app, &h, &err) != OHA_OK)
    return app_fail(app, &err);
  health_judge(app, &h);
  if (shown) {
    out_top_str(&app->out, "cluster", app->cluster->name);
    if (!option_has(&app->opt, OPT_KIND) || h.n_peers > 0)
      show_peers(app, &h);
  }
  code = look_at_database(app, &h, shown);
  if (code != 0)
    return code;
  if (health_wants(app, "matrix", NULL) && !option_has(&app->opt, OPT_PEER))
    health_matrix(app, &h);
  snprintf(h.report.good, sizeof(h.report.good), "%zu peers looked at, all is well", h.n_peers);
  code = report_ranges(app, &h.report);
  if (code != 0)
    return code;
  if (!report_monitor(app, &h.report) && shown) {
    out_top_str(&app->out, "verdict", oha_health_name(h.report.level));
    report_findings(app, &h.report);
  }
  return app->out.n_errors > 0 ? (int)HA_JUDGE_UNKNOWN : (int)h.report.level;
}
