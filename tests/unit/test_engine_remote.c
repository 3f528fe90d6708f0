/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs on other machines. */
#include "cm.h"

#include <opensips-ha/remote.h>

#include "base/mem.h"
#include "engine/engine.h"
#include "there.h"

#include <stdlib.h>

static const char *const ssh[] = { "ssh", "-oBatchMode=yes", "root@sip2", NULL };

static enum oha_rc call(struct there *t, const char *name, const char *const *verb, int *code, char **json,
                        struct oha_error *err)
{
  struct oha_remote_opts o = { .size = sizeof(o), .name = name, .remote_command = ssh, .verb = verb };
  struct oha_ctx *ctx = there_ctx(t);
  enum oha_rc rc = oha_remote_run(ctx, &o, code, json, err);

  oha_ctx_free(ctx);
  return rc;
}

static void answers_are_judged(void **state)
{
  static const char *const verb[] = { "status", NULL };
  static const struct {
    const char *what;
    struct there there;
    enum oha_rc rc;
    const char *text; /* part of the error's */
  } rows[] = {
    { "fine", { .out = OPEN "\"ok\":true}\n" }, OHA_OK, NULL },
    { "failed over there",
      { .exit_status = 107, .out = OPEN "\"errors\":[{\"id\":\"OHA-REFUSED\"}]}" },
      OHA_OK,
      NULL },
    { "unreachable",
      { .exit_status = 255, .err_out = "warning\nssh: connect: Connection refused\r\n\n" },
      OHA_E_UNAVAILABLE,
      "node sip2: not reachable: ssh: connect: Connection refused" },
    { "unreachable, silent", { .exit_status = 255 }, OHA_E_UNAVAILABLE, "not reachable" },
    { "255 beats an answer", { .exit_status = 255, .out = OPEN "\"ok\":true}" }, OHA_E_UNAVAILABLE, NULL },
    { "no such program here", { .rc = OHA_E_NOTFOUND }, OHA_E_UNAVAILABLE, "node sip2: the runner's text" },
    { "not executable", { .rc = OHA_E_DENIED }, OHA_E_UNAVAILABLE, NULL },
    { "no pipes", { .rc = OHA_E_IO }, OHA_E_UNAVAILABLE, NULL },
    { "no memory", { .rc = OHA_E_NOMEM }, OHA_E_NOMEM, NULL },
    { "too late",
      { .rc = OHA_E_TIMEOUT, .exit_status = 137, .out = OPEN "\"ok\":true}" },
      OHA_E_TIMEOUT,
      "node sip2" },
    { "no ha-ctl there",
      { .exit_status = 127, .err_out = "bash: ha-ctl: command not found\n" },
      OHA_E_PROTOCOL,
      "exit status 127 and no JSON object; it says: bash: ha-ctl: command not found" },
    { "killed", { .exit_status = 137 }, OHA_E_PROTOCOL, "137" },
    { "killed behind the answer", { .exit_status = 137, .out = OPEN "\"ok\":true}" }, OHA_E_PROTOCOL, "137" },
    { "nothing", { .exit_status = 0 }, OHA_E_PROTOCOL, "no JSON object" },
    { "escape codes in the answer",
      { .exit_status = 1, .err_out = "\x1b[31mred\n" },
      OHA_E_PROTOCOL,
      "\\x1B[31mred" },
    { "half an object", { .out = OPEN "\"ok\":tr" }, OHA_E_PROTOCOL, NULL },
    { "an array", { .out = "[]" }, OHA_E_PROTOCOL, NULL },
    { "two objects", { .out = OPEN "\"ok\":true}" OPEN "\"ok\":true}" }, OHA_E_PROTOCOL, NULL },
    { "a key twice", { .out = OPEN "\"ok\":true,\"ok\":false}" }, OHA_E_PROTOCOL, NULL },
    { "chatter in front", { .out = "Welcome!\n" OPEN "\"ok\":true}" }, OHA_E_PROTOCOL, NULL },
    { "another schema", { .out = "{\"schema\":\"opensips-ha/2\",\"ok\":true}" }, OHA_E_PROTOCOL, "schema" },
    { "no schema", { .out = "{\"ok\":true}" }, OHA_E_PROTOCOL, "schema" },
    { "schema is a number", { .out = "{\"schema\":1}" }, OHA_E_PROTOCOL, "schema" },
    { "cut off", { .truncated = true, .out = OPEN "\"ok\":true}" }, OHA_E_PROTOCOL, "longer than" },
    { "another machine",
      { .exit_status = 107,
        .out = OPEN "\"errors\":[{\"id\":\"OHA-NODE-IDENTITY\",\"text\":\"this machine is sip3\"}]}" },
      OHA_E_REFUSED,
      "node sip2: this machine is sip3" },
    { "identity, but not refused",
      { .exit_status = 0, .out = OPEN "\"errors\":[{\"id\":\"OHA-NODE-IDENTITY\"}]}" },
      OHA_OK,
      NULL },
    { "odd errors", { .exit_status = 107, .out = OPEN "\"errors\":[7,{},{\"id\":7}]}" }, OHA_OK, NULL },
    { "odder errors",
      { .exit_status = 107, .out = OPEN "\"errors\":{\"id\":\"OHA-NODE-IDENTITY\"}}" },
      OHA_OK,
      NULL },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct there t = rows[i].there;
    struct oha_error err = OHA_ERROR_INIT;
    char *json = NULL;
    int code = 7;
    enum oha_rc rc = call(&t, "sip2", verb, &code, &json, &err);

    if (rc != rows[i].rc || err.rc != rc || (json != NULL) != (rc == OHA_OK) ||
        code != (rc == OHA_OK ? t.exit_status : -1) ||
        (rows[i].text != NULL && strstr(err.text, rows[i].text) == NULL) ||
        (json != NULL && strcmp(json, t.out) != 0))
      fail_msg("%s: %s, exit %d, '%s', '%s'", rows[i].what, oha_rc_name(rc), code, err.text,
               json == NULL ? "-" : json);
    assert_string_equal(t.argv, "ssh -oBatchMode=yes root@sip2 ha-ctl -j --node sip2 status");
    assert_int_equal(t.timeout_us, 5000000);
    free(json);
  }
}

static void words_that_a_shell_changes_are_refused(void **state)
{
  static const char *const bad[] = { "",     "a b", "a;reboot", "$(x)",  "`x`", "a|b",        "a&b",
                                     "a>b",  "*",   "?",        "~root", "a'b", "a\"b",       "a\\b",
                                     "a\nb", "a#",  "!x",       "{a,b}", "(a)", "caf\xc3\xa9" };
  static const char *const good[] = { "udp:[2001:DB8:0:0:0:0:0:1]:5060", "10.0.0.1/24", "--timeout", "250ms",
                                      "a_b-c+d@e%f=g,h" };
  struct there t = { .out = OPEN "\"ok\":true}" };
  struct oha_error err = OHA_ERROR_INIT;
  char *json = NULL;
  int code;

  (void)state;
  for (size_t i = 0; i < N_OF(bad); i++) {
    const char *const verb[] = { "probe", bad[i], NULL };
    const char *const plain[] = { "status", NULL };

    if (call(&t, "sip2", verb, &code, &json, &err) != OHA_E_ARG ||
        call(&t, bad[i], plain, &code, &json, &err) != OHA_E_ARG)
      fail_msg("'%s' was accepted", bad[i]);
  }
  assert_int_equal(t.n_calls, 0);
  for (size_t i = 0; i < N_OF(good); i++) {
    const char *const verb[] = { "probe", good[i], NULL };

    if (call(&t, "sip2", verb, &code, &json, &err) != OHA_OK)
      fail_msg("'%s' was refused", good[i]);
    free(json);
  }
}

static void arguments_are_checked(void **state)
{
  static const char *const verb[] = { "status", NULL }, *const none[] = { NULL };
  struct oha_remote_opts o = { .size = sizeof(o), .name = "sip2", .verb = verb };
  struct there t = { 0 };
  struct oha_ctx *ctx = there_ctx(&t);
  char *json;
  int code;

  (void)state;
  assert_int_equal(oha_remote_run(ctx, &o, &code, &json, NULL), OHA_E_CONFIG);
  o.remote_command = none;
  assert_int_equal(oha_remote_run(ctx, &o, &code, &json, NULL), OHA_E_CONFIG);
  o.remote_command = ssh;
  o.verb = none;
  assert_int_equal(oha_remote_run(ctx, &o, &code, &json, NULL), OHA_E_ARG);
  o.verb = verb;
  o.name = NULL;
  assert_int_equal(oha_remote_run(ctx, &o, &code, &json, NULL), OHA_E_ARG);
  assert_int_equal(oha_remote_run(ctx, NULL, &code, &json, NULL), OHA_E_ARG);
  assert_int_equal(t.n_calls, 0);
  oha_ctx_free(ctx);
}

static void memory_runs_out(void **state)
{
  static const char *const verb[] = { "status", NULL };
  enum oha_rc rc = OHA_E_NOMEM;

  (void)state;
  for (long n = 0; n < 20 && rc != OHA_OK; n++) {
    struct there t = { .out = OPEN "\"ok\":true}" };
    struct oha_remote_opts o = { .size = sizeof(o), .name = "sip2", .remote_command = ssh, .verb = verb };
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_ctx *ctx = there_ctx(&t);
    char *json = NULL;
    int code;

    oha__mem_fail_at = n;
    rc = oha_remote_run(ctx, &o, &code, &json, &err);
    oha__mem_fail_at = -1;
    assert_true(rc == OHA_OK || (rc == OHA_E_NOMEM && json == NULL && err.rc == rc));
    free(json);
    oha_ctx_free(ctx);
  }
  assert_int_equal(rc, OHA_OK);
}

#define ROW(address, here, more)                                                                             \
  "{\"name\":null,\"address\":\"" address                                                                    \
  "\",\"prefix_bits\":32,\"interface\":\"e0\",\"node\":\"sip2\",\"here\":" here more "}"
#define VIPS(rows) OPEN "\"vips\":[" rows "],\"errors\":[],\"ok\":true}"

enum vip_call { SHOW, ADD, DEL };

static enum oha_rc vip_call(struct there *t, enum vip_call what, const struct oha_vip_spec *spec, bool *flag,
                            struct oha_error *err)
{
  struct oha_place place = { .name = "sip2", .remote_command = ssh, .timeout_us = 700000 };
  const struct oha__engine_ops *native = oha__engine_find(OHA_ENGINE_NATIVE);
  struct oha_ctx *ctx = there_ctx(t);
  enum oha_rc rc = what == SHOW  ? oha_place_vip_is_here(ctx, &place, spec, flag, err)
                   : what == ADD ? native->acquire(ctx, &place, spec, 1, flag, err)
                                 : native->release(ctx, &place, spec, 1, flag, err);

  assert_int_equal(t->timeout_us, 700000);
  oha_ctx_free(ctx);
  return rc;
}

static void vips_elsewhere(void **state)
{
  static const struct {
    const char *what;
    enum vip_call call;
    struct there there;
    enum oha_rc rc;
    bool flag;
    const char *text;
  } rows[] = {
    { "here", SHOW, { .out = VIPS(ROW("10.0.0.9", "true", "")) }, OHA_OK, true, NULL },
    { "not here", SHOW, { .out = VIPS(ROW("10.0.0.9", "false", "")) }, OHA_OK, false, NULL },
    { "on the second interface",
      SHOW,
      { .out = VIPS(ROW("10.0.0.9", "false", "") "," ROW("10.0.0.9", "true", "")) },
      OHA_OK,
      true,
      NULL },
    { "of many",
      SHOW,
      { .out = VIPS(ROW("10.0.0.8", "true", "") "," ROW("10.0.0.9", "false", "")) },
      OHA_OK,
      false,
      NULL },
    { "nulls where they may be",
      SHOW,
      { .out = VIPS(
            "{\"name\":\"edge\",\"address\":\"10.0.0.9\",\"prefix_bits\":24,\"interface\":null,\"node\":null,"
            "\"here\":true}") },
      OHA_OK,
      true,
      NULL },
    { "keys grow", SHOW, { .out = VIPS(ROW("10.0.0.9", "true", ",\"later\":[1]")) }, OHA_OK, true, NULL },
    { "another address",
      SHOW,
      { .out = VIPS(ROW("10.0.0.8", "true", "")) },
      OHA_E_PROTOCOL,
      false,
      "vips[] has no row for 10.0.0.9" },
    { "no rows", SHOW, { .out = VIPS("") }, OHA_E_PROTOCOL, false, "no row" },
    { "no array", SHOW, { .out = OPEN "\"ok\":true}" }, OHA_E_PROTOCOL, false, "\"vips\"" },
    { "no array, an object", SHOW, { .out = OPEN "\"vips\":{}}" }, OHA_E_PROTOCOL, false, "\"vips\"" },
    { "row is a number", SHOW, { .out = VIPS("7") }, OHA_E_PROTOCOL, false, "vips[] has no proper \"name\"" },
    { "here is text",
      SHOW,
      { .out = VIPS(ROW("10.0.0.9", "\"true\"", "")) },
      OHA_E_PROTOCOL,
      false,
      "\"here\"" },
    { "here is null", SHOW, { .out = VIPS(ROW("10.0.0.9", "null", "")) }, OHA_E_PROTOCOL, false, "\"here\"" },
    { "address is a name",
      SHOW,
      { .out = VIPS(ROW("edge", "true", "")) },
      OHA_E_PROTOCOL,
      false,
      "\"address\"" },
    { "no prefix",
      SHOW,
      { .out =
            VIPS("{\"name\":null,\"address\":\"10.0.0.9\",\"interface\":null,\"node\":null,\"here\":true}") },
      OHA_E_PROTOCOL,
      false,
      "\"prefix_bits\"" },
    { "added", ADD, { .out = VIPS(ROW("10.0.0.9", "true", ",\"already\":false")) }, OHA_OK, false, NULL },
    { "was there", ADD, { .out = VIPS(ROW("10.0.0.9", "true", ",\"already\":true")) }, OHA_OK, true, NULL },
    { "added, not seen",
      ADD,
      { .out = VIPS(ROW("10.0.0.9", "false", ",\"already\":false")) },
      OHA_E_PROTOCOL,
      false,
      "not there" },
    { "no already", ADD, { .out = VIPS(ROW("10.0.0.9", "true", "")) }, OHA_E_PROTOCOL, false, "\"already\"" },
    { "removed", DEL, { .out = VIPS(ROW("10.0.0.9", "false", ",\"was_here\":true")) }, OHA_OK, true, NULL },
    { "was not there",
      DEL,
      { .out = VIPS(ROW("10.0.0.9", "false", ",\"was_here\":false")) },
      OHA_OK,
      false,
      NULL },
    { "removed, still there",
      DEL,
      { .out = VIPS(ROW("10.0.0.9", "true", ",\"was_here\":true")) },
      OHA_E_PROTOCOL,
      false,
      "still there" },
    { "no right",
      ADD,
      { .exit_status = 77,
        .out = OPEN "\"errors\":[{\"id\":\"OHA-DENIED\",\"text\":\"needs CAP_NET_ADMIN\"}]}" },
      OHA_E_DENIED,
      false,
      "node sip2: needs CAP_NET_ADMIN" },
    { "other interface",
      ADD,
      { .exit_status = 1, .out = OPEN "\"errors\":[{\"id\":\"OHA-EXISTS\",\"text\":\"on d0\"}]}" },
      OHA_E_EXISTS,
      false,
      "on d0" },
    { "no interface",
      ADD,
      { .exit_status = 1, .out = OPEN "\"errors\":[{\"id\":\"OHA-NOTFOUND\",\"text\":\"x\"}]}" },
      OHA_E_NOTFOUND,
      false,
      NULL },
    { "an id of later",
      ADD,
      { .exit_status = 75, .out = OPEN "\"errors\":[{\"id\":\"OHA-NEW\",\"text\":\"x\"}]}" },
      OHA_E_BUSY,
      false,
      NULL },
    { "an older ha-ctl",
      ADD,
      { .exit_status = 64, .out = OPEN "\"errors\":[{\"id\":\"OHA-USAGE\",\"text\":\"x\"}]}" },
      OHA_E_PROTOCOL,
      false,
      NULL },
    { "failed without a word",
      DEL,
      { .exit_status = 1, .out = OPEN "\"errors\":[]}" },
      OHA_E_IO,
      false,
      "node sip2: exit status 1" },
    { "unreachable", DEL, { .exit_status = 255 }, OHA_E_UNAVAILABLE, false, "node sip2: not reachable" },
    { "another machine",
      DEL,
      { .exit_status = 107, .out = OPEN "\"errors\":[{\"id\":\"OHA-NODE-IDENTITY\"}]}" },
      OHA_E_REFUSED,
      false,
      "node sip2: exit status 107" },
  };
  static const char *const argv[] = {
    [SHOW] = "ssh -oBatchMode=yes root@sip2 ha-ctl -j --node sip2 vip show 10.0.0.9",
    [ADD] = "ssh -oBatchMode=yes root@sip2 ha-ctl -j --node sip2 vip add 10.0.0.9/32 --interface e0",
    [DEL] = "ssh -oBatchMode=yes root@sip2 ha-ctl -j --node sip2 vip del 10.0.0.9/32",
  };
  struct oha_vip_spec spec = { .addr = { .family = 4, .bytes = { 10, 0, 0, 9 } }, .interface_ = "e0" };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct there t = rows[i].there;
    struct oha_error err = OHA_ERROR_INIT;
    bool flag = !rows[i].flag;
    enum oha_rc rc = vip_call(&t, rows[i].call, &spec, &flag, &err);

    if (rc != rows[i].rc || err.rc != rc || flag != rows[i].flag ||
        (rows[i].text != NULL && strstr(err.text, rows[i].text) == NULL))
      fail_msg("%s: %s, %d, '%s'", rows[i].what, oha_rc_name(rc), flag, err.text);
    assert_string_equal(t.argv, argv[rows[i].call]);
  }
}

static void vip_verbs_are_spelled(void **state)
{
  struct there t = { .exit_status = 255 };
  struct oha_vip_spec spec = { .addr = { .family = 6, .bytes = { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } } };
  bool flag;

  (void)state;
  assert_int_equal(vip_call(&t, ADD, &spec, &flag, NULL), OHA_E_UNAVAILABLE);
  assert_non_null(strstr(t.argv, " vip add 2001:db8::9/128"));
  assert_null(strstr(t.argv, "--interface"));
  spec.prefix_bits = 64;
  memset(spec.interface_, 'x', sizeof(spec.interface_)); /* full, without a NUL */
  assert_int_equal(vip_call(&t, ADD, &spec, &flag, NULL), OHA_E_UNAVAILABLE);
  assert_non_null(strstr(t.argv, " vip add 2001:db8::9/64 --interface xxxxxxxxxxxxxxxx"));
}

static void many_vips_are_one_command(void **state)
{
  static const char *const answer = VIPS(ROW("10.0.0.9", "false", ",\"was_here\":true") "," ROW(
      "10.0.0.8", "false", ",\"was_here\":false") "," ROW("2001:db8::9", "false", ",\"was_here\":true"));
  struct oha_vip_spec specs[] = {
    { .addr = { .family = 4, .bytes = { 10, 0, 0, 9 } }, .interface_ = "e0" },
    { .addr = { .family = 4, .bytes = { 10, 0, 0, 8 } }, .interface_ = "e0", .prefix_bits = 24 },
    { .addr = { .family = 6, .bytes = { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } }, .interface_ = "e1" },
  };
  const struct oha_place place = { .name = "sip2", .remote_command = ssh };
  struct there t = { .out = answer };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_ctx *ctx = there_ctx(&t);
  bool was[3];

  (void)state;
  assert_int_equal(oha__engine_native.release(ctx, &place, specs, 3, was, &err), OHA_OK);
  assert_string_equal(t.argv,
                      "ssh -oBatchMode=yes root@sip2 ha-ctl -j --node sip2 vip del 10.0.0.9/32 10.0.0.8/24 "
                      "2001:db8::9/128");
  assert_true(was[0] && !was[1] && was[2]);
  assert_int_equal(t.n_calls, 1);

  /* Two interfaces are two commands. */
  assert_int_equal(oha_place_vips_del(ctx, &place, specs, 3, was, &err), OHA_OK);
  assert_int_equal(t.n_calls, 3);
  assert_non_null(strstr(t.argv, "vip del 2001:db8::9/128 --interface e1"));

  /* An answer that leaves one out, or shows it still there. */
  t.out = VIPS(ROW("10.0.0.9", "false", ",\"was_here\":true"));
  assert_int_equal(oha_place_vips_del(ctx, &place, specs, 2, was, &err), OHA_E_PROTOCOL);
  assert_non_null(strstr(err.text, "no row for 10.0.0.8"));
  assert_false(was[0]);
  oha_error_clear(&err);
  t.out = VIPS(ROW("10.0.0.9", "true", "") "," ROW("10.0.0.8", "false", ""));
  assert_int_equal(oha_place_vips_are_here(ctx, &place, specs, 2, was, &err), OHA_OK);
  assert_true(was[0] && !was[1]);
  assert_non_null(strstr(t.argv, "vip show 10.0.0.9 10.0.0.8"));

  t.n_calls = 0;
  assert_int_equal(oha_place_vips_add(ctx, &place, NULL, 0, NULL, &err), OHA_OK);
  assert_int_equal(oha_place_vips_add(ctx, &place, NULL, 1, was, &err), OHA_E_ARG);
  assert_int_equal(t.n_calls, 0);
  oha_ctx_free(ctx);
}

static void memory_runs_out_on_the_way(void **state)
{
  struct oha_vip_spec spec = { .addr = { .family = 4, .bytes = { 10, 0, 0, 9 } } };
  const struct oha_place place = { .name = "sip2", .remote_command = ssh };
  enum oha_rc rc = OHA_E_NOMEM;

  (void)state;
  for (long n = 0; n < 20 && rc != OHA_OK; n++) {
    struct there t = { .out = VIPS(ROW("10.0.0.9", "false", ",\"was_here\":true")) };
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_ctx *ctx = there_ctx(&t);
    bool was = true;

    oha__mem_fail_at = n;
    rc = oha__engine_native.release(ctx, &place, &spec, 1, &was, &err);
    oha__mem_fail_at = -1;
    assert_true(rc == OHA_OK || (rc == OHA_E_NOMEM && err.rc == rc));
    oha_ctx_free(ctx);
  }
  assert_int_equal(rc, OHA_OK);
}

static void engines_are_found(void **state)
{
  (void)state;
  assert_non_null(oha__engine_find(OHA_ENGINE_NATIVE));
  assert_int_equal(oha__engine_find(OHA_ENGINE_NATIVE)->kind, OHA_ENGINE_NATIVE);
  assert_null(oha__engine_find(OHA_ENGINE_KEEPALIVED));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(answers_are_judged),
    cmocka_unit_test(words_that_a_shell_changes_are_refused),
    cmocka_unit_test(arguments_are_checked),
    cmocka_unit_test(memory_runs_out),
    cmocka_unit_test(vips_elsewhere),
    cmocka_unit_test(vip_verbs_are_spelled),
    cmocka_unit_test(many_vips_are_one_command),
    cmocka_unit_test(memory_runs_out_on_the_way),
    cmocka_unit_test(engines_are_found),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
