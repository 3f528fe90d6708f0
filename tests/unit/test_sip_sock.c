/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include <opensips-ha/sock.h>
#include "sip/sock.h"

static void sockets_parse(void **state)
{
  static const struct {
    const char *text;
    enum oha_proto proto; /* of those that parse */
    const char *host;     /* NULL = refused */
    unsigned port;
  } rows[] = {
    { "udp:192.0.2.1:5060", OHA_PROTO_UDP, "192.0.2.1", 5060 },
    { "UDP:192.0.2.1:5060", OHA_PROTO_UDP, "192.0.2.1", 5060 },
    { "udp:192.0.2.1", OHA_PROTO_UDP, "192.0.2.1", 0 },
    { "192.0.2.1:5060", OHA_PROTO_ANY, "192.0.2.1", 5060 },
    { "192.0.2.1", OHA_PROTO_ANY, "192.0.2.1", 0 },
    { "udp:192.0.2.1:5060 ", OHA_PROTO_UDP, "192.0.2.1", 5060 },
    { "udp:192.0.2.1:5060     ", OHA_PROTO_UDP, "192.0.2.1", 5060 },
    { "udp:192.0.2.1:05060", OHA_PROTO_UDP, "192.0.2.1", 5060 },
    { "tls:[2001:DB8:0:0:0:0:0:1F]:5061", OHA_PROTO_TLS, "2001:DB8:0:0:0:0:0:1F", 5061 },
    { "tls:[2001:db8::1f]:5061", OHA_PROTO_TLS, "2001:DB8:0:0:0:0:0:1F", 5061 },
    { "[2001:db8::1f]:5061", OHA_PROTO_ANY, "2001:DB8:0:0:0:0:0:1F", 5061 },
    { "udp:[2001:db8::1f]", OHA_PROTO_UDP, "2001:DB8:0:0:0:0:0:1F", 0 },
    { "[2001:db8::1f]", OHA_PROTO_ANY, "2001:DB8:0:0:0:0:0:1F", 0 },
    { "udp:SIP.Example.COM:5060", OHA_PROTO_UDP, "sip.example.com", 5060 },
    { "sip.example.com", OHA_PROTO_ANY, "sip.example.com", 0 },
    { "garbage", OHA_PROTO_ANY, "garbage", 0 },
    { "udp:5060", OHA_PROTO_ANY, "udp", 5060 },
    { "tcp:abc", OHA_PROTO_TCP, "abc", 0 },
    { "udp:192.0.2.256:5060", OHA_PROTO_UDP, "192.0.2.256", 5060 },
    { "udp:010.0.0.1:5060", OHA_PROTO_UDP, "010.0.0.1", 5060 },
    { "tcp:h:1", OHA_PROTO_TCP, "h", 1 },
    { "sctp:h:1", OHA_PROTO_SCTP, "h", 1 },
    { "ws:h:1", OHA_PROTO_WS, "h", 1 },
    { "wss:h:1", OHA_PROTO_WSS, "h", 1 },
    { "bin:h:1", OHA_PROTO_BIN, "h", 1 },
    { "bins:h:1", OHA_PROTO_BINS, "h", 1 },
    { "hep_udp:h:1", OHA_PROTO_HEP_UDP, "h", 1 },
    { "HEP_TCP:h:1", OHA_PROTO_HEP_TCP, "h", 1 },
    { "hep_tls:h:1", OHA_PROTO_HEP_TLS, "h", 1 },
    { "smpp:h:1", OHA_PROTO_SMPP, "h", 1 },
    { "msrp:h:1", OHA_PROTO_MSRP, "h", 1 },
    { "msrps:h:1", OHA_PROTO_MSRPS, "h", 1 },
    { "ipsec:h:65535", OHA_PROTO_IPSEC, "h", 65535 },
    /* the row is refused, and with it the contact: 404 */
    { " udp:192.0.2.1:5060", 0, NULL, 0 },
    { "xyz:192.0.2.1:5060", 0, NULL, 0 },
    { "udp:192.0.2.1:abc", 0, NULL, 0 },
    { "sip:192.0.2.1:5060", 0, NULL, 0 },
    { "udp:192.0.2.1:5060;x=1", 0, NULL, 0 },
    { "udp:192.0.2.1:", 0, NULL, 0 },
    { "192.0.2.1:", 0, NULL, 0 },
    { "192.0.2.1:abc", 0, NULL, 0 },
    { "udp:192.0.2.1:5060:1", 0, NULL, 0 },
    { "2001:db8::1", 0, NULL, 0 },
    { "::1", 0, NULL, 0 },
    { "udp:[[2001:db8::1]]:5060", 0, NULL, 0 },
    { "udp:]2001:db8::1[:5060", 0, NULL, 0 },
    { "udp:192.0.2.1:-1", 0, NULL, 0 },
    { "udp:192.0.2.1:+1", 0, NULL, 0 },
    { "udp:192.0.2.1:0x13c4", 0, NULL, 0 },
    { "*:192.0.2.1:5060", 0, NULL, 0 },
    { "any:192.0.2.1:5060", 0, NULL, 0 },
    { "udp :192.0.2.1:5060", 0, NULL, 0 },
    /* stricter than OpenSIPS, which would find no listener for them */
    { "", 0, NULL, 0 },
    { "   ", 0, NULL, 0 },
    { ":5060", 0, NULL, 0 },
    { "udp::5060", 0, NULL, 0 },
    { "udp:192.0.2.1:0", 0, NULL, 0 },
    { "udp:192.0.2.1:65536", 0, NULL, 0 },
    { "192.0.2.1:99999999999999999999", 0, NULL, 0 },
    { "udp:[2001:db8::1:5060", 0, NULL, 0 },
    { "udp:[192.0.2.1]:5060", 0, NULL, 0 },
    { "udp:[2001:db8::1]x:5060", 0, NULL, 0 },
    { "udp:x[2001:db8::1]:5060", 0, NULL, 0 },
    { "udp:[]:5060", 0, NULL, 0 },
    { "udp:a b:5060", 0, NULL, 0 },
    { "udp:a\tb:5060", 0, NULL, 0 },
    { "udp:a\x01:5060", 0, NULL, 0 },
    { "udp:\xc3\xa9:5060", 0, NULL, 0 },
    { "udp:192.0.2.1:5060\n", 0, NULL, 0 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_sock sock = { .port = 7 };
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc = oha_sock_parse(rows[i].text, strlen(rows[i].text), &sock, &err);

    if ((rc == OHA_OK) != (rows[i].host != NULL) || err.rc != rc)
      fail_msg("'%s': %s '%s'", rows[i].text, oha_rc_name(rc), err.text);
    if (rc == OHA_OK) {
      if (sock.proto != rows[i].proto || sock.port != rows[i].port || strcmp(sock.host, rows[i].host) != 0)
        fail_msg("'%s': %s '%s' %u", rows[i].text, oha_proto_name(sock.proto), sock.host,
                 (unsigned)sock.port);
    } else {
      assert_int_equal(rc, OHA_E_PARSE);
      assert_true(sock.port == 0 && sock.host[0] == '\0' && sock.addr.family == 0);
    }
  }
}

static void long_and_odd_input(void **state)
{
  char text[400];
  struct oha_sock sock;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  memset(text, 'a', sizeof(text));
  assert_int_equal(oha_sock_parse(text, OHA_HOST_SIZE - 1, &sock, NULL), OHA_OK);
  assert_int_equal(strlen(sock.host), OHA_HOST_SIZE - 1);
  assert_int_equal(oha_sock_parse(text, OHA_HOST_SIZE, &sock, NULL), OHA_E_PARSE);
  assert_int_equal(oha_sock_parse("udp:h\0:1", 8, &sock, NULL), OHA_E_PARSE);
  assert_int_equal(oha_sock_parse(NULL, 3, &sock, NULL), OHA_E_ARG);
  assert_int_equal(oha_sock_parse("h", 1, NULL, NULL), OHA_E_ARG);
  assert_int_equal(oha_sock_parse("xyz:h\x1b[2J:1", 11, &sock, &err), OHA_E_PARSE);
  assert_string_equal(err.text, "socket 'xyz:h\\x1B[2J:1': holds a blank or control byte");
}

static struct oha_sock sock_of(const char *text)
{
  struct oha_sock sock;

  if (oha_sock_parse(text, strlen(text), &sock, NULL) != OHA_OK)
    fail_msg("'%s' is no socket", text);
  return sock;
}

static void sockets_format(void **state)
{
  static const struct {
    const char *text;
    const char *canonical; /* NULL = OHA_E_ARG */
  } rows[] = {
    { "UDP:192.0.2.1:5060", "udp:192.0.2.1:5060" },
    { "tls:[2001:db8::1f]:5061", "tls:[2001:DB8:0:0:0:0:0:1F]:5061" },
    { "wss:SIP.Example.com:443", "wss:sip.example.com:443" },
    { "192.0.2.1:5060", NULL },
    { "udp:192.0.2.1", NULL },
  };
  char buf[OHA_SOCK_SIZE];
  struct oha_sock sock;

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc;

    sock = sock_of(rows[i].text);
    rc = oha_sock_format(&sock, buf, sizeof(buf), &err);
    if (rows[i].canonical == NULL)
      assert_true(rc == OHA_E_ARG && buf[0] == '\0' && err.rc == rc);
    else
      assert_true(rc == OHA_OK && strcmp(buf, rows[i].canonical) == 0);
  }
  sock = sock_of("udp:192.0.2.1:5060");
  assert_int_equal(oha_sock_format(&sock, buf, 18, NULL), OHA_E_NOSPACE);
  assert_string_equal(buf, "");
  assert_int_equal(oha_sock_format(&sock, buf, 19, NULL), OHA_OK);
  sock = (struct oha_sock){ .proto = OHA_PROTO_UDP, .port = 1, .host = "a:b" };
  assert_int_equal(oha_sock_format(&sock, buf, sizeof(buf), NULL), OHA_E_ARG);
  sock.host[0] = '\0';
  assert_int_equal(oha_sock_format(&sock, buf, sizeof(buf), NULL), OHA_E_ARG);
  sock.proto = (enum oha_proto)99;
  assert_int_equal(oha_sock_format(&sock, buf, sizeof(buf), NULL), OHA_E_ARG);
}

/*
 * Measured on OpenSIPS 3.6.8, sql-only: node B listens on udp:10.77.0.12:5060 (first) and 10.77.0.13:5060;
 * from which of them did the call leave, by the row's socket? "default" = the stored one was dropped.
 */
static void matches_as_opensips_does(void **state)
{
  static const struct {
    const char *stored;
    int match; /* 0 = none, 12, 13 */
  } rows[] = {
    { "udp:10.77.0.11:5060", 0 },   { "udp:10.77.0.12:5060", 12 },
    { "udp:10.77.0.13:5060", 13 },  { "udp:10.77.0.13", 13 },
    { "10.77.0.13:5060", 13 },      { "10.77.0.13", 13 },
    { "UDP:10.77.0.13:5060", 13 },  { "udp:10.77.0.13:5061", 0 },
    { "udp:10.77.0.13:5060 ", 13 }, { "garbage", 0 },
    { "udp:sip.test:5060", 0 },     { "udp:10.77.0.99:5060", 0 },
    { "tcp:10.77.0.12:5060", 0 },
  };
  struct oha_sock b12 = sock_of("udp:10.77.0.12:5060"), b13 = sock_of("udp:10.77.0.13:5060");

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_sock stored = sock_of(rows[i].stored);

    if (oha_sock_matches(&b12, NULL, &stored) != (rows[i].match == 12) ||
        oha_sock_matches(&b13, NULL, &stored) != (rows[i].match == 13))
      fail_msg("'%s' does not match as measured", rows[i].stored);
  }
}

static void matches_advertised_and_defaults(void **state)
{
  static const struct {
    const char *listener;
    const char *advertised; /* NULL = none */
    const char *stored;
    bool match;
  } rows[] = {
    { "udp:10.0.0.1:5060", "udp:sip.example.com:5090", "udp:SIP.example.com:5090", true },
    { "udp:10.0.0.1:5060", "udp:sip.example.com:5090", "udp:10.0.0.1:5060", true },
    { "udp:10.0.0.1:5060", "udp:sip.example.com:5090", "udp:10.0.0.1:5090", true },
    { "udp:10.0.0.1:5060", "udp:sip.example.com:5090", "udp:sip.example.com:5060", true },
    { "udp:10.0.0.1:5060", "udp:sip.example.com:5090", "udp:sip.example.com:5091", false },
    { "udp:10.0.0.1:5060", "udp:sip.example.com:5090", "tcp:sip.example.com:5090", false },
    { "udp:10.0.0.1:5060", "sip.example.com", "udp:sip.example.com:5060", true },
    { "udp:10.0.0.1:5060", "sip.example.com", "udp:sip.example.com:5061", false },
    { "udp:10.0.0.1:5060", "203.0.113.1", "udp:203.0.113.1:5060", true },
    { "udp:10.0.0.1:5060", NULL, "udp:203.0.113.1:5060", false },
    { "tls:[2001:db8::1]:5061", NULL, "tls:[2001:DB8:0:0:0:0:0:1]:5061", true },
    { "tls:[2001:db8::1]:5061", NULL, "[2001:DB8:0:0:0:0:0:1]", true },
    { "tls:[2001:db8::1]:5061", NULL, "tls:[2001:DB8:0:0:0:0:0:2]:5061", false },
    { "udp:10.0.0.1", NULL, "udp:10.0.0.1:5060", true },
    { "udp:10.0.0.1", NULL, "udp:10.0.0.1:5061", false },
    { "tls:10.0.0.1", NULL, "tls:10.0.0.1:5061", true },
    { "10.0.0.1:5060", NULL, "tcp:10.0.0.1:5060", true },
    { "udp:sip.example.com:5060", NULL, "udp:Sip.Example.Com", true },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_sock listener = sock_of(rows[i].listener), stored = sock_of(rows[i].stored);
    struct oha_sock advertised = { 0 };

    if (rows[i].advertised != NULL)
      advertised = sock_of(rows[i].advertised);
    if (oha_sock_matches(&listener, rows[i].advertised == NULL ? NULL : &advertised, &stored) !=
        rows[i].match)
      fail_msg("'%s' on '%s' as '%s': not %d", rows[i].stored, rows[i].listener,
               rows[i].advertised == NULL ? "" : rows[i].advertised, rows[i].match);
  }
}

static void equal_has_no_wildcards(void **state)
{
  struct oha_sock a = sock_of("udp:[2001:db8::1]:5060"), b = sock_of("UDP:[2001:DB8:0::0:1]:5060");
  struct oha_sock no_port = sock_of("udp:[2001:db8::1]"), tcp = sock_of("tcp:[2001:db8::1]:5060");
  struct oha_sock name = sock_of("udp:a.example:5060"), other = sock_of("udp:A.EXAMPLE:5060");

  (void)state;
  assert_true(oha_sock_equal(&a, &b));
  assert_false(oha_sock_equal(&a, &no_port));
  assert_false(oha_sock_equal(&a, &tcp));
  assert_false(oha_sock_equal(&a, &name));
  assert_true(oha_sock_equal(&name, &other));
}

static void protocols(void **state)
{
  (void)state;
  for (int i = OHA_PROTO_UDP; i <= OHA_PROTO_MSRPS; i++) {
    enum oha_proto proto = OHA_PROTO_ANY;

    assert_true(oha__proto_read(oha__span(oha_proto_name((enum oha_proto)i)), &proto));
    assert_int_equal(proto, i);
  }
  assert_string_equal(oha_proto_name(OHA_PROTO_ANY), "*");
  assert_string_equal(oha_proto_name((enum oha_proto)99), "*");
  assert_false(oha_proto_is_connection(OHA_PROTO_UDP));
  assert_false(oha_proto_is_connection(OHA_PROTO_ANY));
  assert_false(oha_proto_is_connection((enum oha_proto)99));
  assert_true(oha_proto_is_connection(OHA_PROTO_TCP));
  assert_true(oha_proto_is_connection(OHA_PROTO_WSS));
  assert_true(oha_proto_is_connection(OHA_PROTO_SCTP));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(sockets_parse),
    cmocka_unit_test(long_and_odd_input),
    cmocka_unit_test(sockets_format),
    cmocka_unit_test(matches_as_opensips_does),
    cmocka_unit_test(matches_advertised_and_defaults),
    cmocka_unit_test(equal_has_no_wildcards),
    cmocka_unit_test(protocols),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
