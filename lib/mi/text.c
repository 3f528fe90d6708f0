/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/text.h"
#include "base/error.h"

#include <string.h>

static bool is_trimmed(char c)
{
  return oha__is_blank(c) || c == '\r';
}

static bool has_blank_end(struct oha_span a)
{
  return a.n > 0 && (is_trimmed(a.p[0]) || is_trimmed(a.p[a.n - 1]));
}

static bool holds(struct oha_span a, const char *needle)
{
  return a.n > 0 && memmem(a.p, a.n, needle, strlen(needle)) != NULL;
}

/* The parser cuts at "::", at quotes and at line ends, and trims blanks, unless the value is in quotes. */
static bool needs_quotes(struct oha_span a)
{
  return has_blank_end(a) || holds(a, "::") || holds(a, "\"") || holds(a, "\n");
}

static enum oha_rc put_value(struct oha_span a, struct oha_sbuf *out, struct oha_error *err)
{
  bool quotes = needs_quotes(a);
  char safe[OHA_SAFE_SIZE];
  size_t n = 2;

  for (size_t i = 0; i < a.n; i++)
    n += a.p[i] == '"' ? 2 : 1;
  if (a.n == 0)
    return oha__fail(err, OHA_E_REFUSED, "this server's text form has no empty values");
  if (quotes && (a.p[a.n - 1] == '\\' || holds(a, "\\\"")))
    return oha__fail(err, OHA_E_REFUSED, "argument '%s': this server's text form has no \\ before a quote",
                     oha__safe(a, safe));
  if (n > OHA_MI_TEXT_LINE_MAX)
    return oha__fail(err, OHA_E_REFUSED,
                     "argument '%s': longer than the %d bytes of a line that this server reads",
                     oha__safe(a, safe), OHA_MI_TEXT_LINE_MAX);
  if (quotes)
    oha__sbuf_putc(out, '"');
  for (size_t i = 0; i < a.n; i++) {
    if (a.p[i] == '"')
      oha__sbuf_putc(out, '\\');
    oha__sbuf_putc(out, a.p[i]);
  }
  oha__sbuf_puts(out, quotes ? "\"\n" : "\n");
  return OHA_OK;
}

enum oha_rc oha__text_build(const struct oha__mi_request *q, struct oha_sbuf *out, struct oha_error *err)
{
  oha__sbuf_printf(out, ":%s:%s\n", q->method, q->reply_name == NULL ? "" : q->reply_name);
  for (size_t i = 0; i < q->n_args; i++) {
    enum oha_rc rc = put_value(oha__span(q->args[i].value), out, err);

    if (rc != OHA_OK)
      return rc;
  }
  oha__sbuf_putc(out, '\n');
  return OHA_OK;
}

/* A node's line without its indent. */
struct line {
  struct oha_span text;
  size_t indent;
};

/* A node with something below it, whose object is open in the builder. */
struct level {
  size_t indent; /* of its children */
  bool has_names;
};

struct reader {
  struct oha_span rest;
  struct oha__mi_builder b;
  struct level levels[OHA_MI_DEPTH + 1];
  size_t n_levels;
  bool saw_end; /* the empty line */
};

/* False at the empty line, and at the end of the bytes. */
static bool next_line(struct reader *r, struct line *out)
{
  const char *from = r->rest.p;
  struct oha_span one;

  do {
    struct oha_span behind = { r->rest.p + r->rest.n, 0 };

    if (r->rest.n == 0)
      break;
    one = r->rest;
    oha__span_cut(r->rest, '\n', &one, &behind);
    r->rest = behind;
  } while (one.n > 0 && one.p[one.n - 1] == '\r' && one.p + one.n < r->rest.p);
  if (r->rest.p == from)
    return false;
  out->text = (struct oha_span){ from, (size_t)(one.p + one.n - from) };
  if (out->text.n == 0) {
    r->saw_end = true;
    return false;
  }
  for (out->indent = 0; out->text.n > 0 && oha__is_blank(out->text.p[0]); out->indent++) {
    out->text.p++;
    out->text.n--;
  }
  return true;
}

/* Nodes whose value is a phone's or a carrier's words, in which "a b=c" is no attribute. */
static bool is_free_text(struct oha_span name)
{
  static const char *const names[] = { "User-agent", "Message", "Callid",       "Received", "Path",
                                       "Attr",       "Server",  "SIP_instance", "Help",     "Log" };

  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    if (oha__span_is(name, names[i]))
      return true;
  return false;
}

/* Bytes of a NAME= that begins there; 0 = none does. */
static size_t attribute_name(struct oha_span a, size_t at)
{
  size_t n = 0;

  while (at + n < a.n && (oha__is_alpha(a.p[at + n]) || a.p[at + n] == '_' ||
                          (n > 0 && (oha__is_digit(a.p[at + n]) || a.p[at + n] == '-'))))
    n++;
  return at + n < a.n && a.p[at + n] == '=' ? n : 0;
}

/* Where the next attribute's blank is, from *at* on; the length when there is none. */
static size_t find_attribute(struct oha_span a, size_t at)
{
  while (at < a.n && !(a.p[at] == ' ' && attribute_name(a, at + 1) > 0))
    at++;
  return at;
}

static const char *name_of(struct reader *r, struct oha_span name)
{
  const char *copy = name.n == 0 ? "" : oha__mi_text(r->b.reply, name);

  if (copy == NULL && r->b.rc == OHA_OK)
    r->b.rc = OHA_E_NOMEM;
  return copy;
}

static void put_attributes(struct reader *r, struct oha_span a, size_t at)
{
  while (at < a.n) {
    struct oha_span name = { a.p + at + 1, attribute_name(a, at + 1) };
    size_t value = at + 1 + name.n + 1, end = find_attribute(a, value);

    oha__mi_put_string(&r->b, name_of(r, name), (struct oha_span){ a.p + value, end - value });
    at = end;
  }
}

/* "NAME:: VALUE"; "NAME = VALUE" of statistics up to 1.8; else a value without a name. */
static void split_node(struct oha_span text, struct oha_span *name, struct oha_span *value)
{
  const char *at = memmem(text.p, text.n, "::", 2);
  size_t n_separator = 2;

  if (at == NULL) {
    at = memmem(text.p, text.n, " = ", 3);
    n_separator = 3;
  }
  *name = (struct oha_span){ text.p, at == NULL ? 0 : (size_t)(at - text.p) };
  *value = text;
  if (at == NULL)
    return;
  value->p = at + n_separator;
  value->n = text.n - name->n - n_separator;
  if (n_separator == 2 && value->n > 0 && value->p[0] == ' ') {
    value->p++;
    value->n--;
  }
}

/* The end of an object whose children all lack names is the end of an array. */
static void close_level(struct reader *r)
{
  oha__mi_end_as(&r->b, r->levels[r->n_levels - 1].has_names ? OHA_MI_OBJECT : OHA_MI_ARRAY);
  r->n_levels--;
}

static void put_node(struct reader *r, const struct line *line, const struct line *next)
{
  bool has_children = next != NULL && next->indent > line->indent, has_attributes;
  struct oha_span name, value;
  const char *label;
  size_t at;

  split_node(line->text, &name, &value);
  label = name_of(r, name);
  at = is_free_text(name) ? value.n : find_attribute(value, 0);
  has_attributes = at < value.n;
  r->levels[r->n_levels - 1].has_names |= name.n > 0;
  if (!has_children && !has_attributes) {
    oha__mi_put_string(&r->b, label, value);
    return;
  }
  oha__mi_begin(&r->b, label, OHA_MI_OBJECT);
  if (at > 0)
    oha__mi_put_string(&r->b, label, (struct oha_span){ value.p, at });
  put_attributes(r, value, at);
  if (!has_children)
    oha__mi_end(&r->b);
  else if (r->b.rc == OHA_OK)
    r->levels[r->n_levels++] =
        (struct level){ .indent = next->indent, .has_names = at > 0 || has_attributes };
}

static enum oha_rc read_nodes(struct reader *r, struct oha_span bytes, struct oha_mi_reply *reply,
                              struct oha_error *err)
{
  struct line line, next;
  bool has_line;
  enum oha_rc rc;

  r->rest = bytes;
  oha__mi_build(&r->b, reply);
  has_line = next_line(r, &line);
  if (!has_line)
    return OHA_OK;
  oha__mi_begin(&r->b, NULL, OHA_MI_OBJECT);
  r->levels[r->n_levels++] = (struct level){ .indent = line.indent };
  while (has_line && r->b.rc == OHA_OK) {
    bool has_next = next_line(r, &next);

    while (r->n_levels > 1 && line.indent < r->levels[r->n_levels - 1].indent)
      close_level(r);
    put_node(r, &line, has_next ? &next : NULL);
    line = next;
    has_line = has_next;
  }
  while (r->b.rc == OHA_OK && r->n_levels > 0)
    close_level(r);
  rc = oha__mi_built(&r->b, &reply->value);
  if (rc == OHA_E_PROTOCOL)
    return oha__fail(err, rc, "text reply: deeper than %d levels", OHA_MI_DEPTH);
  return rc == OHA_OK ? OHA_OK : oha__fail_nomem(err);
}

enum oha_rc oha__text_read_nodes(struct oha_span bytes, struct oha_mi_reply *reply, struct oha_error *err)
{
  struct reader r = { .n_levels = 0 };

  return read_nodes(&r, bytes, reply, err);
}

bool oha__text_is_status(struct oha_span bytes)
{
  return bytes.n >= 4 && oha__is_digit(bytes.p[0]) && bytes.p[0] != '0' && oha__is_digit(bytes.p[1]) &&
         oha__is_digit(bytes.p[2]) && (bytes.p[3] == ' ' || bytes.p[3] == '\n');
}

/* "500 command not available" by datagram, "500 command 'x' not available" by FIFO. */
static bool says_unknown(int code, struct oha_span reason)
{
  return code == 500 && oha__span_starts(reason, "command ") && holds(reason, "not available");
}

enum oha_rc oha__text_read(struct oha_span bytes, bool must_end, struct oha_mi_reply *reply,
                           struct oha_error *err)
{
  struct oha_span line = { NULL, 0 }, rest = { NULL, 0 }, reason;
  struct reader r = { .n_levels = 0 };
  char safe[OHA_SAFE_SIZE];
  enum oha_rc rc;
  int code;

  if (!oha__text_is_status(bytes) || !oha__span_cut(bytes, '\n', &line, &rest))
    return oha__fail(err, OHA_E_PROTOCOL, "no status line of a text reply: '%s'", oha__safe(bytes, safe));
  code = (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');
  reason = oha__span_trim((struct oha_span){ line.p + 3, line.n - 3 });
  rc = read_nodes(&r, rest, reply, err);
  if (rc != OHA_OK)
    return rc;
  if (must_end && code == 200 && !r.saw_end)
    return oha__fail(err, OHA_E_PROTOCOL, "the text reply was cut off after %zu bytes", bytes.n);
  reply->code = code;
  reply->is_text = true;
  reply->is_unknown_command = says_unknown(code, reason);
  if (code == 200)
    return OHA_OK;
  reply->reason = oha__mi_text(reply, reason);
  if (reply->reason != NULL)
    return OHA_OK;
  reply->reason = "";
  return oha__fail_nomem(err);
}
