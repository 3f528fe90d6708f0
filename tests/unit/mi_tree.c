/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mi_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool holds, const char *what)
{
  if (holds)
    return;
  fprintf(stderr, "mi_tree: %s\n", what);
  abort();
}

static void put_string(FILE *f, const char *text)
{
  putc('"', f);
  for (const char *p = text; *p != '\0'; p++) {
    unsigned char c = (unsigned char)*p;

    if (c == '"' || c == '\\')
      fprintf(f, "\\%c", c);
    else if (c == '\n')
      fputs("\\n", f);
    else if (c < 0x20)
      fprintf(f, "\\u%04x", c);
    else
      putc(c, f);
  }
  putc('"', f);
}

static bool is_listed(const char *name, const char *const *list)
{
  for (; list != NULL && *list != NULL; list++)
    if (name != NULL && strcmp(name, *list) == 0)
      return true;
  return false;
}

static void put_value(FILE *f, const struct oha_mi_value *v, const char *const *passed_over, unsigned depth)
{
  bool is_object = v->type == OHA_MI_OBJECT, is_array = v->type == OHA_MI_ARRAY;
  bool is_number = v->type == OHA_MI_INT || v->type == OHA_MI_REAL;

  require(depth <= OHA_MI_DEPTH, "too deep");
  require((v->string != NULL) == (v->type == OHA_MI_STRING || is_number), "string");
  require(is_object || is_array ? (v->children == NULL) == (v->n_children == 0) : v->n_children == 0,
          "children");
  if (is_listed(v->name, passed_over))
    fputs("...", f);
  else if (is_object || is_array) {
    const struct oha_mi_value *children = v->children;

    putc(is_object ? '{' : '[', f);
    for (size_t i = 0; children != NULL && i < v->n_children; i++) {
      require((children[i].name != NULL) == is_object, "name");
      if (i > 0)
        putc(',', f);
      if (is_object) {
        put_string(f, children[i].name);
        putc(':', f);
      }
      put_value(f, &children[i], passed_over, depth + 1);
    }
    putc(is_object ? '}' : ']', f);
  } else if (v->type == OHA_MI_STRING) {
    put_string(f, v->string);
  } else if (is_number) {
    fputs(v->string, f);
  } else if (v->type == OHA_MI_BOOL) {
    fputs(v->boolean ? "true" : "false", f);
  } else {
    require(v->type == OHA_MI_NULL, "type");
    fputs("null", f);
  }
}

char *mi_tree_text_without(const struct oha_mi_value *value, const char *const *passed_over)
{
  char *text = NULL;
  size_t n;
  FILE *f = open_memstream(&text, &n);

  require(f != NULL, "no memory");
  put_value(f, value, passed_over, 0);
  require(fclose(f) == 0, "no memory");
  return text;
}

char *mi_tree_text(const struct oha_mi_value *value)
{
  return mi_tree_text_without(value, NULL);
}

/* "### REQUEST (42 bytes)" and its bytes; false when @p title does not come next. */
static bool take_part(struct oha_span *rest, const char *title, struct oha_span *out)
{
  struct oha_span line, behind;
  size_t n;

  while (rest->n > 0 && rest->p[0] == '\n')
    *rest = (struct oha_span){ rest->p + 1, rest->n - 1 };
  if (!oha__span_cut(*rest, '\n', &line, &behind) || !oha__span_starts(line, title))
    return false;
  n = strtoul(line.p + strlen(title), NULL, 10);
  if (n > behind.n)
    return false;
  *out = (struct oha_span){ behind.p, n };
  *rest = (struct oha_span){ behind.p + n, behind.n - n };
  return true;
}

bool mi_capture_load(const char *name, struct mi_capture *out)
{
  const char *top = getenv("top_srcdir");
  struct oha_span rest = { NULL, 0 };
  char path[512];
  size_t n = 0;
  FILE *f, *copy;
  int c;

  snprintf(path, sizeof(path), "%s/tests/data/mi/%s", top == NULL ? "." : top, name);
  f = fopen(path, "rb");
  if (f == NULL)
    return false;
  copy = open_memstream(&out->file, &n);
  require(copy != NULL, "no memory");
  while ((c = getc(f)) != EOF)
    putc(c, copy);
  require(fclose(copy) == 0 && fclose(f) == 0, path);
  rest = (struct oha_span){ out->file, n };
  require(take_part(&rest, "### REQUEST (", &out->request), path);
  require(take_part(&rest, "### RESPONSE (", &out->response), path);
  return true;
}
