/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include "sip/frame.h"
#include "sip/reply.h"

#define REST                                                                                                 \
  "From: <sip:ha-check@localhost>;tag=a6c85cf\r\n"                                                           \
  "To: <sip:192.0.2.1>;tag=9fxced76sl\r\n"                                                                   \
  "Call-ID: 3848276298220188511@192.0.2.9\r\n"                                                               \
  "CSeq: 1 OPTIONS\r\n"
#define VIA "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKabc;rport\r\n"

static void replies_parse(void **state)
{
  static const struct {
    const char *text;
    unsigned code; /* 0 = refused */
    const char *reason, *branch, *call_id, *server;
    unsigned cseq;
  } rows[] = {
    { "SIP/2.0 200 OK\r\n" VIA REST "Server: OpenSIPS (3.6.8 (x86_64/linux))\r\nContent-Length: 0\r\n\r\n",
      200, "OK", "z9hG4bKabc", "3848276298220188511@192.0.2.9", "OpenSIPS (3.6.8 (x86_64/linux))", 1 },
    { "SIP/2.0 484 Address Incomplete\r\n" VIA REST "\r\n", 484, "Address Incomplete", "z9hG4bKabc",
      "3848276298220188511@192.0.2.9", "", 1 },
    { "SIP/2.0 100 trying -- your call is important to us\r\n" VIA REST "\r\n", 100,
      "trying -- your call is important to us", "z9hG4bKabc", "3848276298220188511@192.0.2.9", "", 1 },
    /* compact and oddly written names; RFC 4475 section 3.1.1.1 */
    { "SIP/2.0 200 OK\r\nv  : SIP  / 2.0\r\n / UDP\r\n    192.0.2.2 ; received=1.2.3.4 ;\r\n  branch\t=\r\n"
      " 390skdjuw\r\ni: 1@2\r\nCSEQ: 0009\r\n  INVITE\r\nl: 0\r\n\r\n",
      200, "OK", "390skdjuw", "1@2", "", 9 },
    { "SIP/2.0 200 OK\r\nvia:SIP/2.0/TCP [2001:db8::9]:5060;branch=b,SIP/2.0/UDP h;branch=c\r\nVia: "
      "SIP/2.0/UDP h;branch=d\r\ncall-id:x\r\ncseq:1 OPTIONS\r\n\r\n",
      200, "OK", "b", "x", "", 1 },
    { "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;x=\"a;branch=no,\\\"\" ;branch=yes\r\nCall-ID: x\r\nCSeq: 1 "
      "OPTIONS\r\n\r\n",
      200, "OK", "yes", "x", "", 1 },
    /* LF alone, folding with tabs, the first of two Call-IDs */
    { "SIP/2.0 404 Not Found\nVia: SIP/2.0/UDP h\n\t;branch=b\nCall-ID:\n x\nCall-ID: y\nCSeq: 1 OPTIONS\n"
      "Server: a\n b\n\n",
      404, "Not Found", "b", "x", "a\n b", 1 },
    /* empty lines in front, no empty line at the end, a body */
    { "\r\n\r\nSIP/2.0 200 OK\r\n" VIA REST, 200, "OK", "z9hG4bKabc", "3848276298220188511@192.0.2.9", "",
      1 },
    { "SIP/2.0 200 OK\r\n" VIA REST "Content-Length: 9999\r\n\r\nv=0\r\nno header here\r\n", 200, "OK",
      "z9hG4bKabc", "3848276298220188511@192.0.2.9", "", 1 },
    /* RFC 4475 sections 3.1.1.13 (no reason), 3.1.1.12 (unusual one); and without the blank */
    { "SIP/2.0 100 \r\n" VIA REST "\r\n", 100, "", "z9hG4bKabc", "3848276298220188511@192.0.2.9", "", 1 },
    { "SIP/2.0 100\r\n" VIA REST "\r\n", 100, "", "z9hG4bKabc", "3848276298220188511@192.0.2.9", "", 1 },
    { "SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\n" VIA REST "\r\n", 200, "= 2**3 * 5**2 \xd0\xbd\xd0\xbe",
      "z9hG4bKabc", "3848276298220188511@192.0.2.9", "", 1 },
    { "sip/2.0 699 x\r\n" VIA REST "\r\n", 699, "x", "z9hG4bKabc", "3848276298220188511@192.0.2.9", "", 1 },
    /* RFC 4475 section 3.1.2.19: a code of ten digits; other status lines that are none */
    { "SIP/2.0 4294967301 better not break the receiver\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 99 x\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 099 x\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 700 x\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 -20 x\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 2000\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/7.0 200 OK\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0  200 OK\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "HTTP/1.1 200 OK\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "OPTIONS sip:h SIP/2.0\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK", 0, "", "", "", "", 0 },
    { "SIP/2.0 200", 0, "", "", "", "", 0 },
    { "SIP/2.0", 0, "", "", "", "", 0 },
    { "\r\n\r\n", 0, "", "", "", "", 0 },
    { "", 0, "", "", "", "", 0 },
    /* what is ours cannot be told */
    { "SIP/2.0 200 OK\r\n" REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n" REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch\r\n" REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=\r\n" REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;x=\"a;branch=b\r\n" REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\nVia:\r\n" REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n" VIA "CSeq: 1 OPTIONS\r\n\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n" VIA "Call-ID:\r\nCSeq: 1 OPTIONS\r\n\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n" VIA "Call-ID: x\r\n\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n" VIA "Call-ID: x\r\nCSeq: 1\r\n\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n" VIA "Call-ID: x\r\nCSeq: OPTIONS 1\r\n\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n" VIA "Call-ID: x\r\nCSeq: 36893488147419103232 OPTIONS\r\n\r\n", 0, "", "", "", "",
      0 },
    /* lines that are no headers */
    { "SIP/2.0 200 OK\r\n" VIA REST "junk\r\n\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n" VIA REST ": x\r\n\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n : x\r\n" VIA REST "\r\n", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n" VIA REST "Server: cut o", 0, "", "", "", "", 0 },
    { "SIP/2.0 200 OK\r\n" VIA REST "Server: a\r\n folded and cut o", 0, "", "", "", "", 0 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_span text = oha__span(rows[i].text);
    struct oha_sip_reply r;
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc = oha__sip_reply_parse(text, &r, &err);

    if ((rc == OHA_OK) != (rows[i].code != 0) || err.rc != rc)
      fail_msg("row %zu: %s '%s'\n%s", i, oha_rc_name(rc), err.text, rows[i].text);
    if (r.code != rows[i].code || r.cseq != rows[i].cseq || !oha__span_is(r.reason, rows[i].reason) ||
        !oha__span_is(r.branch, rows[i].branch) || !oha__span_is(r.call_id, rows[i].call_id) ||
        !oha__span_is(r.server, rows[i].server))
      fail_msg("row %zu: %u '%.*s' branch '%.*s' call-id '%.*s' server '%.*s' cseq %u\n%s", i,
               (unsigned)r.code, (int)r.reason.n, r.reason.p, (int)r.branch.n, r.branch.p, (int)r.call_id.n,
               r.call_id.p, (int)r.server.n, r.server.p, (unsigned)r.cseq, rows[i].text);
  }
}

static void cseq_method_is_kept(void **state)
{
  struct oha_sip_reply r;

  (void)state;
  assert_int_equal(oha__sip_reply_parse(OHA_SPAN("SIP/2.0 200 OK\r\n" VIA REST "\r\n"), &r, NULL), OHA_OK);
  assert_true(oha__span_is(r.cseq_method, "OPTIONS"));
}

static void bytes_with_nul_are_only_bytes(void **state)
{
  struct oha_sip_reply r;
  char text[64];

  (void)state;
  assert_int_equal(oha__sip_reply_parse(OHA_SPAN("SIP/2.0 200 O\0K\r\n" VIA REST "\r\n"), &r, NULL), OHA_OK);
  assert_int_equal(r.reason.n, 3);
  oha__sip_value_text(r.reason, text, sizeof(text));
  assert_string_equal(text, "O\\x00K");
}

static void values_become_one_safe_line(void **state)
{
  static const struct {
    const char *value, *text;
  } rows[] = {
    { "OpenSIPS (3.6.8)", "OpenSIPS (3.6.8)" },
    { "a\r\n b", "a b" },
    { "a \r\n\tb", "a b" },
    { "a  b", "a  b" },
    { "a\x1b[2Jb", "a\\x1B[2Jb" },
    { "", "" },
    { "0123456789012345678901234567890123456789", "0123456789012345678901234567..." },
  };
  char buf[32], big[1000];

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    oha__sip_value_text(oha__span(rows[i].value), buf, sizeof(buf));
    assert_string_equal(buf, rows[i].text);
  }
  memset(big, '\xff', sizeof(big));
  oha__sip_value_text((struct oha_span){ big, sizeof(big) }, buf, sizeof(buf));
  assert_true(strlen(buf) < sizeof(buf) && strstr(buf, "...") != NULL);
}

/* Each message in one piece, and byte by byte: the same length is found, never before the last byte is there.
 */
static void streams_are_framed(void **state)
{
  static const struct {
    const char *text;
    size_t n_message; /* 0 = never complete */
    enum oha_rc rc;
  } rows[] = {
    { "SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nabcSIP/2.0 100 x", 40, OHA_OK },
    { "SIP/2.0 200 OK\r\nl:3\r\n\r\nabc", 26, OHA_OK },
    { "SIP/2.0 200 OK\nL : 3\nl: 3\n\nabcd", 30, OHA_OK },
    { "SIP/2.0 200 OK\r\n\r\nabc", 18, OHA_OK },
    { "SIP/2.0 200 OK\r\nContent-Length:\r\n 0\r\n\r\n", 39, OHA_OK },
    { "\r\n\r\nSIP/2.0 200 OK\r\n\r\n", 22, OHA_OK },
    { "\r\n\n\rx\r\n\r\n", 9, OHA_OK },
    { "SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nab", 0, OHA_END },
    { "SIP/2.0 200 OK\r\nContent-Length: 3\r\n", 0, OHA_END },
    { "SIP/2.0 200 OK\r\nA: b\r\n\r", 0, OHA_END },
    { "SSH-2.0-OpenSSH_9.2\r\n", 0, OHA_END },
    { "\r\n\r\n\r\n", 0, OHA_END },
    { "", 0, OHA_END },
    { "SIP/2.0 200 OK\r\nContent-Length: -1\r\n\r\n", 0, OHA_E_PARSE },
    { "SIP/2.0 200 OK\r\nContent-Length: x\r\n\r\n", 0, OHA_E_PARSE },
    { "SIP/2.0 200 OK\r\nContent-Length: 1\r\nl: 2\r\n\r\n", 0, OHA_E_PARSE },
    { "SIP/2.0 200 OK\r\nContent-Length: 99999999999\r\n\r\n", 0, OHA_E_PARSE },
    { "SIP/2.0 200 OK\r\nContent-Length: 65536\r\n\r\n", 0, OHA_E_TOO_BIG },
    { "SIP/2.0 200 OK\r\nContent-Length: 65535\r\n\r\n", 0, OHA_E_TOO_BIG },
    { "SIP/2.0 200 OK\r\njunk\r\n\r\n", 0, OHA_E_PARSE },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_span whole = oha__span(rows[i].text);
    struct oha_sip_frame at_once = { 0 }, dripping = { 0 };
    size_t n_bytes = 7;
    enum oha_rc rc = oha__sip_frame(&at_once, whole, &n_bytes, NULL);

    if (rc != rows[i].rc || n_bytes != rows[i].n_message)
      fail_msg("row %zu: %s %zu", i, oha_rc_name(rc), n_bytes);
    for (size_t n = 0; n <= whole.n; n++) {
      rc = oha__sip_frame(&dripping, (struct oha_span){ whole.p, n }, &n_bytes, NULL);
      if (rc != OHA_END)
        break;
    }
    if (rc != rows[i].rc || n_bytes != rows[i].n_message)
      fail_msg("row %zu dripping: %s %zu", i, oha_rc_name(rc), n_bytes);
  }
}

static void endless_heads_are_cut(void **state)
{
  static char big[OHA_SIP_HEAD_MAX_BYTES + 100];
  struct oha_sip_frame frame = { 0 };
  size_t n;

  (void)state;
  memset(big, 'x', sizeof(big));
  assert_int_equal(oha__sip_frame(&frame, (struct oha_span){ big, OHA_SIP_HEAD_MAX_BYTES }, &n, NULL),
                   OHA_END);
  assert_int_equal(oha__sip_frame(&frame, (struct oha_span){ big, sizeof(big) }, &n, NULL), OHA_E_TOO_BIG);
  memset(big, '\n', sizeof(big));
  frame = (struct oha_sip_frame){ 0 };
  assert_int_equal(oha__sip_frame(&frame, (struct oha_span){ big, sizeof(big) }, &n, NULL), OHA_E_TOO_BIG);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(replies_parse),
    cmocka_unit_test(cseq_method_is_kept),
    cmocka_unit_test(bytes_with_nul_are_only_bytes),
    cmocka_unit_test(values_become_one_safe_line),
    cmocka_unit_test(streams_are_framed),
    cmocka_unit_test(endless_heads_are_cut),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
