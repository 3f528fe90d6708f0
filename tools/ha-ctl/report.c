/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report.h"
#include "common/nagios.h"
#include "common/openmetrics.h"

#include <stdarg.h>
#include <string.h>

#define MICRO INT64_C(1000000)

static const struct family {
  const char *name, *help, *label, *unit;
} families[REPORT_N_FAMILIES] = {
  [REPORT_PROBE] = { "opensips_ha_probe_seconds", "Round trip of SIP OPTIONS.", "target", "s" },
  [REPORT_DB_WRITE] = { "opensips_ha_db_write_seconds", "Time until a database host confirmed a write.",
                        "host", "s" },
  [REPORT_REACHABLE] = { "opensips_ha_reachable", "Whether it answers: 1 or 0.", "peer", "" },
  [REPORT_VIP_HERE] = { "opensips_ha_vip_here", "Whether this machine has the virtual address: 1 or 0.",
                        "vip", "" },
};

static void keep(struct report *r, enum oha_health level, bool local)
{
  r->level = oha_health_worse(r->level, level);
  r->local_critical = r->local_critical || (local && level == OHA_HEALTH_CRITICAL);
  r->n_findings++;
}

void report_find(struct report *r, enum oha_health level, bool local, const char *id, const char *hint,
                 const char *fmt, ...)
{
  struct report_finding *f = &r->findings[r->n_findings];
  va_list ap;

  keep(r, level, local);
  if (r->n_findings > REPORT_FINDINGS)
    return;
  *f = (struct report_finding){ .level = level, .local = local, .id = id, .hint = hint };
  va_start(ap, fmt);
  vsnprintf(f->text, sizeof(f->text), fmt, ap);
  va_end(ap);
}

void report_take(struct report *r, const struct oha_finding *finding, bool local)
{
  report_find(r, finding->level, local, finding->id, finding->hint, "%s", finding->text);
}

void report_measure(struct report *r, enum report_family family, const char *kind, const char *subject,
                    bool known, int64_t value_micro)
{
  struct report_metric *m = &r->metrics[r->n_metrics];

  if (r->n_metrics >= REPORT_METRICS)
    return;
  r->n_metrics++;
  m->family = family;
  m->known = known;
  m->value_micro = value_micro;
  snprintf(m->subject, sizeof(m->subject), "%s", subject);
  snprintf(m->label, sizeof(m->label), "%s %s", kind, subject);
}

static size_t n_kept(const struct report *r)
{
  return r->n_findings < REPORT_FINDINGS ? r->n_findings : REPORT_FINDINGS;
}

static const struct report_finding *worst_of(const struct report *r)
{
  const struct report_finding *worst = NULL;

  for (size_t i = 0; i < n_kept(r); i++)
    if (worst == NULL || (r->findings[i].level != worst->level &&
                          oha_health_worse(worst->level, r->findings[i].level) == r->findings[i].level))
      worst = &r->findings[i];
  return worst;
}

void report_line(const struct report *r, char *buf, size_t size)
{
  const struct report_finding *worst = worst_of(r);

  if (worst == NULL)
    snprintf(buf, size, "%s: %s", r->who, r->good);
  else if (r->n_findings == 1)
    snprintf(buf, size, "%s %s: %s", worst->id, r->who, worst->text);
  else
    snprintf(buf, size, "%s %s: %s (and %zu more)", worst->id, r->who, worst->text, r->n_findings - 1);
}

/* The slowest answer; false = nothing answered. */
static bool slowest(const struct report *r, const struct report_metric **out)
{
  *out = NULL;
  for (size_t i = 0; i < r->n_metrics; i++)
    if (r->metrics[i].family == REPORT_PROBE && r->metrics[i].known &&
        (*out == NULL || r->metrics[i].value_micro > (*out)->value_micro))
      *out = &r->metrics[i];
  return *out != NULL;
}

int report_ranges(struct app *app, struct report *r)
{
  static const enum option_id options[] = { OPT_WARNING, OPT_CRITICAL };
  bool found = false;

  for (int i = 1; i >= 0; i--) {
    const char *text = app->opt.value[options[i]];
    const struct report_metric *m;
    struct nagios_range range;
    char number[32];

    if (text == NULL)
      continue;
    if (!nagios_range_parse(text, &range))
      return app_usage(app, "option --%s: '%s' must be a range such as 0.5 or @10:20",
                       option_rows[options[i]].name, text);
    if (found || !slowest(r, &m) || !nagios_range_alerts(&range, m->value_micro))
      continue;
    report_find(r, i == 1 ? OHA_HEALTH_CRITICAL : OHA_HEALTH_WARNING, false, "OHA-SIP-SLOW",
                "look at the load of the server", "%s answers after %s s", m->subject,
                nagios_number(m->value_micro, number));
    found = true;
  }
  return 0;
}

static void say_plugin(struct app *app, const struct report *r)
{
  struct nagios_perf perf[REPORT_METRICS];
  char line[768];

  for (size_t i = 0; i < r->n_metrics; i++) {
    const struct report_metric *m = &r->metrics[i];
    bool ranged = m->family == REPORT_PROBE;

    perf[i] = (struct nagios_perf){
      .label = m->label,
      .known = m->known,
      .value_micro = m->value_micro,
      .unit = families[m->family].unit,
      .warn = ranged ? app->opt.value[OPT_WARNING] : NULL,
      .critical = ranged ? app->opt.value[OPT_CRITICAL] : NULL,
    };
  }
  report_line(r, line, sizeof(line));
  nagios_line(app->out.to, oha_health_name(r->level), line, perf, r->n_metrics);
}

static void put_family(struct openmetrics *m, const struct report *r, enum report_family family)
{
  bool any = false;

  for (size_t i = 0; i < r->n_metrics; i++) {
    const char *labels[] = { families[family].label, r->metrics[i].subject, NULL };

    if (r->metrics[i].family != family || !r->metrics[i].known)
      continue;
    if (!any)
      openmetrics_family(m, families[family].name, families[family].help);
    any = true;
    openmetrics_sample(m, families[family].name, labels, r->metrics[i].value_micro);
  }
}

/* One sample for each level, of which one is 1: no number to remember. */
static void put_level(struct openmetrics *m, const struct app *app, const struct report *r)
{
  static const char name[] = "opensips_ha_health";
  static const char *const words[] = { "ok", "warning", "critical", "unknown" };

  openmetrics_family(m, name, "The verdict: 1 for the level that it has.");
  for (int i = 0; i < 4; i++) {
    const char *labels[] = { "verb", app->verb->name, "of", r->who, "level", words[i], NULL };

    openmetrics_sample(m, name, labels, (int)r->level == i ? MICRO : 0);
  }
  if (n_kept(r) > 0)
    openmetrics_family(m, "opensips_ha_finding", "1 for each kind of finding that there is.");
  for (size_t i = 0; i < n_kept(r); i++) {
    const char *labels[] = { "verb", app->verb->name, "of", r->who, "id", r->findings[i].id, NULL };
    bool said = false;

    for (size_t k = 0; k < i; k++)
      said = said || strcmp(r->findings[k].id, r->findings[i].id) == 0;
    if (!said)
      openmetrics_sample(m, "opensips_ha_finding", labels, MICRO);
  }
}

static bool say_metrics(struct app *app, const struct report *r)
{
  const char *path = app->opt.value[OPT_TEXTFILE];
  struct openmetrics m;

  if (!openmetrics_open(&m, path, app->out.to)) {
    out_fail(&app->out, "OHA-OUTPUT", "", "%s: %m", path);
    return false;
  }
  put_level(&m, app, r);
  for (int family = 0; family < REPORT_N_FAMILIES; family++)
    put_family(&m, r, (enum report_family)family);
  openmetrics_family(&m, "opensips_ha_last_run_timestamp_seconds",
                     "When this was found out: an old one means that nobody looks any more.");
  openmetrics_sample(&m, "opensips_ha_last_run_timestamp_seconds",
                     (const char *[]){ "verb", app->verb->name, NULL }, oha_now_wall(app->ctx).us);
  if (openmetrics_close(&m))
    return true;
  out_fail(&app->out, "OHA-OUTPUT", "", "%s: %m", path != NULL ? path : "standard output");
  return false;
}

bool report_monitor(struct app *app, const struct report *r)
{
  if (app->opt.form == OUT_OPENMETRICS || option_has(&app->opt, OPT_TEXTFILE))
    if (!say_metrics(app, r))
      return false;
  if (app->opt.form == OUT_NAGIOS)
    say_plugin(app, r);
  return app->opt.form == OUT_NAGIOS || app->opt.form == OUT_OPENMETRICS;
}

/* For people a line of its own, as an alert has it. */
static void alert(struct out *o, const struct report_finding *f)
{
  bool hint = f->hint[0] != '\0';

  out_say(o, NULL, "%s %s %s%s%s", oha_health_name(f->level), f->id, f->text, hint ? ". Do: " : "", f->hint);
}

void report_findings(struct app *app, const struct report *r)
{
  struct out *o = &app->out;

  if (o->form == OUT_JSON)
    out_array(o, "findings", NULL, NULL, OUT_TABLE);
  for (size_t i = 0; i < n_kept(r); i++) {
    const struct report_finding *f = &r->findings[i];

    if (o->form != OUT_JSON) {
      alert(o, f);
      continue;
    }
    out_record(o);
    out_str(o, "severity", NULL, oha_health_name(f->level));
    out_str(o, "id", NULL, f->id);
    out_str(o, "text", NULL, f->text);
    out_str(o, "hint", NULL, f->hint[0] != '\0' ? f->hint : NULL);
    out_bool(o, "local", NULL, f->local);
  }
}
