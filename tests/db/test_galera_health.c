/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Health of a real Galera cluster: every way in which a member is out, also one that does not know it yet. */
#include "dbtest.h"

#include <opensips-ha/journal.h>
#include <opensips-ha/peer.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define N_NODES 3

static const char *hosts[N_NODES];

static struct oha_db *connect_to(int node)
{
  struct oha_db_opts opts = db_opts(&hosts[node - 1], 1);

  opts.need = OHA_DB_LOOK;
  opts.read_timeout_us = opts.write_timeout_us = 10 * OHA_US_PER_S;
  return db_connect(&opts);
}

/* One look at all three; the findings' "ID host," in order. */
static enum oha_health look(struct oha_db_health *h, char *found_text, size_t size)
{
  struct oha_db_opts db = db_opts(hosts, N_NODES);
  struct oha_db_health_opts opts = { .size = sizeof(opts), .db = &db, .node = "sip1" };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_finding found[12];
  size_t n, used = 0;
  enum oha_health worst;

  if (oha_db_health_probe(db_ctx, &opts, h, N_NODES, &err) != OHA_OK)
    fail_msg("%s", err.text);
  worst = oha_db_health_judge(h, N_NODES, false, found, N_OF(found), &n);
  found_text[0] = '\0';
  for (size_t i = 0; i < n && i < N_OF(found); i++) {
    int host = 0;

    for (int k = 0; k < N_NODES; k++)
      if (strcmp(found[i].subject, hosts[k]) == 0)
        host = k + 1;
    used += (size_t)snprintf(found_text + used, size - used, "%s %d,", found[i].id, host);
  }
  return worst;
}

/* What is found settles within half a minute: members come back by themselves. */
static void expect(enum oha_health worst, const char *wanted, struct oha_db_health *h)
{
  struct oha_mono due = oha_mono_add(oha_now_mono(db_ctx), 30 * OHA_US_PER_S);
  char found[512];
  enum oha_health level;

  do {
    level = look(h, found, sizeof(found));
    if (level == worst && strcmp(found, wanted) == 0)
      return;
    db_sleep_ms(200);
  } while (oha_mono_diff_us(due, oha_now_mono(db_ctx)) > 0);
  fail_msg("%s '%s', wanted '%s'; %s / %s / %s", oha_health_name(level), found, wanted, h[0].why, h[1].why,
           h[2].why);
}

static void all_is_well(void **state)
{
  struct oha_db_health h[N_NODES];

  (void)state;
  expect(OHA_HEALTH_OK, "", h);
  for (int i = 0; i < N_NODES; i++) {
    assert_true(h[i].tried && h[i].write_rc == OHA_OK && h[i].write_us > 0 && h[i].read_us > 0);
    assert_true(h[i].verdict.galera && h[i].flow_paused_ppm >= 0 && h[i].recv_queue >= 0);
  }
}

static void what_operators_set_is_respected(void **state)
{
  struct oha_db *second = connect_to(2);
  struct oha_db_health h[N_NODES];

  (void)state;
  db_must(second, "SET GLOBAL wsrep_desync = ON");
  expect(OHA_HEALTH_WARNING, "OHA-DB-OUT 2,", h);
  assert_false(h[1].tried);
  db_must(second, "SET GLOBAL wsrep_desync = OFF");
  db_must(second, "SET GLOBAL read_only = ON");
  expect(OHA_HEALTH_WARNING, "OHA-DB-OUT 2,", h);
  db_must(second, "SET GLOBAL read_only = OFF");
  db_must(second, "SET GLOBAL wsrep_reject_queries = 'ALL'");
  expect(OHA_HEALTH_WARNING, "OHA-DB-OUT 2,", h);
  assert_false(h[1].tried);
  db_try(second, NULL, "SET GLOBAL wsrep_reject_queries = 'NONE'");
  expect(OHA_HEALTH_OK, "", h);
  oha_db_close(second);
}

static pid_t pid_of(int node)
{
  char name[32];

  snprintf(name, sizeof(name), "OHA_TEST_PID_%d", node);
  return (pid_t)strtol(db_env(name), NULL, 10);
}

/*
 * A member that was stopped until the others went on without it, then resumed: it says Primary, Synced, three
 * members. The first look after that must not believe it.
 */
static void a_resumed_member_is_not_believed(void **state)
{
  struct oha_db *first = connect_to(1);
  struct oha_db_health h[N_NODES];
  struct oha_db_verdict v;
  char found[512];

  (void)state;
  assert_int_equal(kill(pid_of(3), SIGSTOP), 0);
  do {
    db_sleep_ms(100);
    assert_int_equal(oha_db_judge(first, &v, NULL), OHA_OK);
  } while (v.cluster_size != 2);
  expect(OHA_HEALTH_WARNING, "OHA-DB-DOWN 3,OHA-DB-MEMBERS 0,", h);
  assert_int_equal(kill(pid_of(3), SIGCONT), 0);
  if (look(h, found, sizeof(found)) == OHA_HEALTH_OK)
    fail_msg("believed: %s", found);
  print_message("the first look found '%s'; host 3: %s\n", found, h[2].why);
  assert_false(h[2].answered && h[2].tried && h[2].write_rc == OHA_OK && h[2].verdict.cluster_size == 3);
  expect(OHA_HEALTH_OK, "", h);
  oha_db_close(first);
}

static void cable(int node, const char *how)
{
  char name[32];
  const char *argv[] = { "ip", "link", "set", NULL, how, NULL };
  struct oha_run_opts opts = { .size = sizeof(opts), .argv = argv };
  struct oha_run_result result = { 0 };

  snprintf(name, sizeof(name), "OHA_TEST_LINK_%d", node);
  argv[3] = db_env(name);
  assert_int_equal(oha_run(db_ctx, &opts, &result, NULL), OHA_OK);
  oha_run_result_clear(&result);
}

static void a_member_that_is_cut_off_is_found(void **state)
{
  struct oha_db_health h[N_NODES];

  (void)state;
  cable(2, "down");
  expect(OHA_HEALTH_WARNING, "OHA-DB-NO-QUORUM 2,OHA-DB-MEMBERS 0,", h);
  cable(2, "up");
  expect(OHA_HEALTH_OK, "", h);
  /* All three by themselves: nobody has a majority. */
  cable(2, "down");
  cable(3, "down");
  expect(OHA_HEALTH_CRITICAL, "OHA-DB-NONE 0,OHA-DB-NO-QUORUM 1,OHA-DB-NO-QUORUM 2,OHA-DB-NO-QUORUM 3,", h);
  cable(2, "up");
  cable(3, "up");
  expect(OHA_HEALTH_OK, "", h);
}

/* Last: it does not come back. */
static void a_killed_member_is_found(void **state)
{
  struct oha_db_health h[N_NODES];

  (void)state;
  assert_int_equal(kill(pid_of(3), SIGKILL), 0);
  expect(OHA_HEALTH_WARNING, "OHA-DB-DOWN 3,OHA-DB-MEMBERS 0,", h);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(all_is_well),
    cmocka_unit_test(what_operators_set_is_respected),
    cmocka_unit_test(a_resumed_member_is_not_believed),
    cmocka_unit_test(a_member_that_is_cut_off_is_found),
    cmocka_unit_test(a_killed_member_is_found),
  };
  static char paths[N_NODES][300];
  struct oha_db *db;

  (void)argc;
  db_enter_galera(argv);
  for (int n = 0; n < N_NODES; n++) {
    char name[32];

    snprintf(name, sizeof(name), "OHA_TEST_SOCKET_%d", n + 1);
    snprintf(paths[n], sizeof(paths[0]), "unix:%s", getenv(name));
    hosts[n] = paths[n];
  }
  db = connect_to(1);
  if (oha_tables_create(db, NULL, NULL) != OHA_OK)
    return 99;
  oha_db_close(db);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
