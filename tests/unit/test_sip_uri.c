/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include <opensips-ha/uri.h>
#include "base/span.h"

static void uris_parse(void **state)
{
  static const struct {
    const char *text;
    const char *user, *host; /* host NULL = refused */
    unsigned port;
    enum oha_proto proto;
    const char *params;
    int family;
  } rows[] = {
    { "sip:alice@192.0.2.1:5060", "alice", "192.0.2.1", 5060, OHA_PROTO_ANY, "", 4 },
    { "sip:192.0.2.1", "", "192.0.2.1", 0, OHA_PROTO_ANY, "", 4 },
    { "SIP:Alice@Example.COM", "Alice", "Example.COM", 0, OHA_PROTO_ANY, "", 0 },
    { "sips:alice@example.com", "alice", "example.com", 0, OHA_PROTO_ANY, "", 0 },
    { "sip:alice:secret@example.com;transport=tcp", "alice", "example.com", 0, OHA_PROTO_TCP, "transport=tcp",
      0 },
    { "sip:a@[2001:db8::10]:5070;ob;transport=TLS;x", "a", "2001:db8::10", 5070, OHA_PROTO_TLS,
      "ob;transport=TLS;x", 6 },
    { "sip:[2001:db8::10]", "", "2001:db8::10", 0, OHA_PROTO_ANY, "", 6 },
    { "sip:a@10.0.0.1;Transport=ws?Replaces=x%40y", "a", "10.0.0.1", 0, OHA_PROTO_WS, "Transport=ws", 4 },
    { "sip:a@h;transport=udp;transport=tcp", "a", "h", 0, OHA_PROTO_UDP, "transport=udp;transport=tcp", 0 },
    { "sip:a@h;", "a", "h", 0, OHA_PROTO_ANY, "", 0 },
    { "sip:a@h;;lr", "a", "h", 0, OHA_PROTO_ANY, ";lr", 0 },
    { "sip:a@h;rinstance=d41d8;line={x}", "a", "h", 0, OHA_PROTO_ANY, "rinstance=d41d8;line={x}", 0 },
    { "sip:a@h?subject=x", "a", "h", 0, OHA_PROTO_ANY, "", 0 },
    { "sip:+15551234567;phone-context=+1@gw_1.example.com;user=phone", "+15551234567;phone-context=+1",
      "gw_1.example.com", 0, OHA_PROTO_ANY, "user=phone", 0 },
    /* RFC 4475 section 3.1.1.9 and the escapes of 3.1.1.3 */
    { "sip:user;par=u%40example.net@example.com", "user;par=u%40example.net", "example.com", 0, OHA_PROTO_ANY,
      "", 0 },
    { "sip:sips%3Auser%40example.com@example.net", "sips%3Auser%40example.com", "example.net", 0,
      OHA_PROTO_ANY, "", 0 },
    { "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
      "@example.com",
      "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", "example.com", 0, OHA_PROTO_ANY, "", 0 },
    { "", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:", NULL, NULL, 0, 0, NULL, 0 },
    { "sip", NULL, NULL, 0, 0, NULL, 0 },
    { "tel:+15551234", NULL, NULL, 0, 0, NULL, 0 },
    { "http://example.com", NULL, NULL, 0, 0, NULL, 0 },
    { "alice@example.com", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:@example.com", NULL, NULL, 0, 0, NULL, 0 },
    { "sip::pw@example.com", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@:5060", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h:", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h:0", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h:65536", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h:5060x", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@a@b", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h%20", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@[2001:db8::1", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@[192.0.2.1]", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@[2001:db8::1]x", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@2001:db8::1", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h;transport=carrier-pigeon", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h;transport=", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h;transport=bin", NULL, NULL, 0, 0, NULL, 0 },
    { "<sip:alice@h>", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h>;expires=1", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:al ice@h", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:alice@h\r\nEvil: 1", NULL, NULL, 0, 0, NULL, 0 },
    { "sip:\xc3\xa9@h", NULL, NULL, 0, 0, NULL, 0 },
    { " sip:alice@h", NULL, NULL, 0, 0, NULL, 0 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_uri uri;
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc = oha_uri_parse(rows[i].text, strlen(rows[i].text), &uri, &err);

    if ((rc == OHA_OK) != (rows[i].host != NULL) || err.rc != rc)
      fail_msg("'%s': %s '%s'", rows[i].text, oha_rc_name(rc), err.text);
    if (rc != OHA_OK) {
      assert_true(rc == OHA_E_PARSE && uri.host == NULL && uri.user == NULL && uri.port == 0);
      continue;
    }
    if (!oha__span_is((struct oha_span){ uri.user, uri.n_user }, rows[i].user) ||
        !oha__span_is((struct oha_span){ uri.host, uri.n_host }, rows[i].host) ||
        !oha__span_is((struct oha_span){ uri.params, uri.n_params }, rows[i].params) ||
        uri.port != rows[i].port || uri.proto != rows[i].proto || uri.addr.family != rows[i].family)
      fail_msg("'%s': user '%.*s' host '%.*s' port %u transport %s params '%.*s' family %d", rows[i].text,
               (int)uri.n_user, uri.user, (int)uri.n_host, uri.host, (unsigned)uri.port,
               oha_proto_name(uri.proto), (int)uri.n_params, uri.params, uri.addr.family);
    assert_int_equal(uri.secure, oha__lower(rows[i].text[3]) == 's');
  }
}

static void bad_arguments(void **state)
{
  struct oha_uri uri;

  (void)state;
  assert_int_equal(oha_uri_parse(NULL, 3, &uri, NULL), OHA_E_ARG);
  assert_int_equal(oha_uri_parse("sip:h", 5, NULL, NULL), OHA_E_ARG);
  assert_int_equal(oha_uri_parse("sip:h\0", 6, &uri, NULL), OHA_E_PARSE);
  assert_int_equal(oha_uri_parse("sip:hxxx", 5, &uri, NULL), OHA_OK);
  assert_int_equal(uri.n_host, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(uris_parse), cmocka_unit_test(bad_arguments) };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
