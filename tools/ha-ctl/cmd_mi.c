/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A management command on a SIP server: from here, or, where its interface is that machine's own, over there.
 */
#include "app.h"
#include "mi_args.h"
#include "mi_show.h"
#include "verbs.h"

#include <opensips-ha/mi.h>
#include <opensips-ha/remote.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MI_TIMEOUT_US (2 * OHA_US_PER_S)
#define KILL_HINT     "--force=kill lets it through"

/* What is shown, whoever asked the server. Strings are NULL where nobody knows. */
struct answer {
  const char *node, *address, *era, *reason, *date;
  int64_t code;
  const struct oha_mi_value *reply;
};

static const char *text_or_null(const char *text)
{
  return text == NULL || *text == '\0' ? NULL : text;
}

/* "ul_show_contact: 404 AOR not found (detail)" */
static void say_error(struct app *app, const struct answer *a)
{
  const char *detail = a->reply->type == OHA_MI_STRING ? a->reply->string : NULL;

  out_fail(&app->out, "OHA-MI-ERROR", NULL, "%s: %s: %lld %s%s%s%s", a->node != NULL ? a->node : a->address,
           app->words[1], (long long)a->code, a->reason != NULL ? a->reason : "", detail != NULL ? " (" : "",
           detail != NULL ? detail : "", detail != NULL ? ")" : "");
}

static int show(struct app *app, const struct answer *a)
{
  struct out *o = &app->out;

  out_top_str(o, "node", a->node);
  out_top_str(o, "address", a->address);
  out_top_str(o, "era", a->era);
  out_top_int(o, "code", a->code);
  out_top_str(o, "reason", text_or_null(a->reason));
  out_top_str(o, "date", text_or_null(a->date));
  if (a->code / 100 == 2 || a->reply->type != OHA_MI_STRING || o->form == OUT_JSON)
    mi_show(o, "reply", a->reply);
  if (a->code / 100 == 2)
    return HA_EXIT_OK;
  if (a->code != 0) {
    say_error(app, a);
    return HA_EXIT_FAILED;
  }
  out_fail(o, "OHA-MI-UNSAID", "look whether it was done", "%s: %s: the server did not say whether it did it",
           a->node != NULL ? a->node : a->address, app->words[1]);
  return HA_EXIT_DEGRADED;
}

/* --force: kill is the only thing that can be. */
static int take_force(struct app *app, bool *allow_kill)
{
  const char *force = app->opt.value[OPT_FORCE];

  *allow_kill = force != NULL;
  if (force != NULL && strcmp(force, "kill") != 0)
    return app_usage(app, "--force '%s': mi knows kill", force);
  return 0;
}

static int call(struct app *app, const struct oha_node *node, const char *address)
{
  struct oha_mi_arg args[MI_ARGS_MAX];
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_mi_opts o = {
    .size = sizeof(o),
    .address = address,
    .option_file = node != NULL ? text_or_null(node->mi_option_file) : NULL,
    .timeout_us = app_timeout_us(app, MI_TIMEOUT_US),
  };
  struct oha_mi_reply *reply = NULL;
  struct oha_mi *mi = NULL;
  struct answer a = { .node = node != NULL ? node->name : NULL, .address = address };
  int code = take_force(app, &o.allow_kill);
  size_t n_args = 0;
  enum oha_rc rc;

  if (code != 0)
    return code;
  for (int i = 2; i < app->n_words; i++)
    mi_args_parse(app->words[i], &args[n_args++]);
  rc = oha_mi_open(app->ctx, &o, &mi, &err);
  if (rc == OHA_OK)
    rc = oha_mi_call(mi, app->words[1], args, n_args, &reply, &err);
  if (rc != OHA_OK) {
    oha_mi_close(mi);
    return app_fail_as(app, NULL,
                       rc == OHA_E_REFUSED && strstr(app->words[1], "kill") != NULL ? KILL_HINT : NULL, &err);
  }
  a.era = oha_mi_era_name(oha_mi_era(mi));
  a.code = oha_mi_reply_code(reply);
  a.reason = oha_mi_reply_reason(reply);
  a.date = oha_mi_reply_date(reply);
  a.reply = oha_mi_reply_value(reply);
  code = show(app, &a);
  oha_mi_reply_free(reply);
  oha_mi_close(mi);
  return code;
}

/* ---- over there ---- */

static const char *string_of(const struct oha_mi_value *object, const char *name)
{
  const struct oha_mi_value *v = oha_mi_member(object, name);

  return v == NULL || v->type != OHA_MI_STRING ? NULL : v->string;
}

/* What went wrong over there, with its own words and exit code. */
static int hand_on_error(struct app *app, const struct oha_node *node, const struct oha_mi_value *top,
                         int exit_code)
{
  const struct oha_mi_value *errors = oha_mi_member(top, "errors");
  const struct oha_mi_value *first = errors != NULL && errors->n_children > 0 ? &errors->children[0] : NULL;
  const char *text = string_of(first, "text"), *hint = string_of(first, "hint");
  static char id[64];

  snprintf(id, sizeof(id), "%s",
           first != NULL && string_of(first, "id") != NULL ? string_of(first, "id") : "OHA-MI");
  out_fail(&app->out, id, hint, "%s: %s", node->name,
           text != NULL ? text : "it failed there and did not say why");
  return exit_code;
}

static int show_remote(struct app *app, const struct oha_node *node, const char *json, int exit_code)
{
  const struct oha_mi_value nothing = { .type = OHA_MI_NULL };
  struct oha_error err = OHA_ERROR_INIT;
  const struct oha_mi_value *top, *number;
  struct oha_mi_reply *reply;
  struct answer a = { .node = node->name, .reply = &nothing };
  int code;

  if (oha_mi_reply_read(json, strlen(json), &reply, &err) != OHA_OK)
    return app_fail(app, &err);
  top = oha_mi_reply_value(reply);
  number = oha_mi_member(top, "code");
  if (number == NULL || number->type != OHA_MI_INT) {
    code = hand_on_error(app, node, top, exit_code);
  } else {
    a.address = string_of(top, "address");
    a.era = string_of(top, "era");
    a.reason = string_of(top, "reason");
    a.date = string_of(top, "date");
    a.code = number->integer;
    if (oha_mi_member(top, "reply") != NULL)
      a.reply = oha_mi_member(top, "reply");
    code = show(app, &a);
  }
  oha_mi_reply_free(reply);
  return code;
}

static int call_remote(struct app *app, const struct oha_node *node)
{
  struct oha_error err = OHA_ERROR_INIT;
  int64_t timeout_us = app_timeout_us(app, MI_TIMEOUT_US);
  const char *verb[MI_ARGS_MAX + 10] = { "mi", "--encoded", "--timeout" };
  struct oha_remote_opts o = {
    .size = sizeof(o),
    .name = node->name,
    .remote_command = node->remote_command,
    .verb = verb,
    .timeout_us = timeout_us + app->cluster->thresholds.remote_timeout_us,
  };
  char *encoded[MI_ARGS_MAX] = { NULL }, timeout[32], *json = NULL;
  size_t n = 3, n_encoded = 0;
  enum oha_rc rc = OHA_OK;
  int exit_code, code;

  snprintf(timeout, sizeof(timeout), "%lldus", (long long)timeout_us);
  verb[n++] = timeout;
  if (option_has(&app->opt, OPT_FORCE))
    verb[n++] = "--force=kill";
  verb[n++] = "--";
  verb[n++] = node->name;
  verb[n++] = app->words[1];
  for (int i = 2; i < app->n_words && rc == OHA_OK; i++) {
    encoded[n_encoded] = mi_args_encode(app->words[i]);
    if (encoded[n_encoded] == NULL)
      rc = OHA_E_NOMEM;
    verb[n++] = encoded[n_encoded++];
  }
  if (rc == OHA_OK)
    rc = oha_remote_run(app->ctx, &o, &exit_code, &json, &err);
  err.rc = rc;
  code = rc == OHA_OK ? show_remote(app, node, json, exit_code) : app_fail(app, &err);
  free(json);
  for (size_t i = 0; i < n_encoded; i++)
    free(encoded[i]);
  return code;
}

static int call_node(struct app *app)
{
  const struct oha_node *node;
  bool allow_kill;
  int code = app_cluster(app);

  if (code == 0)
    code = take_force(app, &allow_kill);
  if (code != 0)
    return code;
  node = oha_cluster_node(app->cluster, app->words[0]);
  if (node == NULL)
    return app_usage(app, "no node is called '%s'", app->words[0]);
  if (*node->mi == '\0') {
    out_fail(&app->out, "OHA-CONFIG", "give it one: opensips-ha.conf(5), option mi",
             "node %s has no management interface in the cluster file", node->name);
    return HA_EXIT_CONFIG;
  }
  if (node == app->self || !oha_mi_address_is_local(node->mi))
    return call(app, node, node->mi);
  if (node->remote_command != NULL)
    return call_remote(app, node);
  out_fail(&app->out, "OHA-CONFIG", "run it there, or give the node a remote_command",
           "the management interface of node %s, %s, can be reached on %s itself only", node->name, node->mi,
           node->name);
  return HA_EXIT_CONFIG;
}

int cmd_mi(struct app *app)
{
  for (int i = 2; i < app->n_words; i++) {
    if (option_has(&app->opt, OPT_ENCODED) && !mi_args_decode(app->words[i]))
      return app_usage(app, "argument '%s': not percent-encoded", app->words[i]);
    if (mi_args_has_name(app->words[i]) != mi_args_has_name(app->words[2]))
      return app_usage(app, "argument '%s': all have names, or none has; =%s is a value by position",
                       app->words[i], app->words[i]);
  }
  /* A node's name has no colon, an address has one. */
  return strchr(app->words[0], ':') != NULL ? call(app, NULL, app->words[0]) : call_node(app);
}
