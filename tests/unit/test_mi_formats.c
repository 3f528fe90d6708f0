/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats of requests and replies, one table each. */
#include "cm.h"

#include "mi/json.h"
#include "mi/jsonrpc.h"
#include "mi/mijson.h"
#include "mi/shape.h"
#include "mi/text.h"
#include "mi/xmlrpc.h"
#include "base/mem.h"
#include "mi_tree.h"

#include <math.h>
#include <stdlib.h>

/* What came of a reply: its tree, or the name of the code. */
static char *outcome(enum oha_rc rc, const struct oha_mi_reply *reply)
{
  return rc == OHA_OK ? mi_tree_text(oha_mi_reply_value(reply)) : strdup(oha_rc_name(rc));
}

static void expect(size_t row, const char *input, const char *got, const char *want)
{
  if (strcmp(got, want) != 0)
    fail_msg("row %zu: %s\ngave %s\nnot  %s", row, input, got, want);
}

static enum oha_rc read_json(struct oha_span text, struct oha_mi_reply *reply, struct oha_error *err)
{
  enum oha_rc rc = oha__json_read(&text, reply, &reply->value, err);

  return rc == OHA_OK && text.n > 0 ? OHA_E_ARG : rc;
}

static void json_reads(void **state)
{
  static const struct {
    const char *text, *tree;
  } rows[] = {
    { " { \"a\" : [ 1 , -2.50e+1 , true , false , null ] } ", "{\"a\":[1,-2.50e+1,true,false,null]}" },
    { "{}", "{}" },
    { "[]", "[]" },
    { "[[],{},[[]]]", "[[],{},[[]]]" },
    { "\"\"", "\"\"" },
    { "{\"Contact\":1,\"Contact\":2,\"\":3}", "{\"Contact\":1,\"Contact\":2,\"\":3}" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\\u20ac\\ud83d\\ude00\"",
      "\"\\\"\\\\/\\u0008\\u000c\\n\\u000d\\u0009A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
    { "\"\\ud83d\\u0041\\udead\\ud83d\"", "\"\xef\xbf\xbd"
                                          "A\xef\xbf\xbd\xef\xbf\xbd\"" },
    { "\"a\\u0000b\"", "\"a\xef\xbf\xbd"
                       "b\"" },
    { "\"\xe4\x01\"", "\"\xe4\\u0001\"" },
    { "0", "0" },
    { "-0", "-0" },
    { "4294967295", "4294967295" },
    { "9223372036854775807", "9223372036854775807" },
    { "9223372036854775808", "9223372036854775808" },
    { "1e99999", "1e99999" },
    { "01", "OHA_E_PROTOCOL" },
    { "-", "OHA_E_PROTOCOL" },
    { "1.", "OHA_E_PROTOCOL" },
    { ".5", "OHA_E_PROTOCOL" },
    { "1e", "OHA_E_PROTOCOL" },
    { "+1", "OHA_E_PROTOCOL" },
    { "1e5.5", "OHA_E_PROTOCOL" },
    { "NaN", "OHA_E_PROTOCOL" },
    { "", "OHA_E_PROTOCOL" },
    { "[1,]", "OHA_E_PROTOCOL" },
    { "[1", "OHA_E_PROTOCOL" },
    { "[1 2]", "OHA_E_PROTOCOL" },
    { "{\"a\"}", "OHA_E_PROTOCOL" },
    { "{\"a\":1,}", "OHA_E_PROTOCOL" },
    { "{a:1}", "OHA_E_PROTOCOL" },
    { "{\"a\":1]", "OHA_E_PROTOCOL" },
    { "\"abc", "OHA_E_PROTOCOL" },
    { "\"\\", "OHA_E_PROTOCOL" },
    { "\"\\x\"", "OHA_E_PROTOCOL" },
    { "\"\\u12\"", "OHA_E_PROTOCOL" },
    { "tru", "OHA_E_PROTOCOL" },
    { "]", "OHA_E_PROTOCOL" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_mi_reply *reply = oha__mi_reply_new();
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc = read_json(oha__span(rows[i].text), reply, &err);
    char *got = outcome(rc, reply);

    expect(i, rows[i].text, got, rows[i].tree);
    assert_int_equal(err.rc, rc);
    free(got);
    oha_mi_reply_free(reply);
  }
}

static void json_depth_ends(void **state)
{
  char text[4 * OHA_MI_DEPTH + 1];

  (void)state;
  for (size_t depth = OHA_MI_DEPTH - 1; depth <= OHA_MI_DEPTH + 1; depth++) {
    struct oha_mi_reply *reply = oha__mi_reply_new();

    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    assert_int_equal(read_json((struct oha_span){ text, 2 * depth }, reply, NULL),
                     depth <= OHA_MI_DEPTH ? OHA_OK : OHA_E_PROTOCOL);
    oha_mi_reply_free(reply);
  }
}

static void numbers_have_values(void **state)
{
  static const struct {
    const char *text;
    enum oha_mi_type type;
    int64_t integer;
    double real;
  } rows[] = {
    { "42", OHA_MI_INT, 42, 42 },
    { "-9223372036854775807", OHA_MI_INT, -INT64_MAX, -9223372036854775807.0 },
    { "9223372036854775808", OHA_MI_REAL, 0, 9223372036854775808.0 },
    { "-12.5", OHA_MI_REAL, 0, -12.5 },
    { "25e-2", OHA_MI_REAL, 0, 0.25 },
    { "1E3", OHA_MI_REAL, 0, 1000 },
    { "0.0000", OHA_MI_REAL, 0, 0 },
    { "0e99999", OHA_MI_REAL, 0, 0 },
    { "1e-99999", OHA_MI_REAL, 0, 0 },
    { "1e400", OHA_MI_REAL, 0, INFINITY },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_mi_reply *reply = oha__mi_reply_new();
    const struct oha_mi_value *v = oha_mi_reply_value(reply);

    assert_int_equal(read_json(oha__span(rows[i].text), reply, NULL), OHA_OK);
    if (v->type != rows[i].type || v->integer != rows[i].integer || v->real > rows[i].real ||
        v->real < rows[i].real || strcmp(v->string, rows[i].text) != 0)
      fail_msg("%s: type %d, integer %lld, real %g", rows[i].text, v->type, (long long)v->integer, v->real);
    oha_mi_reply_free(reply);
  }
}

#define ARG(name, value)                                                                                     \
  {                                                                                                          \
    name, value, OHA_MI_ARG_TEXT                                                                             \
  }
#define NUMBER(name, value)                                                                                  \
  {                                                                                                          \
    name, value, OHA_MI_ARG_NUMBER                                                                           \
  }
#define ELEMENT(name, value)                                                                                 \
  {                                                                                                          \
    name, value, OHA_MI_ARG_ELEMENT                                                                          \
  }
#define ARGS_MAX 6

static const struct request_row {
  const char *method;
  struct oha_mi_arg args[ARGS_MAX];
  const char *json, *text, *mijson, *xml; /* NULL = REFUSED; text, mijson "-": names cannot be had */
} request_rows[] = {
  { "uptime",
    { { 0 } },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"uptime\"}",
    ":uptime:r1\n\n",
    "/json/uptime",
    "<methodName>uptime</methodName><params>" },
  { "ul_show_contact",
    { ARG("table_name", "location"), ARG("aor", "4001@voice.example.net") },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"ul_show_contact\",\"params\":{\"table_name\":"
    "\"location\",\"aor\":\"4001@voice.example.net\"}}",
    "-",
    "-",
    "<methodName>ul_show_contact</methodName><params><param><value><struct><member><name>table_name</name>"
    "<value><string>location</string></value></member><member><name>aor</name><value><string>4001@voice."
    "example.net</string></value></member></struct></value></param>" },
  { "x",
    { ARG(NULL, "a b"), NUMBER(NULL, "-5"), ARG(NULL, "5") },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"x\",\"params\":[\"a b\",-5,\"5\"]}",
    ":x:r1\na b\n-5\n5\n\n",
    "/json/x?params=a%20b,-5,5",
    "<methodName>x</methodName><params><param><value><string>a b</string></value></param><param><value><int>"
    "-5</int></value></param><param><value><string>5</string></value></param>" },
  { "get_statistics",
    { ELEMENT(NULL, "usrloc:"), ELEMENT(NULL, "shmem:") },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"get_statistics\",\"params\":[[\"usrloc:\",\"shmem:\"]]}",
    ":get_statistics:r1\nusrloc:\nshmem:\n\n",
    "/json/get_statistics?params=usrloc%3A,shmem%3A",
    "<methodName>get_statistics</methodName><params><param><value><array><data><value><string>usrloc:"
    "</string></value><value><string>shmem:</string></value></data></array></value></param>" },
  { "x",
    { ARG("a", "1"), ELEMENT("b", "2"), ELEMENT("b", "3"), ELEMENT("c", "4"), NUMBER("d", "99999999999") },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"x\",\"params\":{\"a\":\"1\",\"b\":[\"2\",\"3\"],\"c\":["
    "\"4\"],\"d\":99999999999}}",
    "-",
    "-",
    "<methodName>x</methodName><params><param><value><struct><member><name>a</name><value><string>1</string>"
    "</value></member><member><name>b</name><value><array><data><value><string>2</string></value><value>"
    "<string>3</string></value></data></array></value></member><member><name>c</name><value><array><data>"
    "<value><string>4</string></value></data></array></value></member><member><name>d</name><value><double>"
    "99999999999</double></value></member></struct></value></param>" },
  /* What each form must escape or refuse */
  { "x",
    { ARG(NULL, "From: <sip:a@b>\r\nTo: \"x\\\"\r\n") },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"x\",\"params\":[\"From: <sip:a@b>\\u000d\\u000aTo: "
    "\\\"x\\\\\\\"\\u000d\\u000a\"]}",
    NULL,
    "/json/x?params=From%3A%20%3Csip%3Aa%40b%3E%0D%0ATo%3A%20%22x%5C%22%0D%0A",
    "<methodName>x</methodName><params><param><value><string>From: &lt;sip:a@b&gt;&#13;\nTo: \"x\\\"&#13;\n"
    "</string></value></param>" },
  { "x",
    { ARG(NULL, "sip:4001@[2001:db8::1]"), ARG(NULL, "say \"hi\""), ARG(NULL, " a"), ARG(NULL, "a\\b") },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"x\",\"params\":[\"sip:4001@[2001:db8::1]\",\"say \\\"hi"
    "\\\"\",\" a\",\"a\\\\b\"]}",
    ":x:r1\n\"sip:4001@[2001:db8::1]\"\n\"say \\\"hi\\\"\"\n\" a\"\na\\b\n\n",
    "/json/x?params=sip%3A4001%40%5B2001%3Adb8%3A%3A1%5D,say%20%22hi%22,%20a,a%5Cb",
    "<methodName>x</methodName><params><param><value><string>sip:4001@[2001:db8::1]</string></value></param>"
    "<param><value><string>say \"hi\"</string></value></param><param><value><string> a</string></value>"
    "</param><param><value><string>a\\b</string></value></param>" },
  { "x",
    { ARG(NULL, "") },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"x\",\"params\":[\"\"]}",
    NULL,
    NULL,
    "<methodName>x</methodName><params><param><value><string></string></value></param>" },
  { "x",
    { ARG(NULL, "a,b") },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"x\",\"params\":[\"a,b\"]}",
    ":x:r1\na,b\n\n",
    NULL,
    "<methodName>x</methodName><params><param><value><string>a,b</string></value></param>" },
  { "x", { ARG(NULL, "\xe4") }, NULL, ":x:r1\n\xe4\n\n", "/json/x?params=%E4", NULL },
  { "x",
    { ARG(NULL, "a\001") },
    "{\"jsonrpc\":\"2.0\",\"id\":\"7f\",\"method\":\"x\",\"params\":[\"a\\u0001\"]}",
    ":x:r1\na\001\n\n",
    "/json/x?params=a%01",
    NULL },
  { "x", { NUMBER(NULL, "1x") }, NULL, ":x:r1\n1x\n\n", "/json/x?params=1x", NULL },
  { "x", { NUMBER(NULL, "") }, NULL, NULL, NULL, NULL },
};

static void expect_request(size_t row, const char *form, enum oha_rc rc, struct oha_sbuf *b, const char *want)
{
  assert_true(rc == OHA_OK || rc == OHA_E_REFUSED);
  if (want == NULL && rc != OHA_E_REFUSED)
    fail_msg("row %zu as %s: not refused, but %s", row, form, b->p);
  if (want != NULL && (rc != OHA_OK || strcmp(b->p, want) != 0))
    fail_msg("row %zu as %s: %s\n%s\nnot\n%s", row, form, oha_rc_name(rc), b->p, want);
}

static void requests_build(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_OF(request_rows); i++) {
    const struct request_row *row = &request_rows[i];
    struct oha__mi_request q = { .method = row->method, .args = row->args, .id = "7f", .reply_name = "r1" };
    char out[2048], want[2048];
    struct oha_sbuf b;

    while (q.n_args < ARGS_MAX && row->args[q.n_args].value != NULL)
      q.n_args++;
    oha__sbuf_init(&b, out, sizeof(out));
    expect_request(i, "JSON-RPC", oha__jsonrpc_build(&q, false, &b, NULL), &b, row->json);
    oha__sbuf_init(&b, out, sizeof(out));
    if (row->text == NULL || row->text[0] != '-')
      expect_request(i, "text", oha__text_build(&q, &b, NULL), &b, row->text);
    oha__sbuf_init(&b, out, sizeof(out));
    if (row->mijson == NULL || row->mijson[0] != '-')
      expect_request(i, "mi_json", oha__mijson_build(&q, "/json", &b, NULL), &b, row->mijson);
    oha__sbuf_init(&b, out, sizeof(out));
    snprintf(want, sizeof(want), "<?xml version=\"1.0\"?>\n<methodCall>%s</params></methodCall>",
             row->xml == NULL ? "" : row->xml);
    expect_request(i, "XML-RPC", oha__xmlrpc_build(&q, &b, NULL), &b, row->xml == NULL ? NULL : want);
  }
}

static void requests_fit_or_do_not(void **state)
{
  char value[OHA_MI_TEXT_LINE_MAX + 2], out[8192];
  struct oha_mi_arg arg = ARG(NULL, value);
  struct oha__mi_request q = { .method = "x", .args = &arg, .n_args = 1, .id = "1", .reply_name = "r" };
  struct oha_sbuf b;

  (void)state;
  memset(value, 'a', sizeof(value) - 1);
  value[sizeof(value) - 1] = '\0';
  oha__sbuf_init(&b, out, sizeof(out));
  assert_int_equal(oha__text_build(&q, &b, NULL), OHA_E_REFUSED);
  value[OHA_MI_TEXT_LINE_MAX - 2] = '\0';
  oha__sbuf_init(&b, out, sizeof(out));
  assert_int_equal(oha__text_build(&q, &b, NULL), OHA_OK);
  oha__sbuf_init(&b, out, 64);
  assert_int_equal(oha__text_build(&q, &b, NULL), OHA_OK);
  assert_true(b.overflow);
  oha__sbuf_init(&b, out, sizeof(out));
  assert_int_equal(oha__jsonrpc_build(&q, true, &b, NULL), OHA_OK);
  assert_non_null(strstr(out, ",\"reply_name\":\"r\",\"params\""));
}

static void jsonrpc_reads(void **state)
{
  static const struct {
    const char *text;
    int code;
    const char *reason, *tree;
    bool is_unknown;
  } rows[] = {
    { "{\"jsonrpc\":\"2.0\",\"result\":\"OK\",\"id\":\"7f\"}", 200, "", "\"OK\"", false },
    { "\n{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"result\":\t{\n\t},\n\t\"id\":\t\"7f\"\n}\n", 200, "", "{}", false },
    { "{\"jsonrpc\":\"2.0\",\"result\":null,\"id\":\"7f\"}", 200, "", "null", false },
    { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":404,\"message\":\"AOR not found\"},\"id\":\"7f\"}", 404,
      "AOR not found", "null", false },
    { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32602,\"message\":\"Invalid params\",\"data\":[1]},\"id\":"
      "\"7f\"}",
      -32602, "Invalid params", "[1]", false },
    { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":\"Parse error\"},\"id\":null}", -32700,
      "Parse error", "null", false },
    { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32601,\"message\":\"Method not found\"},\"id\":\"7f\"}",
      -32601, "Method not found", "null", true },
    { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32001,\"message\":\"Method ambiguous\",\"data\":[\"a:x\","
      "\"b:x\"]},\"id\":\"7f\"}",
      -32001, "Method ambiguous", "[\"a:x\",\"b:x\"]", true },
    { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":500,\"message\":\"Method Not Found\"},\"id\":\"7f\"}", 500,
      "Method Not Found", "null", true },
    { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":500,\"message\":\"Internal\"},\"id\":\"7f\"}", 500,
      "Internal", "null", false },
    /* others' answers in front, and the same one twice */
    { "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"6\"}{\"jsonrpc\":\"2.0\",\"result\":2,\"id\":\"7f\"}", 200,
      "", "2", false },
    { "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"7f\"}{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"7f\"}", 200,
      "", "1", false },
    { "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"7f\"}{\"jsonrp", 200, "", "1", false },
    { "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"6\"}", 0, "", "OHA_END", false },
    { "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":null}", 0, "", "OHA_END", false },
    { "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":[]}", 0, "", "OHA_END", false },
    { "{\"jsonrpc\":\"2.0\",\"result\":{}}", 0, "", "OHA_END", false },
    { "{\"jsonrpc\":\"2.0\",\"id\":\"7f\"}", 0, "", "OHA_E_PROTOCOL", false },
    { "{\"jsonrpc\":\"2.0\",\"result\":1,\"error\":{},\"id\":\"7f\"}", 0, "", "OHA_E_PROTOCOL", false },
    { "{\"jsonrpc\":\"1.0\",\"result\":1,\"id\":\"7f\"}", 0, "", "OHA_E_PROTOCOL", false },
    { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":\"x\"},\"id\":\"7f\"}", 0, "", "OHA_E_PROTOCOL", false },
    { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":99999999999,\"message\":\"\"},\"id\":\"7f\"}", 0, "",
      "OHA_E_PROTOCOL", false },
    { "{\"jsonrpc\":\"2.0\",\"error\":\"no\",\"id\":\"7f\"}", 0, "", "OHA_E_PROTOCOL", false },
    { "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"7f\"", 0, "", "OHA_E_PROTOCOL", false },
    { "400 Parse_error", 0, "", "OHA_E_PROTOCOL", false },
    { "failed to build response", 0, "", "OHA_E_PROTOCOL", false },
    { "[]", 0, "", "OHA_E_PROTOCOL", false },
    { "", 0, "", "OHA_E_PROTOCOL", false },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_mi_reply *reply = oha__mi_reply_new();
    enum oha_rc rc = oha__jsonrpc_read(oha__span(rows[i].text), "7f", reply, NULL);
    char *got = outcome(rc, reply);

    expect(i, rows[i].text, got, rows[i].tree);
    if (rc == OHA_OK && (reply->code != rows[i].code || strcmp(reply->reason, rows[i].reason) != 0 ||
                         reply->is_unknown_command != rows[i].is_unknown))
      fail_msg("row %zu: %d %s %d", i, reply->code, reply->reason, reply->is_unknown_command);
    free(got);
    oha_mi_reply_free(reply);
  }
}

static void text_reads(void **state)
{
  static const struct {
    const char *text;
    bool must_end;
    int code;
    const char *reason, *tree;
    bool is_unknown;
  } rows[] = {
    { "200 OK\n\n", true, 200, "", "null", false },
    { "200 OK\n", false, 200, "", "null", false },
    { "200 OK\nget_statistics\n-F\n\n", true, 200, "", "[\"get_statistics\",\"-F\"]", false },
    { "200 OK\nusrloc:registered_users:: 0\nnet:x:: 1\n\n", true, 200, "",
      "{\"usrloc:registered_users\":\"0\",\"net:x\":\"1\"}", false },
    { "200 OK\ncore:rcv_requests = 5\n\n", true, 200, "", "{\"core:rcv_requests\":\"5\"}", false },
    { "200 OK\nUp time:: 61 [sec]\nCflags:: \nX::\n\n", true, 200, "",
      "{\"Up time\":\"61 [sec]\",\"Cflags\":\"\",\"X\":\"\"}", false },
    { "200 OK\nProcess::  ID=0 PID=7 Type=MI FIFO\nProcess::  ID=1 PID=8 Type=SIP receiver udp:1.2.3.4:5060 "
      "\n\n",
      true, 200, "",
      "{\"Process\":{\"ID\":\"0\",\"PID\":\"7\",\"Type\":\"MI "
      "FIFO\"},\"Process\":{\"ID\":\"1\",\"PID\":\"8\","
      "\"Type\":\"SIP receiver udp:1.2.3.4:5060 \"}}",
      false },
    { "200 OK\nDomain:: location hash_size=512\n\tAOR:: 4001\n\t\tContact:: sip:a@b;x=y Q=1\n\t\t\tFlags:: "
      "0\n"
      "\t\tContact:: sip:c d@[2001:db8::1];q=\"x\" Q=\n\tAOR:: 4002\nEnd:: 1\n\n",
      true, 200, "",
      "{\"Domain\":{\"Domain\":\"location\",\"hash_size\":\"512\",\"AOR\":{\"AOR\":\"4001\",\"Contact\":{"
      "\"Contact\":\"sip:a@b;x=y\",\"Q\":\"1\",\"Flags\":\"0\"},\"Contact\":{\"Contact\":\"sip:c d@[2001:db8"
      "::1];q=\\\"x\\\"\",\"Q\":\"\"}},\"AOR\":\"4002\"},\"End\":\"1\"}",
      false },
    /* a phone's words are no attributes, elsewhere they look like some */
    { "200 OK\nUser-agent:: x Q=1\nOther:: x Q=1\nFirst:: Q=1\n\n", true, 200, "",
      "{\"User-agent\":\"x Q=1\",\"Other\":{\"Other\":\"x\",\"Q\":\"1\"},\"First\":\"Q=1\"}", false },
    { "200 OK\nStatus:: 200 OK\nMessage:: Via: SIP/2.0/UDP h\r\nCSeq: 10 OPTIONS\r\n\r\n\n\n", true, 200, "",
      "{\"Status\":\"200 OK\",\"Message\":\"Via: SIP/2.0/UDP h\\u000d\\nCSeq: 10 OPTIONS\\u000d\\n\\u000d\\n"
      "\"}",
      false },
    /* nameless below a node; and indents of other kinds */
    { "200 OK\nList:: \n\ta\n\tb\nOdd:: x\n\ta\n\n", true, 200, "",
      "{\"List\":[\"a\",\"b\"],\"Odd\":{\"Odd\":\"x\",\"\":\"a\"}}", false },
    { "200 OK\nA:: 1\n   B:: 2\n      C:: 3\n  D:: 4\n\n", true, 200, "",
      "{\"A\":{\"A\":\"1\",\"B\":{\"B\":\"2\",\"C\":\"3\"}},\"D\":\"4\"}", false },
    { "200 OK\nA:: 1\nB\n\n", true, 200, "", "{\"A\":\"1\",\"\":\"B\"}", false },
    { "200 OK\nA:: 1\n\nB:: 2\n", true, 200, "", "{\"A\":\"1\"}", false },
    { "200 OK\nA:: x\r", false, 200, "", "{\"A\":\"x\\u000d\"}", false },
    { "404 AOR not found\n\n", true, 404, "AOR not found", "null", false },
    { "404 AOR not found\n", false, 404, "AOR not found", "null", false },
    { "400\n", false, 400, "", "null", false },
    { "500 command not available\n", false, 500, "command not available", "null", true },
    { "500 command 'x' not available\n", true, 500, "command 'x' not available", "null", true },
    { "500 command 'x' failed\n", true, 500, "command 'x' failed", "null", false },
    { "200 OK\nA:: 1\n", true, 0, "", "OHA_E_PROTOCOL", false },
    { "200 OK\n", true, 0, "", "OHA_E_PROTOCOL", false },
    { "200 OK", false, 0, "", "OHA_E_PROTOCOL", false },
    { "2000 OK\n", false, 0, "", "OHA_E_PROTOCOL", false },
    { "OK\n", false, 0, "", "OHA_E_PROTOCOL", false },
    { "{\"jsonrpc\"}\n", false, 0, "", "OHA_E_PROTOCOL", false },
    { "", false, 0, "", "OHA_E_PROTOCOL", false },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_mi_reply *reply = oha__mi_reply_new();
    enum oha_rc rc = oha__text_read(oha__span(rows[i].text), rows[i].must_end, reply, NULL);
    char *got = outcome(rc, reply);

    expect(i, rows[i].text, got, rows[i].tree);
    if (rc == OHA_OK && (reply->code != rows[i].code || strcmp(reply->reason, rows[i].reason) != 0 ||
                         reply->is_unknown_command != rows[i].is_unknown))
      fail_msg("row %zu: %d %s %d", i, reply->code, reply->reason, reply->is_unknown_command);
    free(got);
    oha_mi_reply_free(reply);
  }
}

static void mijson_reads(void **state)
{
  static const struct {
    const char *text;
    bool has_type;
    int code;
    const char *reason, *tree;
  } rows[] = {
    { "", true, 200, "", "null" },
    { "", false, 0, "", "null" },
    { "{\"Server\": \"OpenSIPS (2.4.11 (x86_64\\/linux))\"}", true, 200, "",
      "{\"Server\":\"OpenSIPS (2.4.11 (x86_64/linux))\"}" },
    { "{\"\": [{\"value\":\"which\"}, {\"value\":\"ps\"}]}", true, 200, "", "[\"which\",\"ps\"]" },
    { "{\"Process\": [{\"attributes\":{\"ID\": \"0\"}}, {\"attributes\":{\"ID\": \"1\"}}]}", true, 200, "",
      "{\"Process\":{\"ID\":\"0\"},\"Process\":{\"ID\":\"1\"}}" },
    { "{\"AOR\": [{\"value\":\"4001\", \"children\":{\"Contact\": {\"value\":\"sip:a\", "
      "\"attributes\":{\"Q\":"
      " null}, \"children\":{\"Cflags\": {}}}, \"Contact\": {\"value\":\"sip:b\"}}}]}",
      true, 200, "",
      "{\"AOR\":{\"AOR\":\"4001\",\"Contact\":{\"Contact\":\"sip:a\",\"Q\":\"\",\"Cflags\":\"\"},\"Contact\":"
      "\"sip:b\"}}" },
    /* 1.11's lists of nodes */
    { "[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"attributes\":{\"x\":\"2\"},\"children\":[{"
      "\"name\":"
      "\"C\",\"value\":\"3\"}]}]",
      false, 200, "", "{\"A\":\"1\",\"B\":{\"x\":\"2\",\"C\":\"3\"}}" },
    { "[\"a\",\"b\"]", false, 200, "", "[\"a\",\"b\"]" },
    { "{\"error\": {\"code\": 404, \"message\": \"AOR not found\"}}", true, 404, "AOR not found", "null" },
    { "{\"error\": \"a statistic\"}", true, 200, "", "{\"error\":\"a statistic\"}" },
    { "{\"A\": 1", true, 0, "", "OHA_E_PROTOCOL" },
    { "{\"A\": 1} x", true, 0, "", "OHA_E_PROTOCOL" },
    { "<html>", true, 0, "", "OHA_E_PROTOCOL" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_mi_reply *reply = oha__mi_reply_new();
    enum oha_rc rc = oha__mijson_read(oha__span(rows[i].text), rows[i].has_type, reply, NULL);
    char *got = outcome(rc, reply);

    expect(i, rows[i].text, got, rows[i].tree);
    if (rc == OHA_OK && (reply->code != rows[i].code || strcmp(reply->reason, rows[i].reason) != 0))
      fail_msg("row %zu: %d %s", i, reply->code, reply->reason);
    free(got);
    oha_mi_reply_free(reply);
  }
}

#define RESPONSE(value)                                                                                      \
  "<?xml version=\"1.0\"?><methodResponse><params><param>" value "</param></params></methodResponse>"
#define FAULT(code, text)                                                                                    \
  "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>" code                    \
  "</int></value></member><member><name>faultString</name><value><string>" text                              \
  "</string></value></member></struct></value></fault></methodResponse>"

static void xmlrpc_reads(void **state)
{
  static const struct {
    const char *text;
    enum oha_mi_era era;
    int code;
    const char *reason, *tree;
  } rows[] = {
    { RESPONSE(
          "<value><struct><member><name>a</name><value><int>-1</int></value></member><member><name>b"
          "</name><value><array><data><value><string> x &lt;&amp;&#228; </string></value><value><boolean>1"
          "</boolean></value><value><nil/></value><value>&lt;nil/></value><value><double>1.5</double>"
          "</value><value><double>4294967295.000000</double></value></data></array></value></member>"
          "</struct></value>"),
      OHA_MI_ERA_JSONRPC, 200, "", "{\"a\":-1,\"b\":[\" x <&\xc3\xa4 \",true,null,null,1.5,4294967295]}" },
    { RESPONSE("<value>plain</value>"), OHA_MI_ERA_JSONRPC, 200, "", "\"plain\"" },
    { RESPONSE("<value></value>"), OHA_MI_ERA_JSONRPC, 200, "", "\"\"" },
    { RESPONSE("<value><string/></value>"), OHA_MI_ERA_JSONRPC, 200, "", "\"\"" },
    { RESPONSE("<value><array><data></data></array></value>"), OHA_MI_ERA_JSONRPC, 200, "", "[]" },
    { RESPONSE("<value><string><![CDATA[a<b]]></string></value>"), OHA_MI_ERA_JSONRPC, 200, "", "\"a<b\"" },
    { "<methodResponse><params></params></methodResponse>", OHA_MI_ERA_JSONRPC, 200, "", "null" },
    { RESPONSE("<value><string>a\xe4\x01z</string></value>"), OHA_MI_ERA_JSONRPC, 200, "", "\"a??z\"" },
    { "<?xml version=\"1.0\" "
      "encoding=\"ISO-8859-1\"?><methodResponse><params><param><value>\xe4</value></param>"
      "</params></methodResponse>",
      OHA_MI_ERA_JSONRPC, 200, "", "\"\xc3\xa4\"" },
    /* the text era: nodes in one string, a string for each line, and wrapped nodes */
    { RESPONSE("<value><string>Now:: x\nUp time:: 61 [sec]\n</string></value>"), OHA_MI_ERA_TEXT, 200, "",
      "{\"Now\":\"x\",\"Up time\":\"61 [sec]\"}" },
    { RESPONSE(
          "<value><array><data><value><string>A:: 1\n</string></value><value><string>B:: 2</string></value>"
          "</data></array></value>"),
      OHA_MI_ERA_TEXT, 200, "", "{\"A\":\"1\",\"B\":\"2\"}" },
    { RESPONSE(
          "<value><struct><member><name>AOR</name><value><array><data><value><struct><member><name>value"
          "</name><value>4001</value></member><member><name>kids</name><value><value><struct><member><name>"
          "Flags</name><value>0</value></member></struct></value></value></member></struct></value></data>"
          "</array></value></member></struct></value>"),
      OHA_MI_ERA_TEXT, 200, "", "{\"AOR\":{\"AOR\":\"4001\",\"Flags\":\"0\"}}" },
    { RESPONSE("<value><string></string></value>"), OHA_MI_ERA_TEXT, 0, "", "null" },
    { FAULT("404", "AOR not found"), OHA_MI_ERA_JSONRPC, 404, "AOR not found", "null" },
    { FAULT("32700", "parse error. not well formed"), OHA_MI_ERA_JSONRPC, -32700,
      "parse error. not well formed", "null" },
    { FAULT("x", "y"), OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { "<methodResponse><fault><value>no</value></fault></methodResponse>", OHA_MI_ERA_JSONRPC, 0, "",
      "OHA_E_PROTOCOL" },
    /* hostile or broken */
    { "<!DOCTYPE x [<!ENTITY a \"b\">]>" RESPONSE("<value>&a;</value>"), OHA_MI_ERA_JSONRPC, 0, "",
      "OHA_E_PROTOCOL" },
    { "<?xml version=\"1.0\"?><!DOCTYPE x SYSTEM \"file:///etc/passwd\"><methodResponse/>",
      OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { RESPONSE("<value>&undefined;</value>"), OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { RESPONSE("<value>a</value><value>b</value>"), OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { RESPONSE("<value><struct><value>a</value></struct></value>"), OHA_MI_ERA_JSONRPC, 0, "",
      "OHA_E_PROTOCOL" },
    { RESPONSE("<value><array><name>a</name><value>b</value></array></value>"), OHA_MI_ERA_JSONRPC, 0, "",
      "OHA_E_PROTOCOL" },
    { RESPONSE("<string>a</string>"), OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { RESPONSE("<value><int>1x</int></value>"), OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { RESPONSE("<value><blink>a</blink></value>"), OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { "<methodResponse><params><param><value>cut", OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { "<html><body>Unable to parse URL!</body></html>", OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { "no XML", OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
    { "", OHA_MI_ERA_JSONRPC, 0, "", "OHA_E_PROTOCOL" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_mi_reply *reply = oha__mi_reply_new();
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc = oha__xmlrpc_read(oha__span(rows[i].text), rows[i].era, reply, &err);
    char *got = outcome(rc, reply);

    expect(i, rows[i].text, got, rows[i].tree);
    assert_int_equal(err.rc, rc);
    if (rc == OHA_OK && (reply->code != rows[i].code || strcmp(reply->reason, rows[i].reason) != 0))
      fail_msg("row %zu: %d %s", i, reply->code, reply->reason);
    free(got);
    oha_mi_reply_free(reply);
  }
}

static void xmlrpc_depth_ends(void **state)
{
  char *text = NULL;
  size_t n;

  (void)state;
  for (unsigned depth = OHA_MI_DEPTH - 1; depth <= 4 * OHA_MI_DEPTH; depth += OHA_MI_DEPTH) {
    struct oha_mi_reply *reply = oha__mi_reply_new();
    FILE *f = open_memstream(&text, &n);

    fputs("<methodResponse><params><param><value>", f);
    for (unsigned i = 0; i < depth; i++)
      fputs("<array><data><value>", f);
    for (unsigned i = 0; i < depth; i++)
      fputs("</value></data></array>", f);
    fputs("</value></param></params></methodResponse>", f);
    fclose(f);
    assert_int_equal(oha__xmlrpc_read((struct oha_span){ text, n }, OHA_MI_ERA_JSONRPC, reply, NULL),
                     depth <= OHA_MI_DEPTH ? OHA_OK : OHA_E_PROTOCOL);
    free(text);
    oha_mi_reply_free(reply);
  }
}

/* Each reader either reads or says that there is no memory, whichever request fails. */
static void memory_may_run_out(void **state)
{
  static const char json[] =
      "{\"jsonrpc\":\"2.0\",\"result\":{\"a\":[1,2,\"x\",{\"b\":\"c\"}]},\"id\":\"7f\"}";
  static const char text[] = "200 OK\nA:: 1 x=2\n\tB:: 3\n\tC:: 4\n\n";
  static const char mijson[] = "{\"A\": [{\"value\":\"4\", \"attributes\":{\"x\": \"2\"}}], \"B\":\"3\"}";
  static const char xml[] =
      RESPONSE("<value><struct><member><name>A</name><value>x</value></member><member><name>"
               "B</name><value><array><data><value><int>1</int></value></data></array>"
               "</value></member></struct></value>");

  (void)state;
  for (int which = 0; which < 4; which++) {
    enum oha_rc rc = OHA_E_NOMEM;

    for (long n = 0; n < 200 && rc != OHA_OK; n++) {
      struct oha_mi_reply *reply = oha__mi_reply_new();
      struct oha_error err = OHA_ERROR_INIT;

      oha__mem_fail_at = n;
      rc = which == 0   ? oha__jsonrpc_read(oha__span(json), "7f", reply, &err)
           : which == 1 ? oha__text_read(oha__span(text), true, reply, &err)
           : which == 2 ? oha__mijson_read(oha__span(mijson), true, reply, &err)
                        : oha__xmlrpc_read(oha__span(xml), OHA_MI_ERA_TEXT, reply, &err);
      oha__mem_fail_at = -1;
      if (rc != OHA_OK && (rc != OHA_E_NOMEM || err.rc != rc))
        fail_msg("reader %d, request %ld: %s, %s", which, n, oha_rc_name(rc), err.text);
      oha_mi_reply_free(reply);
    }
    assert_int_equal(rc, OHA_OK);
  }
}

static void members_are_found(void **state)
{
  struct oha_mi_reply *reply = oha__mi_reply_new();
  const struct oha_mi_value *top = oha_mi_reply_value(reply);

  (void)state;
  assert_int_equal(read_json(oha__span("{\"a\":1,\"A\":2,\"a\":3}"), reply, NULL), OHA_OK);
  assert_int_equal(oha_mi_member(top, "a")->integer, 1);
  assert_int_equal(oha_mi_member(top, "A")->integer, 2);
  assert_null(oha_mi_member(top, "b"));
  assert_null(oha_mi_member(top, NULL));
  assert_null(oha_mi_member(NULL, "a"));
  assert_null(oha_mi_member(&top->children[0], "a"));
  oha_mi_reply_free(reply);
  oha_mi_reply_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(json_reads),
    cmocka_unit_test(json_depth_ends),
    cmocka_unit_test(numbers_have_values),
    cmocka_unit_test(requests_build),
    cmocka_unit_test(requests_fit_or_do_not),
    cmocka_unit_test(jsonrpc_reads),
    cmocka_unit_test(text_reads),
    cmocka_unit_test(mijson_reads),
    cmocka_unit_test(xmlrpc_reads),
    cmocka_unit_test(xmlrpc_depth_ends),
    cmocka_unit_test(memory_may_run_out),
    cmocka_unit_test(members_are_found),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
