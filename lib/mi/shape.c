/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/shape.h"
#include "base/error.h"

#include <string.h>

/* A wrapped node; members that it lacks are NULL. */
struct node {
  const struct oha_mi_value *name, *value, *attributes, *children;
};

static bool is_node(const struct oha_mi_value *v, struct node *out)
{
  *out = (struct node){ NULL, NULL, NULL, NULL };
  if (v->type != OHA_MI_OBJECT || v->n_children == 0)
    return false;
  for (size_t i = 0; i < v->n_children; i++) {
    const struct oha_mi_value *member = &v->children[i];

    if (strcmp(member->name, "name") == 0)
      out->name = member;
    else if (strcmp(member->name, "value") == 0)
      out->value = member;
    else if (strcmp(member->name, "attributes") == 0)
      out->attributes = member;
    else if (strcmp(member->name, "children") == 0 || strcmp(member->name, "kids") == 0)
      out->children = member;
    else
      return false;
  }
  return true;
}

/* An empty value is written as "", null or {}. */
static bool is_empty(const struct oha_mi_value *v)
{
  return v == NULL || v->type == OHA_MI_NULL || (v->type == OHA_MI_OBJECT && v->n_children == 0) ||
         (v->type == OHA_MI_STRING && v->string[0] == '\0');
}

static void put_leaf(struct oha__mi_builder *b, const char *name, const struct oha_mi_value *v)
{
  struct oha_mi_value empty = { .type = OHA_MI_STRING, .string = "" };

  if (is_empty(v))
    oha__mi_put(b, name, empty);
  else
    oha__mi_put_copy(b, name, v);
}

static bool put_nodes(struct oha__mi_builder *b, const struct oha_mi_value *container);

static void put_node(struct oha__mi_builder *b, const char *name, const struct oha_mi_value *v)
{
  struct node node;
  bool has_names = false;

  if (!is_node(v, &node)) {
    put_leaf(b, name, v);
    return;
  }
  if (is_empty(node.attributes) && is_empty(node.children)) {
    put_leaf(b, name, node.value);
    return;
  }
  oha__mi_begin(b, name, OHA_MI_OBJECT);
  if (!is_empty(node.value)) {
    put_leaf(b, name, node.value);
    has_names = true;
  }
  if (node.attributes != NULL && node.attributes->type == OHA_MI_OBJECT) {
    for (size_t i = 0; i < node.attributes->n_children; i++)
      put_leaf(b, node.attributes->children[i].name, &node.attributes->children[i]);
    has_names |= node.attributes->n_children > 0;
  }
  if (node.children != NULL)
    has_names |= put_nodes(b, node.children);
  oha__mi_end_as(b, has_names ? OHA_MI_OBJECT : OHA_MI_ARRAY);
}

/* The nodes of an object, or of the list that 1.11 makes of nodes. Has any of them a name? */
static bool put_nodes(struct oha__mi_builder *b, const struct oha_mi_value *container)
{
  bool has_names = false;

  if (container->type != OHA_MI_OBJECT && container->type != OHA_MI_ARRAY) {
    put_leaf(b, "", container);
    return false;
  }
  for (size_t i = 0; b->rc == OHA_OK && i < container->n_children; i++) {
    const struct oha_mi_value *v = &container->children[i];
    const char *name = v->name == NULL ? "" : v->name;
    struct node node;

    if (v->name == NULL && is_node(v, &node) && node.name != NULL && node.name->type == OHA_MI_STRING)
      name = node.name->string;
    has_names |= name[0] != '\0';
    if (v->type != OHA_MI_ARRAY) {
      put_node(b, name, v);
      continue;
    }
    for (size_t k = 0; b->rc == OHA_OK && k < v->n_children; k++)
      put_node(b, name, &v->children[k]);
  }
  return has_names;
}

enum oha_rc oha__mi_reshape(struct oha_mi_reply *reply, struct oha_error *err)
{
  struct oha_mi_value value = reply->value;
  struct oha__mi_builder b;
  enum oha_rc rc;

  if (value.type != OHA_MI_OBJECT && value.type != OHA_MI_ARRAY)
    return OHA_OK;
  oha__mi_build(&b, reply);
  oha__mi_begin(&b, NULL, OHA_MI_OBJECT);
  oha__mi_end_as(&b, put_nodes(&b, &value) ? OHA_MI_OBJECT : OHA_MI_ARRAY);
  rc = oha__mi_built(&b, &reply->value);
  if (rc == OHA_E_PROTOCOL)
    return oha__fail(err, rc, "reply: deeper than %d levels", OHA_MI_DEPTH);
  return rc == OHA_OK ? OHA_OK : oha__fail_nomem(err);
}

enum oha_rc oha__mi_reshape_pairs(struct oha_mi_reply *reply, struct oha_error *err)
{
  const struct oha_mi_value *v = &reply->value;
  struct oha__mi_builder b;
  enum oha_rc rc;

  if (v->type != OHA_MI_ARRAY || v->n_children == 0)
    return OHA_OK;
  for (size_t i = 0; i < v->n_children; i++)
    if (v->children[i].type != OHA_MI_STRING || strstr(v->children[i].string, " = ") == NULL)
      return OHA_OK;
  oha__mi_build(&b, reply);
  oha__mi_begin(&b, NULL, OHA_MI_OBJECT);
  for (size_t i = 0; b.rc == OHA_OK && i < v->n_children; i++) {
    const char *text = v->children[i].string, *at = strstr(text, " = ");
    const char *name = oha__mi_text(reply, (struct oha_span){ text, (size_t)(at - text) });

    if (name == NULL)
      b.rc = OHA_E_NOMEM;
    oha__mi_put_string(&b, name, oha__span(at + 3));
  }
  oha__mi_end(&b);
  rc = oha__mi_built(&b, &reply->value);
  return rc == OHA_OK ? OHA_OK : oha__fail_nomem(err);
}
