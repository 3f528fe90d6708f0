/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include "net/route.h"

#include <sys/socket.h>
#include <unistd.h>

static struct oha_addr addr_of(const char *text)
{
  struct oha_addr addr;

  if (oha_addr_parse(text, strlen(text), &addr, NULL) != OHA_OK)
    fail_msg("'%s' is no address", text);
  return addr;
}

static void loopback_leaves_from_loopback(void **state)
{
  static const struct {
    const char *to, *source;
  } rows[] = { { "127.0.0.1", "127.0.0.1" }, { "127.1.2.3", "127.0.0.1" }, { "::1", "::1" } };
  int fd = -1;

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_addr to = addr_of(rows[i].to), source = { 0 }, want = addr_of(rows[i].source);
    char text[OHA_ADDR_SIZE];
    int e = oha__route_source(&fd, &to, &source);

    if (e != 0 && to.family == 6)
      continue; /* a machine without ::1 */
    if (e != 0 || !oha_addr_equal(&source, &want))
      fail_msg("to %s: %d, from '%s'", rows[i].to, e, oha_addr_format(&source, text));
  }
  close(fd);
}

/* The same answer from a machine, or a sandbox, where netlink says nothing. */
static void a_deaf_routing_socket_is_gone_round(void **state)
{
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), kept = fd;
  struct oha_addr to = addr_of("127.1.2.3"), source = { 0 }, want = addr_of("127.0.0.1");

  (void)state;
  assert_true(fd >= 0);
  assert_int_equal(oha__route_source(&fd, &to, &source), 0);
  assert_true(oha_addr_equal(&source, &want));
  assert_int_equal(fd, kept);
  close(fd);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(loopback_leaves_from_loopback),
    cmocka_unit_test(a_deaf_routing_socket_is_gone_round),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
