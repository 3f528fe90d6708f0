/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <opensips-ha/mi.h>
#include "base/error.h"
#include "mi/json.h"
#include "mi/value.h"

const struct oha_mi_value *oha_mi_reply_value(const struct oha_mi_reply *reply)
{
  return &reply->value;
}

int oha_mi_reply_code(const struct oha_mi_reply *reply)
{
  return reply->code;
}

const char *oha_mi_reply_reason(const struct oha_mi_reply *reply)
{
  return reply->reason;
}

const char *oha_mi_reply_date(const struct oha_mi_reply *reply)
{
  return reply->date;
}

enum oha_rc oha_mi_reply_read(const char *json, size_t n, struct oha_mi_reply **out, struct oha_error *err)
{
  struct oha_span text = { json, n };
  struct oha_mi_reply *reply;
  enum oha_rc rc;

  if (out != NULL)
    *out = NULL;
  if (json == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_mi_reply_read: NULL");
  reply = oha__mi_reply_new();
  if (reply == NULL)
    return oha__fail_nomem(err);
  rc = oha__json_read(&text, reply, &reply->value, err);
  if (rc == OHA_OK && text.n > 0)
    rc = oha__fail(err, OHA_E_PROTOCOL, "JSON: more behind its end");
  if (rc == OHA_OK)
    *out = reply;
  else
    oha_mi_reply_free(reply);
  return rc;
}
