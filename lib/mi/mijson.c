/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/mijson.h"
#include "base/error.h"
#include "mi/json.h"
#include "mi/shape.h"

#include <string.h>

/* RFC 3986 section 2.3 */
static bool is_unreserved(char c)
{
  return oha__is_alpha(c) || oha__is_digit(c) || (c != '\0' && strchr("-._~", c) != NULL);
}

static void put_escaped(struct oha_sbuf *out, const char *text)
{
  for (; *text != '\0'; text++) {
    if (is_unreserved(*text))
      oha__sbuf_putc(out, *text);
    else
      oha__sbuf_printf(out, "%%%02X", (unsigned char)*text);
  }
}

enum oha_rc oha__mijson_build(const struct oha__mi_request *q, const char *root, struct oha_sbuf *out,
                              struct oha_error *err)
{
  char safe[OHA_SAFE_SIZE];

  oha__sbuf_puts(out, root);
  oha__sbuf_putc(out, '/');
  put_escaped(out, q->method);
  for (size_t i = 0; i < q->n_args; i++) {
    const char *value = q->args[i].value;

    if (value[0] == '\0')
      return oha__fail(err, OHA_E_REFUSED, "mi_json has no empty values");
    if (strchr(value, ',') != NULL)
      return oha__fail(err, OHA_E_REFUSED, "argument '%s': mi_json cannot take a comma in a value",
                       oha__safe(oha__span(value), safe));
    oha__sbuf_puts(out, i == 0 ? "?params=" : ",");
    put_escaped(out, value);
  }
  return OHA_OK;
}

/* {"error": {"code": 404, "message": "AOR not found"}}, and nothing else. */
static bool take_error(const struct oha_mi_value *top, struct oha_mi_reply *reply)
{
  const struct oha_mi_value *error = oha_mi_member(top, "error");
  const struct oha_mi_value *code = oha_mi_member(error, "code"), *message = oha_mi_member(error, "message");

  if (top->n_children != 1 || code == NULL || message == NULL || code->type != OHA_MI_INT ||
      message->type != OHA_MI_STRING || code->integer < INT32_MIN || code->integer > INT32_MAX)
    return false;
  reply->code = (int)code->integer;
  reply->reason = message->string;
  reply->is_unknown_command = code->integer == 500 && strcmp(message->string, "Command not found") == 0;
  return true;
}

enum oha_rc oha__mijson_read(struct oha_span body, bool has_type, struct oha_mi_reply *reply,
                             struct oha_error *err)
{
  struct oha_mi_value top;
  enum oha_rc rc;
  char safe[OHA_SAFE_SIZE];

  if (body.n == 0) {
    reply->code = has_type ? 200 : 0;
    return OHA_OK;
  }
  rc = oha__json_read(&body, reply, &top, err);
  if (rc == OHA_OK && body.n > 0)
    rc = oha__fail(err, OHA_E_PROTOCOL, "JSON: more behind its end: '%s'", oha__safe(body, safe));
  if (rc != OHA_OK || take_error(&top, reply))
    return rc;
  reply->value = top;
  return oha__mi_reshape(reply, err);
}
