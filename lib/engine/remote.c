/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/remote.h"
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"

#include <string.h>

#define DEFAULT_TIMEOUT_US (5 * OHA_US_PER_S)
#define ANSWER_CAP_BYTES   ((size_t)1024 * 1024)
#define EXIT_UNREACHABLE   255 /* ssh(1): no connection */
#define EXIT_LARGEST       124

static size_t count(const char *const *argv)
{
  size_t n = 0;

  while (argv[n] != NULL)
    n++;
  return n;
}

/*
 * ssh(1) hands the words to a shell over there, other commands do not: so a word that a shell would change is
 * refused instead of quoted. Brackets are in IPv6 sockets; a shell leaves them alone unless a file of such a
 * name is there.
 */
static bool is_plain_word(const char *word)
{
  if (*word == '\0')
    return false;
  for (; *word != '\0'; word++)
    if (!oha__is_alpha(*word) && !oha__is_digit(*word) && strchr("._-:/@%+=,[]", *word) == NULL)
      return false;
  return true;
}

static enum oha_rc build_argv(const struct oha_remote_opts *o, const char ***out, struct oha_error *err)
{
  const char *const ours[] = { "ha-ctl", "-j", "--node", o->name };
  size_t n_command = count(o->remote_command), n_verb = count(o->verb), n_ours = sizeof(ours) / sizeof(*ours);
  char safe[OHA_SAFE_SIZE];
  const char **argv;

  for (size_t i = 0; i <= n_verb; i++) {
    const char *word = i == n_verb ? o->name : o->verb[i];

    if (!is_plain_word(word))
      return oha__fail(err, OHA_E_ARG,
                       "'%s' cannot be passed to another machine: letters, digits and ._-:/@%%+=,[] can",
                       oha__safe(oha__span(word), safe));
  }
  argv = oha__calloc(n_command + n_ours + n_verb + 1, sizeof(*argv));
  if (argv == NULL)
    return oha__fail_nomem(err);
  memcpy(argv, o->remote_command, n_command * sizeof(*argv));
  memcpy(argv + n_command, ours, sizeof(ours));
  memcpy(argv + n_command + n_ours, o->verb, n_verb * sizeof(*argv));
  *out = argv;
  return OHA_OK;
}

/* The last line that is not empty, of what ssh and the like say on stderr. */
static struct oha_span last_line(const char *text, size_t n)
{
  size_t end = n, begin;

  while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == '\r'))
    end--;
  for (begin = end; begin > 0 && text[begin - 1] != '\n'; begin--)
    continue;
  return (struct oha_span){ text + begin, end - begin };
}

static bool has_error_id(const json_t *answer, const char *id)
{
  const json_t *errors = json_object_get(answer, "errors");

  for (size_t i = 0; i < json_array_size(errors); i++) {
    const char *text = json_string_value(json_object_get(json_array_get(errors, i), "id"));

    if (text != NULL && strcmp(text, id) == 0)
      return true;
  }
  return false;
}

static enum oha_rc parse_answer(const struct oha_run_result *r, json_t **answer, struct oha_error *err)
{
  const char *schema;
  json_error_t why;

  if (r->truncated)
    return oha__fail(err, OHA_E_PROTOCOL, "the answer is longer than %zu bytes", ANSWER_CAP_BYTES);
  *answer = json_loadb(r->out, r->n_out, JSON_REJECT_DUPLICATES, &why);
  if (!json_is_object(*answer)) {
    char said[OHA_SAFE_SIZE];

    return oha__fail(err, OHA_E_PROTOCOL, "exit status %d and no JSON object; it says: %s", r->exit_status,
                     oha__safe(last_line(r->err_out, r->n_err_out), said));
  }
  schema = json_string_value(json_object_get(*answer, "schema"));
  if (schema == NULL || strcmp(schema, "opensips-ha/1") != 0)
    return oha__fail(err, OHA_E_PROTOCOL, "the answer is not of schema opensips-ha/1");
  if (r->exit_status > EXIT_LARGEST)
    return oha__fail(err, OHA_E_PROTOCOL, "exit status %d is none of ha-ctl", r->exit_status);
  return OHA_OK;
}

enum oha_rc oha__remote_judge(const struct oha_run_result *result, json_t **answer, struct oha_error *err)
{
  char said[OHA_SAFE_SIZE];
  enum oha_rc rc;

  *answer = NULL;
  if (result->exit_status == EXIT_UNREACHABLE)
    return oha__fail_sys(err, OHA_E_UNAVAILABLE, OHA_ORIGIN_EXIT, EXIT_UNREACHABLE, "not reachable: %s",
                         oha__safe(last_line(result->err_out, result->n_err_out), said));
  rc = parse_answer(result, answer, err);
  if (rc == OHA_OK && result->exit_status == 107 && has_error_id(*answer, "OHA-NODE-IDENTITY"))
    rc = oha__remote_failure(*answer, result->exit_status, err);
  if (rc != OHA_OK) {
    json_decref(*answer);
    *answer = NULL;
  }
  return rc;
}

/* The ids that ha-ctl gives to failures of this library. */
static enum oha_rc rc_of_id(const char *id)
{
  // clang-format off
  static const struct { const char *id; enum oha_rc rc; } rows[] = {
    { "OHA-BUSY", OHA_E_BUSY },           { "OHA-CANCELLED", OHA_E_CANCELLED },
    { "OHA-CONFIG", OHA_E_CONFIG },       { "OHA-DENIED", OHA_E_DENIED },
    { "OHA-EXISTS", OHA_E_EXISTS },       { "OHA-IO", OHA_E_IO },
    { "OHA-MEMORY", OHA_E_NOMEM },        { "OHA-NODE-IDENTITY", OHA_E_REFUSED },
    { "OHA-NOTFOUND", OHA_E_NOTFOUND },   { "OHA-REFUSED", OHA_E_REFUSED },
    { "OHA-TIMEOUT", OHA_E_TIMEOUT },     { "OHA-UNAVAILABLE", OHA_E_UNAVAILABLE },
  };
  // clang-format on

  for (size_t i = 0; id != NULL && i < sizeof(rows) / sizeof(*rows); i++)
    if (strcmp(rows[i].id, id) == 0)
      return rows[i].rc;
  return OHA_OK;
}

static enum oha_rc rc_of_exit(int exit_code)
{
  switch (exit_code) {
  case 75:
    return OHA_E_BUSY;
  case 77:
    return OHA_E_DENIED;
  case 78:
    return OHA_E_CONFIG;
  case 107:
    return OHA_E_REFUSED;
  case 108:
    return OHA_E_CANCELLED;
  case 124:
    return OHA_E_TIMEOUT;
  case 64: /* a verb or option that it does not know: another version */
    return OHA_E_PROTOCOL;
  default:
    return OHA_E_IO;
  }
}

enum oha_rc oha__remote_failure(const json_t *answer, int exit_code, struct oha_error *err)
{
  const json_t *first = json_array_get(json_object_get(answer, "errors"), 0);
  const char *text = json_string_value(json_object_get(first, "text"));
  enum oha_rc rc = rc_of_id(json_string_value(json_object_get(first, "id")));
  char buf[2 * OHA_SAFE_SIZE];
  struct oha_sbuf safe;

  if (rc == OHA_OK)
    rc = rc_of_exit(exit_code);
  oha__sbuf_init(&safe, buf, sizeof(buf));
  oha__sbuf_put_safe(&safe, oha__span(text), sizeof(buf) - 4);
  if (text == NULL || oha__sbuf_done(&safe) != OHA_OK)
    return oha__fail_sys(err, rc, OHA_ORIGIN_EXIT, exit_code, "exit status %d", exit_code);
  return oha__fail_sys(err, rc, OHA_ORIGIN_EXIT, exit_code, "%s", buf);
}

/* A command that could not be started reaches nobody; why is in the text. */
static enum oha_rc run(struct oha_ctx *ctx, const struct oha_remote_opts *o, const char *const *argv,
                       struct oha_run_result *result, struct oha_error *err)
{
  const struct oha_run_opts opts = { .size = sizeof(opts),
                                     .argv = argv,
                                     .timeout_us = o->timeout_us > 0 ? o->timeout_us : DEFAULT_TIMEOUT_US,
                                     .output_cap_bytes = ANSWER_CAP_BYTES };
  struct oha_error why = OHA_ERROR_INIT;
  enum oha_rc rc = oha_run(ctx, &opts, result, &why);

  if (rc == OHA_OK)
    return OHA_OK;
  if (rc == OHA_E_NOTFOUND || rc == OHA_E_DENIED || rc == OHA_E_IO)
    rc = OHA_E_UNAVAILABLE;
  return oha__fail_sys(err, rc, why.origin, why.sys, "%s", why.text);
}

enum oha_rc oha__remote_call(struct oha_ctx *ctx, const struct oha_remote_opts *opts, int *exit_code,
                             json_t **answer, char **text, struct oha_error *err)
{
  struct oha_run_result result = { 0 };
  struct oha_remote_opts o;
  const char **argv = NULL;
  enum oha_rc rc;

  *answer = NULL;
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc != OHA_OK)
    return rc;
  if (o.name == NULL || o.verb == NULL || o.verb[0] == NULL)
    return oha__fail(err, OHA_E_ARG, "remote: no name or no verb");
  if (o.remote_command == NULL || o.remote_command[0] == NULL)
    return oha__fail(err, OHA_E_CONFIG, "node %s: no remote_command", o.name);
  rc = build_argv(&o, &argv, err);
  if (rc == OHA_OK)
    rc = run(ctx, &o, argv, &result, err);
  if (rc == OHA_OK)
    rc = oha__remote_judge(&result, answer, err);
  if (rc == OHA_OK) {
    *exit_code = result.exit_status;
    if (text != NULL) {
      *text = result.out;
      result.out = NULL;
    }
  } else {
    oha__prefix(err, "node %s: ", o.name);
  }
  oha__free(argv);
  oha_run_result_clear(&result);
  return rc;
}

enum oha_rc oha_remote_run(struct oha_ctx *ctx, const struct oha_remote_opts *opts, int *exit_code,
                           char **json, struct oha_error *err)
{
  json_t *answer;
  int code = -1;
  enum oha_rc rc;

  if (json != NULL)
    *json = NULL;
  if (exit_code != NULL)
    *exit_code = -1;
  if (ctx == NULL || opts == NULL || exit_code == NULL || json == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_remote_run: NULL");
  rc = oha__remote_call(ctx, opts, &code, &answer, json, err);
  json_decref(answer);
  *exit_code = code;
  return rc;
}
