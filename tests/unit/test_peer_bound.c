/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which local sockets are bound: lines of /proc/net, and the real one. */
#include "cm.h"

#include "peer/bound.h"

#include <opensips-ha/peer.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static struct oha_sock sock_of(const char *text)
{
  struct oha_sock sock;

  assert_int_equal(oha_sock_parse(text, strlen(text), &sock, NULL), OHA_OK);
  return sock;
}

static void lines_are_parsed(void **state)
{
#define TAIL " 00000000:00000000 00:00000000 00000000  1000        0 123 1"
  static const struct {
    const char *line, *wanted;
    bool parsed, serves;
  } rows[] = {
    { "   0: 0100007F:13C4 00000000:0000 0A" TAIL, "tcp:127.0.0.1:5060", true, true },
    { "   0: 0100007F:13C4 00000000:0000 0A" TAIL, "tcp:127.0.0.1:5061", true, false },
    { "   0: 0100007F:13C4 00000000:0000 0A" TAIL, "tcp:127.0.0.2:5060", true, false },
    { " 123: 00000000:13C4 00000000:0000 07" TAIL, "udp:192.0.2.9:5060", true, true },
    { " 123: 00000000:13C4 00000000:0000 07" TAIL, "udp:[::1]:5060", true, false },
    { "   0: 0100007F:13C4 0200007F:0050 01" TAIL, "tcp:127.0.0.1:5060", true, false }, /* a connection */
    { "   1: 00000000000000000000000001000000:13C4 00000000000000000000000000000000:0000 0A" TAIL,
      "tcp:[::1]:5060", true, true },
    { "  sl  local_address rem_address   st tx_queue", "udp:127.0.0.1:5060", false, false },
    { "   0: 0100007:13C4 00000000:0000 0A" TAIL, "udp:127.0.0.1:5060", false, false },
    { "   0: 0100007G:13C4 00000000:0000 0A" TAIL, "udp:127.0.0.1:5060", false, false },
    { "   0: 0100007F:13C 00000000:0000 0A" TAIL, "udp:127.0.0.1:5060", false, false },
    { "   0: 0100007F:13C4", "udp:127.0.0.1:5060", false, false },
    { "", "udp:127.0.0.1:5060", false, false },
  };
#undef TAIL

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_sock wanted = sock_of(rows[i].wanted);
    struct oha__bound bound;
    bool parsed = oha__bound_parse(oha__span(rows[i].line), &bound);

    if (htonl(1) == 1)
      return; /* the lines are those of a little-endian machine */
    if (parsed != rows[i].parsed || (parsed && oha__bound_serves(&bound, &wanted) != rows[i].serves))
      fail_msg("row %zu: '%s' for %s", i, rows[i].line, rows[i].wanted);
  }
}

static void a_real_socket_is_found(void **state)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t n = sizeof(at);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct oha_sock sock = sock_of("udp:127.0.0.1:1");
  bool bound = false;

  (void)state;
  assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
  sock.port = ntohs(at.sin_port);
  assert_int_equal(oha_sock_is_bound(&sock, &bound, NULL), OHA_OK);
  assert_true(bound);
  close(fd);
  assert_int_equal(oha_sock_is_bound(&sock, &bound, NULL), OHA_OK);
  assert_false(bound);
  sock.proto = OHA_PROTO_SCTP;
  assert_int_equal(oha_sock_is_bound(&sock, &bound, NULL), OHA_E_ARG);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lines_are_parsed),
    cmocka_unit_test(a_real_socket_is_found),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
