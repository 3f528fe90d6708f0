/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ROW_FLAG(id, name, letter, text)          [OPT_##id] = { name, letter, NULL, text },
#define ROW_ARG(id, name, letter, argument, text) [OPT_##id] = { name, letter, argument, text },
const struct option_row option_rows[OPT_N] = { OPTION_LIST(ROW_FLAG, ROW_ARG) };
#undef ROW_FLAG
#undef ROW_ARG

_Static_assert(OPT_N <= 64, "options are bits of a uint64_t");

static void __attribute__((format(printf, 2, 3))) complain(struct options *o, const char *fmt, ...)
{
  va_list ap;

  if (o->problem[0] != '\0')
    return;
  va_start(ap, fmt);
  vsnprintf(o->problem, sizeof(o->problem), fmt, ap);
  va_end(ap);
}

/* Is @p value one of the words of "text|json"? */
static bool is_choice(const char *choices, const char *value)
{
  size_t n = strlen(value);

  for (const char *p = choices; *p != '\0'; p += p[0] == '|' ? 1 : 0) {
    size_t len = strcspn(p, "|");

    if (len == n && memcmp(p, value, n) == 0)
      return true;
    p += len;
  }
  return false;
}

static bool is_count(const char *text, int64_t *number)
{
  char *end;

  if (*text < '0' || *text > '9')
    return false;
  errno = 0;
  *number = strtoll(text, &end, 10);
  return errno == 0 && *end == '\0';
}

static void take(struct options *o, enum option_id id, const char *value)
{
  const struct option_row *row = &option_rows[id];
  struct oha_error err = OHA_ERROR_INIT;

  o->given |= UINT64_C(1) << id;
  if (row->argument == NULL) {
    o->number[id]++;
    return;
  }
  o->value[id] = value;
  if (*value == '\0')
    complain(o, "option --%s: the value is empty", row->name);
  else if (strcmp(row->argument, "DUR") == 0) {
    if (oha_duration_parse(value, &o->number[id], &err) != OHA_OK)
      complain(o, "option --%s: %s", row->name, err.text);
    else if (o->number[id] == 0)
      complain(o, "option --%s: must be longer than 0", row->name);
  } else if (strcmp(row->argument, "N") == 0) {
    if (!is_count(value, &o->number[id]))
      complain(o, "option --%s: '%s' must be a whole number", row->name, value);
  } else if (row->argument[0] >= 'a' && row->argument[0] <= 'z' && !is_choice(row->argument, value)) {
    complain(o, "option --%s: '%s' must be %s", row->name, value, row->argument);
  }
}

bool options_parse(struct options *o, int argc, char **argv, int *first)
{
  struct option longs[OPT_N + 1];
  char shorts[2 * OPT_N + 2] = ":";
  size_t n = 1;
  int got;

  memset(o, 0, sizeof(*o));
  memset(longs, 0, sizeof(longs));
  for (int id = 0; id < OPT_N; id++) {
    const struct option_row *row = &option_rows[id];

    longs[id].name = row->name;
    longs[id].has_arg = row->argument != NULL ? required_argument : no_argument;
    longs[id].val = 256 + id;
    if (row->letter != 0)
      shorts[n++] = row->letter;
    if (row->letter != 0 && row->argument != NULL)
      shorts[n++] = ':';
  }
  shorts[n] = '\0';
  opterr = 0;
  optind = 0; /* forget the line before: getopt_long(3) keeps its place and what it has permuted */
  while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
    /* The word that was read: before the last one, if that is the option's value. */
    const char *word = optarg != NULL && optarg == argv[optind - 1] ? argv[optind - 2] : argv[optind - 1];

    if (got == '?' || got == ':') {
      if (got == ':')
        complain(o, "option %s needs a value", argv[optind - 1]);
      else if (optopt > 0 && optopt < 256 && word[1] != '-')
        complain(o, "unknown option -%c", optopt);
      else if (optopt >= 256)
        complain(o, "option %s takes no value", word);
      else
        complain(o, "unknown option %s", word);
      continue;
    }
    if (got >= 256) {
      got -= 256;
      if (strcspn(word + 2, "=") != strlen(option_rows[got].name)) {
        complain(o, "unknown option %s (did you mean --%s?)", word, option_rows[got].name);
        continue;
      }
      take(o, (enum option_id)got, optarg);
      continue;
    }
    for (int id = 0; id < OPT_N; id++)
      if (option_rows[id].letter == got)
        take(o, (enum option_id)id, optarg);
  }
  *first = optind;
  if (option_has(o, OPT_JSON) || (option_has(o, OPT_OUTPUT) && strcmp(o->value[OPT_OUTPUT], "json") == 0))
    o->form = OUT_JSON;
  else if (option_has(o, OPT_OUTPUT) && strcmp(o->value[OPT_OUTPUT], "nagios") == 0)
    o->form = OUT_NAGIOS;
  else if (option_has(o, OPT_OUTPUT) && strcmp(o->value[OPT_OUTPUT], "openmetrics") == 0)
    o->form = OUT_OPENMETRICS;
  return o->problem[0] == '\0';
}

enum option_id options_stray(const struct options *o, uint64_t accepted)
{
  for (int id = 0; id < OPT_N; id++)
    if ((o->given & ~accepted) >> id & 1)
      return (enum option_id)id;
  return OPT_N;
}

void options_help(FILE *to, uint64_t accepted)
{
  for (int id = 0; id < OPT_N; id++) {
    const struct option_row *row = &option_rows[id];
    char left[64];

    if ((accepted >> id & 1) == 0)
      continue;
    snprintf(left, sizeof(left), "%c%c%s --%s%s%s", row->letter != 0 ? '-' : ' ',
             row->letter != 0 ? row->letter : ' ', row->letter != 0 ? "," : " ", row->name,
             row->argument != NULL ? " " : "", row->argument != NULL ? row->argument : "");
    fprintf(to, "  %-26s %s\n", left, row->text);
  }
}
