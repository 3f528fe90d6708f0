/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"
#include "verbs.h"

static void exit_row(void *arg, enum verb_kind kind, int code, const char *name, const char *text)
{
  struct out *o = arg;

  out_record(o);
  out_int(o, "code", "CODE", code);
  out_str(o, "name", "NAME", name);
  out_str(o, "verbs", "VERBS", kind == VERB_JUDGES ? "judge" : "act or read");
  out_str(o, "text", "MEANING", text);
}

int cmd_exit_codes(struct app *app)
{
  out_array(&app->out, "exit_codes", NULL, NULL, OUT_TABLE);
  exit_each(exit_row, &app->out);
  return HA_EXIT_OK;
}
