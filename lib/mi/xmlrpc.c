/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/xmlrpc.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mi/shape.h"
#include "mi/text.h"
#include "mi/xmlrpc_tree.h"

#include <string.h>

static bool put_text(struct oha_sbuf *out, struct oha_span a)
{
  for (size_t i = 0, len; i < a.n; i += len) {
    unsigned char c = (unsigned char)a.p[i];

    len = oha__utf8_len(a.p + i, a.n - i);
    if (len == 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
      return false;
    if (c == '<')
      oha__sbuf_puts(out, "&lt;");
    else if (c == '>')
      oha__sbuf_puts(out, "&gt;");
    else if (c == '&')
      oha__sbuf_puts(out, "&amp;");
    else if (c == '\r') /* a bare one would be read as a line feed: XML 1.0 section 2.11 */
      oha__sbuf_puts(out, "&#13;");
    else
      oha__sbuf_put(out, (struct oha_span){ a.p + i, len });
  }
  return true;
}

static enum oha_rc put_value(const struct oha_mi_arg *arg, struct oha_sbuf *out, struct oha_error *err)
{
  struct oha_span text = oha__span(arg->value);
  char safe[OHA_SAFE_SIZE];
  const char *type = "string";

  if (arg->kind == OHA_MI_ARG_NUMBER) {
    int64_t number;

    if (!oha__mi_is_number(text))
      return oha__fail(err, OHA_E_REFUSED, "argument '%s': not a number", oha__safe(text, safe));
    type = oha__span_i64(text, &number) && number >= INT32_MIN && number <= INT32_MAX ? "int" : "double";
  }
  oha__sbuf_printf(out, "<value><%s>", type);
  if (!put_text(out, text))
    return oha__fail(err, OHA_E_REFUSED, "argument '%s': XML cannot hold these bytes", oha__safe(text, safe));
  oha__sbuf_printf(out, "</%s></value>", type);
  return OHA_OK;
}

static enum oha_rc put_params(const struct oha__mi_request *q, struct oha_sbuf *out, struct oha_error *err)
{
  bool named = q->n_args > 0 && q->args[0].name != NULL;

  if (named)
    oha__sbuf_puts(out, "<param><value><struct>");
  for (size_t i = 0; i < q->n_args; i++) {
    const struct oha_mi_arg *arg = &q->args[i];
    bool begins = i == 0 || !oha__mi_is_same_array(arg - 1, arg),
         is_element = arg->kind == OHA_MI_ARG_ELEMENT;
    bool ends = i + 1 == q->n_args || !oha__mi_is_same_array(arg, arg + 1);
    enum oha_rc rc;

    if (begins && named) {
      oha__sbuf_puts(out, "<member><name>");
      if (!put_text(out, oha__span(arg->name)))
        return oha__fail(err, OHA_E_REFUSED, "XML cannot hold the name of argument %zu", i + 1);
      oha__sbuf_puts(out, "</name>");
    } else if (begins) {
      oha__sbuf_puts(out, "<param>");
    }
    if (begins && is_element)
      oha__sbuf_puts(out, "<value><array><data>");
    rc = put_value(arg, out, err);
    if (rc != OHA_OK)
      return rc;
    if (ends && is_element)
      oha__sbuf_puts(out, "</data></array></value>");
    if (ends)
      oha__sbuf_puts(out, named ? "</member>" : "</param>");
  }
  if (named)
    oha__sbuf_puts(out, "</struct></value></param>");
  return OHA_OK;
}

enum oha_rc oha__xmlrpc_build(const struct oha__mi_request *q, struct oha_sbuf *out, struct oha_error *err)
{
  enum oha_rc rc;

  oha__sbuf_puts(out, "<?xml version=\"1.0\"?>\n<methodCall><methodName>");
  if (!put_text(out, oha__span(q->method)))
    return oha__fail(err, OHA_E_REFUSED, "XML cannot hold the command's name");
  oha__sbuf_puts(out, "</methodName><params>");
  rc = put_params(q, out, err);
  oha__sbuf_puts(out, "</params></methodCall>");
  return rc;
}

/* -32601 since 3.0; 405 of mi_xmlrpc_ng before, -506 of mi_xmlrpc, each with its own words; Kamailio's 500.
 */
static bool says_unknown(int64_t code, const char *text)
{
  return code == -32601 || code == -32001 || code == -506 ||
         (code == 405 && strstr(text, "ommand") != NULL) ||
         (code == 500 && strcmp(text, "Method Not Found") == 0);
}

static enum oha_rc take_fault(const struct oha_mi_value *fault, struct oha_mi_reply *reply,
                              struct oha_error *err)
{
  const struct oha_mi_value *code = oha_mi_member(fault, "faultCode");
  const struct oha_mi_value *text = oha_mi_member(fault, "faultString");

  if (code == NULL || text == NULL || code->type != OHA_MI_INT || text->type != OHA_MI_STRING ||
      code->integer < INT32_MIN || code->integer > INT32_MAX)
    return oha__fail(err, OHA_E_PROTOCOL, "XML-RPC: a fault without code and text");
  /* A parse error has lost its sign in 3.0 and later. */
  reply->code = code->integer == 32700 ? -32700 : (int)code->integer;
  reply->reason = text->string;
  reply->is_unknown_command = says_unknown(code->integer, text->string);
  return OHA_OK;
}

/* The strings of an array behind each other as lines; false when they are not all strings. */
static bool join(const struct oha_mi_value *array, char **out, size_t *n)
{
  size_t total = 0;
  char *to;

  for (size_t i = 0; i < array->n_children; i++) {
    if (array->children[i].type != OHA_MI_STRING)
      return false;
    total += strlen(array->children[i].string) + 1;
  }
  to = *out = oha__calloc(total, 1);
  for (size_t i = 0; to != NULL && i < array->n_children; i++) {
    size_t length = strlen(array->children[i].string);

    memcpy(to, array->children[i].string, length);
    to += length;
    if (length == 0 || to[-1] != '\n')
      *to++ = '\n';
  }
  *n = to == NULL ? 0 : (size_t)(to - *out);
  return true;
}

/* format_version 1, reply_option 0 and 1: the text form's nodes in one string, or a string for each line. */
static enum oha_rc unwrap_text(struct oha_mi_reply *reply, struct oha_error *err)
{
  const struct oha_mi_value value = reply->value;
  struct oha_span text;
  char *lines = NULL;
  enum oha_rc rc;

  if (value.type == OHA_MI_STRING)
    text = oha__span(value.string);
  else if (value.type == OHA_MI_ARRAY && join(&value, &lines, &text.n))
    text.p = lines;
  else
    return oha__mi_reshape(reply, err);
  if (text.p == NULL)
    return oha__fail_nomem(err);
  reply->value = (struct oha_mi_value){ .type = OHA_MI_NULL };
  if (text.n == 0)
    reply->code = 0;
  rc = oha__text_read_nodes(text, reply, err);
  oha__free(lines);
  return rc;
}

enum oha_rc oha__xmlrpc_read(struct oha_span bytes, enum oha_mi_era era, struct oha_mi_reply *reply,
                             struct oha_error *err)
{
  struct oha_mi_value top;
  bool is_fault;
  enum oha_rc rc = oha__xmlrpc_tree(bytes, reply, &top, &is_fault, err);

  if (rc != OHA_OK)
    return rc;
  if (is_fault)
    return take_fault(&top, reply, err);
  reply->value = top;
  return era == OHA_MI_ERA_TEXT ? unwrap_text(reply, err) : OHA_OK;
}
