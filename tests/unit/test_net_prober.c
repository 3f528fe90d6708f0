/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prober over UDP, and what all transports share. */
#include "net_bed.h"

#include "base/mem.h"
#include "net/probe.h"

#include <errno.h>
#include <poll.h>

#define OPTS(...)                                                                                            \
  &(struct oha_probe_opts)                                                                                   \
  {                                                                                                          \
    .size = sizeof(struct oha_probe_opts), __VA_ARGS__                                                       \
  }

static void final_reply_is_alive(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_200);

  bed_probe(bed, OPTS(.target = server->sock));
  assert_int_equal(oha_prober_pending(bed->prober), 1);
  bed_run(bed);
  assert_int_equal(bed->n_results, 1);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
  assert_int_equal(bed->last.code, 200);
  assert_string_equal(bed->last.reason, "OK");
  assert_string_equal(bed->last.server, "made up (1.0)");
  assert_true(bed->last.rtt_us >= 0 && bed->last.elapsed_us >= bed->last.rtt_us);
  assert_int_equal(bed->last.sys_errno, 0);
}

static void ipv6_is_the_same(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 6, serve_200);

  if (server == NULL)
    return; /* a machine without ::1 */
  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
}

static void look_at_request(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                            unsigned n_from)
{
  static const char first[] = "OPTIONS sip:carrier.example SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:";

  assert_int_equal(strncmp(request, first, strlen(first)), 0);
  assert_non_null(strstr(request, "\r\nFrom: <sip:me@example.com>;tag="));
  assert_non_null(strstr(request, "\r\nTo: <sip:carrier.example>\r\n"));
  serve_200(bed, fd, request, from, n_from);
}

static void request_holds_what_was_asked_for(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, look_at_request);
  struct oha_sock here = bed_dead(OHA_PROTO_UDP);

  bed_probe(bed, OPTS(.target = server->sock, .uri = "sip:carrier.example", .from = "sip:me@example.com",
                      .local = here.addr, .local_port = here.port));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
}

static void serve_484_late(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                           unsigned n_from)
{
  char buf[4096];

  (void)bed;
  send_reply(fd, reply_to(request, "100 Trying", "", buf), from, n_from);
  send_reply(fd, reply_to(request, "484 Address\x1b Incomplete", "", buf), from, n_from);
  send_reply(fd, reply_to(request, "200 too late", "", buf), from, n_from);
}

static void any_final_code_and_only_the_first(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_484_late);

  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  bed_step(bed, 0);
  assert_int_equal(bed->n_results, 1);
  assert_int_equal(bed->last.code, 484);
  assert_string_equal(bed->last.reason, "Address\\x1B Incomplete");
  assert_string_equal(bed->last.server, "");
}

static void serve_from_elsewhere(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                                 unsigned n_from)
{
  (void)fd;
  serve_200(bed, bed->server[1].fd, request, from, n_from);
}

static void reply_from_another_address_counts(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_from_elsewhere);

  bed_serve(bed, OHA_PROTO_UDP, 4, serve_nothing);
  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
}

/* A near server may have answered when sendto(2) returns. */
static void round_trips_begin_before_the_send(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_200);

  bed_sendto_takes_us = 7000;
  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  assert_true(bed->last.rtt_us >= 7000 && bed->last.elapsed_us >= 7000);
}

static void silence_is_a_timeout(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_nothing);

  bed_probe(bed, OPTS(.target = server->sock, .timeout_us = 20000));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_TIMEOUT);
  assert_int_equal(bed->last.rtt_us, -1);
  assert_int_equal(bed->last.code, 0);
  assert_true(bed->last.elapsed_us >= 20000 && bed->last.elapsed_us < 1000000);
  assert_int_equal(server->n_requests, 1);
}

/* What a server says, and how the probe ends when it says no more. */
static const struct {
  const char *text;           /* NULL: a proper reply with one line changed */
  const char *line, *instead; /* of that reply */
  enum oha_probe_end end;
} odd_replies[] = {
  { "nonsense", NULL, NULL, OHA_PROBE_GARBLED },
  { "", NULL, NULL, OHA_PROBE_GARBLED },
  { "OPTIONS sip:you SIP/2.0\r\n\r\n", NULL, NULL, OHA_PROBE_GARBLED },
  { "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n", NULL,
    NULL, OHA_PROBE_GARBLED },
  { NULL, "CSeq: 1 OPTIONS", "CSeq: 2 OPTIONS", OHA_PROBE_TIMEOUT },
  { NULL, "CSeq: 1 OPTIONS", "CSeq: 1 INVITE ", OHA_PROBE_TIMEOUT },
  { NULL, "Call-ID: ", "Call-ID: 0", OHA_PROBE_TIMEOUT },
  { NULL, ";branch=z9hG4bK", ";branch=z9hG4bKff", OHA_PROBE_GARBLED },
  { NULL, "SIP/2.0 200", "SIP/2.0 183", OHA_PROBE_TIMEOUT },
  { NULL, "SIP/2.0 200", "SIP/2.0 700", OHA_PROBE_GARBLED },
};
static size_t odd_row;

static void serve_odd(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                      unsigned n_from)
{
  char good[4096], odd[8192];
  const char *at;

  (void)bed;
  if (odd_replies[odd_row].text != NULL) {
    send_reply(fd, odd_replies[odd_row].text, from, n_from);
    return;
  }
  reply_to(request, "200 OK", "", good);
  at = strstr(good, odd_replies[odd_row].line);
  assert_non_null(at);
  snprintf(odd, sizeof(odd), "%.*s%s%s", (int)(at - good), good, odd_replies[odd_row].instead,
           at + strlen(odd_replies[odd_row].line));
  send_reply(fd, odd, from, n_from);
}

static void only_its_own_reply_counts(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_odd);

  for (odd_row = 0; odd_row < N_OF(odd_replies); odd_row++) {
    bed_probe(bed, OPTS(.target = server->sock));
    bed_step(bed, 0);
    assert_int_equal(oha_prober_pending(bed->prober), 1);
    bed_step(bed, 1000000);
    assert_int_equal(oha_prober_pending(bed->prober), 0);
    if (bed->last.end != odd_replies[odd_row].end)
      fail_msg("row %zu: %s", odd_row, oha_probe_end_name(bed->last.end));
  }
}

static void garbage_then_a_reply_is_alive(struct bed *bed, int fd, const char *request,
                                          const struct sockaddr *from, unsigned n_from)
{
  send_reply(fd, "nonsense", from, n_from);
  serve_200(bed, fd, request, from, n_from);
}

static void garbage_ends_nothing_early(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, garbage_then_a_reply_is_alive);

  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
}

static void closed_port_is_refused(void **state)
{
  struct bed *bed = *state;

  bed_probe(bed, OPTS(.target = bed_dead(OHA_PROTO_UDP)));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_REFUSED);
  assert_int_equal(bed->last.sys_errno, ECONNREFUSED);
}

struct tally {
  int n[OHA_PROBE_GARBLED + 1];
};

static void count(void *arg, const struct oha_probe_result *result)
{
  ((struct tally *)arg)->n[result->end]++;
}

/* All of them share one socket: each ICMP error must find the probe that it is about. */
static void icmp_errors_find_their_probe(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_200);
  struct server *silent = bed_serve(bed, OHA_PROTO_UDP, 4, serve_nothing);
  struct tally alive = { 0 }, dead = { 0 }, mute = { 0 };

  for (int i = 0; i < 100; i++) {
    assert_int_equal(oha_prober_add(bed->prober, OPTS(.target = server->sock), count, &alive, NULL), OHA_OK);
    assert_int_equal(oha_prober_add(bed->prober, OPTS(.target = bed_dead(OHA_PROTO_UDP)), count, &dead, NULL),
                     OHA_OK);
    assert_int_equal(
        oha_prober_add(bed->prober, OPTS(.target = silent->sock, .timeout_us = 50000), count, &mute, NULL),
        OHA_OK);
  }
  bed_run(bed);
  assert_int_equal(alive.n[OHA_PROBE_ALIVE], 100);
  assert_int_equal(dead.n[OHA_PROBE_REFUSED], 100);
  assert_int_equal(mute.n[OHA_PROBE_TIMEOUT], 100);
}

static void all_probes_of_a_refused_target_end(void **state)
{
  struct bed *bed = *state;
  struct oha_sock dead = bed_dead(OHA_PROTO_UDP);
  struct tally tally = { 0 };

  for (int i = 0; i < 20; i++)
    assert_int_equal(oha_prober_add(bed->prober, OPTS(.target = dead), count, &tally, NULL), OHA_OK);
  bed_run(bed);
  assert_int_equal(tally.n[OHA_PROBE_REFUSED], 20);
}

static void what_the_kernel_refuses_is_unreachable(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_200);
  const struct oha_addr not_ours = { 4, { 192, 0, 2, 77 } };
  const struct oha_sock far = { .proto = OHA_PROTO_UDP, .port = 5060, .addr = { 4, { 192, 0, 2, 1 } } };

  bed_probe(bed, OPTS(.target = server->sock, .local = not_ours));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_UNREACHABLE);
  assert_int_equal(bed->last.sys_errno, EADDRNOTAVAIL);
  bed_probe(bed, OPTS(.target = server->sock, .local_port = server->sock.port, .local = server->sock.addr));
  bed_run(bed);
  assert_int_equal(bed->last.sys_errno, EADDRINUSE);
  /* from a loopback address to anywhere else: EINVAL, or ENETUNREACH on a machine without routes */
  bed_probe(bed, OPTS(.target = far, .local = server->sock.addr));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_UNREACHABLE);
  assert_true(bed->last.sys_errno != 0);
  assert_int_equal(bed->n_results, 3);
}

static void requests_are_repeated_by_timer_e(void **state)
{
  static const int64_t at_ms[] = { 0, 500, 1500, 3500, 7500, 11500, 15500 };
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_nothing);
  int64_t now_ms = 0;

  bed_probe(bed, OPTS(.target = server->sock, .timeout_us = 16000000, .retransmit = true));
  for (size_t i = 0; i < N_OF(at_ms); i++) {
    if (i > 0) {
      bed_step(bed, (at_ms[i] - now_ms - 100) * 1000);
      assert_int_equal(server->n_requests, i);
      now_ms = at_ms[i] - 100;
    }
    bed_step(bed, (at_ms[i] - now_ms + 5) * 1000);
    now_ms = at_ms[i] + 5;
    assert_int_equal(server->n_requests, i + 1);
  }
  bed_step(bed, 1000000);
  assert_int_equal(bed->last.end, OHA_PROBE_TIMEOUT);
}

static void serve_100(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                      unsigned n_from)
{
  char buf[4096];

  (void)bed;
  send_reply(fd, reply_to(request, "100 Trying", "", buf), from, n_from);
}

static void after_a_1xx_requests_are_rare(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_100);

  bed_probe(bed, OPTS(.target = server->sock, .timeout_us = 9000000, .retransmit = true));
  bed_step(bed, 0);
  bed_step(bed, 600000);
  assert_int_equal(server->n_requests, 2);
  bed_step(bed, 3800000);
  assert_int_equal(server->n_requests, 2);
  bed_step(bed, 300000);
  assert_int_equal(server->n_requests, 3);
  server->serve = serve_200;
  bed_step(bed, 4100000);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
  assert_true(bed->last.rtt_us < bed->last.elapsed_us);
}

static void serve_second(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                         unsigned n_from)
{
  static char first[4096];

  if (bed->server[0].n_requests == 1)
    snprintf(first, sizeof(first), "%s", request);
  else {
    assert_string_equal(first, request); /* a retransmission is the same request */
    serve_200(bed, fd, request, from, n_from);
  }
}

static void lost_request_is_made_good(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_second);

  bed_probe(bed, OPTS(.target = server->sock, .retransmit = true));
  bed_step(bed, 0);
  bed_step(bed, 501000);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
  assert_int_equal(server->n_requests, 2);
  assert_true(bed->last.rtt_us < 500000 && bed->last.elapsed_us >= 500000);
}

static void full_buffers_only_delay(void **state)
{
  static const int errnos[] = { EAGAIN, ENOBUFS };
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_200);

  for (size_t i = 0; i < N_OF(errnos); i++) {
    struct tally tally = { 0 };

    bed_sendto_errno = errnos[i];
    bed_sendto_n_fails = 3;
    for (int n = 0; n < 10; n++)
      assert_int_equal(oha_prober_add(bed->prober, OPTS(.target = server->sock), count, &tally, NULL),
                       OHA_OK);
    bed_run(bed);
    assert_int_equal(tally.n[OHA_PROBE_ALIVE], 10);
    assert_int_equal(bed_sendto_n_fails, 0);
  }
}

static void buffers_full_for_ever_are_unreachable(void **state)
{
  static const int errnos[] = { EAGAIN, ENOBUFS };
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_200);

  for (size_t i = 0; i < N_OF(errnos); i++) {
    bed_sendto_errno = errnos[i];
    bed_sendto_n_fails = 1000000;
    bed_probe(bed, OPTS(.target = server->sock));
    bed_probe(bed, OPTS(.target = server->sock));
    bed_step(bed, 0);
    bed_step(bed, 500000);
    assert_int_equal(oha_prober_pending(bed->prober), 2);
    bed_step(bed, 501000);
    assert_int_equal(oha_prober_pending(bed->prober), 0);
    assert_int_equal(bed->last.end, OHA_PROBE_UNREACHABLE);
    assert_int_equal(bed->last.sys_errno, EAGAIN);
  }
}

static void a_lasting_send_error_ends_the_probe(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_200);

  bed_sendto_errno = EHOSTUNREACH;
  bed_sendto_n_fails = 1;
  bed_probe(bed, OPTS(.target = server->sock)); /* that of another one, told now */
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
  bed_sendto_errno = EPERM;
  bed_sendto_n_fails = 100;
  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_UNREACHABLE);
  assert_int_equal(bed->last.sys_errno, EPERM);
}

struct chain {
  struct bed *bed;
  struct oha_sock target;
  int n_left;
};

static void add_next(void *arg, const struct oha_probe_result *result)
{
  struct chain *chain = arg;

  assert_int_equal(result->end, OHA_PROBE_ALIVE);
  if (chain->n_left-- > 0)
    assert_int_equal(oha_prober_add(chain->bed->prober, OPTS(.target = chain->target), add_next, chain, NULL),
                     OHA_OK);
}

static void callbacks_may_add_probes(void **state)
{
  struct bed *bed = *state;
  struct chain chain = { bed, bed_serve(bed, OHA_PROTO_UDP, 4, serve_200)->sock, 20 };

  assert_int_equal(oha_prober_add(bed->prober, OPTS(.target = chain.target), add_next, &chain, NULL), OHA_OK);
  bed_run(bed);
  assert_int_equal(chain.n_left, -1);
  assert_int_equal(bed->server[0].n_requests, 21);
}

static void process_inside(void *arg, const struct oha_probe_result *result)
{
  struct bed *bed = arg;
  struct oha_mono next;

  (void)result;
  bed->n_results++;
  assert_int_equal(oha_prober_process(bed->prober, &next, NULL), OHA_E_ARG);
}

static void callbacks_may_not_process(void **state)
{
  struct bed *bed = *state;

  assert_int_equal(
      oha_prober_add(bed->prober, OPTS(.target = bed_dead(OHA_PROTO_UDP)), process_inside, bed, NULL),
      OHA_OK);
  bed_run(bed);
  assert_int_equal(bed->n_results, 1);
}

static void descriptor_tells_when_there_is_work(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_nothing);
  struct pollfd fd = { oha_prober_fd(bed->prober), POLLIN, 0 };
  struct oha_mono next;

  assert_int_equal(poll(&fd, 1, 0), 0);
  bed_probe(bed, OPTS(.target = server->sock, .timeout_us = 30000));
  assert_int_equal(poll(&fd, 1, 1000), 1);
  assert_int_equal(oha_prober_process(bed->prober, &next, NULL), OHA_OK);
  assert_true(next.us - oha_now_mono(bed->ctx).us <= 30000);
  assert_int_equal(poll(&fd, 1, 0), 0);
  assert_int_equal(poll(&fd, 1, 1000), 1); /* the timeout */
  assert_int_equal(oha_prober_process(bed->prober, &next, NULL), OHA_OK);
  assert_int_equal(bed->n_results, 1);
  assert_true(next.us == INT64_MAX);
  assert_int_equal(poll(&fd, 1, 0), 0);
}

static void unfinished_probes_end_without_a_call(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_nothing);

  bed_probe(bed, OPTS(.target = server->sock));
  bed_step(bed, 0);
  bed_probe(bed, OPTS(.target = server->sock));
  bed_sendto_errno = EAGAIN;
  bed_sendto_n_fails = 1000000;
  bed_step(bed, 0);
  bed_probe(bed, OPTS(.target = server->sock));
  assert_int_equal(oha_prober_pending(bed->prober), 3);
  oha_prober_free(bed->prober);
  bed->prober = NULL;
  assert_int_equal(bed->n_results, 0);
}

static void a_cancelled_run_stops(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_nothing);

  bed_probe(bed, OPTS(.target = server->sock));
  oha_ctx_cancel(bed->ctx);
  assert_int_equal(oha_prober_run(bed->prober, NULL), OHA_E_CANCELLED);
  assert_int_equal(oha_prober_pending(bed->prober), 1);
}

static void one_call_is_enough(void **state)
{
  struct bed *bed = *state;
  struct oha_probe_result result;

  assert_int_equal(oha_probe(bed->ctx, OPTS(.target = bed_dead(OHA_PROTO_UDP)), &result, NULL), OHA_OK);
  assert_int_equal(result.end, OHA_PROBE_REFUSED);
  assert_int_equal(oha_probe(bed->ctx, OPTS(.timeout_us = 1), &result, NULL), OHA_E_ARG);
  assert_int_equal(oha_probe(bed->ctx, NULL, &result, NULL), OHA_E_ARG);
  assert_int_equal(oha_probe(NULL, OPTS(.timeout_us = 1), &result, NULL), OHA_E_ARG);
  assert_int_equal(oha_probe(bed->ctx, OPTS(.timeout_us = 1), NULL, NULL), OHA_E_ARG);
}

static void bad_options_are_refused(void **state)
{
  struct bed *bed = *state;
  char long_uri[300] = "sip:";
  const struct oha_sock good = { .proto = OHA_PROTO_UDP, .port = 5060, .addr = { 4, { 127, 0, 0, 1 } } };
  struct oha_sock sctp = good, no_port = good, no_addr = good;
  const struct oha_addr v6 = { 6, { [15] = 1 } };

  sctp.proto = OHA_PROTO_SCTP;
  no_port.port = 0;
  no_addr.addr.family = 0;
  memset(long_uri + 4, 'a', sizeof(long_uri) - 5);
  {
    const struct oha_probe_opts *const bad[] = {
      OPTS(.target = sctp),
      OPTS(.target = no_port),
      OPTS(.target = no_addr),
      OPTS(.target = good, .local = v6),
      OPTS(.target = good, .timeout_us = -1),
      OPTS(.target = good, .uri = ""),
      OPTS(.target = good, .uri = "sip:a\r\nX: y"),
      OPTS(.target = good, .from = "sip:a>"),
      OPTS(.target = good, .from = long_uri),
      OPTS(.target = good, .uri = long_uri),
    };

    for (size_t i = 0; i < N_OF(bad); i++) {
      struct oha_error err = OHA_ERROR_INIT;

      if (oha_prober_add(bed->prober, bad[i], count, NULL, &err) != OHA_E_ARG || err.text[0] == '\0')
        fail_msg("row %zu: '%s'", i, err.text);
    }
  }
  assert_int_equal(oha_prober_add(bed->prober, OPTS(.target = good), NULL, NULL, NULL), OHA_E_ARG);
  assert_int_equal(oha_prober_pending(bed->prober), 0);
}

static void memory_runs_out(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_UDP, 4, serve_200);
  enum oha_rc rc = OHA_E_NOMEM;
  struct oha_probe_result result;

  for (long n = 0; n < 100; n++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_prober *prober = NULL;

    oha__mem_fail_at = n;
    rc = oha_prober_new(bed->ctx, &prober, &err);
    if (rc == OHA_OK)
      rc = oha_prober_add(prober, OPTS(.target = server->sock), count, NULL, &err);
    oha__mem_fail_at = -1;
    oha_prober_free(prober);
    assert_true(rc == OHA_OK || (rc == OHA_E_NOMEM && err.rc == rc));
    if (rc == OHA_OK)
      break;
  }
  assert_int_equal(rc, OHA_OK);
  /* when it runs out later, the result says so */
  oha__mem_fail_at = 4;
  rc = oha_probe(bed->ctx, OPTS(.target = server->sock), &result, NULL);
  oha__mem_fail_at = -1;
  assert_int_equal(rc, OHA_OK);
  assert_int_equal(result.end, OHA_PROBE_UNREACHABLE);
  assert_int_equal(result.sys_errno, ENOMEM);
}

static void ends_have_names(void **state)
{
  (void)state;
  assert_string_equal(oha_probe_end_name(OHA_PROBE_ALIVE), "alive");
  assert_string_equal(oha_probe_end_name(OHA_PROBE_GARBLED), "garbled");
  assert_string_equal(oha_probe_end_name((enum oha_probe_end)99), "?");
}

#define BED(test) cmocka_unit_test_setup_teardown(test, bed_open, bed_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
    BED(final_reply_is_alive),
    BED(ipv6_is_the_same),
    BED(request_holds_what_was_asked_for),
    BED(any_final_code_and_only_the_first),
    BED(reply_from_another_address_counts),
    BED(round_trips_begin_before_the_send),
    BED(silence_is_a_timeout),
    BED(only_its_own_reply_counts),
    BED(garbage_ends_nothing_early),
    BED(closed_port_is_refused),
    BED(icmp_errors_find_their_probe),
    BED(all_probes_of_a_refused_target_end),
    BED(what_the_kernel_refuses_is_unreachable),
    BED(requests_are_repeated_by_timer_e),
    BED(after_a_1xx_requests_are_rare),
    BED(lost_request_is_made_good),
    BED(full_buffers_only_delay),
    BED(buffers_full_for_ever_are_unreachable),
    BED(a_lasting_send_error_ends_the_probe),
    BED(callbacks_may_add_probes),
    BED(callbacks_may_not_process),
    BED(descriptor_tells_when_there_is_work),
    BED(unfinished_probes_end_without_a_call),
    BED(a_cancelled_run_stops),
    BED(one_call_is_enough),
    BED(bad_options_are_refused),
    BED(memory_runs_out),
    cmocka_unit_test(ends_have_names),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
