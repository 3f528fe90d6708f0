/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One verdict on one node, for people, plugins, cron and keepalived. */
#include "check_local.h"
#include "check_state.h"
#include "probes.h"
#include "verbs.h"

#include <opensips-ha/remote.h>

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define FALL 2

enum as { AS_PERSON = 0, AS_KEEPALIVED, AS_CRON };

static enum as as_of(const struct app *app)
{
  const char *as = app->opt.value[OPT_AS];

  return as == NULL ? AS_PERSON : strcmp(as, "cron") == 0 ? AS_CRON : AS_KEEPALIVED;
}

/* keepalived throws away what its scripts print: what matters goes to the system's log. */
static void log_line(int priority, const char *text)
{
  openlog("ha-ctl", LOG_PID, LOG_DAEMON);
  syslog(priority, "check: %s", text);
  closelog();
}

/* Another node, from here: does it answer SIP, and what does it say of itself? */
static enum oha_rc check_remote(struct app *app, const struct oha_node *node, struct report *r,
                                struct oha_error *err)
{
  const char *verb[] = { "check", "--local", "--quick", NULL };
  static struct probe_item items[64];
  struct oha_remote_opts o = {
    .size = sizeof(o),
    .name = node->name,
    .remote_command = node->remote_command,
    .verb = verb,
    .timeout_us = app_timeout_us(app, app->cluster->thresholds.remote_timeout_us),
  };
  size_t n = 0, n_alive = 0;
  char text[OHA_SOCK_SIZE], *json = NULL;
  enum oha_rc rc;
  int code = 0;

  for (size_t i = 0; i < node->n_sockets && n < sizeof(items) / sizeof(items[0]); i++)
    if (probe_is_possible(&node->sockets[i].listen))
      items[n++].target = node->sockets[i].listen;
  rc = probes_run(app, items, n, app_timeout_us(app, app->cluster->thresholds.probe_timeout_us), err);
  if (rc != OHA_OK)
    return rc;
  for (size_t i = 0; i < n; i++) {
    bool alive = items[i].asked && items[i].result.end == OHA_PROBE_ALIVE;

    n_alive += alive;
    if (oha_sock_format(&items[i].target, text, sizeof(text), NULL) != OHA_OK)
      return OHA_E_BUG;
    report_measure(r, REPORT_PROBE, "sip", text, alive, items[i].result.rtt_us);
    if (!alive)
      report_find(r, OHA_HEALTH_WARNING, false, "OHA-SIP-SILENT", "look at the SIP server and its log",
                  "SIP at %s: %s", text, oha_probe_end_name(items[i].result.end));
  }
  if (n > 0 && n_alive == 0)
    report_find(r, OHA_HEALTH_CRITICAL, false, "OHA-SIP-DEAD", "look at the SIP server and its log",
                "SIP answers on none of its %zu sockets", n);
  if (node->remote_command == NULL)
    return OHA_OK;
  rc = oha_remote_run(app->ctx, &o, &code, &json, err);
  free(json);
  if (rc != OHA_OK)
    report_find(r, OHA_HEALTH_WARNING, false, "OHA-NODE-REMOTE", "mend its remote_command",
                "it cannot be asked what it says of itself: %s", err->text);
  else if (code != HA_JUDGE_OK)
    report_find(r, code == HA_JUDGE_CRITICAL ? OHA_HEALTH_CRITICAL : OHA_HEALTH_WARNING, false,
                "OHA-NODE-SELF", "`ha-ctl check --local` there tells more", "it says of itself: %s",
                exit_name(VERB_JUDGES, code));
  return OHA_OK;
}

static enum oha_rc check_self(struct app *app, const struct oha_node *node, struct report *r,
                              struct oha_error *err)
{
  /* keepalived counts a script that outlasts its timeout as failed, and both nodes would wait for the same
   * hung database: what cannot move the VIP is not looked at. */
  bool alone = as_of(app) == AS_KEEPALIVED;
  bool quick = alone || option_has(&app->opt, OPT_QUICK);
  bool takeover = !alone && option_has(&app->opt, OPT_TAKEOVER), held;
  static struct database_look look;
  enum oha_rc rc = check_service(app, node, r, &held, err);

  if (rc == OHA_OK && !quick)
    rc = check_database(app, node->name, r, &look, err);
  if (rc == OHA_OK && !alone && option_has(&app->opt, OPT_DEEP))
    rc = check_deep(app, node, app->opt.value[OPT_DEEP], held, r, err);
  if (rc == OHA_OK && takeover && !held)
    rc = check_takeover(app, node, r, err);
  snprintf(r->good, sizeof(r->good), "%s",
           takeover && held ? "has the VIP and serves it"
           : takeover       ? "could take over now"
           : held           ? "serves the VIP"
                            : "well, and stands by");
  return rc;
}

/* Fill in the report. @return 0, or the exit code of a failure, reported */
static int judge(struct app *app, struct report *r)
{
  struct oha_error err = OHA_ERROR_INIT;
  const struct oha_node *node;
  enum oha_rc rc;
  bool local;
  int code = app_cluster(app);

  if (code != 0)
    return code;
  node = app->self;
  if (app->n_words > 0) {
    node = oha_cluster_node(app->cluster, app->words[0]);
    if (node == NULL)
      return app_usage(app, "no node is called '%s'", app->words[0]);
  }
  local = node != NULL && (option_has(&app->opt, OPT_LOCAL) || node == app->self);
  if (node == NULL) {
    err.rc = OHA_E_CONFIG;
    return app_fail_as(
        app, "OHA-CONFIG", "name it by --node, or name another node",
        (snprintf(err.text, sizeof(err.text), "this machine is no node of %s", app->cluster->path), &err));
  }
  if (!local && option_has(&app->opt, OPT_TAKEOVER))
    return app_usage(app, "--takeover is about this machine: run it on %s", node->name);
  snprintf(r->who, sizeof(r->who), "%s", node->name);
  snprintf(r->good, sizeof(r->good), "well");
  rc = local ? check_self(app, node, r, &err) : check_remote(app, node, r, &err);
  return rc == OHA_OK ? report_ranges(app, r) : app_fail(app, &err);
}

static void show(struct app *app, const struct report *r)
{
  char line[768];

  report_line(r, line, sizeof(line));
  if (app->out.form == OUT_TEXT) {
    if (r->n_findings == 0)
      out_say(&app->out, NULL, "%s %s", oha_health_name(r->level), line);
    report_findings(app, r);
    return;
  }
  out_top_str(&app->out, "cluster", app->cluster->name);
  out_top_str(&app->out, "node", r->who);
  out_top_str(&app->out, "verdict", oha_health_name(r->level));
  out_top_str(&app->out, "summary", line);
  out_array(&app->out, "measures", NULL, NULL, OUT_TABLE);
  for (size_t i = 0; i < r->n_metrics; i++) {
    const struct report_metric *m = &r->metrics[i];
    bool is_time = m->family == REPORT_PROBE || m->family == REPORT_DB_WRITE;

    out_record(&app->out);
    out_str(&app->out, "what", NULL, m->label);
    if (is_time && m->known)
      out_us(&app->out, "time_us", NULL, m->value_micro);
    else
      out_none(&app->out, "time_us", NULL);
    if (!is_time && m->known)
      out_bool(&app->out, "is", NULL, m->value_micro != 0);
    else
      out_none(&app->out, "is", NULL);
  }
  report_findings(app, r);
}

/*
 * keepalived moves the VIP away when we leave by anything but 0. So only a fault of this machine, seen --fall
 * times in a row, is one: what both nodes have lost (database, uplink, a broken cluster file) moves nothing.
 * Where the count cannot be kept, a fault counts at once: it was seen through a whole probe_timeout.
 */
static int for_keepalived(struct app *app, const struct report *r, int failed)
{
  int64_t fall = option_has(&app->opt, OPT_FALL) ? app->opt.number[OPT_FALL] : FALL;
  struct check_memory now = { 0 };
  struct check_state state;
  enum check_opened opened;
  char line[768], text[896];
  bool changed = true, kept;

  if (failed != 0) {
    log_line(LOG_WARNING, "could not judge; nothing is moved for that (see ha-ctl check --local)");
    return HA_JUDGE_OK;
  }
  opened = check_state_open(app, "keepalived", r->who, &state);
  kept = opened == CHECK_OPENED && check_state_turn(app, &state, r, &now, &changed);
  check_state_close(&state);
  report_line(r, line, sizeof(line));
  snprintf(text, sizeof(text), "%s %s%s", oha_health_name(r->level), line,
           kept || opened == CHECK_BUSY
               ? ""
               : " (the state directory cannot be written: failures are not counted)");
  if (changed && opened != CHECK_BUSY)
    log_line(r->level == OHA_HEALTH_OK         ? LOG_INFO
             : r->level == OHA_HEALTH_CRITICAL ? LOG_ERR
                                               : LOG_WARNING,
             text);
  if (!r->local_critical || opened == CHECK_BUSY)
    return HA_JUDGE_OK;
  return !kept || now.n_fails >= fall ? HA_JUDGE_CRITICAL : HA_JUDGE_OK;
}

/* Silent while nothing changes; one line when something does. A run that meets another leaves it the word. */
static int for_cron(struct app *app, const struct report *r)
{
  struct check_memory now;
  struct check_state state;
  char line[768];
  bool changed = true;

  switch (check_state_open(app, "cron", r->who, &state)) {
  case CHECK_BUSY:
    return HA_JUDGE_OK;
  case CHECK_FAILED:
    out_fail(&app->out, "OHA-IO", "make the state directory writable for this user",
             "the state directory cannot be used: %m");
    break;
  case CHECK_OPENED:
    if (!check_state_turn(app, &state, r, &now, &changed))
      out_fail(&app->out, "OHA-IO", "make the state directory writable for this user",
               "the state directory cannot be written: %m");
    break;
  }
  check_state_close(&state);
  report_line(r, line, sizeof(line));
  if (changed && app->out.form == OUT_TEXT)
    out_say(&app->out, NULL, "%s %s", oha_health_name(r->level), line);
  return (int)r->level;
}

int cmd_check(struct app *app)
{
  static struct report r;
  int code;

  if ((app->n_words > 0) == option_has(&app->opt, OPT_LOCAL))
    return app_usage(app, "check needs either a node's name or --local");
  if (option_has(&app->opt, OPT_DEEP) && app->n_words > 0)
    return app_usage(app, "--deep goes with --local");
  if (as_of(app) != AS_PERSON && app->n_words > 0)
    return app_usage(app, "--as goes with --local");
  code = judge(app, &r);
  if (as_of(app) == AS_KEEPALIVED)
    return for_keepalived(app, &r, code);
  if (code != 0)
    return code;
  if (as_of(app) == AS_CRON)
    return for_cron(app, &r);
  if (!report_monitor(app, &r) && app->out.form <= OUT_JSON)
    show(app, &r);
  return app->out.n_errors > 0 ? (int)HA_JUDGE_UNKNOWN : (int)r.level;
}
