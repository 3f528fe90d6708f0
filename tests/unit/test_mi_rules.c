/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decides without a server: addresses, names and orders, what is never sent, eras, heads of HTTP. */
#include "cm.h"

#include "mi/address.h"
#include "mi/era.h"
#include "mi/guard.h"
#include "mi/http.h"
#include "mi/names.h"

#define TWENTY    "01234567890123456789"
#define LONG_PATH "unix:/" TWENTY TWENTY TWENTY TWENTY TWENTY "0123456"

static void addresses_parse(void **state)
{
  static const struct {
    const char *text, *path, *reply_dir, *addr;
    enum oha__mi_scheme scheme;
    uint16_t port;
    enum oha_mi_era era;
    bool local;
  } good[] = {
    { "http://127.0.0.1:8888/mi", "/mi", "", "127.0.0.1", OHA_MI_HTTP, 8888, OHA_MI_ERA_UNKNOWN, true },
    { "http://localhost:8888/mi/", "/mi", "", "127.0.0.1", OHA_MI_HTTP, 8888, OHA_MI_ERA_UNKNOWN, true },
    { "http://192.0.2.1:1/a/b", "/a/b", "", "192.0.2.1", OHA_MI_HTTP, 1, OHA_MI_ERA_UNKNOWN, false },
    { "http://192.0.2.1:80/", "/", "", "192.0.2.1", OHA_MI_HTTP, 80, OHA_MI_ERA_UNKNOWN, false },
    { "http://[2001:db8::1]:80/RPC?era=kamailio", "/RPC", "", "2001:db8::1", OHA_MI_HTTP, 80,
      OHA_MI_ERA_KAMAILIO, false },
    { "http://[::1]:80/mi?era=modules", "/mi", "", "::1", OHA_MI_HTTP, 80, OHA_MI_ERA_MODULES, true },
    { "xmlrpc://127.0.0.2:8080/RPC2?era=text", "/RPC2", "", "127.0.0.2", OHA_MI_XMLRPC, 8080, OHA_MI_ERA_TEXT,
      true },
    { "json://192.0.2.1:8888/json", "/json", "", "192.0.2.1", OHA_MI_MIJSON, 8888, OHA_MI_ERA_UNKNOWN,
      false },
    { "fifo:/tmp/opensips_fifo", "/tmp/opensips_fifo", "/tmp", NULL, OHA_MI_FIFO, 0, OHA_MI_ERA_UNKNOWN,
      true },
    { "fifo:/run/x?reply_dir=/run/y&era=jsonrpc", "/run/x", "/run/y", NULL, OHA_MI_FIFO, 0,
      OHA_MI_ERA_JSONRPC, true },
    { "udp:192.0.2.1:8080", "", "", "192.0.2.1", OHA_MI_UDP, 8080, OHA_MI_ERA_UNKNOWN, false },
    { "udp:[2001:db8::1]:65535?era=text", "", "", "2001:db8::1", OHA_MI_UDP, 65535, OHA_MI_ERA_TEXT, false },
    { "unix:/run/mi.sock", "/run/mi.sock", "", NULL, OHA_MI_UNIX, 0, OHA_MI_ERA_UNKNOWN, true },
  };
  static const char *const bad[] = { "",
                                     "http",
                                     "http://",
                                     "https://127.0.0.1:8888/mi",
                                     "http://127.0.0.1/mi",
                                     "http://127.0.0.1:8888",
                                     "http://127.0.0.1:0/mi",
                                     "http://127.0.0.1:65536/mi",
                                     "http://sip1.example.net:8888/mi",
                                     "http://::1:8888/mi",
                                     "http://[::1]/mi",
                                     "http://[::1:8888/mi",
                                     "http://127.0.0.1:8888/m i",
                                     "http://127.0.0.1:8888/a\r\nb",
                                     "http://127.0.0.1:8888/mi?x=y",
                                     "http://127.0.0.1:8888/mi?era=new",
                                     "http://127.0.0.1:8888/mi?era=text",
                                     "http://127.0.0.1:8888/mi?era",
                                     "http://127.0.0.1:8888/mi?reply_dir=/tmp",
                                     "json://127.0.0.1:1/json?era=jsonrpc",
                                     "fifo:relative",
                                     "fifo:",
                                     "fifo:/x?reply_dir=y",
                                     "unix:x",
                                     "unix:/x?reply_dir=/tmp",
                                     "udp:127.0.0.1",
                                     "udp:127.0.0.1:5060:1",
                                     "udp:127.0.0.01:5060",
                                     LONG_PATH };

  (void)state;
  for (size_t i = 0; i < N_OF(good); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha__mi_address a;
    char addr[OHA_ADDR_SIZE];

    if (oha__mi_address_parse(good[i].text, &a, &err) != OHA_OK)
      fail_msg("%s", err.text);
    if (a.scheme != good[i].scheme || a.port != good[i].port || a.era != good[i].era ||
        strcmp(a.path, good[i].path) != 0 || strcmp(a.reply_dir, good[i].reply_dir) != 0 ||
        (good[i].addr != NULL && strcmp(oha_addr_format(&a.addr, addr), good[i].addr) != 0) ||
        oha_mi_address_is_local(good[i].text) != good[i].local)
      fail_msg("%s: scheme %d, port %u, era %d, path %s, reply_dir %s", good[i].text, a.scheme, a.port, a.era,
               a.path, a.reply_dir);
  }
  for (size_t i = 0; i < N_OF(bad); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha__mi_address a;

    if (oha__mi_address_parse(bad[i], &a, &err) != OHA_E_PARSE || err.rc != OHA_E_PARSE || a.path[0] != '\0')
      fail_msg("'%s' was taken", bad[i]);
    assert_false(oha_mi_address_is_local(bad[i]));
  }
  assert_false(oha_mi_address_is_local(NULL));
  assert_string_equal(oha_mi_era_name((enum oha_mi_era)77), "unknown");
}

static void names_are_translated(void **state)
{
  static const struct {
    const char *command;
    enum oha_mi_era era;
    const char *names; /* joined by blanks */
  } rows[] = {
    { "uptime", OHA_MI_ERA_TEXT, "uptime" },
    { "core:uptime", OHA_MI_ERA_JSONRPC, "uptime" },
    { "core.uptime", OHA_MI_ERA_MODULES, "core:uptime uptime" },
    { "uptime", OHA_MI_ERA_KAMAILIO, "core.uptime" },
    { "ul_show_contact", OHA_MI_ERA_MODULES, "usrloc:show_contact ul_show_contact" },
    { "usrloc:show_contact", OHA_MI_ERA_KAMAILIO, "ul.lookup" },
    { "log_level", OHA_MI_ERA_TEXT, "log_level debug" },
    { "clusterer:list_shtags", OHA_MI_ERA_TEXT, "clusterer_list_shtags dlg_list_sharing_tags" },
    { "dlg_list_sharing_tags", OHA_MI_ERA_JSONRPC, "clusterer_list_shtags" },
    { "clusterer_list", OHA_MI_ERA_KAMAILIO, "clusterer_list" },
    { "my_own", OHA_MI_ERA_MODULES, "my_own" },
    { "show_contact", OHA_MI_ERA_MODULES, "show_contact" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha__mi_spelling s[OHA_MI_SPELLINGS];
    char joined[256] = "";
    size_t n = oha__mi_spellings(rows[i].command, rows[i].era, s), used = 0;

    for (size_t k = 0; k < n; k++)
      used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%s", k > 0 ? " " : "", s[k].name);
    if (strcmp(joined, rows[i].names) != 0)
      fail_msg("%s: %s, not %s", rows[i].command, joined, rows[i].names);
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
#define ARGS_MAX 7

static void arguments_are_arranged(void **state)
{
  static const struct {
    const char *command;
    enum oha_mi_era era;
    struct oha_mi_arg args[ARGS_MAX];
    const char *want; /* "name=value" or "value"; "#" a number, "[]" an element; NULL = REFUSED */
  } rows[] = {
    { "ul_show_contact",
      OHA_MI_ERA_JSONRPC,
      { ARG("aor", "a"), ARG("table_name", "t") },
      "aor=a table_name=t" },
    { "ul_show_contact", OHA_MI_ERA_TEXT, { ARG("aor", "a"), ARG("table_name", "t") }, "t a" },
    { "ul_show_contact", OHA_MI_ERA_KAMAILIO, { ARG("aor", "a"), ARG("table_name", "t") }, "t a" },
    { "ul_show_contact", OHA_MI_ERA_TEXT, { ARG(NULL, "t"), ARG(NULL, "a") }, "t a" },
    { "ul_show_contact", OHA_MI_ERA_TEXT, { ARG("table_name", "t") }, "t" },
    { "ul_show_contact", OHA_MI_ERA_TEXT, { ARG("aor", "a") }, NULL },
    { "ul_show_contact", OHA_MI_ERA_TEXT, { ARG("table_name", "t"), ARG("nonsense", "a") }, NULL },
    { "ul_show_contact",
      OHA_MI_ERA_JSONRPC,
      { ARG("table_name", "t"), ARG("nonsense", "a") },
      "table_name=t nonsense=a" },
    { "my_own", OHA_MI_ERA_JSONRPC, { ARG("x", "1") }, "x=1" },
    { "my_own", OHA_MI_ERA_TEXT, { ARG("x", "1") }, NULL },
    { "my_own", OHA_MI_ERA_KAMAILIO, { NUMBER(NULL, "1"), ELEMENT(NULL, "2") }, "#1 2" },
    { "get_statistics", OHA_MI_ERA_JSONRPC, { ARG(NULL, "a:"), ARG(NULL, "b:") }, "[]a: []b:" },
    { "get_statistics",
      OHA_MI_ERA_MODULES,
      { ARG("statistics", "a:"), ARG("statistics", "b:") },
      "[]statistics=a: []statistics=b:" },
    { "get_statistics", OHA_MI_ERA_TEXT, { ARG("statistics", "a:"), ELEMENT("statistics", "b:") }, "a: b:" },
    { "get_statistics", OHA_MI_ERA_KAMAILIO, { ELEMENT(NULL, "a:"), ARG(NULL, "b:") }, "a: b:" },
    { "cluster_broadcast_mi",
      OHA_MI_ERA_JSONRPC,
      { ARG(NULL, "1"), ARG(NULL, "ps"), ARG(NULL, "x"), ARG(NULL, "y") },
      "1 ps []x []y" },
    /* by name only since 3.0, by position before, with placeholders */
    { "t_uac_dlg",
      OHA_MI_ERA_JSONRPC,
      { ARG(NULL, "OPTIONS"), ARG(NULL, "sip:a"), ARG(NULL, "."), ARG(NULL, "udp:b"), ARG(NULL, "h") },
      "method=OPTIONS ruri=sip:a socket=udp:b headers=h" },
    { "t_uac_dlg",
      OHA_MI_ERA_TEXT,
      { ARG("headers", "h"), ARG("method", "OPTIONS"), ARG("ruri", "sip:a") },
      "OPTIONS sip:a . . h" },
    { "t_uac_dlg",
      OHA_MI_ERA_JSONRPC,
      { ARG(NULL, "1"), ARG(NULL, "2"), ARG(NULL, "3"), ARG(NULL, "4"), ARG(NULL, "5"), ARG(NULL, "6"),
        ARG(NULL, "7") },
      NULL },
    { "ul_add",
      OHA_MI_ERA_TEXT,
      { ARG("table_name", "t"), ARG("aor", "a"), ARG("contact", "c"), ARG("expires", "0"), ARG("q", "1"),
        ARG("flags", "2") },
      "t a c 0 1 0 2" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    static struct oha__mi_arranged out;
    struct oha__mi_spelling s[OHA_MI_SPELLINGS];
    struct oha_error err = OHA_ERROR_INIT;
    char joined[256] = "";
    size_t n_args = 0, used = 0;
    enum oha_rc rc;

    while (n_args < ARGS_MAX && rows[i].args[n_args].value != NULL)
      n_args++;
    oha__mi_spellings(rows[i].command, rows[i].era, s);
    rc = oha__mi_arrange(&s[0], rows[i].era, rows[i].args, n_args, &out, &err);
    for (size_t k = 0; rc == OHA_OK && k < out.n_args; k++)
      used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%s%s%s%s", k > 0 ? " " : "",
                               out.args[k].kind == OHA_MI_ARG_NUMBER    ? "#"
                               : out.args[k].kind == OHA_MI_ARG_ELEMENT ? "[]"
                                                                        : "",
                               out.args[k].name == NULL ? "" : out.args[k].name,
                               out.args[k].name == NULL ? "" : "=", out.args[k].value);
    if (rc != (rows[i].want == NULL ? OHA_E_REFUSED : OHA_OK) || err.rc != rc ||
        (rc == OHA_OK && strcmp(joined, rows[i].want) != 0))
      fail_msg("row %zu, %s: %s %s %s", i, rows[i].command, oha_rc_name(rc), joined, err.text);
  }
}

static void too_many_arguments_are_refused(void **state)
{
  static struct oha__mi_arranged out;
  struct oha__mi_spelling s = { "x", NULL };
  struct oha_mi_arg args[OHA_MI_ARGS_MOST + 1];

  (void)state;
  for (size_t i = 0; i < N_OF(args); i++)
    args[i] = (struct oha_mi_arg)ARG(NULL, "1");
  assert_int_equal(oha__mi_arrange(&s, OHA_MI_ERA_TEXT, args, N_OF(args) - 1, &out, NULL), OHA_OK);
  assert_int_equal(oha__mi_arrange(&s, OHA_MI_ERA_TEXT, args, N_OF(args), &out, NULL), OHA_E_REFUSED);
}

static void harm_is_refused(void **state)
{
  static const char *const never[] = { "ul_sync",
                                       "usrloc:sync",
                                       "sync",
                                       "Usrloc:Sync",
                                       "UL_SYNC",
                                       "usrloc:ul_sync",
                                       "usrloc.sync",
                                       "a:b:sync",
                                       "dlg_restore_db",
                                       "dialog:restore_db",
                                       "restore_db",
                                       "",
                                       " ul_sync",
                                       "ul_sync ",
                                       "ul_sync\n",
                                       "a/b",
                                       "a b",
                                       "\xe4",
                                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
  static const char *const kills[] = { "kill", "core:kill", "core.kill", "KILL" };
  static const char *const fine[] = {
    "ul_cluster_sync", "usrloc:cluster_sync", "dlg_db_sync", "dialog:db_sync", "uptime", "core.uptime",
    "my-own",          "refreshWatchers",     "killer",      "ul_dump"
  };
  static const char *const relays[] = { "cluster_send_mi", "cluster_broadcast_mi", "clusterer:send_mi",
                                        "broadcast_mi" };

  (void)state;
  for (size_t i = 0; i < N_OF(never); i++)
    if (oha__mi_guard(never[i], NULL, 0, true, NULL) != OHA_E_REFUSED)
      fail_msg("'%s' got through", never[i]);
  for (size_t i = 0; i < N_OF(kills); i++) {
    assert_int_equal(oha__mi_guard(kills[i], NULL, 0, false, NULL), OHA_E_REFUSED);
    assert_int_equal(oha__mi_guard(kills[i], NULL, 0, true, NULL), OHA_OK);
  }
  for (size_t i = 0; i < N_OF(fine); i++)
    assert_int_equal(oha__mi_guard(fine[i], NULL, 0, false, NULL), OHA_OK);
  for (size_t i = 0; i < N_OF(relays); i++) {
    struct oha_mi_arg args[] = { ARG(NULL, "1"), ARG(NULL, " usrloc:sync") };

    assert_int_equal(oha__mi_guard(relays[i], args, 2, true, NULL), OHA_E_REFUSED);
    args[1].value = "kill";
    assert_int_equal(oha__mi_guard(relays[i], args, 2, false, NULL), OHA_E_REFUSED);
    args[1].value = "ul_dump";
    assert_int_equal(oha__mi_guard(relays[i], args, 2, false, NULL), OHA_OK);
    args[0].name = args[1].name = "a\"b";
    assert_int_equal(oha__mi_guard(relays[i], args, 2, false, NULL), OHA_E_REFUSED);
  }
}

static void versions_tell_eras(void **state)
{
  static const struct {
    const char *version;
    enum oha_mi_era era;
  } rows[] = {
    { "OpenSIPS (1.4.5-notls (x86_64/linux))", OHA_MI_ERA_TEXT },
    { "OpenSIPS (2.4.11 (x86_64/linux))", OHA_MI_ERA_TEXT },
    { "OpenSIPS (3.0.5 (x86_64/linux))", OHA_MI_ERA_JSONRPC },
    { "OpenSIPS (3.6.8 (x86_64/linux))", OHA_MI_ERA_JSONRPC },
    { "OpenSIPS (4.0.1 (x86_64/linux))", OHA_MI_ERA_MODULES },
    { "Server: OpenSIPS (4.1.0-dev (x86_64/linux))", OHA_MI_ERA_MODULES },
    { "kamailio 5.6.3 (x86_64/linux)", OHA_MI_ERA_KAMAILIO },
    { "OpenSIPS (x)", OHA_MI_ERA_UNKNOWN },
    { "OpenSIPS (x.y)", OHA_MI_ERA_UNKNOWN },
    { "something else", OHA_MI_ERA_UNKNOWN },
    { "", OHA_MI_ERA_UNKNOWN },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++)
    if (oha__mi_era_of(rows[i].version, OHA_MI_ERA_UNKNOWN) != rows[i].era)
      fail_msg("%s", rows[i].version);
}

/* A cut or a byte changed in what a server sends must end in one of the three codes, at any point. */
static void http_ends_somehow(void **state)
{
  static const char reply[] =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: x\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
  char bytes[sizeof(reply)];

  (void)state;
  for (size_t n = 0; n < sizeof(reply); n++) {
    struct oha__http h = { .state = OHA_HTTP_HEAD };
    enum oha_rc rc = OHA_END;

    memcpy(bytes, reply, sizeof(reply));
    for (size_t have = 0; have <= n && rc == OHA_END; have++)
      rc = oha__http_feed(&h, bytes, have, false, NULL);
    assert_int_equal(rc, n < sizeof(reply) - 3 ? OHA_END : OHA_OK);
    if (rc == OHA_OK)
      assert_memory_equal(bytes + h.body, "abcde", 5);
    else
      assert_int_equal(oha__http_feed(&h, bytes, n, true, NULL), OHA_E_PROTOCOL);
  }
  for (size_t at = 0; at < sizeof(reply) - 1; at++) {
    for (int c = 0; c < 256; c++) {
      struct oha__http h = { .state = OHA_HTTP_HEAD };
      enum oha_rc rc;

      memcpy(bytes, reply, sizeof(reply));
      bytes[at] = (char)c;
      rc = oha__http_feed(&h, bytes, sizeof(reply) - 1, true, NULL);
      assert_true(rc == OHA_OK || rc == OHA_E_PROTOCOL);
      assert_true(h.body + h.n_body <= sizeof(reply));
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(addresses_parse),        cmocka_unit_test(names_are_translated),
    cmocka_unit_test(arguments_are_arranged), cmocka_unit_test(too_many_arguments_are_refused),
    cmocka_unit_test(harm_is_refused),        cmocka_unit_test(versions_tell_eras),
    cmocka_unit_test(http_ends_somehow),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
