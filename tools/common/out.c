/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool wants_colour(FILE *to)
{
  const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

  return isatty(fileno(to)) == 1 && (no_color == NULL || *no_color == '\0') && term != NULL &&
         strcmp(term, "dumb") != 0;
}

void out_open(struct out *o, FILE *to, enum out_form form, const char *tool)
{
  memset(o, 0, offsetof(struct out, table));
  o->to = to;
  o->form = form;
  o->tool = tool;
  o->colour = form == OUT_TEXT && wants_colour(to);
}

static void end_record(struct out *o)
{
  if (o->in_record && o->form == OUT_JSON)
    putc('}', o->to);
  o->in_record = false;
}

static void end_array(struct out *o)
{
  end_record(o);
  if (!o->in_array)
    return;
  o->in_array = false;
  if (o->form == OUT_JSON) {
    putc(']', o->to);
    return;
  }
  table_end(&o->table);
  if (o->table.n_total == 0 && o->none != NULL)
    fprintf(o->to, "%s\n", o->none);
}

void out_command(struct out *o, const char *command)
{
  if (o->form != OUT_JSON)
    return;
  fputs("{\"schema\":\"opensips-ha/1\",\"command\":", o->to);
  if (command == NULL)
    fputs("null", o->to);
  else
    text_json(o->to, command, strlen(command));
}

static void put_heading(struct out *o, const char *heading)
{
  if (heading != NULL) {
    if (o->said)
      putc('\n', o->to);
    table_tone(o->to, o->colour, TONE_HEAD, heading, strlen(heading));
    putc('\n', o->to);
  }
  o->said = true;
}

void out_array(struct out *o, const char *key, const char *heading, const char *none, enum out_shape shape)
{
  end_array(o);
  o->in_array = o->first_record = true;
  o->none = none;
  if (o->form == OUT_JSON) {
    fprintf(o->to, ",\"%s\":[", key);
    return;
  }
  put_heading(o, heading);
  table_begin(&o->table, o->to, o->colour, shape == OUT_CARDS);
}

void out_array_unknown(struct out *o, const char *key, const char *heading)
{
  end_array(o);
  if (o->form == OUT_JSON) {
    fprintf(o->to, ",\"%s\":null", key);
    return;
  }
  put_heading(o, heading);
  fputs("?\n", o->to);
}

void out_record(struct out *o)
{
  end_record(o);
  if (o->form == OUT_JSON)
    fputs(o->first_record ? "{" : ",{", o->to);
  else
    table_row(&o->table);
  o->in_record = o->first_field = true;
  o->first_record = false;
}

/* JSON: the key, ready for its value. */
static void put_key(struct out *o, const char *key)
{
  fputs(o->first_field ? "\"" : ",\"", o->to);
  fputs(key, o->to);
  fputs("\":", o->to);
  o->first_field = false;
}

static void put_raw(struct out *o, const char *key, const char *title, const char *json, const char *text,
                    bool right)
{
  if (o->form == OUT_JSON) {
    put_key(o, key);
    fputs(json, o->to);
  } else if (title != NULL) {
    table_cell(&o->table, title, text, strlen(text), right, TONE_PLAIN);
  }
}

static void put_text(struct out *o, const char *key, const char *title, const char *p, size_t n,
                     enum tone tone)
{
  if (o->form == OUT_JSON) {
    put_key(o, key);
    text_json(o->to, p, n);
  } else if (title != NULL) {
    table_cell(&o->table, title, p, n, false, tone);
  }
}

void out_none(struct out *o, const char *key, const char *title)
{
  put_raw(o, key, title, "null", "-", false);
}

void out_unknown(struct out *o, const char *key, const char *title)
{
  put_raw(o, key, title, "null", "?", false);
}

void out_strn(struct out *o, const char *key, const char *title, const char *p, size_t n)
{
  put_text(o, key, title, p, n, TONE_PLAIN);
}

void out_str(struct out *o, const char *key, const char *title, const char *value)
{
  out_tone(o, key, title, value, TONE_PLAIN);
}

void out_tone(struct out *o, const char *key, const char *title, const char *value, enum tone tone)
{
  if (value == NULL)
    out_none(o, key, title);
  else
    put_text(o, key, title, value, strlen(value), tone);
}

void out_int(struct out *o, const char *key, const char *title, int64_t value)
{
  char buf[24];

  snprintf(buf, sizeof(buf), "%" PRId64, value);
  put_raw(o, key, title, buf, buf, true);
}

void out_uint(struct out *o, const char *key, const char *title, uint64_t value)
{
  char buf[24];

  snprintf(buf, sizeof(buf), "%" PRIu64, value);
  put_raw(o, key, title, buf, buf, true);
}

void out_bool(struct out *o, const char *key, const char *title, bool value)
{
  put_raw(o, key, title, value ? "true" : "false", value ? "yes" : "no", false);
}

void out_us(struct out *o, const char *key, const char *title, int64_t d_us)
{
  char number[24], people[OHA_DURATION_SIZE];

  snprintf(number, sizeof(number), "%" PRId64, d_us);
  put_raw(o, key, title, number, oha_duration_format(d_us, people), true);
}

void out_at(struct out *o, const char *key, const char *title, struct oha_wall at)
{
  char buf[OHA_RFC3339_SIZE];

  out_str(o, key, title, oha_wall_format(at, buf));
}

void out_strv(struct out *o, const char *key, const char *title, const char *const *values)
{
  char joined[TABLE_CELL_BYTES];
  size_t used = 0;

  if (values == NULL) {
    out_none(o, key, title);
    return;
  }
  if (o->form == OUT_JSON) {
    put_key(o, key);
    putc('[', o->to);
    for (size_t i = 0; values[i] != NULL; i++) {
      if (i > 0)
        putc(',', o->to);
      text_json(o->to, values[i], strlen(values[i]));
    }
    putc(']', o->to);
    return;
  }
  joined[0] = '\0';
  for (size_t i = 0; values[i] != NULL && used < sizeof(joined); i++)
    used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%s", i > 0 ? " " : "", values[i]);
  out_str(o, key, title, joined);
}

void out_say(struct out *o, const char *key, const char *fmt, ...)
{
  char text[1024], safe[2048];
  va_list ap;
  int n;

  end_array(o);
  va_start(ap, fmt);
  n = vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  if (n < 0)
    n = 0;
  if ((size_t)n >= sizeof(text))
    n = sizeof(text) - 1;
  if (o->form == OUT_JSON) {
    if (key == NULL)
      return;
    fprintf(o->to, ",\"%s\":", key);
    text_json(o->to, text, (size_t)n);
    return;
  }
  text_safe(text, (size_t)n, safe, sizeof(safe));
  fprintf(o->to, "%s\n", safe);
  o->said = true;
}

void out_top_str(struct out *o, const char *key, const char *value)
{
  end_array(o);
  if (o->form != OUT_JSON)
    return;
  fprintf(o->to, ",\"%s\":", key);
  if (value != NULL)
    text_json(o->to, value, strlen(value));
  else
    fputs("null", o->to);
}

bool out_top_raw(struct out *o, const char *key)
{
  end_array(o);
  if (o->form == OUT_JSON)
    fprintf(o->to, ",\"%s\":", key);
  return o->form == OUT_JSON;
}

void out_top_int(struct out *o, const char *key, int64_t value)
{
  end_array(o);
  if (o->form == OUT_JSON)
    fprintf(o->to, ",\"%s\":%" PRId64, key, value);
}

void out_top_uint(struct out *o, const char *key, uint64_t value)
{
  end_array(o);
  if (o->form == OUT_JSON)
    fprintf(o->to, ",\"%s\":%" PRIu64, key, value);
}

void out_top_bool(struct out *o, const char *key, bool value)
{
  end_array(o);
  if (o->form == OUT_JSON)
    fprintf(o->to, ",\"%s\":%s", key, value ? "true" : "false");
}

void out_fail(struct out *o, const char *id, const char *hint, const char *fmt, ...)
{
  struct out_error *e = &o->errors[o->n_errors < OUT_ERRORS ? o->n_errors : OUT_ERRORS - 1];
  char safe[2 * sizeof(e->text)];
  va_list ap;

  o->n_errors++; /* more than there is room for: the last one is kept */
  e->id = id;
  va_start(ap, fmt);
  vsnprintf(e->text, sizeof(e->text), fmt, ap);
  va_end(ap);
  snprintf(e->hint, sizeof(e->hint), "%s", hint != NULL ? hint : "");
  text_safe(e->text, strlen(e->text), safe, sizeof(safe));
  fprintf(stderr, "%s: %s: %s\n", o->tool, id, safe);
  if (e->hint[0] != '\0') {
    text_safe(e->hint, strlen(e->hint), safe, sizeof(safe));
    fprintf(stderr, "  %s\n", safe);
  }
}

void out_talk(struct out *o, const char *fmt, ...)
{
  char text[1024], safe[2048];
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  text_safe(text, strlen(text), safe, sizeof(safe));
  fprintf(stderr, "%s: %s\n", o->tool, safe);
}

static void put_errors(struct out *o)
{
  unsigned n = o->n_errors < OUT_ERRORS ? o->n_errors : OUT_ERRORS;

  fputs(",\"errors\":[", o->to);
  for (unsigned i = 0; i < n; i++) {
    const struct out_error *e = &o->errors[i];

    fprintf(o->to, "%s{\"id\":\"%s\",\"text\":", i > 0 ? "," : "", e->id);
    text_json(o->to, e->text, strlen(e->text));
    fputs(",\"hint\":", o->to);
    if (e->hint[0] == '\0')
      fputs("null", o->to);
    else
      text_json(o->to, e->hint, strlen(e->hint));
    putc('}', o->to);
  }
  putc(']', o->to);
}

bool out_close(struct out *o, int code, const char *code_name)
{
  end_array(o);
  if (o->form == OUT_JSON) {
    put_errors(o);
    fprintf(o->to, ",\"exit\":{\"code\":%d,\"name\":\"%s\"},\"ok\":%s}\n", code, code_name,
            code == 0 ? "true" : "false");
  }
  errno = 0;
  if (ferror(o->to) != 0) {
    fclose(o->to);
    errno = errno != 0 ? errno : EIO;
    return false;
  }
  return fclose(o->to) == 0;
}
