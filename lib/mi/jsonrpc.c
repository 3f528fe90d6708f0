/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/jsonrpc.h"
#include "base/error.h"
#include "mi/json.h"

#include <string.h>

#define METHOD_NOT_FOUND (-32601)
#define METHOD_AMBIGUOUS (-32001) /* of OpenSIPS 4.0 */
#define KAMAILIO_UNKNOWN 500

static enum oha_rc put_value(const struct oha_mi_arg *arg, struct oha_sbuf *out, struct oha_error *err)
{
  struct oha_span text = oha__span(arg->value);
  char safe[OHA_SAFE_SIZE];

  if (arg->kind == OHA_MI_ARG_NUMBER) {
    if (!oha__mi_is_number(text))
      return oha__fail(err, OHA_E_REFUSED, "argument '%s': not a number", oha__safe(text, safe));
    oha__sbuf_put(out, text);
  } else if (!oha__json_put(out, text)) {
    return oha__fail(err, OHA_E_REFUSED, "argument '%s': not valid UTF-8", oha__safe(text, safe));
  }
  return OHA_OK;
}

static enum oha_rc put_params(const struct oha__mi_request *q, struct oha_sbuf *out, struct oha_error *err)
{
  bool named = q->args[0].name != NULL;

  oha__sbuf_puts(out, named ? ",\"params\":{" : ",\"params\":[");
  for (size_t i = 0; i < q->n_args; i++) {
    const struct oha_mi_arg *arg = &q->args[i];
    bool goes_on = i > 0 && oha__mi_is_same_array(arg - 1, arg);
    bool ends = i + 1 == q->n_args || !oha__mi_is_same_array(arg, arg + 1);
    enum oha_rc rc;

    if (i > 0)
      oha__sbuf_putc(out, ',');
    if (named && !goes_on) {
      if (!oha__json_put(out, oha__span(arg->name)))
        return oha__fail(err, OHA_E_REFUSED, "the name of argument %zu is not valid UTF-8", i + 1);
      oha__sbuf_putc(out, ':');
    }
    if (arg->kind == OHA_MI_ARG_ELEMENT && !goes_on)
      oha__sbuf_putc(out, '[');
    rc = put_value(arg, out, err);
    if (rc != OHA_OK)
      return rc;
    if (arg->kind == OHA_MI_ARG_ELEMENT && ends)
      oha__sbuf_putc(out, ']');
  }
  oha__sbuf_putc(out, named ? '}' : ']');
  return OHA_OK;
}

enum oha_rc oha__jsonrpc_build(const struct oha__mi_request *q, bool reply_member, struct oha_sbuf *out,
                               struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;

  oha__sbuf_printf(out, "{\"jsonrpc\":\"2.0\",\"id\":\"%s\",\"method\":", q->id);
  if (!oha__json_put(out, oha__span(q->method)))
    return oha__fail(err, OHA_E_REFUSED, "the command's name is not valid UTF-8");
  if (reply_member)
    oha__sbuf_printf(out, ",\"reply_name\":\"%s\"", q->reply_name);
  if (q->n_args > 0)
    rc = put_params(q, out, err);
  oha__sbuf_putc(out, '}');
  return rc;
}

static bool is_string(const struct oha_mi_value *value, const char *text)
{
  return value != NULL && value->type == OHA_MI_STRING && strcmp(value->string, text) == 0;
}

/* Kamailio words its own "Method Not Found", with a code that others use, too. */
static bool says_unknown(int64_t code, const char *message)
{
  return code == METHOD_NOT_FOUND || code == METHOD_AMBIGUOUS ||
         (code == KAMAILIO_UNKNOWN && strcmp(message, "Method Not Found") == 0);
}

static enum oha_rc take_error(const struct oha_mi_value *error, struct oha_mi_reply *reply,
                              struct oha_error *err)
{
  const struct oha_mi_value *code = oha_mi_member(error, "code"), *message = oha_mi_member(error, "message");
  const struct oha_mi_value *data = oha_mi_member(error, "data");

  if (code == NULL || code->type != OHA_MI_INT || code->integer < INT32_MIN || code->integer > INT32_MAX ||
      (message != NULL && message->type != OHA_MI_STRING))
    return oha__fail(err, OHA_E_PROTOCOL, "JSON-RPC: an error without code and message");
  reply->code = (int)code->integer;
  reply->reason = message == NULL ? "" : message->string;
  reply->is_unknown_command = says_unknown(code->integer, reply->reason);
  if (data != NULL)
    reply->value = *data;
  reply->value.name = NULL;
  return OHA_OK;
}

static enum oha_rc take_object(const struct oha_mi_value *top, struct oha_span bytes, const char *id,
                               struct oha_mi_reply *reply, struct oha_error *err)
{
  const struct oha_mi_value *error = oha_mi_member(top, "error"), *result = oha_mi_member(top, "result");
  const struct oha_mi_value *found = oha_mi_member(top, "id");
  char safe[OHA_SAFE_SIZE];

  if (!is_string(oha_mi_member(top, "jsonrpc"), "2.0") || (error == NULL) == (result == NULL))
    return oha__fail(err, OHA_E_PROTOCOL, "not a JSON-RPC 2.0 reply: '%s'", oha__safe(bytes, safe));
  /* Some put a number where they read a string of digits. */
  if ((found == NULL || found->string == NULL || strcmp(found->string, id) != 0) &&
      (error == NULL || found == NULL || found->type != OHA_MI_NULL))
    return OHA_END;
  if (error != NULL)
    return take_error(error, reply, err);
  reply->value = *result;
  reply->value.name = NULL;
  return OHA_OK;
}

enum oha_rc oha__jsonrpc_read(struct oha_span bytes, const char *id, struct oha_mi_reply *reply,
                              struct oha_error *err)
{
  enum oha_rc rc;

  do {
    struct oha_span whole = bytes;
    struct oha_mi_value top;

    rc = oha__json_read(&bytes, reply, &top, err);
    if (rc == OHA_OK)
      rc = take_object(&top, whole, id, reply, err);
  } while (rc == OHA_END && bytes.n > 0);
  return rc;
}
