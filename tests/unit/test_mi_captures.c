/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What real servers answered, byte for byte: each command must come out the same on every transport. */
#include "cm.h"

#include "mi/jsonrpc.h"
#include "mi/mijson.h"
#include "mi/text.h"
#include "mi/xmlrpc.h"
#include "mi_tree.h"

#include <dirent.h>
#include <stdlib.h>

/* The body of a recorded HTTP reply. */
static struct oha_span body_of(struct oha_span http)
{
  const char *at = memmem(http.p, http.n, "\r\n\r\n", 4);

  assert_non_null(at);
  return (struct oha_span){ at + 4, http.n - (size_t)(at + 4 - http.p) };
}

static enum oha_rc read_http_mijson(struct oha_span http, struct oha_mi_reply *reply)
{
  bool has_type = memmem(http.p, http.n, "\r\nContent-Type: application/json\r\n", 34) != NULL;

  return oha__mijson_read(body_of(http), has_type, reply, NULL);
}

/* By the file's first word and, for the era, its directory. The ids of the recorded JSON-RPC requests are 1.
 */
static enum oha_rc read_reply(const char *version, const char *transport, struct oha_span bytes,
                              struct oha_mi_reply *reply)
{
  bool is_text_era = version[0] != '3';

  if (strcmp(transport, "xmlrpc") == 0 || strcmp(transport, "xmlrpcng") == 0)
    return oha__xmlrpc_read(body_of(bytes), is_text_era ? OHA_MI_ERA_TEXT : OHA_MI_ERA_JSONRPC, reply, NULL);
  if (strcmp(transport, "json") == 0)
    return read_http_mijson(bytes, reply);
  if (is_text_era)
    return oha__text_read(bytes, strcmp(transport, "fifo") == 0, reply, NULL);
  return oha__jsonrpc_read(strcmp(transport, "http") == 0 ? body_of(bytes) : bytes, "1", reply, NULL);
}

/* What changes from one second to the next, and what mi_xmlrpc_ng of 2.4 garbles: an empty attribute. */
static const char *const volatile_names[] = { "Expires", "Now", "Up since", "Up time", "Q", NULL };

static char *read_capture(const char *version, const char *transport, const char *command, int *code,
                          char **reason)
{
  struct oha_mi_reply *reply = oha__mi_reply_new();
  struct mi_capture capture;
  char name[256], *text;

  snprintf(name, sizeof(name), "%s/%s-%s.txt", version, transport, command);
  if (!mi_capture_load(name, &capture)) {
    oha_mi_reply_free(reply);
    return NULL;
  }
  if (read_reply(version, transport, capture.response, reply) != OHA_OK)
    fail_msg("%s was not read", name);
  text = mi_tree_text_without(oha_mi_reply_value(reply), volatile_names);
  *code = oha_mi_reply_code(reply);
  *reason = strdup(oha_mi_reply_reason(reply));
  oha_mi_reply_free(reply);
  free(capture.file);
  return text;
}

/* Statistics and process numbers had moved on between two recordings: names and types must agree. */
static bool is_moving(const char *command)
{
  return strncmp(command, "get_statistics", 14) == 0 || strcmp(command, "ps") == 0;
}

static void compare(const char *version, const char *command, const char *const *transports)
{
  char *first = NULL, *first_reason = NULL;
  int first_code = 0;

  for (size_t i = 0; transports[i] != NULL; i++) {
    char *reason = NULL, *text;
    int code = 0;

    text = read_capture(version, transports[i], command, &code, &reason);
    if (text == NULL)
      continue;
    if (first == NULL) {
      first = text;
      first_code = code;
      first_reason = reason;
      continue;
    }
    if (!is_moving(command) && strcmp(text, first) != 0)
      fail_msg("%s %s by %s: %s, not %s", version, command, transports[i], text, first);
    /* 1.11 does not tell errors from emptiness by HTTP. */
    if (code != 0 && (code != first_code || strcmp(reason, first_reason) != 0))
      fail_msg("%s %s by %s: %d %s, not %d %s", version, command, transports[i], code, reason, first_code,
               first_reason);
    free(reason);
    free(text);
  }
  assert_non_null(first);
  free(first);
  free(first_reason);
}

static void transports_agree(void **state)
{
  static const char *const by_3_6[] = { "http", "fifo", "dgram", NULL };
  static const char *const by_2_4[] = { "fifo", "dgram", "json", "xmlrpcng", NULL };
  static const char *const by_1_11[] = { "fifo", "dgram", "json", "xmlrpc", "xmlrpcng", NULL };
  static const char *const of_3_6[] = { "clusterer_list",
                                        "clusterer_list_cap",
                                        "clusterer_list_shtags",
                                        "clusterer_list_topology",
                                        "clusterer_shtag_active",
                                        "clusterer_shtag_active_badcluster",
                                        "clusterer_shtag_active_nocluster",
                                        "dlg_list",
                                        "domain_dump",
                                        "ds_list",
                                        "get_statistics",
                                        "get_statistics_all",
                                        "get_statistics_pos",
                                        "nh_enable_ping",
                                        "no_such_command",
                                        "ps",
                                        "ul_cluster_sync",
                                        "ul_dump",
                                        "ul_dump_brief",
                                        "ul_flush",
                                        "ul_show_contact",
                                        "ul_show_contact_bad_param",
                                        "ul_show_contact_bad_table",
                                        "ul_show_contact_int_param",
                                        "ul_show_contact_missing_param",
                                        "ul_show_contact_natty",
                                        "ul_show_contact_nodomain",
                                        "ul_show_contact_unknown_aor",
                                        "ul_sync",
                                        "uptime",
                                        "version",
                                        "which" };
  static const char *const of_text[] = { "ul_show_contact",
                                         "ul_show_contact_badtable",
                                         "ul_show_contact_missing",
                                         "ul_show_contact_natty",
                                         "ul_show_contact_nobody",
                                         "ul_show_contact_nodomain",
                                         "uptime" };

  (void)state;
  for (size_t i = 0; i < N_OF(of_3_6); i++)
    compare("3.6", of_3_6[i], by_3_6);
  for (size_t i = 0; i < N_OF(of_text); i++)
    compare("2.4", of_text[i], by_2_4);
  for (size_t i = 0; i < N_OF(of_text); i++)
    compare("1.11", of_text[i], by_1_11);
}

/* Some in full, so that "the same" is not "the same nonsense". */
static void captures_read(void **state)
{
  static const struct {
    const char *version, *transport, *command;
    int code;
    const char *reason, *text;
  } rows[] = {
    { "3.6", "http", "version", 200, "", "{\"Server\":\"OpenSIPS (3.6.8 (x86_64/linux))\"}" },
    { "3.6", "fifo", "ul_flush", 200, "", "\"OK\"" },
    { "3.6", "dgram", "no_such_command", -32601, "Method not found", "null" },
    { "3.6", "http", "ul_show_contact_missing_param", -32602, "Invalid params",
      "\"Too few or too many parameters\"" },
    { "3.6", "fifo", "ul_sync", 200, "Contacts already synced", "null" },
    { "3.6", "http", "clusterer_list_shtags", 200, "",
      "[{\"Tag\":\"vip\",\"Cluster\":1,\"State\":\"active\"}]" },
    { "3.6", "http", "ul_show_contact", 200, "",
      "{\"AOR\":\"alice@sip.test\",\"Contacts\":[{\"Contact\":\"sip:alice@10.77.0.51:5060\",\"ContactID\":"
      "\"1\",\"Expires\":...,\"Q\":...,\"Callid\":\"1-17006@10.77.0.51\",\"Cseq\":7,\"User-agent\":\"SIPp-"
      "phone/1.0\",\"State\":\"CS_SYNC\",\"Flags\":0,\"Cflags\":\"\",\"Socket\":\"udp:10.77.0.11:5060\","
      "\"Methods\":4294967295}]}" },
    { "3.6", "xmlrpc", "ul_show_contact", 200, "",
      "{\"AOR\":\"alice@sip.test\",\"Contacts\":[{\"Contact\":\"sip:alice@10.77.0.51:5060\",\"ContactID\":"
      "\"1\",\"Expires\":...,\"Q\":...,\"Callid\":\"1-17006@10.77.0.51\",\"Cseq\":7,\"User-agent\":\"SIPp-"
      "phone/1.0\",\"State\":\"CS_SYNC\",\"Flags\":0,\"Cflags\":\"\",\"Socket\":\"udp:10.77.0.11:5060\","
      "\"Methods\":4294967295}]}" },
    { "3.6", "xmlrpc", "notfound", 404, "AOR not found", "null" },
    { "3.6", "xmlrpc", "unknown", -32601, "server error. requested method not found", "null" },
    { "3.6", "xmlrpc", "ul_show_contact_untyped", -32600,
      "server error. invalid xml-rpc. not conforming to spec.", "null" },
    { "3.6", "xmlrpc", "ul_dump", 200, "",
      "{\"Domains\":[{\"name\":\"location\",\"hash_size\":512,\"AORs\":[]}]}" },
    { "2.4", "fifo", "ul_show_contact_natty", 200, "",
      "{\"AOR\":{\"AOR\":\"natty@sip.test\",\"Contact\":{\"Contact\":\"sip:natty@192.168.77.5:5060\",\"Q\":"
      "...,\"ContactID\":\"5\",\"Expires\":...,\"Callid\":\"1-1452@192.168.77.5\",\"Cseq\":\"7\",\"User-"
      "agent\":\"SIPp-phone/1.0\",\"Received\":\"sip:10.77.0.60:5060\",\"State\":\"CS_SYNC\",\"Flags\":\"0\","
      "\"Cflags\":\"SIPPING NAT\",\"Socket\":\"udp:10.77.0.11:5060\",\"Methods\":\"4294967295\"}}}" },
    { "2.4", "json", "ul_show_contact_nobody", 404, "AOR not found", "null" },
    { "1.11", "fifo", "ul_show_contact", 200, "",
      "{\"Contact\":\"<sip:alice@10.77.0.51:5060>;q=;expires=3562;flags=0x0;cflags=0x0;socket=<NULL>;callid="
      "<1-3071@10.77.0.51>;methods=0xFFFFFFFF;user_agent=<SIPp-phone/1.0>\"}" },
    { "1.11", "json", "ul_show_contact_nobody", 0, "", "null" },
    { "1.11", "xmlrpc", "ul_show_contact_missing", 400, "Too few or too many arguments", "null" },
    { "1.11", "xmlrpcng", "uptime", 200, "", "{\"Now\":...,\"Up since\":...,\"Up time\":...}" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    char *reason = NULL, *text;
    int code = 0;

    text = read_capture(rows[i].version, rows[i].transport, rows[i].command, &code, &reason);
    if (text == NULL || strcmp(text, rows[i].text) != 0 || code != rows[i].code ||
        strcmp(reason, rows[i].reason) != 0)
      fail_msg("%s %s by %s: %d %s %s", rows[i].version, rows[i].command, rows[i].transport, code, reason,
               text == NULL ? "-" : text);
    free(reason);
    free(text);
  }
}

/* Every file there is can be read, and its request is one that was never worth refusing. */
static void every_capture_reads(void **state)
{
  static const char *const versions[] = { "1.11", "2.4", "3.6" };
  unsigned n = 0;

  (void)state;
  for (size_t i = 0; i < N_OF(versions); i++) {
    const char *top = getenv("top_srcdir");
    char path[512];
    const struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof(path), "%s/tests/data/mi/%s", top == NULL ? "." : top, versions[i]);
    dir = opendir(path);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
      char transport[16], command[128], *reason = NULL, *text;
      int code = 0;

      if (sscanf(entry->d_name, "%15[a-z]-%127[a-zA-Z_].txt", transport, command) != 2 ||
          strstr(entry->d_name, "incomplete") != NULL || strstr(entry->d_name, "trailing") != NULL)
        continue;
      text = read_capture(versions[i], transport, command, &code, &reason);
      assert_non_null(text);
      free(reason);
      free(text);
      n++;
    }
    closedir(dir);
  }
  assert_true(n > 180);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(captures_read),
    cmocka_unit_test(transports_agree),
    cmocka_unit_test(every_capture_reads),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
