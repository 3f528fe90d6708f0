/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mi_show.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- JSON ---- */

static void put_json(FILE *to, const struct oha_mi_value *v);

struct child {
  const struct oha_mi_value *value;
};

static int by_name_then_place(const void *a, const void *b)
{
  const struct oha_mi_value *one = ((const struct child *)a)->value;
  const struct oha_mi_value *other = ((const struct child *)b)->value;
  int order = strcmp(one->name, other->name);

  return order != 0 ? order : one < other ? -1 : 1;
}

/* Children of one name, as they stand in the array that is sorted by names. */
struct group {
  size_t first, n; /* n 0: not the first child of its name */
};

/* For each child in its place. @return some name repeats */
static bool find_groups(const struct oha_mi_value *object, struct group *groups, struct child *sorted)
{
  size_t n = object->n_children;
  bool repeats = false;

  for (size_t i = 0; i < n; i++)
    sorted[i].value = &object->children[i];
  qsort(sorted, n, sizeof(*sorted), by_name_then_place);
  for (size_t i = 0, k; i < n; i = k) {
    for (k = i + 1; k < n && strcmp(sorted[k].value->name, sorted[i].value->name) == 0; k++)
      groups[sorted[k].value - object->children].n = 0;
    groups[sorted[i].value - object->children] = (struct group){ i, k - i };
    repeats |= k - i > 1;
  }
  return repeats;
}

static void put_array(FILE *to, const struct child *values, size_t n)
{
  putc('[', to);
  for (size_t i = 0; i < n; i++) {
    if (i > 0)
      putc(',', to);
    put_json(to, values[i].value);
  }
  putc(']', to);
}

static void put_object(FILE *to, const struct oha_mi_value *v)
{
  size_t n = v->n_children;
  struct group *groups = calloc(n + 1, sizeof(*groups));
  struct child *sorted = calloc(n + 1, sizeof(*sorted));
  bool repeats = groups != NULL && sorted != NULL && find_groups(v, groups, sorted), said = false;

  putc('{', to);
  for (size_t i = 0; i < n; i++) {
    if (repeats && groups[i].n == 0)
      continue;
    if (said)
      putc(',', to);
    said = true;
    text_json(to, v->children[i].name, strlen(v->children[i].name));
    putc(':', to);
    if (repeats && groups[i].n > 1)
      put_array(to, sorted + groups[i].first, groups[i].n);
    else
      put_json(to, &v->children[i]);
  }
  putc('}', to);
  free(groups);
  free(sorted);
}

static void put_json(FILE *to, const struct oha_mi_value *v)
{
  switch (v->type) {
  case OHA_MI_STRING:
    text_json(to, v->string, strlen(v->string));
    break;
  case OHA_MI_INT:
  case OHA_MI_REAL:
    fputs(v->string, to);
    break;
  case OHA_MI_BOOL:
    fputs(v->boolean ? "true" : "false", to);
    break;
  case OHA_MI_ARRAY:
    putc('[', to);
    for (size_t i = 0; i < v->n_children; i++) {
      if (i > 0)
        putc(',', to);
      put_json(to, &v->children[i]);
    }
    putc(']', to);
    break;
  case OHA_MI_OBJECT:
    put_object(to, v);
    break;
  case OHA_MI_NULL:
    fputs("null", to);
    break;
  }
}

/* ---- text ---- */

static void put_safe(FILE *to, const char *text)
{
  size_t n = strlen(text);
  char *safe = malloc(4 * n + 1); /* "\x1b" */

  if (safe == NULL)
    return;
  text_safe(text, n, safe, 4 * n + 1);
  fputs(safe, to);
  free(safe);
}

static bool has_lines(const struct oha_mi_value *v)
{
  return (v->type == OHA_MI_ARRAY || v->type == OHA_MI_OBJECT) && v->n_children > 0;
}

static void put_scalar(FILE *to, const struct oha_mi_value *v)
{
  if (v->string != NULL)
    put_safe(to, v->string);
  else if (v->type == OHA_MI_BOOL)
    fputs(v->boolean ? "yes" : "no", to);
  else
    putc('-', to); /* there is none */
}

/* @p bullet: the first line is an element's, and its dash takes two columns of the indent. */
static void put_lines(FILE *to, const struct oha_mi_value *v, int indent, bool bullet)
{
  if (!has_lines(v)) {
    fprintf(to, "%*s", indent, "");
    put_scalar(to, v);
    putc('\n', to);
    return;
  }
  for (size_t i = 0; i < v->n_children; i++) {
    const struct oha_mi_value *child = &v->children[i];

    if (v->type == OHA_MI_ARRAY) {
      put_lines(to, child, has_lines(child) ? indent + 2 : indent, has_lines(child));
      continue;
    }
    fprintf(to, "%*s", indent, bullet && i == 0 ? "- " : "");
    put_safe(to, child->name);
    if (has_lines(child)) {
      fputs(":\n", to);
      put_lines(to, child, indent + 2, false);
    } else {
      fputs(": ", to);
      put_scalar(to, child);
      putc('\n', to);
    }
  }
}

void mi_show(struct out *o, const char *key, const struct oha_mi_value *value)
{
  if (out_top_raw(o, key))
    put_json(o->to, value);
  else if (value->type != OHA_MI_NULL)
    put_lines(o->to, value, 0, false);
}
