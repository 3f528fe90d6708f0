/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include <opensips-ha/api.h>
#include "sip/options.h"

static struct oha_sip_options sample(void)
{
  struct oha_sip_options q = {
    .proto = OHA_PROTO_UDP,
    .local = { 4, { 192, 0, 2, 9 } },
    .local_port = 40000,
    .uri = "sip:192.0.2.1:5060",
    .from = "sip:ha-check@localhost",
  };

  for (size_t i = 0; i < 16; i++) {
    q.ids.branch[i] = (uint8_t)(i * 17);
    q.ids.call_id[i] = (uint8_t)(255 - i);
  }
  memset(q.ids.tag, 0xab, sizeof(q.ids.tag));
  return q;
}

static void request_reads_as_rfc_3261_wants_it(void **state)
{
  struct oha_sip_options q = sample();
  char buf[OHA_SIP_REQUEST_SIZE];
  size_t n;

  (void)state;
  assert_int_equal(oha__sip_options_build(&q, buf, sizeof(buf), &n, NULL), OHA_OK);
  assert_string_equal(buf, "OPTIONS sip:192.0.2.1:5060 SIP/2.0\r\n"
                           "Via: SIP/2.0/UDP 192.0.2.9:40000;"
                           "branch=z9hG4bK00112233445566778899aabbccddeeff;rport\r\n"
                           "Max-Forwards: 70\r\n"
                           "From: <sip:ha-check@localhost>;tag=abababababababab\r\n"
                           "To: <sip:192.0.2.1:5060>\r\n"
                           "Call-ID: fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0\r\n"
                           "CSeq: 1 OPTIONS\r\n"
                           "Accept: application/sdp\r\n"
                           "User-Agent: opensips-ha/" OHA_VERSION "\r\n"
                           "Content-Length: 0\r\n\r\n");
  assert_int_equal(n, strlen(buf));
}

static void ipv6_and_contact(void **state)
{
  struct oha_sip_options q = sample();
  char buf[OHA_SIP_REQUEST_SIZE];
  size_t n;

  (void)state;
  q.proto = OHA_PROTO_TLS;
  q.local = (struct oha_addr){ 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } };
  q.contact = "sip:a@h";
  assert_int_equal(oha__sip_options_build(&q, buf, sizeof(buf), &n, NULL), OHA_OK);
  assert_non_null(strstr(buf, "\r\nVia: SIP/2.0/TLS [2001:db8::9]:40000;branch="));
  assert_non_null(strstr(buf, "\r\nContact: <sip:a@h>\r\n"));
}

static void bad_parameters_are_refused(void **state)
{
  static const char *const bad[] = { "",        "sip:a b",  "sip:a\r\nX: y", "sip:a>",
                                     "sip:\"a", "sip:\x7f", "sip:\xff" };
  struct oha_sip_options q = sample();
  char buf[OHA_SIP_REQUEST_SIZE];
  struct oha_error err = OHA_ERROR_INIT;
  size_t n = 7;

  (void)state;
  for (size_t i = 0; i < N_OF(bad); i++) {
    q = sample();
    q.uri = bad[i];
    assert_int_equal(oha__sip_options_build(&q, buf, sizeof(buf), &n, NULL), OHA_E_ARG);
    q = sample();
    q.from = bad[i];
    assert_int_equal(oha__sip_options_build(&q, buf, sizeof(buf), &n, NULL), OHA_E_ARG);
    q = sample();
    q.contact = bad[i];
    assert_int_equal(oha__sip_options_build(&q, buf, sizeof(buf), &n, &err), OHA_E_ARG);
  }
  assert_int_equal(n, 0);
  q = sample();
  q.proto = OHA_PROTO_SCTP;
  assert_int_equal(oha__sip_options_build(&q, buf, sizeof(buf), &n, NULL), OHA_E_ARG);
  q = sample();
  assert_int_equal(oha__sip_options_build(&q, buf, 200, &n, NULL), OHA_E_NOSPACE);
  assert_string_equal(buf, "");
}

static void branches_read_back(void **state)
{
  static const char *const bad[] = { "",
                                     "z9hG4bK",
                                     "z9hG4bK00112233445566778899aabbccddeef",
                                     "z9hG4bK00112233445566778899aabbccddeeffa",
                                     "Z9hG4bK00112233445566778899aabbccddeeff",
                                     "z9hG4bK0011223344556677x899aabbccddeeff" };
  struct oha_sip_options q = sample();
  uint8_t bits[16] = { 7 };

  (void)state;
  assert_true(oha__sip_branch_read("z9hG4bK00112233445566778899aabbccddeeff", 39, bits));
  assert_memory_equal(bits, q.ids.branch, sizeof(bits));
  for (size_t i = 0; i < N_OF(bad); i++)
    assert_false(oha__sip_branch_read(bad[i], strlen(bad[i]), bits));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(request_reads_as_rfc_3261_wants_it),
    cmocka_unit_test(ipv6_and_contact),
    cmocka_unit_test(bad_parameters_are_refused),
    cmocka_unit_test(branches_read_back),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
