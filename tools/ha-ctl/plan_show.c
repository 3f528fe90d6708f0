/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_show.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *step_state_key(enum oha_step_state state)
{
  switch (state) {
  case OHA_STEP_BEGUN:
    return "begun";
  case OHA_STEP_DONE:
    return "done";
  case OHA_STEP_FAILED:
    return "failed";
  case OHA_STEP_UNDONE:
    return "undone";
  case OHA_STEP_SKIPPED:
    return "skipped";
  }
  return "?";
}

static const char *step_state_word(enum oha_step_state state)
{
  switch (state) {
  case OHA_STEP_BEGUN: /* the end of a step that was not run: a dry run */
    return "would";
  case OHA_STEP_FAILED:
    return "FAILED";
  case OHA_STEP_SKIPPED:
    return "as is";
  case OHA_STEP_DONE:
  case OHA_STEP_UNDONE:
    break;
  }
  return step_state_key(state);
}

static void show_gate(struct plan_show *show, const struct oha_gate *gate)
{
  struct out *o = &show->app->out;
  const char *word = gate->passed ? "ok" : gate->forced ? "FORCED" : gate->blocking ? "STOPS" : "warns";

  if (o->form == OUT_TEXT) {
    out_say(o, NULL, "gate %-9s %-6s %s%s%s", gate->name, word, gate->value,
            gate->text[0] == '\0' ? "" : ": ", gate->text);
    return;
  }
  if (!show->in_gates)
    out_array(o, "gates", NULL, NULL, OUT_TABLE);
  show->in_gates = true;
  out_record(o);
  out_str(o, "name", NULL, gate->name);
  out_bool(o, "passed", NULL, gate->passed);
  out_bool(o, "blocking", NULL, gate->blocking);
  out_bool(o, "forced", NULL, gate->forced);
  out_str(o, "value", NULL, gate->value);
  out_str(o, "threshold", NULL, gate->threshold);
  out_str(o, "text", NULL, gate->text);
}

static void show_step(struct plan_show *show, const struct oha_plan_event *event)
{
  struct out *o = &show->app->out;

  if (o->form == OUT_TEXT) {
    out_say(o, NULL, "%8.3f s  %-10s %-6s %s", (double)event->at_us / 1e6, event->step,
            step_state_word(event->state), event->text);
    return;
  }
  if (!show->in_steps)
    out_array(o, "steps", NULL, NULL, OUT_TABLE);
  show->in_steps = true;
  out_record(o);
  out_uint(o, "seq", NULL, event->seq);
  out_str(o, "name", NULL, event->step);
  out_str(o, "state", NULL, step_state_key(event->state));
  out_us(o, "since_us", NULL, event->at_us);
  out_us(o, "elapsed_us", NULL, event->elapsed_us);
  out_str(o, "text", NULL, event->text);
}

static void show_note(struct plan_show *show, const char *text)
{
  if (show->app->out.form == OUT_TEXT)
    out_say(&show->app->out, NULL, "note: %s", text);
  else if (show->n_findings < PLAN_FINDINGS)
    snprintf(show->finding[show->n_findings++], sizeof(show->finding[0]), "%s", text);
}

#ifdef OHA_TESTING
/* Is it time? @p where is "STEP:begin|acted|end", or "rewrite:pageN" when N pages are committed; NULL =
 * never. */
static bool is_at(const char *where, const struct oha_plan_event *event)
{
  static const char *const phases[] = {
    [OHA_EVENT_STEP_BEGIN] = "begin", [OHA_EVENT_STEP_ACTED] = "acted", [OHA_EVENT_STEP_END] = "end"
  };
  static const char page[] = "rewrite:page";
  char here[64];

  if (where == NULL)
    return false;
  if (event->kind == OHA_EVENT_PROGRESS)
    return strncmp(where, page, strlen(page)) == 0 &&
           event->rewrite->n_pages >= strtoull(where + strlen(page), NULL, 10);
  if (event->kind < OHA_EVENT_STEP_BEGIN || event->kind > OHA_EVENT_STEP_END)
    return false;
  snprintf(here, sizeof(here), "%s:%s", event->step, phases[event->kind]);
  return strcmp(where, here) == 0;
}

/* Tests kill or stop the process at a boundary. */
static void signal_at_boundary(const struct oha_plan_event *event)
{
  if (is_at(getenv("OHA_TEST_KILL"), event))
    raise(SIGKILL);
  if (is_at(getenv("OHA_TEST_STOP"), event)) {
    unsetenv("OHA_TEST_STOP");
    raise(SIGSTOP);
  }
}
#endif

void plan_show_begin(struct plan_show *show, struct app *app)
{
  memset(show, 0, sizeof(*show));
  show->app = app;
  progress_begin(&show->progress, app->ctx, option_has(&app->opt, OPT_QUIET));
}

void plan_show_event(void *arg, const struct oha_plan_event *event)
{
  struct plan_show *show = arg;

#ifdef OHA_TESTING
  signal_at_boundary(event);
#endif
  switch (event->kind) {
  case OHA_EVENT_GATE:
    show_gate(show, event->gate);
    break;
  case OHA_EVENT_STEP_END:
    progress_end(&show->progress);
    show_step(show, event);
    break;
  case OHA_EVENT_PROGRESS:
    progress_update(&show->progress, "rows rewritten", event->rewrite->n_changed, 0);
    break;
  case OHA_EVENT_NOTE:
    show_note(show, event->text);
    break;
  case OHA_EVENT_STEP_BEGIN:
  case OHA_EVENT_STEP_ACTED:
  case OHA_EVENT_REACH: /* its step says the line */
    break;
  }
}

static const char *op_state_word(enum oha_op_state state)
{
  switch (state) {
  case OHA_OP_RUNNING:
    return "running";
  case OHA_OP_DONE:
    return "done";
  case OHA_OP_DEGRADED:
    return "degraded";
  case OHA_OP_INCOMPLETE:
    return "incomplete";
  case OHA_OP_UNDONE:
    return "undone";
  case OHA_OP_FAILED:
    return "failed";
  }
  return "?";
}

static void show_outcome(struct plan_show *show, const struct oha_outcome *outcome)
{
  struct out *o = &show->app->out;

  if (o->form == OUT_TEXT) {
    out_say(o, NULL, "%s", outcome->summary);
    if (outcome->remains[0] != '\0' && outcome->state == OHA_OP_INCOMPLETE)
      out_say(o, NULL, "left to do: %s; `ha-ctl resume` goes on, `ha-ctl undo` takes it back",
              outcome->remains);
    return;
  }
  out_array(o, "findings", NULL, NULL, OUT_TABLE);
  for (size_t i = 0; i < show->n_findings; i++) {
    out_record(o);
    out_str(o, "text", NULL, show->finding[i]);
  }
  out_array(o, "operations", NULL, NULL, OUT_TABLE);
  out_record(o);
  out_str(o, "op_id", NULL, outcome->op_id[0] == '\0' ? NULL : outcome->op_id);
  out_str(o, "state", NULL, op_state_word(outcome->state));
  out_str(o, "from", NULL, outcome->from);
  out_str(o, "to", NULL, outcome->to);
  if (outcome->dark_us >= 0)
    out_us(o, "dark_us", NULL, outcome->dark_us);
  else
    out_unknown(o, "dark_us", NULL);
  out_uint(o, "n_rewritten", NULL, outcome->rewrite.n_changed);
  out_str(o, "summary", NULL, outcome->summary);
  out_str(o, "remains", NULL, outcome->remains);
}

int plan_end(struct plan_show *show, enum oha_rc rc, const struct oha_outcome *outcome,
             const struct oha_error *err)
{
  int code = HA_EXIT_OK;

  progress_end(&show->progress);
  show_outcome(show, outcome);
  if (rc != OHA_OK)
    code = app_fail(show->app, err);
  if (rc == OHA_E_CANCELLED)
    return HA_EXIT_CANCELLED;
  switch (outcome->state) {
  case OHA_OP_DONE:
  case OHA_OP_UNDONE:
    return rc == OHA_OK ? HA_EXIT_OK : code;
  case OHA_OP_DEGRADED:
    return rc == OHA_OK ? HA_EXIT_DEGRADED : code;
  case OHA_OP_INCOMPLETE:
    return rc == OHA_E_REFUSED || rc == OHA_E_BUSY ? code : HA_EXIT_INCOMPLETE;
  case OHA_OP_RUNNING:
  case OHA_OP_FAILED:
    break;
  }
  return rc == OHA_OK ? HA_EXIT_FAILED : code;
}
