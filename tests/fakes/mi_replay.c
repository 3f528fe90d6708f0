/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mi_replay.h"

#include "mi/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds, const char *what)
{
  if (holds)
    return;
  fprintf(stderr, "mi_replay: %s\n", what);
  abort();
}

static struct oha_span body_of(struct oha_span http)
{
  const char *at = memmem(http.p, http.n, "\r\n\r\n", 4);

  return at == NULL ? http : (struct oha_span){ at + 4, http.n - (size_t)(at + 4 - http.p) };
}

static struct oha_span json_of(struct oha_span bytes)
{
  const char *at = bytes.n == 0 ? NULL : memchr(bytes.p, '{', bytes.n);

  return at == NULL ? (struct oha_span){ "", 0 } : (struct oha_span){ at, bytes.n - (size_t)(at - bytes.p) };
}

static void add_json_arg(struct replay *r, const struct oha_mi_value *v, const char *name)
{
  for (size_t i = 0; v->type == OHA_MI_ARRAY && i < v->n_children; i++)
    r->args[r->n_args++] = (struct oha_mi_arg){ name, v->children[i].string, OHA_MI_ARG_ELEMENT };
  if (v->type != OHA_MI_ARRAY)
    r->args[r->n_args++] =
        (struct oha_mi_arg){ name, v->string, v->type == OHA_MI_INT ? OHA_MI_ARG_NUMBER : OHA_MI_ARG_TEXT };
}

static void read_json_request(struct replay *r)
{
  struct oha_span json = json_of(r->capture.request);
  const struct oha_mi_value *params;

  must(oha_mi_reply_read(json.p, json.n, &r->request, NULL) == OHA_OK, r->transport);
  snprintf(r->command, sizeof(r->command), "%s",
           oha_mi_member(oha_mi_reply_value(r->request), "method")->string);
  params = oha_mi_member(oha_mi_reply_value(r->request), "params");
  for (size_t i = 0; params != NULL && i < params->n_children; i++)
    add_json_arg(r, &params->children[i], params->children[i].name);
}

/* Values that stand one after the other in r->text, ended by NULs. */
static void keep_arg(struct replay *r, size_t *used, struct oha_span value)
{
  must(*used + value.n + 1 < sizeof(r->text), r->transport);
  memcpy(r->text + *used, value.p, value.n);
  r->text[*used + value.n] = '\0';
  r->args[r->n_args++] = (struct oha_mi_arg){ NULL, r->text + *used, OHA_MI_ARG_TEXT };
  *used += value.n + 1;
}

static void read_text_request(struct replay *r)
{
  struct oha_span rest = r->capture.request, line;
  size_t used = 0;

  must(oha__span_cut(rest, '\n', &line, &rest), r->transport);
  snprintf(r->command, sizeof(r->command), "%.*s", (int)strcspn(line.p + 1, ":"), line.p + 1);
  while (oha__span_cut(rest, '\n', &line, &rest) && line.n > 0)
    keep_arg(r, &used, line);
}

/* "GET /json/ul_show_contact?params=location,natty%40sip.test HTTP/1.1" */
static void read_mijson_request(struct replay *r)
{
  struct oha_span line, rest, params = { "", 0 }, one;
  size_t used = 0;

  must(oha__span_cut(r->capture.request, '\r', &line, &rest), r->transport);
  sscanf(line.p, "GET /json/%63[a-z_]", r->command);
  if (oha__span_cut(line, '=', &one, &rest))
    must(oha__span_cut(rest, ' ', &params, &rest), r->transport);
  while (params.n > 0) {
    char value[256];
    size_t n = 0;

    one = params;
    rest = (struct oha_span){ "", 0 };
    oha__span_cut(params, ',', &one, &rest);
    params = rest;
    for (size_t i = 0; i < one.n; i++) {
      unsigned code = 0;

      if (one.p[i] == '%')
        code = (unsigned)oha__hex_digit(one.p[i + 1]) * 16 + (unsigned)oha__hex_digit(one.p[i + 2]);
      value[n++] = one.p[i] != '%' ? one.p[i] : (char)code;
      i += one.p[i] == '%' ? 2 : 0;
    }
    keep_arg(r, &used, (struct oha_span){ value, n });
  }
}

/* The texts between tags, separated by blanks. */
static void xml_words(struct oha_span xml, char *out, size_t size)
{
  size_t n = 0;
  bool in_tag = false;

  for (size_t i = 0; i < xml.n && n + 2 < size; i++) {
    if (xml.p[i] == '<' && n > 0 && out[n - 1] != ' ')
      out[n++] = ' ';
    in_tag = xml.p[i] == '<' || (in_tag && xml.p[i - 1] != '>');
    if (!in_tag && xml.p[i] != '\n' && xml.p[i] != '\r' && xml.p[i] != '>')
      out[n++] = xml.p[i];
  }
  out[n] = '\0';
}

static void read_xml_request(struct replay *r)
{
  struct oha_span body = body_of(r->capture.request);
  bool has_names = memmem(body.p, body.n, "<name>", 6) != NULL,
       is_array = memmem(body.p, body.n, "<array>", 7) != NULL;
  char words[1024], *save = NULL;
  size_t used = 0;

  xml_words(body, words, sizeof(words));
  snprintf(r->command, sizeof(r->command), "%s", strtok_r(words, " ", &save));
  for (char *word = strtok_r(NULL, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
    const char *name = NULL;

    if (has_names) {
      keep_arg(r, &used, oha__span(word));
      name = r->args[--r->n_args].value;
      word = strtok_r(NULL, " ", &save);
      must(word != NULL, r->transport);
    }
    keep_arg(r, &used, oha__span(word));
    r->args[r->n_args - 1].name = name;
    if (is_array)
      r->args[r->n_args - 1].kind = OHA_MI_ARG_ELEMENT;
  }
}

static void read_request(struct replay *r)
{
  if (strncmp(r->transport, "xml", 3) == 0)
    read_xml_request(r);
  else if (strcmp(r->transport, "json") == 0)
    read_mijson_request(r);
  else if (r->is_text_era)
    read_text_request(r);
  else
    read_json_request(r);
}

static bool same_member(const struct oha_mi_value *a, const struct oha_mi_value *b, const char *name)
{
  const struct oha_mi_value *in_a = oha_mi_member(a, name), *in_b = oha_mi_member(b, name);
  char *text_a, *text_b;
  bool same;

  if (in_a == NULL || in_b == NULL)
    return in_a == in_b;
  text_a = mi_tree_text(in_a);
  text_b = mi_tree_text(in_b);
  same = strcmp(text_a, text_b) == 0;
  free(text_a);
  free(text_b);
  return same;
}

static bool same_json(const struct replay *r, const struct fake *f)
{
  struct oha_span json = json_of((struct oha_span){ f->request, f->n_request });
  const struct oha_mi_value *then = oha_mi_reply_value(r->request), *now;
  struct oha_mi_reply *request;
  bool same;

  if (oha_mi_reply_read(json.p, json.n, &request, NULL) != OHA_OK)
    return false;
  now = oha_mi_reply_value(request);
  same = same_member(then, now, "method") && same_member(then, now, "params") &&
         same_member(then, now, "jsonrpc");
  oha_mi_reply_free(request);
  return same;
}

/* Everything but the name of the reply FIFO. */
static bool same_text(const struct replay *r, const struct fake *f)
{
  struct oha_span then = r->capture.request, now = { f->request, f->n_request }, first;

  return strncmp(now.p + 1, r->command, strlen(r->command)) == 0 &&
         oha__span_cut(then, '\n', &first, &then) && oha__span_cut(now, '\n', &first, &now) &&
         oha__span_starts(then, now.p);
}

bool replay_matches(const struct replay *r, const struct fake *f)
{
  char then[1024], now[1024];

  if (strncmp(r->transport, "xml", 3) == 0) {
    xml_words(body_of(r->capture.request), then, sizeof(then));
    xml_words(body_of((struct oha_span){ f->request, f->n_request }), now, sizeof(now));
    return strcmp(then, now) == 0;
  }
  if (strcmp(r->transport, "json") == 0)
    return strncmp(r->capture.request.p, f->request, strcspn(f->request, "\r")) == 0;
  return r->is_text_era ? same_text(r, f) : same_json(r, f);
}

bool replay_load(const char *version, const char *file, struct replay *out)
{
  char name[256];

  memset(out, 0, sizeof(*out));
  snprintf(name, sizeof(name), "%s/%s", version, file);
  /* What nobody answered; and values without a type, which we do not send. */
  if (sscanf(file, "%15[a-z]-", out->transport) != 1 || strstr(file, "incomplete") != NULL ||
      strstr(file, "untyped") != NULL)
    return false;
  must(mi_capture_load(name, &out->capture), name);
  out->is_text_era = version[0] != '3';
  read_request(out);
  return true;
}

void replay_free(struct replay *r)
{
  oha_mi_reply_free(r->request);
  free(r->capture.file);
}
