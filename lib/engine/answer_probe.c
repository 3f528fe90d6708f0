/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/answer.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <string.h>

static bool end_of_name(const char *name, enum oha_probe_end *out)
{
  static const enum oha_probe_end ends[] = { OHA_PROBE_ALIVE, OHA_PROBE_TIMEOUT, OHA_PROBE_REFUSED,
                                             OHA_PROBE_UNREACHABLE, OHA_PROBE_GARBLED };

  for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
    if (strcmp(oha_probe_end_name(ends[i]), name) == 0) {
      *out = ends[i];
      return true;
    }
  return false;
}

static void put_safe(char *out, size_t size, const char *text)
{
  struct oha_sbuf b;

  oha__sbuf_init(&b, out, size);
  oha__sbuf_put_safe(&b, oha__span(text), size - 1);
}

static enum oha_rc take_peer(const json_t *row, struct oha_probe_result *out, struct oha_error *err)
{
  const json_t *code = json_object_get(row, "code"), *rtt = json_object_get(row, "rtt_us");
  const char *reason = json_string_value(json_object_get(row, "reason"));
  const char *server = json_string_value(json_object_get(row, "server")); /* may be missing */
  json_int_t n_code = json_is_null(code) ? 0 : json_integer_value(code);

  if (!end_of_name(json_string_value(json_object_get(row, "end")), &out->end))
    return oha__answer_bad_key(err, "peers", "end");
  /* RFC 3261 section 7.2; a final reply is what makes a peer alive. */
  if ((!json_is_null(code) && (n_code < 100 || n_code > 699)) ||
      (out->end == OHA_PROBE_ALIVE && n_code < 200))
    return oha__answer_bad_key(err, "peers", "code");
  out->code = (uint16_t)n_code;
  out->rtt_us = json_is_null(rtt) ? -1 : json_integer_value(rtt);
  out->elapsed_us = json_integer_value(json_object_get(row, "elapsed_us"));
  if (!json_is_null(rtt) && out->rtt_us < 0)
    return oha__answer_bad_key(err, "peers", "rtt_us");
  if (out->elapsed_us < 0)
    return oha__answer_bad_key(err, "peers", "elapsed_us");
  put_safe(out->reason, sizeof(out->reason), reason);
  put_safe(out->server, sizeof(out->server), server);
  return OHA_OK;
}

enum oha_rc oha__answer_probe(const json_t *answer, const struct oha_sock *target,
                              struct oha_probe_result *out, struct oha_error *err)
{
  static const struct oha__key keys[] = {
    { "target", OHA_KEY_TEXT },           { "end", OHA_KEY_TEXT },
    { "code", OHA_KEY_NUMBER_OR_NULL },   { "reason", OHA_KEY_TEXT },
    { "rtt_us", OHA_KEY_NUMBER_OR_NULL }, { "elapsed_us", OHA_KEY_NUMBER },
  };
  const json_t *rows;
  enum oha_rc rc;

  memset(out, 0, sizeof(*out));
  rc = oha__answer_rows(answer, "peers", keys, sizeof(keys) / sizeof(*keys), &rows, err);
  for (size_t i = 0; rc == OHA_OK && i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    const char *text = json_string_value(json_object_get(row, "target"));
    struct oha_sock got;

    if (oha_sock_parse(text, strlen(text), &got, NULL) != OHA_OK)
      return oha__answer_bad_key(err, "peers", "target");
    if (!oha_sock_equal(&got, target))
      continue;
    rc = take_peer(row, out, err);
    if (rc != OHA_OK)
      memset(out, 0, sizeof(*out));
    return rc;
  }
  return rc != OHA_OK ? rc : oha__fail(err, OHA_E_PROTOCOL, "the answer's peers[] has no row for the target");
}
