/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prober over TCP. */
#include "net_bed.h"

#include "base/mem.h"
#include "sip/frame.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#define OPTS(...)                                                                                            \
  &(struct oha_probe_opts)                                                                                   \
  {                                                                                                          \
    .size = sizeof(struct oha_probe_opts), __VA_ARGS__                                                       \
  }

static void final_reply_is_alive(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_TCP, 4, serve_200);

  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
  assert_int_equal(bed->last.code, 200);
  assert_string_equal(bed->last.server, "made up (1.0)");
  assert_true(bed->last.rtt_us >= 0 && bed->last.elapsed_us >= bed->last.rtt_us);
}

static void look_at_request(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                            unsigned n_from)
{
  assert_non_null(strstr(request, "\r\nVia: SIP/2.0/TCP "));
  assert_null(strstr(request, "/TCP 0.0.0.0"));
  assert_null(strstr(request, ":0;branch"));
  serve_200(bed, fd, request, from, n_from);
}

static void local_address_and_port_are_kept(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_TCP, 4, look_at_request);
  struct oha_sock here = bed_dead(OHA_PROTO_TCP);

  for (int i = 0; i < 2; i++) {
    bed_probe(bed, OPTS(.target = server->sock, .local = here.addr, .local_port = i == 0 ? here.port : 0));
    bed_run(bed);
    assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
  }
  here.addr = (struct oha_addr){ 4, { 192, 0, 2, 77 } };
  bed_probe(bed, OPTS(.target = server->sock, .local = here.addr));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_UNREACHABLE);
  assert_int_equal(bed->last.sys_errno, EADDRNOTAVAIL);
}

static void ipv6_is_the_same(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_TCP, 6, look_at_request);

  if (server == NULL)
    return; /* a machine without ::1 */
  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_ALIVE);
}

/* What a connection says, in pieces that arrive one by one, and how the probe ends. */
static const struct {
  const char *before;
  int n_pieces; /* the proper reply is cut in that many; 0 = it does not come */
  bool closes;
  enum oha_probe_end end;
} talks[] = {
  { "", 1, false, OHA_PROBE_ALIVE },
  { "", 7, false, OHA_PROBE_ALIVE },
  { "\r\n\r\n", 2, false, OHA_PROBE_ALIVE },
  { "SIP/2.0 200 of somebody else\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKx\r\nCall-ID: x\r\nCSeq: 1 "
    "OPTIONS\r\nl: 2\r\n\r\nxx",
    3, false, OHA_PROBE_ALIVE },
  { "OPTIONS sip:you SIP/2.0\r\nContent-Length: 0\r\n\r\n", 1, false, OHA_PROBE_ALIVE },
  { "", 1, true, OHA_PROBE_ALIVE },
  { "", 0, true, OHA_PROBE_REFUSED },
  { "220 smtp.example\r\n", 0, true, OHA_PROBE_GARBLED },
  { "220 smtp.example\r\n", 0, false, OHA_PROBE_GARBLED },
  { "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 0, false, OHA_PROBE_GARBLED },
  { "SIP/2.0 200 OK\r\nContent-Length: x\r\n\r\n", 1, false, OHA_PROBE_GARBLED },
  { "", 0, false, OHA_PROBE_TIMEOUT },
};
static size_t talk_row;

static void serve_talk(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                       unsigned n_from)
{
  char reply[4096], piece[4096];
  size_t n_all;

  reply_to(request, "200 OK", "", reply);
  n_all = strlen(reply);
  send_reply(fd, talks[talk_row].before, from, n_from);
  for (int i = 0; i < talks[talk_row].n_pieces; i++) {
    size_t at = n_all * (size_t)i / (size_t)talks[talk_row].n_pieces;
    size_t end = n_all * (size_t)(i + 1) / (size_t)talks[talk_row].n_pieces;
    struct oha_mono next;

    snprintf(piece, sizeof(piece), "%.*s", (int)(end - at), reply + at);
    send_reply(fd, piece, from, n_from);
    assert_int_equal(oha_prober_process(bed->prober, &next, NULL), OHA_OK);
  }
  if (talks[talk_row].closes) {
    close(fd);
    bed->server[0].connection = -1;
  }
}

static void streams_end_as_they_should(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_TCP, 4, serve_talk);

  for (talk_row = 0; talk_row < N_OF(talks); talk_row++) {
    bed_probe(bed, OPTS(.target = server->sock, .timeout_us = 20000));
    bed_run(bed);
    if (bed->last.end != talks[talk_row].end)
      fail_msg("row %zu: %s", talk_row, oha_probe_end_name(bed->last.end));
    if (bed->last.end == OHA_PROBE_REFUSED)
      assert_int_equal(bed->last.sys_errno, ECONNRESET);
    bed_step(bed, 0); /* the server sees the end of its connection */
    bed_step(bed, 0);
  }
}

static void serve_100_then_404(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                               unsigned n_from)
{
  char buf[4096], both[8192];
  int n;

  (void)bed;
  n = snprintf(both, sizeof(both), "%s", reply_to(request, "100 Trying", "", buf));
  snprintf(both + n, sizeof(both) - (size_t)n, "%s", reply_to(request, "404 Not Found", "", buf));
  send_reply(fd, both, from, n_from);
}

static void provisional_replies_end_nothing(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_TCP, 4, serve_100_then_404);

  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  assert_int_equal(bed->last.code, 404);
}

static void serve_flood(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                        unsigned n_from)
{
  char big[3000];

  (void)request;
  memset(big, 'x', sizeof(big) - 1);
  big[sizeof(big) - 1] = '\0';
  for (int i = 0; i < 10 && bed->n_results == 0; i++) {
    struct oha_mono next;

    send_reply(fd, big, from, n_from);
    assert_int_equal(oha_prober_process(bed->prober, &next, NULL), OHA_OK);
  }
}

static void endless_heads_are_garbage(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_TCP, 4, serve_flood);

  bed_probe(bed, OPTS(.target = server->sock));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_GARBLED);
  assert_true(bed->last.elapsed_us < 1000000);
}

static void closed_port_is_refused(void **state)
{
  struct bed *bed = *state;

  bed_probe(bed, OPTS(.target = bed_dead(OHA_PROTO_TCP)));
  bed_run(bed);
  assert_int_equal(bed->last.end, OHA_PROBE_REFUSED);
  assert_int_equal(bed->last.sys_errno, ECONNREFUSED);
}

static void count_refused(void *arg, const struct oha_probe_result *result)
{
  if (result->end == OHA_PROBE_REFUSED)
    ++*(int *)arg;
}

/* More probes than descriptors: the later ones wait for the earlier ones. */
static void descriptors_run_out(void **state)
{
  struct bed *bed = *state;
  struct server *silent = bed_serve(bed, OHA_PROTO_TCP, 4, serve_nothing);
  struct rlimit before, low;
  int n_refused = 0, top = dup(0);

  assert_true(top >= 0);
  close(top);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  low = (struct rlimit){ (rlim_t)top + 6, before.rlim_max };
  for (int i = 0; i < 40; i++)
    assert_int_equal(oha_prober_add(bed->prober,
                                    OPTS(.target = i == 0 ? silent->sock : bed_dead(OHA_PROTO_TCP),
                                         .timeout_us = i == 0 ? 50000 : 0),
                                    count_refused, &n_refused, NULL),
                     OHA_OK);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
  bed_run(bed);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(n_refused, 39);
  /* and with none at all there is nothing to wait for */
  low.rlim_cur = (rlim_t)top;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
  bed_probe(bed, OPTS(.target = silent->sock));
  bed_step(bed, 0);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(bed->last.end, OHA_PROBE_UNREACHABLE);
  assert_int_equal(bed->last.sys_errno, EMFILE);
}

static void unfinished_probes_are_closed(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_TCP, 4, serve_nothing);

  bed_probe(bed, OPTS(.target = server->sock));
  bed_step(bed, 0);
  assert_int_equal(oha_prober_pending(bed->prober), 1);
}

static void memory_runs_out(void **state)
{
  struct bed *bed = *state;
  struct server *server = bed_serve(bed, OHA_PROTO_TCP, 4, serve_200);

  for (long n = 0; n < 2; n++) {
    bed_probe(bed, OPTS(.target = server->sock));
    oha__mem_fail_at = n;
    bed_run(bed);
    oha__mem_fail_at = -1;
    assert_int_equal(bed->last.end, OHA_PROBE_UNREACHABLE);
    assert_int_equal(bed->last.sys_errno, ENOMEM);
    bed_step(bed, 0);
    bed_step(bed, 0);
  }
}

#define BED(test) cmocka_unit_test_setup_teardown(test, bed_open, bed_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
    BED(final_reply_is_alive),
    BED(local_address_and_port_are_kept),
    BED(ipv6_is_the_same),
    BED(streams_end_as_they_should),
    BED(provisional_replies_end_nothing),
    BED(endless_heads_are_garbage),
    BED(closed_port_is_refused),
    BED(descriptors_run_out),
    BED(unfinished_probes_are_closed),
    BED(memory_runs_out),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
