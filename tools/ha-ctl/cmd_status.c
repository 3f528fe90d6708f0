/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cluster at a glance. Reads only; what cannot be found out is "?" and never a reason to say nothing. */
#include "app.h"
#include "node_show.h"
#include "show.h"
#include "socket_owner.h"
#include "verbs.h"

#include <opensips-ha/journal.h>
#include <opensips-ha/location.h>

struct status {
  struct app *app;
  struct cluster_state state;
  struct oha_db *db; /* the first database host that can be read */
  bool writable;     /* some database host accepts writes */
};

static void show_verdict(struct out *o, const struct oha_db_verdict *v)
{
  out_str(o, "hostname", "SERVER", v->hostname);
  out_str(o, "version", "VERSION", v->version);
  out_bool(o, "readable", NULL, v->readable);
  out_bool(o, "writable", "WRITABLE", v->writable);
  out_bool(o, "galera", NULL, v->galera);
  if (v->galera) {
    out_bool(o, "primary", NULL, v->primary);
    out_bool(o, "ready", NULL, v->ready);
    out_int(o, "local_state", NULL, v->local_state);
    out_int(o, "cluster_size", "MEMBERS", v->cluster_size);
  } else {
    out_none(o, "primary", NULL);
    out_none(o, "ready", NULL);
    out_none(o, "local_state", NULL);
    out_none(o, "cluster_size", "MEMBERS");
  }
  out_str(o, "why", "NOTE", v->why[0] != '\0' ? v->why : NULL);
}

static void show_no_verdict(struct out *o, const struct oha_error *err)
{
  out_unknown(o, "hostname", "SERVER");
  out_unknown(o, "version", "VERSION");
  out_unknown(o, "readable", NULL);
  out_unknown(o, "writable", "WRITABLE");
  out_unknown(o, "galera", NULL);
  out_unknown(o, "primary", NULL);
  out_unknown(o, "ready", NULL);
  out_unknown(o, "local_state", NULL);
  out_unknown(o, "cluster_size", "MEMBERS");
  out_str(o, "why", "NOTE", err->text);
}

/* Each configured host by itself. */
static void show_databases(struct status *s)
{
  const struct oha_database *d = &s->app->cluster->database;
  struct out *o = &s->app->out;

  out_array(o, "databases", "Database", "none configured", OUT_TABLE);
  for (size_t i = 0; i < d->n_hosts; i++) {
    struct oha_session_opts opts = app_session(s->app, OHA_DB_LOOK);
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_db *db = NULL;
    bool answers, readable = false;

    opts.host = d->hosts[i];
    answers = oha_session_open_db(s->app->ctx, s->app->cluster, &opts, &db, &err) == OHA_OK;
    out_record(o);
    out_str(o, "host", "HOST", d->hosts[i]);
    out_tone(o, "state", "STATE", answers ? "answers" : "does not serve", answers ? TONE_GOOD : TONE_BAD);
    if (answers) {
      const struct oha_db_verdict *v = oha_db_verdict_of(db);

      show_verdict(o, v);
      readable = v->readable;
      s->writable = s->writable || v->writable;
    } else {
      show_no_verdict(o, &err);
    }
    if (s->db == NULL && readable) {
      s->db = db;
      db = NULL;
    }
    oha_db_close(db);
  }
}

static void show_sockets(struct status *s)
{
  struct oha_location *location = NULL;
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc = OHA_E_UNAVAILABLE;

  if (s->db != NULL)
    rc = oha_session_open_location(s->db, s->app->cluster, &location, &err);
  if (rc == OHA_OK)
    rc = sockets_show(s->app, location, "Registered through", &err);
  else
    out_array_unknown(&s->app->out, "sockets", "Registered through");
  oha_location_close(location);
  if (rc != OHA_OK && err.text[0] != '\0' && !option_has(&s->app->opt, OPT_QUIET))
    out_talk(&s->app->out, "%s", err.text);
}

static enum oha_rc operation_row(void *arg, const struct oha_op_record *op)
{
  struct status *s = arg;

  show_operation(&s->app->out, op, false);
  return OHA_OK;
}

static void show_lease(struct out *o, const struct oha_lease_view *lease)
{
  out_array(o, "leases", "Lease", NULL, OUT_TABLE);
  out_record(o);
  out_tone(o, "state", "STATE", lease->held ? "held" : "free", lease->held ? TONE_WARN : TONE_PLAIN);
  out_str(o, "holder", "HOLDER", lease->held ? lease->holder : NULL);
  out_str(o, "op_id", "OPERATION", lease->held ? lease->op_id : NULL);
  out_uint(o, "fence", NULL, lease->fence);
  if (lease->held)
    out_at(o, "expires_at", "UNTIL", lease->expires_at);
  else
    out_none(o, "expires_at", "UNTIL");
}

/* The journal needs tables of ours, or a state directory; a cluster that never ran an operation has neither.
 */
static void show_journal(struct status *s)
{
  struct app *app = s->app;
  struct oha_session_opts opts = app_session(app, OHA_DB_READ);
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_journal *journal = NULL;
  struct oha_lease_view lease = { 0 };
  bool with_tables = s->db != NULL &&
                     oha_session_open_journal(app->ctx, app->cluster, s->db, &opts, &journal, &err) == OHA_OK;

  oha_error_clear(&err);
  if (!with_tables && oha_session_open_journal(app->ctx, app->cluster, NULL, &opts, &journal, &err) != OHA_OK)
    journal = NULL;
  if (journal == NULL) {
    out_array_unknown(&app->out, "operations", "Last operation");
  } else {
    out_array(&app->out, "operations", "Last operation", "none", OUT_TABLE);
    if (oha_op_each(journal, 1, operation_row, s, &err) != OHA_OK && !option_has(&app->opt, OPT_QUIET))
      out_talk(&app->out, "%s", err.text);
  }
  if (with_tables && oha_lease_show(journal, &lease, NULL) == OHA_OK)
    show_lease(&app->out, &lease);
  else
    out_array_unknown(&app->out, "leases", "Lease");
  oha_journal_close(journal);
}

/* For people a line of its own, as an alert has it. */
static void finding(struct out *o, const char *id, const char *text, const char *hint)
{
  if (o->form == OUT_TEXT) {
    out_say(o, NULL, "%s", "");
    out_say(o, NULL, "CRITICAL %s %s. Do: %s", id, text, hint);
    return;
  }
  out_record(o);
  out_str(o, "severity", NULL, "CRITICAL");
  out_str(o, "id", NULL, id);
  out_str(o, "text", NULL, text);
  out_str(o, "hint", NULL, hint);
}

static void look_at_vip(struct status *s, size_t v)
{
  const struct oha_cluster *k = s->app->cluster;
  const struct probe_item *probe = state_probe(&s->state, -1, (int)v);
  struct out *o = &s->app->out;
  bool known;
  unsigned n = view_n_owners(&s->state.view, v, &known);
  char text[320], hint[320];

  if (n > 1) {
    snprintf(text, sizeof(text), "%s: %u nodes hold %s: phones may be deaf", k->name, n, k->vips[v].name);
    snprintf(hint, sizeof(hint), "`ha-ctl vip show`, then `ha-ctl vip del %s` on the wrong one",
             k->vips[v].name);
    finding(o, "OHA-VIP-DUAL", text, hint);
  } else if (n == 0 && known) {
    snprintf(text, sizeof(text), "%s: no node holds %s: no phone can register or be called there", k->name,
             k->vips[v].name);
    finding(o, "OHA-VIP-NONE", text, "`ha-ctl failover --to NODE`");
  } else if (probe != NULL && probe->result.end != OHA_PROBE_ALIVE) {
    snprintf(text, sizeof(text), "%s: SIP at %s: %s: no phone can register or be called there", k->name,
             k->vips[v].name, oha_probe_end_name(probe->result.end));
    finding(o, "OHA-VIP-SILENT", text, "look at the server, or `ha-ctl failover --to NODE`");
  }
}

/* What an operator must not overlook. */
static void show_findings(struct status *s)
{
  const struct oha_cluster *k = s->app->cluster;
  struct out *o = &s->app->out;

  out_array(o, "findings", NULL, NULL, OUT_TABLE);
  for (size_t v = 0; v < s->state.view.n_vips; v++)
    look_at_vip(s, v);
  if (!s->writable && k->database.n_hosts > 0) {
    char text[320];

    snprintf(text, sizeof(text), "%s: no database host accepts writes: no phone can register", k->name);
    finding(o, "OHA-DB-NONE", text, "the notes under Database say why");
  }
}

int cmd_status(struct app *app)
{
  static struct status s;
  struct oha_error err = OHA_ERROR_INIT;
  int code = app_cluster(app);

  if (code != 0)
    return code;
  s.app = app;
  out_top_str(&app->out, "cluster", app->cluster->name);
  out_say(&app->out, NULL, "cluster %s, %s", app->cluster->name, app->cluster->path);
  if (state_gather(app, &s.state, &err) != OHA_OK && !option_has(&app->opt, OPT_QUIET))
    out_talk(&app->out, "%s", err.text);
  nodes_show(app, &s.state, "Nodes");
  vips_show(app, &s.state, "Virtual addresses");
  show_databases(&s);
  show_sockets(&s);
  show_journal(&s);
  show_findings(&s);
  oha_db_close(s.db);
  return HA_EXIT_OK;
}
