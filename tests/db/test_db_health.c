/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosts of a database, judged by writing to real servers: a pair with GTID replication, and what breaks it.
 */
#include "dbtest.h"

#include <opensips-ha/journal.h>
#include <opensips-ha/peer.h>

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char second_host[64];

static struct oha_db *connect_to(const char *host)
{
  struct oha_db_opts opts = db_opts(&host, 1);

  opts.need = OHA_DB_LOOK;
  return db_connect(&opts);
}

static enum oha_health look(size_t n, struct oha_db_health *h, char *ids, size_t size)
{
  const char *hosts[] = { db_tcp_host(), second_host };
  struct oha_db_opts db = db_opts(hosts, n);
  struct oha_db_health_opts opts = { .size = sizeof(opts), .db = &db, .node = "sip1" };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_finding found[8];
  size_t n_found, used = 0;
  enum oha_health worst;

  if (oha_db_health_probe(db_ctx, &opts, h, n, &err) != OHA_OK)
    fail_msg("%s", err.text);
  worst = oha_db_health_judge(h, n, false, found, N_OF(found), &n_found);
  ids[0] = '\0';
  for (size_t i = 0; i < n_found; i++)
    used += (size_t)snprintf(ids + used, size - used, "%s%s", i > 0 ? " " : "", found[i].id);
  return worst;
}

static void expect(size_t n, enum oha_health worst, const char *ids, struct oha_db_health *h)
{
  char got[256];
  enum oha_health level = look(n, h, got, sizeof(got));

  if (level != worst || strcmp(got, ids) != 0)
    fail_msg("%s '%s'; %s / %s", oha_health_name(level), got, h[0].why, n > 1 ? h[1].why : "");
}

static void without_the_table_it_says_so(void **state)
{
  struct oha_db_health h[2];

  (void)state;
  expect(1, OHA_HEALTH_WARNING, "OHA-DB-NO-BEAT", h);
  assert_int_equal(h[0].write_rc, OHA_E_SCHEMA);
}

static void it_writes_and_reads_back(void **state)
{
  struct oha_db *db = db_connect_default();
  struct oha_db_health h[2];

  (void)state;
  assert_int_equal(oha_tables_create(db, NULL, NULL), OHA_OK);
  expect(1, OHA_HEALTH_OK, "", h);
  expect(1, OHA_HEALTH_OK, "", h);
  assert_true(h[0].tried && h[0].write_rc == OHA_OK && h[0].write_us > 0 && h[0].read_us > 0);
  assert_int_equal(db_number(db, "SELECT n FROM opensips_ha_beat WHERE node = 'sip1'"), 2);
  assert_int_equal(db_number(db, "SELECT COUNT(*) FROM opensips_ha_beat"), 1);
  oha_db_close(db);
}

/* A server that answers everything and cannot store: its table is locked by somebody else. */
static void a_write_that_hangs_is_found(void **state)
{
  struct oha_db *db = db_connect_default();
  struct oha_db_health h[2];

  (void)state;
  db_must(db, "LOCK TABLES opensips_ha_beat READ");
  expect(1, OHA_HEALTH_CRITICAL, "OHA-DB-NONE OHA-DB-WRITE", h);
  db_must(db, "UNLOCK TABLES");
  oha_db_close(db);
}

static void read_only_is_found(void **state)
{
  struct oha_db *db = db_connect_default();
  struct oha_db_health h[2];

  (void)state;
  db_must(db, "SET GLOBAL read_only = 1");
  expect(1, OHA_HEALTH_CRITICAL, "OHA-DB-NONE", h);
  assert_false(h[0].tried);
  db_must(db, "SET GLOBAL read_only = 0");
  expect(1, OHA_HEALTH_OK, "", h);
  oha_db_close(db);
}

static void a_pair_is_compared(void **state)
{
  struct oha_db *first = db_connect_default(), *second = connect_to(second_host);
  struct oha_db_health h[2];
  char sql[256];

  (void)state;
  /* Both take writes: only the first is written to. */
  expect(2, OHA_HEALTH_CRITICAL, "OHA-DB-TWO-WRITERS", h);
  assert_true(h[0].tried && !h[1].tried);
  db_must(second, "SET GLOBAL read_only = 1");
  expect(2, OHA_HEALTH_WARNING, "OHA-DB-LAG", h);
  /* Now it follows. */
  snprintf(sql, sizeof(sql),
           "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%s, MASTER_USER='oha', "
           "MASTER_PASSWORD='test', MASTER_USE_GTID=slave_pos",
           db_env("OHA_TEST_PORT"));
  db_must(second, sql);
  db_must(second, "START SLAVE");
  expect(2, OHA_HEALTH_OK, "", h);
  assert_true(h[1].lag_tried && h[1].lag_us >= 0);
  db_must(second, "STOP SLAVE SQL_THREAD");
  expect(2, OHA_HEALTH_WARNING, "OHA-DB-LAG", h);
  oha_db_close(first);
  oha_db_close(second);
}

static enum oha_rc see_peer(void *arg, const struct oha_peer_found *found)
{
  char *seen = arg, target[OHA_SOCK_SIZE] = "-";
  size_t used = strlen(seen);

  if (found->can_probe)
    assert_int_equal(oha_sock_format(&found->target, target, sizeof(target), NULL), OHA_OK);
  snprintf(seen + used, 1024 - used, "%s %s %s\n", found->name, found->text, target);
  return OHA_OK;
}

/* Tables as OpenSIPS 3.6 has them, and address as 1.4 had it. */
static void peers_come_from_tables(void **state)
{
  struct oha_db *db = db_connect_default();
  char seen[1024] = "";

  (void)state;
  assert_int_equal(oha_peers_discover(db, see_peer, seen, NULL), OHA_OK);
  assert_string_equal(seen, "");
  db_must(db, "CREATE TABLE dispatcher (id INT PRIMARY KEY AUTO_INCREMENT, setid INT, destination CHAR(192), "
              "socket CHAR(128), state INT)");
  db_must(db, "INSERT INTO dispatcher (setid, destination) VALUES (2, 'sip:gw.example.com'), "
              "(1, 'sip:192.0.2.1:5070;transport=tcp')");
  db_must(db, "CREATE TABLE dr_gateways (id INT PRIMARY KEY AUTO_INCREMENT, gwid CHAR(64), type INT, "
              "address CHAR(128))");
  db_must(db, "INSERT INTO dr_gateways (gwid, address) VALUES ('out1', '192.0.2.2'), ('bad', 'sip:')");
  db_must(db, "CREATE TABLE address (id INT PRIMARY KEY AUTO_INCREMENT, grp INT, ip_addr CHAR(15), mask INT, "
              "port INT)");
  db_must(db, "INSERT INTO address (ip_addr, mask, port) VALUES ('192.0.2.3', 32, 5080), "
              "('192.0.2.0', 24, 0), ('192.0.2.4', 32, 0)");
  assert_int_equal(oha_peers_discover(db, see_peer, seen, NULL), OHA_OK);
  assert_string_equal(seen, "dispatcher/1 sip:192.0.2.1:5070;transport=tcp tcp:192.0.2.1:5070\n"
                            "dispatcher/2 sip:gw.example.com -\n"
                            "dr_gateways/bad sip: -\n"
                            "dr_gateways/out1 192.0.2.2 udp:192.0.2.2:5060\n"
                            "address/1 192.0.2.3 udp:192.0.2.3:5080\n"
                            "address/2 192.0.2.0 -\n"
                            "address/3 192.0.2.4 -\n");
  oha_db_close(db);
}

/* Last: SIGSTOP. The kernel still takes connections for it. */
static void a_stopped_server_costs_its_deadline(void **state)
{
  struct oha_mono began = oha_now_mono(db_ctx);
  pid_t pid = (pid_t)strtol(db_env("OHA_TEST_PID"), NULL, 10);
  struct oha_db_health h[2];
  char ids[256];
  enum oha_health worst;

  (void)state;
  assert_int_equal(kill(pid, SIGSTOP), 0);
  worst = look(1, h, ids, sizeof(ids));
  assert_int_equal(kill(pid, SIGCONT), 0);
  assert_int_equal(worst, OHA_HEALTH_CRITICAL);
  assert_string_equal(ids, "OHA-DB-DOWN");
  assert_in_range(oha_mono_diff_us(oha_now_mono(db_ctx), began), 1 * OHA_US_PER_S, 6 * OHA_US_PER_S);
}

int main(int argc, char **argv)
{
  static const char *const options[] = { "-x", "--server-id=1",      "-x", "--log-bin=bin",
                                         "-x", "--gtid-domain-id=0", NULL };
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(without_the_table_it_says_so),
    cmocka_unit_test(it_writes_and_reads_back),
    cmocka_unit_test(a_write_that_hangs_is_found),
    cmocka_unit_test(read_only_is_found),
    cmocka_unit_test(a_pair_is_compared),
    cmocka_unit_test(peers_come_from_tables),
    cmocka_unit_test(a_stopped_server_costs_its_deadline),
  };

  (void)argc;
  db_enter(argv, options);
  if (getenv("OHA_TWO_PORT") == NULL) {
    const char *top = getenv("top_srcdir");
    char path[4096];

    snprintf(path, sizeof(path), "%s/tests/db/with-mariadb", top == NULL ? "." : top);
    execl(path, path, "-p", "OHA_TWO", "-x", "--server-id=2", "-x", "--log-bin=bin", argv[0], (char *)NULL);
    return 99;
  }
  snprintf(second_host, sizeof(second_host), "127.0.0.1:%s", getenv("OHA_TWO_PORT"));
  return cmocka_run_group_tests(tests, NULL, NULL);
}
