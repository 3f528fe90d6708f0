/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIP OPTIONS from another machine. */
#include "cm.h"

#include <opensips-ha/probe.h>
#include <opensips-ha/remote.h>

#include "there.h"

#define PEER(target, end, code, reason, rtt)                                                                 \
  "{\"target\":\"" target "\",\"end\":" end ",\"code\":" code ",\"reason\":" reason ",\"rtt_us\":" rtt       \
  ",\"elapsed_us\":990}"
#define PEERS(rows) OPEN "\"peers\":[" rows "],\"errors\":[],\"ok\":true}"
#define US          "udp:192.0.2.1:5060"

static enum oha_rc probe(struct there *t, int64_t timeout_us, struct oha_probe_result *out,
                         struct oha_error *err)
{
  static const char *const remote[] = { "/usr/bin/witness-sh", NULL };
  struct oha_place place = { .name = "carrier", .remote_command = remote, .timeout_us = 700000 };
  struct oha_ctx *ctx = there_ctx(t);
  struct oha_sock target;
  enum oha_rc rc;

  assert_int_equal(oha_sock_parse(US, strlen(US), &target, NULL), OHA_OK);
  rc = oha_place_probe(ctx, &place, &target, timeout_us, out, err);
  oha_ctx_free(ctx);
  return rc;
}

static void peers_are_read(void **state)
{
  static const struct {
    const char *what;
    struct there there;
    enum oha_rc rc;
    enum oha_probe_end end;
    unsigned code;
    int64_t rtt_us;
    const char *text; /* the reason, or part of the error's text */
  } rows[] = {
    { "alive",
      { .out = PEERS(PEER(US, "\"alive\"", "200", "\"OK\"", "250")) },
      OHA_OK,
      OHA_PROBE_ALIVE,
      200,
      250,
      "OK" },
    { "any final reply",
      { .out = PEERS(PEER(US, "\"alive\"", "404", "\"Not Found\"", "1")) },
      OHA_OK,
      OHA_PROBE_ALIVE,
      404,
      1,
      "Not Found" },
    { "silent",
      { .exit_status = 2, .out = PEERS(PEER(US, "\"timeout\"", "null", "\"\"", "null")) },
      OHA_OK,
      OHA_PROBE_TIMEOUT,
      0,
      -1,
      "" },
    { "refused",
      { .exit_status = 2, .out = PEERS(PEER(US, "\"refused\"", "null", "\"\"", "null")) },
      OHA_OK,
      OHA_PROBE_REFUSED,
      0,
      -1,
      "" },
    { "unreachable",
      { .exit_status = 1, .out = PEERS(PEER(US, "\"unreachable\"", "null", "\"\"", "null")) },
      OHA_OK,
      OHA_PROBE_UNREACHABLE,
      0,
      -1,
      "" },
    { "garbled",
      { .exit_status = 2, .out = PEERS(PEER(US, "\"garbled\"", "null", "\"\"", "null")) },
      OHA_OK,
      OHA_PROBE_GARBLED,
      0,
      -1,
      "" },
    { "escapes in the reason",
      { .out = PEERS(PEER(US, "\"alive\"", "200", "\"\\u001b[31mOK\"", "1")) },
      OHA_OK,
      OHA_PROBE_ALIVE,
      200,
      1,
      "\\x1B[31mOK" },
    { "the second of two",
      { .exit_status = 2,
        .out = PEERS(PEER("udp:192.0.2.1:5061", "\"timeout\"", "null", "\"\"",
                          "null") "," PEER(US, "\"alive\"", "200", "\"OK\"", "7")) },
      OHA_OK,
      OHA_PROBE_ALIVE,
      200,
      7,
      "OK" },
    { "another target",
      { .out = PEERS(PEER("tcp:192.0.2.1:5060", "\"alive\"", "200", "\"OK\"", "250")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "no row for the target" },
    { "no target",
      { .out = PEERS(PEER("x y", "\"alive\"", "200", "\"OK\"", "250")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"target\"" },
    { "an end of later",
      { .out = PEERS(PEER(US, "\"asleep\"", "null", "\"\"", "null")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"end\"" },
    { "end is unknown",
      { .exit_status = 2, .out = PEERS(PEER(US, "null", "null", "\"\"", "null")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"end\"" },
    { "alive without a code",
      { .out = PEERS(PEER(US, "\"alive\"", "null", "\"\"", "1")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"code\"" },
    { "alive by a provisional one",
      { .out = PEERS(PEER(US, "\"alive\"", "100", "\"\"", "1")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"code\"" },
    { "a code that is none",
      { .out = PEERS(PEER(US, "\"alive\"", "65736", "\"\"", "1")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"code\"" },
    { "reason is null",
      { .out = PEERS(PEER(US, "\"alive\"", "200", "null", "1")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"reason\"" },
    { "time is text",
      { .out = PEERS(PEER(US, "\"alive\"", "200", "\"\"", "\"1\"")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"rtt_us\"" },
    { "time is a fraction",
      { .out = PEERS(PEER(US, "\"alive\"", "200", "\"\"", "1.5")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"rtt_us\"" },
    { "time is negative",
      { .out = PEERS(PEER(US, "\"alive\"", "200", "\"\"", "-1")) },
      OHA_E_PROTOCOL,
      0,
      0,
      0,
      "\"rtt_us\"" },
    { "no peers", { .out = OPEN "\"ok\":true}" }, OHA_E_PROTOCOL, 0, 0, 0, "\"peers\"" },
    { "it could not probe",
      { .exit_status = 3, .out = OPEN "\"errors\":[{\"id\":\"OHA-IO\",\"text\":\"no descriptors\"}]}" },
      OHA_E_IO,
      0,
      0,
      0,
      "node carrier: no descriptors" },
    { "another machine",
      { .exit_status = 107, .out = OPEN "\"errors\":[{\"id\":\"OHA-NODE-IDENTITY\",\"text\":\"x\"}]}" },
      OHA_E_REFUSED,
      0,
      0,
      0,
      "x" },
    { "out of reach", { .exit_status = 255 }, OHA_E_UNAVAILABLE, 0, 0, 0, "not reachable" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct there t = rows[i].there;
    struct oha_probe_result r;
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc = probe(&t, 250000, &r, &err);

    if (rc != rows[i].rc || err.rc != rc || r.end != rows[i].end || r.code != rows[i].code ||
        r.rtt_us != rows[i].rtt_us || r.elapsed_us != (rc == OHA_OK ? 990 : 0) ||
        (rc == OHA_OK ? strcmp(r.reason, rows[i].text) != 0 : strstr(err.text, rows[i].text) == NULL))
      fail_msg("%s: %s, %s %u '%s' %lld us, '%s'", rows[i].what, oha_rc_name(rc), oha_probe_end_name(r.end),
               r.code, r.reason, (long long)r.rtt_us, err.text);
    assert_string_equal(t.argv,
                        "/usr/bin/witness-sh ha-ctl -j --node carrier probe " US " --timeout 250000us");
    assert_int_equal(t.timeout_us, 950000); /* the place's time, and the probe's on top */
  }
}

static void server_is_taken_when_it_is_there(void **state)
{
  struct there t = { .out = PEERS("{\"target\":\"" US
                                  "\",\"end\":\"alive\",\"code\":200,\"reason\":\"OK\",\"server\":"
                                  "\"kamailio\",\"rtt_us\":1,\"elapsed_us\":990}") };
  struct oha_probe_result r;

  (void)state;
  assert_int_equal(probe(&t, 0, &r, NULL), OHA_OK);
  assert_string_equal(r.server, "kamailio");
  assert_int_equal(t.timeout_us, 1700000); /* 1 s unless told */
}

static void arguments_are_checked(void **state)
{
  struct there t = { 0 };
  struct oha_probe_result r;
  struct oha_place place = { .name = "here" };
  struct oha_sock no_port = { .proto = OHA_PROTO_UDP, .addr = { .family = 4, .bytes = { 127, 0, 0, 1 } } };
  struct oha_ctx *ctx = there_ctx(&t);

  (void)state;
  assert_int_equal(oha_place_probe(ctx, &place, &no_port, -1, &r, NULL), OHA_E_ARG);
  assert_int_equal(oha_place_probe(ctx, NULL, &no_port, 0, &r, NULL), OHA_E_ARG);
  assert_int_equal(oha_place_probe(ctx, &place, &no_port, 0, &r, NULL), OHA_E_ARG);
  place.remote_command = (const char *const[]){ "ssh", NULL };
  assert_int_equal(oha_place_probe(ctx, &place, &no_port, 0, &r, NULL), OHA_E_ARG);
  assert_int_equal(t.n_calls, 0);
  oha_ctx_free(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(peers_are_read),
    cmocka_unit_test(server_is_taken_when_it_is_there),
    cmocka_unit_test(arguments_are_checked),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
