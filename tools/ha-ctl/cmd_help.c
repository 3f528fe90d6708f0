/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"
#include "verbs.h"

#include <string.h>

void print_help(FILE *to)
{
  fputs("usage: ha-ctl [options] VERB [arguments]\n\n", to);
  for (const struct verb *v = verbs; v->name != NULL; v++) {
    char left[64];

    snprintf(left, sizeof(left), "%s%s%s", v->name, *v->arguments != '\0' ? " " : "", v->arguments);
    fprintf(to, "  %-30s %s\n", left, v->text);
  }
  fputs("\nMost verbs take these; `ha-ctl help VERB` shows them all.\n", to);
  options_help(to, OPT_BIT(CONFIG) | OPT_BIT(JSON) | OPT_BIT(TIMEOUT) | OPT_BIT(NODE) | OPT_BIT(VERBOSE) |
                       OPT_BIT(QUIET) | OPT_BIT(HELP) | OPT_BIT(VERSION));
  fputs("\nExamples:\n"
        "  ha-ctl                          the cluster at a glance\n"
        "  ha-ctl reach --to sip2          who could be called if sip2 took over now\n"
        "  ha-ctl -j locate alice          one address as JSON\n"
        "See ha-ctl(8) and opensips-ha.conf(5).\n",
        to);
}

void print_verb_help(FILE *to, const struct verb *v)
{
  fprintf(to, "usage: ha-ctl %s [options]%s%s\n%s\n\n", v->name, *v->arguments != '\0' ? " " : "",
          v->arguments, v->text);
  options_help(to, v->options);
}

static const struct verb *named(const char *first, const char *second)
{
  size_t n = strlen(first);

  for (const struct verb *v = verbs; v->name != NULL; v++) {
    if (second == NULL && strcmp(v->name, first) == 0)
      return v;
    if (second != NULL && strncmp(v->name, first, n) == 0 && v->name[n] == ' ' &&
        strcmp(v->name + n + 1, second) == 0)
      return v;
  }
  return NULL;
}

static const char *kind_name(enum verb_kind kind)
{
  return kind == VERB_JUDGES ? "judge" : kind == VERB_ACTS ? "act" : "read";
}

/* For programs (completion, the test of the manual): the two tables themselves. */
static void describe(struct out *o, const struct verb *only)
{
  out_array(o, "verbs", NULL, NULL, OUT_TABLE);
  for (const struct verb *v = verbs; v->name != NULL; v++) {
    if (only != NULL && v != only)
      continue;
    out_record(o);
    out_str(o, "verb", "VERB", v->name);
    out_str(o, "arguments", "ARGUMENTS", v->arguments);
    out_str(o, "kind", "KIND", kind_name(v->kind));
    out_str(o, "text", "TEXT", v->text);
  }
  out_array(o, "options", NULL, NULL, OUT_TABLE);
  for (const struct verb *v = verbs; v->name != NULL; v++)
    for (int id = 0; id < OPT_N; id++) {
      const struct option_row *row = &option_rows[id];
      char letter[2] = { row->letter, '\0' };

      if ((only != NULL && v != only) || (v->options >> id & 1) == 0)
        continue;
      out_record(o);
      out_str(o, "verb", "VERB", v->name);
      out_str(o, "option", "OPTION", row->name);
      out_str(o, "letter", "LETTER", row->letter != 0 ? letter : NULL);
      out_str(o, "argument", "ARGUMENT", row->argument);
      out_str(o, "text", "TEXT", row->text);
    }
}

int cmd_help(struct app *app)
{
  const struct verb *verb = NULL;

  if (app->n_words > 0) {
    verb = named(app->words[0], app->n_words > 1 ? app->words[1] : NULL);
    if (verb == NULL)
      return app_usage(app, "unknown verb '%s%s%s'", app->words[0], app->n_words > 1 ? " " : "",
                       app->n_words > 1 ? app->words[1] : "");
  }
  if (app->out.form == OUT_JSON)
    describe(&app->out, verb);
  else if (verb != NULL)
    print_verb_help(app->out.to, verb);
  else
    print_help(app->out.to);
  return HA_EXIT_OK;
}
