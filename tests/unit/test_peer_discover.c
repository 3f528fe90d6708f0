/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rows of routing tables name as peers. */
#include "cm.h"

#include "peer/discover.h"

static void uris(void **state)
{
  static const struct {
    const char *text, *target; /* NULL: it cannot be probed */
  } rows[] = {
    { "sip:192.0.2.1", "udp:192.0.2.1:5060" },
    { "sip:192.0.2.1:5070;transport=tcp", "tcp:192.0.2.1:5070" },
    { "sips:192.0.2.1", "tls:192.0.2.1:5061" },
    { "sip:192.0.2.1;transport=tls", "tls:192.0.2.1:5061" },
    { "SIP:user@192.0.2.1", "udp:192.0.2.1:5060" },
    { "192.0.2.1:5080", "udp:192.0.2.1:5080" },
    { "  192.0.2.1  ", "udp:192.0.2.1:5060" },
    { "sip:[2001:db8::1]:5070", "udp:[2001:DB8:0:0:0:0:0:1]:5070" },
    { "sip:gw.example.com", NULL },
    { "gw.example.com:5060", NULL },
    { "sip:192.0.2.1;transport=sctp", NULL },
    { "sip:", NULL },
    { "", NULL },
    { "sip:192.0.2.1:99999", NULL },
    { "http://192.0.2.1", NULL },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_peer_found found = { 0 };
    char target[OHA_SOCK_SIZE] = "";

    oha__found_uri(&found, oha__span(rows[i].text));
    if (found.can_probe)
      assert_int_equal(oha_sock_format(&found.target, target, sizeof(target), NULL), OHA_OK);
    if (found.can_probe != (rows[i].target != NULL) || found.can_probe != (found.why[0] == '\0') ||
        (found.can_probe && strcmp(target, rows[i].target) != 0))
      fail_msg("'%s': '%s' %s", rows[i].text, target, found.why);
  }
}

static void addresses(void **state)
{
  static const struct {
    const char *ip, *mask, *port, *proto, *target;
  } rows[] = {
    { "192.0.2.1", "32", "5060", "any", "udp:192.0.2.1:5060" },
    { "192.0.2.1", "32", "5060", NULL, "udp:192.0.2.1:5060" },
    { "192.0.2.1", "32", "5061", "TLS", "tls:192.0.2.1:5061" },
    { "2001:db8::1", "128", "5060", "tcp", "tcp:[2001:DB8:0:0:0:0:0:1]:5060" },
    { "2001:db8::1", "32", "5060", "any", NULL },
    { "192.0.2.0", "24", "5060", "any", NULL },
    { "192.0.2.1", "32", "0", "any", NULL },
    { "192.0.2.1", "32", "5060", "sctp", NULL },
    { "192.0.2.1", NULL, "5060", "any", NULL },
    { "gw", "32", "5060", "any", NULL },
    { NULL, NULL, NULL, NULL, NULL },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_peer_found found = { 0 };
    char target[OHA_SOCK_SIZE] = "";

    oha__found_address(&found, oha__span(rows[i].ip), oha__span(rows[i].mask), oha__span(rows[i].port),
                       oha__span(rows[i].proto));
    if (found.can_probe)
      assert_int_equal(oha_sock_format(&found.target, target, sizeof(target), NULL), OHA_OK);
    if (found.can_probe != (rows[i].target != NULL) ||
        (found.can_probe && strcmp(target, rows[i].target) != 0))
      fail_msg("row %zu: '%s' %s", i, target, found.why);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(uris), cmocka_unit_test(addresses) };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
