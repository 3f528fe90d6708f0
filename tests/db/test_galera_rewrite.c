/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A rewrite on a real Galera cluster, a writer on another node, and a node that goes away in the middle. */
#include "location_fixture.h"

#include "base/time.h"

#include <opensips-ha/journal.h>
#include <opensips-ha/rewrite.h>

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_NODES 3
#define N_ROWS  6000
#define OLD     "udp:198.51.100.11:5060"
#define NEW     "udp:198.51.100.12:5060"
#define VIP     "udp:198.51.100.100:5060"

static struct oha_db *admin[N_NODES], *db;
static const char *hosts[N_NODES];
static struct oha_journal *journal;
static struct oha_op_record op;
static struct oha_location *location;
static struct oha_move_socket sockets[3];
static struct oha_move move = {
  .from = "sip1", .to = "sip2", .contact_rewriting = OHA_NO, .sockets = sockets, .n_sockets = 3
};

static struct oha_sock sock(const char *text)
{
  struct oha_sock s;

  assert_int_equal(oha_sock_parse(text, strlen(text), &s, NULL), OHA_OK);
  return s;
}

static const char *node_env(const char *name, int node)
{
  char full[48];

  snprintf(full, sizeof(full), "OHA_TEST_%s_%d", name, node);
  return db_env(full);
}

static void cable(int node, const char *state)
{
  const char *argv[] = { "ip", "link", "set", node_env("LINK", node), state, NULL };
  struct oha_run_opts opts = { .size = sizeof(opts), .argv = argv };
  struct oha_run_result result = { 0 };

  assert_int_equal(oha_run(db_ctx, &opts, &result, NULL), OHA_OK);
  assert_int_equal(result.exit_status, 0);
  oha_run_result_clear(&result);
}

static struct oha_db *connect_to(size_t first, size_t n, enum oha_db_need need)
{
  struct oha_db_opts opts = db_opts(hosts + first, n);

  opts.need = need;
  opts.read_timeout_us = 15 * OHA_US_PER_S;
  return db_connect(&opts);
}

static void wait_for_all(void)
{
  struct oha_mono due = oha_mono_add(oha_now_mono(db_ctx), 60 * OHA_US_PER_S);

  for (int n = 0; n < N_NODES;) {
    struct oha_db_verdict v;

    if (oha_db_judge(admin[n], &v, NULL) == OHA_OK && v.ready && v.cluster_size == N_NODES &&
        v.local_state == 4)
      n++;
    else if (oha_mono_diff_us(due, oha_now_mono(db_ctx)) <= 0)
      fail_msg("node %d does not come back", n + 1);
    else
      db_sleep_ms(100);
  }
}

static int set_up(void **state)
{
  static char host[N_NODES][300];
  struct oha_journal_opts o = {
    .size = sizeof(o), .cluster = "test", .holder = "test@here/1", .lease_ttl_us = 300 * OHA_US_PER_S
  };
  struct oha_error err = OHA_ERROR_INIT;
  char state_dir[256];

  (void)state;
  for (int n = 1; n <= N_NODES; n++) {
    snprintf(host[n - 1], sizeof(host[0]), "unix:%s", node_env("SOCKET", n));
    hosts[n - 1] = host[n - 1];
    admin[n - 1] = connect_to((size_t)n - 1, 1, OHA_DB_LOOK);
  }
  sockets[0] = (struct oha_move_socket){ .fate = OHA_FATE_SHARED, .listen = sock(VIP) };
  sockets[1] =
      (struct oha_move_socket){ .fate = OHA_FATE_SOURCE, .listen = sock(OLD), .role = "own", .node = "sip1" };
  sockets[2] =
      (struct oha_move_socket){ .fate = OHA_FATE_TARGET, .listen = sock(NEW), .role = "own", .node = "sip2" };
  wait_for_all();
  db = connect_to(0, N_NODES, OHA_DB_WRITE);
  fixture_make(db, "opensips-3.1", 1013);
  fixture_sql(
      db,
      "INSERT INTO location (username, contact, socket, callid, expires, last_modified) SELECT CONCAT('u', "
      "seq), 'sip:u@203.0.113.7:5060', IF(seq %% 2, '" OLD "', '" VIP "'), 'c', 2000000000, NOW() FROM "
      "seq_1_to_%d",
      N_ROWS);
  snprintf(state_dir, sizeof(state_dir), "%s/state", db_env("OHA_TEST_DIR"));
  o.state_dir = state_dir;
  snprintf(op.verb, sizeof(op.verb), "rewrite");
  snprintf(op.options, sizeof(op.options), "{}");
  location = fixture_open(db, NULL);
  if (oha_tables_create(db, NULL, &err) != OHA_OK ||
      oha_journal_open(db_ctx, db, &o, &journal, &err) != OHA_OK ||
      oha_lease_take(journal, NULL, &err) != OHA_OK || oha_op_begin(journal, &op, &err) != OHA_OK)
    fail_msg("%s", err.text);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  oha_location_close(location);
  oha_journal_close(journal);
  oha_db_close(db);
  for (int n = 0; n < N_NODES; n++)
    oha_db_close(admin[n]);
  return 0;
}

/* A registrar on node 2: it refreshes phones that are registered at the VIP, and takes errors as it takes
 * them. */
static pid_t start_writer(void)
{
  pid_t child = fork();
  struct oha_db *mine;

  if (child != 0)
    return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  mine = connect_to(1, 1, OHA_DB_LOOK);
  for (uint32_t seed = 1;; seed = seed * 1664525u + 1013904223u) {
    char sql[160];

    snprintf(sql, sizeof(sql),
             "UPDATE location SET cseq = cseq + 1 WHERE username = 'u%u' AND socket = '" VIP "'",
             (unsigned)(((uint64_t)seed * N_ROWS) >> 32));
    if (db_try(mine, NULL, sql) != OHA_OK && !oha_db_is_open(mine))
      (void)!oha_db_reconnect(mine, NULL);
    db_sleep_ms(10);
  }
}

struct accident {
  int node; /* whose cable is cut */
  unsigned at_page, page;
};

static enum oha_rc cut_at_page(void *arg, const struct oha_rewrite_stats *so_far)
{
  struct accident *a = arg;

  (void)so_far;
  if (++a->page == a->at_page)
    cable(a->node, "down");
  return OHA_OK;
}

static void expect_everywhere(const char *sql, int64_t wanted)
{
  for (int n = 0; n < N_NODES; n++) {
    struct oha_mono due = oha_mono_add(oha_now_mono(db_ctx), 20 * OHA_US_PER_S);
    int64_t got;

    while ((got = db_number(admin[n], sql)) != wanted && oha_mono_diff_us(due, oha_now_mono(db_ctx)) > 0)
      db_sleep_ms(100);
    if (got != wanted)
      fail_msg("node %d: %s: %" PRId64 ", not %" PRId64, n + 1, sql, got, wanted);
  }
}

static void one_round(unsigned round)
{
  struct accident accident = { .node = (int)(round % N_NODES) + 1, .at_page = 5 + round % 7 };
  struct oha_rewrite_opts o = { .size = sizeof(o),
                                .speed = OHA_SPEED_FULL,
                                .page_rows = 100,
                                .page_target_us = 1,
                                .progress = cut_at_page,
                                .progress_arg = &accident };
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;
  uint64_t n_left = 1;

  if (oha_rewrite_run(location, journal, op.op_id, &move, &o, &stats, &err) != OHA_OK)
    fail_msg("round %u, node %d cut: %s", round, accident.node, err.text);
  cable(accident.node, "up");
  wait_for_all();
  printf("# round %u: node %d cut at page %u: %" PRIu64 " retries\n", round, accident.node, accident.at_page,
         stats.n_retries);
  expect_everywhere("SELECT COUNT(*) FROM location WHERE socket = '" NEW "'", N_ROWS / 2);
  expect_everywhere("SELECT COUNT(*) FROM location WHERE socket = '" VIP "'", N_ROWS / 2);
  assert_int_equal(oha_rewrite_verify(location, &move, 1u << OHA_REACH_DIRECT, &n_left, &err), OHA_OK);
  assert_int_equal(n_left, 0);
  if (oha_rewrite_undo(location, journal, op.op_id,
                       &(struct oha_rewrite_opts){ .size = sizeof(o), .speed = OHA_SPEED_FULL }, &stats,
                       &err) != OHA_OK)
    fail_msg("round %u: undo: %s", round, err.text);
  expect_everywhere("SELECT COUNT(*) FROM location WHERE socket = '" OLD
                    "' AND CAST(SUBSTRING(username, 2) AS UNSIGNED) "
                    "% 2 = 1",
                    N_ROWS / 2);
  db_must(db, "DELETE FROM opensips_ha_page");
}

/* 1180 at a commit, 1047, a stall of seconds: no wrong row, and nobody is needed. */
static void a_node_goes_away_in_mid_rewrite(void **state)
{
  unsigned n_rounds = getenv("OHA_LONG") != NULL ? 20 : 2;
  pid_t writer = start_writer();

  (void)state;
  for (unsigned round = 0; round < n_rounds; round++)
    one_round(round);
  kill(writer, SIGKILL);
  waitpid(writer, NULL, 0);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_node_goes_away_in_mid_rewrite, set_up, tear_down),
  };

  (void)argc;
  db_enter_galera(argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
