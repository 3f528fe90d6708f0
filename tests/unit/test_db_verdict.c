/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a MySQL error means, and whether a server may be read and written. */
#include "cm.h"

#include "db/conn.h"
#include "db/errors.h"

static void errors_have_classes(void **state)
{
  static const struct {
    int number;
    const char *text;
    enum oha__db_when when;
    enum oha_db_class class;
    enum oha_rc rc;
  } rows[] = {
    { 2002, "", OHA__DB_WHEN_CONNECT, OHA_DB_CLASS_OTHER_HOST, OHA_E_UNAVAILABLE },
    { 2003, "", OHA__DB_WHEN_CONNECT, OHA_DB_CLASS_OTHER_HOST, OHA_E_UNAVAILABLE },
    { 2005, "", OHA__DB_WHEN_CONNECT, OHA_DB_CLASS_OTHER_HOST, OHA_E_UNAVAILABLE },
    { 2013, "", OHA__DB_WHEN_CONNECT, OHA_DB_CLASS_OTHER_HOST, OHA_E_UNAVAILABLE },
    { 1129, "", OHA__DB_WHEN_CONNECT, OHA_DB_CLASS_OTHER_HOST, OHA_E_UNAVAILABLE },
    { 1130, "", OHA__DB_WHEN_CONNECT, OHA_DB_CLASS_OTHER_HOST, OHA_E_UNAVAILABLE },
    { 1053, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_OTHER_HOST, OHA_E_UNAVAILABLE },
    { 1047, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_OTHER_HOST, OHA_E_UNAVAILABLE },
    { 3100, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_OTHER_HOST, OHA_E_UNAVAILABLE },
    { 1040, "", OHA__DB_WHEN_CONNECT, OHA_DB_CLASS_FULL, OHA_E_UNAVAILABLE },
    { 2006, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_LOST, OHA_E_UNKNOWN },
    { 2013, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_LOST, OHA_E_UNKNOWN },
    { 2055, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_LOST, OHA_E_UNKNOWN },
    { 1927, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_LOST, OHA_E_UNKNOWN },
    { 2013, "", OHA__DB_WHEN_READ, OHA_DB_CLASS_LOST, OHA_E_UNAVAILABLE },
    { 4031, "disconnected by the server because of inactivity", OHA__DB_WHEN_READ, OHA_DB_CLASS_LOST,
      OHA_E_UNAVAILABLE },
    { 4031, "Referenced trigger does not exist", OHA__DB_WHEN_READ, OHA_DB_CLASS_OTHER, OHA_E_DB },
    { 1290, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_READONLY, OHA_E_READONLY },
    { 1792, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_READONLY, OHA_E_READONLY },
    { 1836, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_READONLY, OHA_E_READONLY },
    { 3032, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_READONLY, OHA_E_READONLY },
    { 1213, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_RETRY, OHA_E_CONFLICT },
    { 1205, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_RETRY, OHA_E_CONFLICT },
    { 1205, "", OHA__DB_WHEN_READ, OHA_DB_CLASS_RETRY, OHA_E_CONFLICT },
    { 1205, "", OHA__DB_WHEN_CAUSAL_READ, OHA_DB_CLASS_LAGS, OHA_E_TIMEOUT },
    { 1297, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_RETRY, OHA_E_CONFLICT },
    { 3101, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_RETRY, OHA_E_CONFLICT },
    { 1180, "Got error 107 \"wsrep: provider status: Not connected to Primary Component\" during COMMIT",
      OHA__DB_WHEN_WRITE, OHA_DB_CLASS_MEMBERSHIP, OHA_E_UNKNOWN },
    { 1180, "wsrep_max_ws_rows exceeded", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_HALVE, OHA_E_TOO_BIG },
    { 1180, "Got error 5 during COMMIT", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_OTHER, OHA_E_DB },
    { 1105, "Transaction size exceeds wsrep_max_ws_size", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_HALVE,
      OHA_E_TOO_BIG },
    { 1105, "Unknown error", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_OTHER, OHA_E_DB },
    { 1197, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_HALVE, OHA_E_TOO_BIG },
    { 1153, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_HALVE, OHA_E_TOO_BIG },
    { 1044, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_RIGHTS, OHA_E_DENIED },
    { 1045, "", OHA__DB_WHEN_CONNECT, OHA_DB_CLASS_RIGHTS, OHA_E_DENIED },
    { 1142, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_RIGHTS, OHA_E_DENIED },
    { 1143, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_RIGHTS, OHA_E_DENIED },
    { 1146, "", OHA__DB_WHEN_READ, OHA_DB_CLASS_SCHEMA, OHA_E_SCHEMA },
    { 1054, "", OHA__DB_WHEN_READ, OHA_DB_CLASS_SCHEMA, OHA_E_SCHEMA },
    { 1049, "", OHA__DB_WHEN_CONNECT, OHA_DB_CLASS_SCHEMA, OHA_E_SCHEMA },
    { 1941, "", OHA__DB_WHEN_READ, OHA_DB_CLASS_BUG, OHA_E_BUG },
    { 1296, "", OHA__DB_WHEN_READ, OHA_DB_CLASS_OTHER, OHA_E_DB },
    { 1062, "", OHA__DB_WHEN_WRITE, OHA_DB_CLASS_OTHER, OHA_E_DB },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    enum oha_db_class class = oha__db_class(rows[i].number, rows[i].text, rows[i].when);
    enum oha_rc rc = oha__db_rc_of(class, rows[i].when);

    if (class != rows[i].class || rc != rows[i].rc)
      fail_msg("%d '%s': class %d, %s", rows[i].number, rows[i].text, class, oha_rc_name(rc));
  }
  assert_int_equal(oha_db_class_of(1213, NULL), OHA_DB_CLASS_RETRY);
  assert_int_equal(oha_db_class_of(1180, NULL), OHA_DB_CLASS_OTHER);
}

static void grants_are_named(void **state)
{
  static const struct {
    int number;
    const char *text, *account, *hint;
  } rows[] = {
    { 1142, "INSERT command denied to user 'oha'@'192.0.2.7' for table `opensips`.`location`", "oha@%",
      "; HINT: GRANT INSERT ON `opensips`.`location` TO 'oha'@'%'" },
    { 1142, "UPDATE command denied to user 'oha'@'localhost' for table 'location'", "",
      "; HINT: GRANT UPDATE ON `sip`.`location` TO 'oha'@'localhost'" },
    { 1142, "SELECT, UPDATE command denied to user 'oha'@'localhost' for table 'location'", NULL,
      "; HINT: GRANT SELECT, UPDATE ON `sip`.`location` TO 'oha'@'localhost'" },
    { 1143, "SELECT command denied to user 'o'@'h' for column 'c' in table 'location'", NULL,
      "; HINT: GRANT SELECT ON `sip`.`location` TO 'o'@'h'" },
    { 1044, "Access denied for user 'o'@'%' to database 'opensips'", NULL,
      "; HINT: GRANT SELECT, INSERT, UPDATE, DELETE ON `opensips`.* TO 'o'@'%'" },
    { 1045, "Access denied for user 'o'@'%' (using password: YES)", NULL, "" },
    { 1142, "something else", "o@%", "" },
    { 1142, "INSERT command denied to user 'o'@'h' for table ", NULL, "" },
    { 1142, "INSERT command denied to user 'o'@'h' for table '", NULL, "" },
    { 1142, "x; DROP command denied to user 'o'@'h' for table 't'", NULL, "" },
    { 1142, "INSERT command denied to user 'o'@'h' for table `a;`.`t`", NULL, "" },
    { 1142, "", NULL, "" },
  };
  char buf[OHA__DB_HINT_SIZE];

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    const char *account = rows[i].account != NULL && rows[i].account[0] == '\0' ? NULL : rows[i].account;

    oha__db_grant_hint(rows[i].number, rows[i].text, "sip", account, buf);
    if (strcmp(buf, rows[i].hint) != 0)
      fail_msg("'%s': '%s'", rows[i].text, buf);
  }
}

/* Facts as "name=value;..."; "G" stands for a healthy Galera node. */
#define GALERA                                                                                               \
  "wsrep_on=ON;wsrep_provider=/usr/lib/galera/libgalera_smm.so;wsrep_cluster_status=Primary;wsrep_ready=ON;" \
  "wsrep_local_state=4;wsrep_cluster_size=3;wsrep_desync=OFF;wsrep_reject_queries=NONE;read_only=OFF;"

static void servers_are_judged(void **state)
{
  static const struct {
    const char *facts;
    bool readable, writable, galera;
    const char *why;
  } rows[] = {
    { "read_only=OFF", true, true, false, "" },
    { "read_only=ON", true, false, false, "read_only is ON" },
    { "read_only=1", true, false, false, "read_only is 1" },
    { "read_only=NO_LOCK_NO_ADMIN", true, false, false, "read_only is NO_LOCK_NO_ADMIN" },
    { "read_only=ON;super_read_only=ON", true, false, false, "super_read_only is ON" },
    { "read_only=OFF;offline_mode=ON", false, false, false, "offline_mode is ON" },
    { "wsrep_on=OFF;wsrep_provider=none;read_only=OFF", true, true, false, "" },
    { "wsrep_on=ON;wsrep_provider=none;read_only=OFF", true, true, false, "" },
    { GALERA, true, true, true, "" },
    { GALERA "wsrep_cluster_status=non-Primary;wsrep_ready=OFF;wsrep_local_state=0", false, false, true,
      "wsrep_cluster_status is non-Primary" },
    { GALERA "wsrep_cluster_status=Disconnected", false, false, true,
      "wsrep_cluster_status is Disconnected" },
    { GALERA "wsrep_ready=OFF", false, false, true, "wsrep_ready is OFF" },
    { GALERA "wsrep_local_state=1", true, false, true, "wsrep_local_state is 1" },
    { GALERA "wsrep_local_state=3", true, false, true, "wsrep_local_state is 3" },
    { GALERA "wsrep_local_state=2", true, true, true, "" },
    { GALERA "wsrep_local_state=2;wsrep_desync=ON", true, false, true, "wsrep_desync is ON" },
    { GALERA "wsrep_local_state=2;wsrep_sst_donor_rejects_queries=ON", false, false, true,
      "it is a donor and wsrep_sst_donor_rejects_queries is ON" },
    { GALERA "wsrep_sst_donor_rejects_queries=ON", true, true, true, "" },
    { GALERA "wsrep_reject_queries=ALL", false, false, true, "wsrep_reject_queries is ALL" },
    { GALERA "pxc_maint_mode=MAINTENANCE", false, false, true, "pxc_maint_mode is MAINTENANCE" },
    { GALERA "pxc_maint_mode=DISABLED", true, true, true, "" },
    { GALERA "read_only=ON", true, false, true, "read_only is ON" },
    { "wsrep_on=ON;wsrep_provider=x;read_only=OFF", false, false, true, "wsrep_cluster_status is not known" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha__db_facts facts = { 0 };
    struct oha_db_verdict v;
    struct oha_span rest = oha__span(rows[i].facts), one, name, value;

    while (rest.n > 0) {
      if (!oha__span_cut(rest, ';', &one, &rest)) {
        one = rest;
        rest.n = 0;
      }
      assert_true(oha__span_cut(one, '=', &name, &value));
      oha__db_facts_put(&facts, name, value);
    }
    oha__db_verdict_make(&facts, &v);
    if (v.readable != rows[i].readable || v.writable != rows[i].writable || v.galera != rows[i].galera ||
        strcmp(v.why, rows[i].why) != 0)
      fail_msg("'%s': readable %d, writable %d, galera %d, '%s'", rows[i].facts, v.readable, v.writable,
               v.galera, v.why);
  }
}

static void verdicts_carry_identity(void **state)
{
  struct oha__db_facts facts = { 0 };
  struct oha_db_verdict v;

  (void)state;
  oha__db_facts_put(&facts, OHA_SPAN("hostname"), OHA_SPAN("db1"));
  oha__db_facts_put(&facts, OHA_SPAN("SERVER_ID"), OHA_SPAN("4294967295"));
  oha__db_facts_put(&facts, OHA_SPAN("version"), OHA_SPAN("10.11.19-MariaDB"));
  oha__db_facts_put(&facts, OHA_SPAN("offline_mode"), OHA_SPAN("OFFOFFOFFOFFOFF")); /* too long: cut */
  oha__db_facts_put(&facts, OHA_SPAN("no_such_name"), OHA_SPAN("x"));
  oha__db_verdict_make(&facts, &v);
  assert_string_equal(v.hostname, "db1");
  assert_int_equal(v.server_id, UINT32_MAX);
  assert_string_equal(v.version, "10.11.19-MariaDB");
  assert_int_equal(v.local_state, -1);
  assert_int_equal(v.cluster_size, -1);
  assert_string_equal(facts.offline_mode, "OFFOFFO");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(errors_have_classes),
    cmocka_unit_test(grants_are_named),
    cmocka_unit_test(servers_are_judged),
    cmocka_unit_test(verdicts_carry_identity),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
