/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A rewrite through HAProxy, which changes servers in mid-run: from one MariaDB server to the other, which
 * follows it by asynchronous replication.
 */
#include "location_fixture.h"

#include <opensips-ha/journal.h>
#include <opensips-ha/rewrite.h>

#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLD    "udp:198.51.100.11:5060"
#define NEW    "udp:198.51.100.12:5060"
#define VIP    "udp:198.51.100.100:5060"
#define N_ROWS 4000

static char balancer_host[64], control_path[100]; /* of HAProxy */
static char second_host[64];
static pid_t haproxy;
static struct oha_db *one, *two; /* the servers themselves */
static struct oha_db *db;        /* through HAProxy */
static struct oha_journal *journal;
static struct oha_op_record op;
static struct oha_move_socket sockets[3];
static struct oha_move move = {
  .from = "sip1", .to = "sip2", .contact_rewriting = OHA_NO, .sockets = sockets, .n_sockets = N_OF(sockets)
};

/* ---- HAProxy ---- */

static unsigned free_port(void)
{
  struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t size = sizeof(sin);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  assert_int_equal(bind(fd, (struct sockaddr *)&sin, size), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &size), 0);
  close(fd);
  return ntohs(sin.sin_port);
}

static int control_connect(void)
{
  struct sockaddr_un un = { .sun_family = AF_UNIX };
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  snprintf(un.sun_path, sizeof(un.sun_path), "%s", control_path);
  if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
    return fd;
  close(fd);
  return -1;
}

/* One command; HAProxy answers and hangs up. */
static void control(const char *command)
{
  char answer[256];
  int fd = control_connect();

  if (fd < 0 || write(fd, command, strlen(command)) != (ssize_t)strlen(command))
    db_fail("haproxy: %s: %m", command);
  while (read(fd, answer, sizeof(answer)) > 0)
    ;
  close(fd);
}

static void start_haproxy(void)
{
  unsigned port = free_port();
  char conf[1024];
  const char *path;

  snprintf(control_path, sizeof(control_path), "%s/haproxy.sock", db_env("OHA_TEST_DIR"));
  snprintf(conf, sizeof(conf),
           "global\n  stats socket %s level admin\n"
           "defaults\n  mode tcp\n  timeout connect 2s\n  timeout client 60s\n  timeout server 60s\n"
           "listen db\n  bind 127.0.0.1:%u\n  server one 127.0.0.1:%s\n  server two 127.0.0.1:%s disabled\n",
           control_path, port, db_env("OHA_TEST_PORT"), db_env("OHA_TWO_PORT"));
  path = db_file("haproxy.cfg", 0600, conf);
  snprintf(balancer_host, sizeof(balancer_host), "127.0.0.1:%u", port);
  haproxy = fork();
  if (haproxy == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("haproxy", "haproxy", "-q", "-db", "-f", path, (char *)NULL);
    _exit(77);
  }
  for (int i = 0; i < 250; i++) {
    int fd = control_connect(), status;

    if (fd >= 0) {
      close(fd);
      return;
    }
    if (waitpid(haproxy, &status, WNOHANG) == haproxy) {
      fprintf(stderr, "no haproxy here: skipped\n");
      exit(WIFEXITED(status) && WEXITSTATUS(status) == 77 ? 77 : 99);
    }
    db_sleep_ms(20);
  }
  fprintf(stderr, "haproxy does not start\n");
  exit(99);
}

static void cut_from_one(void)
{
  control("set server db/one state maint\n");
  control("shutdown sessions server db/one\n");
}

/* ---- two servers ---- */

static struct oha_db *connect_to(const char *host, bool balancer)
{
  struct oha_db_opts opts = db_opts(&host, 1);

  opts.balancer = balancer;
  opts.need = balancer ? OHA_DB_WRITE : OHA_DB_LOOK;
  return db_connect(&opts);
}

/* Server two has all that server one has committed. */
static void wait_for_replica(void)
{
  char position[256], sql[512];

  db_value(one, "SELECT @@GLOBAL.gtid_binlog_pos", position, sizeof(position));
  snprintf(sql, sizeof(sql), "SELECT MASTER_GTID_WAIT('%s', 20)", position);
  if (db_number(two, sql) != 0)
    db_fail("the replica does not follow");
}

static void make_pair(void)
{
  char sql[256];

  db_must(two, "STOP SLAVE");
  db_must(two, "RESET SLAVE ALL");
  for (int i = 0; i < 2; i++) {
    struct oha_db *each = i == 0 ? one : two;

    db_must(each, "DROP DATABASE opensips");
    db_must(each, "CREATE DATABASE opensips DEFAULT CHARACTER SET utf8mb4");
    db_must(each, "USE opensips");
    db_must(each, "RESET MASTER");
  }
  db_must(two, "SET GLOBAL gtid_slave_pos = ''");
  snprintf(sql, sizeof(sql),
           "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%s, MASTER_USER='oha', "
           "MASTER_PASSWORD='test', MASTER_USE_GTID=slave_pos",
           db_env("OHA_TEST_PORT"));
  db_must(two, sql);
  db_must(two, "START SLAVE");
}

static void make_rows(void)
{
  fixture_make(one, "opensips-3.1", 1013);
  for (unsigned i = 0; i < N_ROWS; i += 50) {
    char sql[8192];
    int used =
        snprintf(sql, sizeof(sql),
                 "INSERT INTO location (username, contact, received, socket, callid, expires) VALUES ");

    for (unsigned k = i; k < i + 50; k++)
      used += snprintf(sql + used, sizeof(sql) - (size_t)used, "%s('u%u','sip:u@%s:5060',%s,'%s','c',%d)",
                       k == i ? "" : ",", k, k % 3 == 0 ? "10.1.2.3" : "203.0.113.7",
                       k % 3 == 0 ? "'sip:203.0.113.8:4000'" : "NULL", k % 5 == 0 ? VIP : OLD,
                       k % 11 == 0 ? 1000 : 2000000000);
    db_must(one, sql);
  }
}

static void begin_operation(void)
{
  char state_dir[256];
  struct oha_journal_opts o = { .size = sizeof(o), .cluster = "test", .holder = "test@here/1" };
  struct oha_error err = OHA_ERROR_INIT;
  unsigned n_made;

  snprintf(state_dir, sizeof(state_dir), "%s/state", db_env("OHA_TEST_DIR"));
  o.state_dir = state_dir;
  memset(&op, 0, sizeof(op));
  snprintf(op.verb, sizeof(op.verb), "rewrite");
  snprintf(op.options, sizeof(op.options), "{}");
  if (oha_tables_create(db, &n_made, &err) != OHA_OK ||
      oha_journal_open(db_ctx, db, &o, &journal, &err) != OHA_OK ||
      oha_lease_take(journal, NULL, &err) != OHA_OK || oha_op_begin(journal, &op, &err) != OHA_OK)
    fail_msg("%s", err.text);
}

static int setup(void **state)
{
  static const struct {
    const char *text, *node;
    enum oha_socket_fate fate;
  } rows[] = { { VIP, "", OHA_FATE_SHARED },
               { OLD, "sip1", OHA_FATE_SOURCE },
               { NEW, "sip2", OHA_FATE_TARGET } };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    sockets[i] = (struct oha_move_socket){ .fate = rows[i].fate };
    assert_int_equal(oha_sock_parse(rows[i].text, strlen(rows[i].text), &sockets[i].listen, NULL), OHA_OK);
    snprintf(sockets[i].role, sizeof(sockets[i].role), "%s", rows[i].node[0] == '\0' ? "" : "own");
    snprintf(sockets[i].node, sizeof(sockets[i].node), "%s", rows[i].node);
  }
  one = db_connect_default();
  two = connect_to(second_host, false);
  db_must(two, "SET GLOBAL read_only = 0");
  make_pair();
  make_rows();
  control("set server db/two state maint\n");
  control("set server db/one state ready\n");
  db = connect_to(balancer_host, true);
  begin_operation();
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  oha_journal_close(journal);
  journal = NULL;
  oha_db_close(db);
  oha_db_close(one);
  oha_db_close(two);
  return 0;
}

/* ---- what is right ---- */

#define DIGEST                                                                                               \
  "SELECT CONCAT(COUNT(*), ',', SUM(CRC32(CONCAT_WS('|', contact_id, username, contact, received, socket, "  \
  "expires)))) FROM location"
/* The same, had the rewrite been one statement. */
#define DUE "expires = 2000000000 AND received IS NULL AND socket = '" OLD "'"
#define DIGEST_REWRITTEN                                                                                     \
  "SELECT CONCAT(COUNT(*), ',', SUM(CRC32(CONCAT_WS('|', contact_id, username, contact, received, "          \
  "IF(" DUE ", '" NEW "', socket), expires)))) FROM location"

struct digests {
  char before[96], rewritten[96];
};

static void take_digests(struct digests *d)
{
  wait_for_replica();
  db_value(one, DIGEST, d->before, sizeof(d->before));
  db_value(one, DIGEST_REWRITTEN, d->rewritten, sizeof(d->rewritten));
  assert_string_not_equal(d->before, d->rewritten);
}

static void rewrite_through_swap(oha_rewrite_fn *progress, void *arg)
{
  struct oha_location *l = fixture_open(db, NULL);
  struct oha_rewrite_opts o = { .size = sizeof(o),
                                .speed = OHA_SPEED_FULL,
                                .page_rows = 100,
                                .page_target_us = 1,
                                .progress = progress,
                                .progress_arg = arg };
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;
  uint64_t n_left;

  if (oha_rewrite_run(l, journal, op.op_id, &move, &o, &stats, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_true(stats.n_retries > 0);
  assert_int_equal(oha_db_verdict_of(db)->server_id, 2);
  assert_int_equal(oha_rewrite_verify(l, &move, 1u << OHA_REACH_DIRECT, &n_left, &err), OHA_OK);
  assert_int_equal(n_left, 0);
  oha_location_close(l);
}

static void is_rewritten_and_can_be_taken_back(const struct digests *d)
{
  struct oha_location *l = fixture_open(db, NULL);
  struct oha_rewrite_opts o = { .size = sizeof(o), .speed = OHA_SPEED_FULL };
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;
  char now[96];

  assert_string_equal(db_value(two, DIGEST, now, sizeof(now)), d->rewritten);
  if (oha_rewrite_undo(l, journal, op.op_id, &o, &stats, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_string_equal(db_value(two, DIGEST, now, sizeof(now)), d->before);
  oha_location_close(l);
}

/* ---- swaps ---- */

struct swap {
  unsigned n_pages, stop_replica_at, at;
};

static enum oha_rc swap_between_pages(void *arg, const struct oha_rewrite_stats *so_far)
{
  struct swap *s = arg;

  (void)so_far;
  s->n_pages++;
  if (s->n_pages == s->stop_replica_at) {
    wait_for_replica();
    db_must(two, "STOP SLAVE");
  }
  if (s->n_pages != s->at)
    return OHA_OK;
  if (s->stop_replica_at == 0)
    wait_for_replica();
  control("set server db/two state ready\n");
  cut_from_one();
  return OHA_OK;
}

static void a_swap_between_pages(void **state)
{
  struct swap swap = { .at = 5 };
  struct digests d;

  (void)state;
  take_digests(&d);
  rewrite_through_swap(swap_between_pages, &swap);
  is_rewritten_and_can_be_taken_back(&d);
}

/* The other server never gets the last pages that this one committed: no row of them may be forgotten. */
static void a_swap_that_loses_pages(void **state)
{
  struct swap swap = { .stop_replica_at = 3, .at = 7 };
  struct digests d;

  (void)state;
  take_digests(&d);
  rewrite_through_swap(swap_between_pages, &swap);
  is_rewritten_and_can_be_taken_back(&d);
}

struct cut {
  int go[2], done[2];   /* pipes to the process that cuts, and back */
  unsigned n_pages, at; /* told after this page */
};

/*
 * Whatever the run is doing by then: cut off, nothing serves, the replica has all and is still read-only, is
 * promoted.
 */
static void fail_over_when_told(const struct cut *cut)
{
  char c;

  one = db_connect_default(); /* the parent's connections are not ours */
  two = connect_to(second_host, false);
  if (read(cut->go[0], &c, 1) != 1)
    _exit(97);
  cut_from_one();
  if (write(cut->done[1], "", 1) != 1)
    _exit(97);
  db_sleep_ms(300);
  wait_for_replica();
  db_must(two, "STOP SLAVE");
  control("set server db/two state ready\n");
  db_sleep_ms(300);
  db_must(two, "SET GLOBAL read_only = 0");
  _exit(0);
}

/* It cuts while pages run; should it be slow, the run waits for it some pages later. */
static enum oha_rc tell_and_go_on(void *arg, const struct oha_rewrite_stats *so_far)
{
  struct cut *cut = arg;
  char c;

  (void)so_far;
  cut->n_pages++;
  if (cut->n_pages == cut->at)
    assert_int_equal(write(cut->go[1], "", 1), 1);
  if (cut->n_pages == cut->at + 8)
    assert_int_equal(read(cut->done[0], &c, 1), 1);
  return OHA_OK;
}

static void a_swap_at_any_moment(void **state)
{
  static const unsigned pages[] = { 1, 6, 13 };

  (void)state;
  for (size_t i = 0; i < N_OF(pages); i++) {
    struct cut cut = { .at = pages[i] };
    struct digests d;
    int status;
    pid_t pid;

    if (i > 0) {
      teardown(state);
      setup(state);
    }
    take_digests(&d);
    db_must(two, "SET GLOBAL read_only = 1");
    assert_int_equal(pipe(cut.go), 0);
    assert_int_equal(pipe(cut.done), 0);
    pid = fork();
    if (pid == 0)
      fail_over_when_told(&cut);
    close(cut.go[0]);
    close(cut.done[1]);
    rewrite_through_swap(tell_and_go_on, &cut);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(cut.go[1]);
    close(cut.done[0]);
    is_rewritten_and_can_be_taken_back(&d);
  }
}

int main(int argc, char **argv)
{
  static const char *const options[] = { "-x", "--server-id=1", "-x", "--log-bin=bin", NULL };
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_swap_between_pages, setup, teardown),
    cmocka_unit_test_setup_teardown(a_swap_that_loses_pages, setup, teardown),
    cmocka_unit_test_setup_teardown(a_swap_at_any_moment, setup, teardown),
  };
  int rc;

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
  start_haproxy();
  rc = cmocka_run_group_tests(tests, NULL, NULL);
  kill(haproxy, SIGKILL);
  return rc;
}
