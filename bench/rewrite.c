/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rewrite ROUNDS ROWS: socket rewrites of half of a table of ROWS bindings, interleaved with one raw UPDATE,
 * each while a registrar-like writer is at work. Needs a server (tests/db/with-mariadb). Prints one line per
 * run: MODE SECONDS IDLE_P99_US DURING_P99_US
 */
#include <opensips-ha/ctx.h>
#include <opensips-ha/db.h>
#include <opensips-ha/journal.h>
#include <opensips-ha/location.h>
#include <opensips-ha/move.h>
#include <opensips-ha/rewrite.h>

#include <mysql.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OLD "udp:198.51.100.11:5060"
#define NEW "udp:198.51.100.12:5060"

#define WRITER_RATE 200 /* statements per second, over N_WRITERS connections */
#define N_WRITERS   4
#define IDLE_US     1500000
#define MAX_SAMPLES 20000

static _Noreturn void die(const char *what, const char *why)
{
  fprintf(stderr, "rewrite: %s: %s\n", what, why);
  exit(1);
}

static int64_t now_us(void)
{
  struct timespec ts;

  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void sleep_until(int64_t at_us)
{
  struct timespec ts = { .tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000 };

  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0)
    continue;
}

static void pause_us(int64_t d_us)
{
  sleep_until(now_us() + d_us);
}

static MYSQL *connect_raw(void)
{
  MYSQL *my = mysql_init(NULL);

  mysql_options(my, MYSQL_READ_DEFAULT_FILE, getenv("OHA_TEST_OPTION_FILE"));
  mysql_options(my, MYSQL_READ_DEFAULT_GROUP, "opensips-ha");
  if (mysql_real_connect(my, NULL, NULL, NULL, getenv("OHA_TEST_SCHEMA"), 0, getenv("OHA_TEST_SOCKET"), 0) ==
      NULL)
    die("connect", mysql_error(my));
  return my;
}

static void sql(MYSQL *my, const char *text)
{
  if (mysql_query(my, text) != 0)
    die(text, mysql_error(my));
  mysql_free_result(mysql_store_result(my));
}

/* ---- the writer: what a registrar does, on a fixed schedule, so that a stall shows as latency ---- */

struct samples {
  volatile int running;
  volatile int64_t from_us, to_us; /* of the rewrite: a statement that was due then counts as during it */
  volatile unsigned n[3];
  int64_t us[3][MAX_SAMPLES]; /* idle, during, after (not looked at) */
};

static struct samples *samples;

static void write_for_ever(unsigned which, uint64_t n_rows)
{
  MYSQL *my = connect_raw();
  int64_t every_us = 1000000 * N_WRITERS / WRITER_RATE;
  int64_t due_us = now_us() + every_us * which / N_WRITERS;
  unsigned seed = which + 1;

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sql(my, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  for (;;) {
    char text[400];
    uint64_t id;
    int list;
    unsigned at;

    sleep_until(due_us);
    if (!samples->running) { /* the table is being put back: nothing is late */
      due_us = now_us() + every_us;
      continue;
    }
    seed = seed * 1664525u + 1013904223u;
    id = (((uint64_t)seed * n_rows >> 32) + 1) * 1000003; /* a phone of the other half: its socket stays */
    snprintf(text, sizeof(text),
             "UPDATE location SET expires = expires + 1, q = -1, cseq = cseq + 1, flags = 0, cflags = 'NAT', "
             "user_agent = "
             "'Phone/1', received = NULL, path = NULL, last_modified = NOW(), callid = 'x' WHERE contact_id "
             "= %" PRIu64,
             id);
    if (mysql_query(my, text) != 0)
      die("writer", mysql_error(my));
    list = due_us < samples->from_us ? 0 : due_us <= samples->to_us ? 1 : 2;
    at = __atomic_fetch_add(&samples->n[list], 1, __ATOMIC_RELAXED);
    if (at < MAX_SAMPLES)
      samples->us[list][at] = now_us() - due_us;
    due_us += every_us;
  }
}

static int by_size(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

  return x < y ? -1 : x > y;
}

static int64_t p99_us(int list)
{
  unsigned n = samples->n[list] < MAX_SAMPLES ? samples->n[list] : MAX_SAMPLES;

  if (n == 0)
    return 0;
  qsort(samples->us[list], n, sizeof(int64_t), by_size);
  return samples->us[list][(n - 1) * 99 / 100];
}

/* ---- the table ---- */

static void make_table(MYSQL *my, uint64_t n_rows)
{
  char text[600];

  sql(my, "DROP TABLE IF EXISTS location");
  sql(my,
      "CREATE TABLE location (contact_id BIGINT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL, username "
      "CHAR(64) "
      "DEFAULT '' NOT NULL, domain CHAR(64) DEFAULT NULL, contact TEXT NOT NULL, received CHAR(255) DEFAULT "
      "NULL, "
      "path CHAR(255) DEFAULT NULL, expires INT(10) UNSIGNED NOT NULL, q FLOAT(10,2) DEFAULT 1.0 NOT NULL, "
      "callid "
      "CHAR(255) DEFAULT 'Default-Call-ID' NOT NULL, cseq INT(11) DEFAULT 13 NOT NULL, last_modified "
      "DATETIME "
      "DEFAULT '1900-01-01 00:00:01' NOT NULL, flags INT(11) DEFAULT 0 NOT NULL, cflags CHAR(255) DEFAULT "
      "NULL, "
      "user_agent CHAR(255) DEFAULT '' NOT NULL, socket CHAR(64) DEFAULT NULL, methods INT(11) DEFAULT NULL, "
      "sip_instance CHAR(255) DEFAULT NULL, kv_store TEXT(512) DEFAULT NULL, attr CHAR(255) DEFAULT NULL) "
      "ENGINE=InnoDB");
  sql(my, "CREATE TABLE IF NOT EXISTS version (table_name CHAR(32) NOT NULL UNIQUE, table_version INT "
          "UNSIGNED DEFAULT 0)");
  sql(my, "REPLACE INTO version VALUES ('location', 1013)");
  snprintf(text, sizeof(text),
           "INSERT INTO location (contact_id, username, contact, expires, callid, last_modified, user_agent, "
           "socket) "
           "SELECT seq * 1000003, CONCAT('user', seq), CONCAT('sip:user', seq, '@203.0.', seq DIV 250 %% "
           "250, '.', seq %% "
           "250, ':5060'), 2000000000, MD5(seq), NOW(), 'Phone/1.2.3', '" OLD "' FROM seq_1_to_%" PRIu64,
           n_rows);
  sql(my, text);
}

/* Half of the rows name the old socket again. */
static void restore(MYSQL *my)
{
  sql(my, "UPDATE location SET socket = IF(CRC32(contact_id) % 2 = 0, '" OLD "', 'udp:198.51.100.100:5060')");
  sql(my, "DELETE FROM opensips_ha_page");
}

/* ---- ours ---- */

static struct oha_ctx *ctx;
static struct oha_db *db;
static struct oha_journal *journal;
static struct oha_op_record op = { .verb = "rewrite", .options = "{}" };

static struct oha_sock sock(const char *text)
{
  struct oha_sock s;

  if (oha_sock_parse(text, strlen(text), &s, NULL) != OHA_OK)
    die("socket", text);
  return s;
}

static void open_ours(const char *state_dir)
{
  char host[300];
  const char *hosts[] = { host };
  struct oha_db_opts o = { .size = sizeof(o),
                           .hosts = hosts,
                           .n_hosts = 1,
                           .option_file = getenv("OHA_TEST_OPTION_FILE"),
                           .schema = getenv("OHA_TEST_SCHEMA"),
                           .need = OHA_DB_WRITE,
                           .read_timeout_us = 60 * OHA_US_PER_S };
  struct oha_journal_opts j = { .size = sizeof(j),
                                .cluster = "bench",
                                .holder = "bench",
                                .state_dir = state_dir,
                                .lease_ttl_us = 600 * OHA_US_PER_S };
  struct oha_error err = OHA_ERROR_INIT;
  unsigned n_made;

  snprintf(host, sizeof(host), "unix:%s", getenv("OHA_TEST_SOCKET"));
  if (oha_ctx_new(NULL, &ctx, &err) != OHA_OK || oha_db_open(ctx, &o, &db, &err) != OHA_OK ||
      oha_tables_create(db, &n_made, &err) != OHA_OK ||
      oha_journal_open(ctx, db, &j, &journal, &err) != OHA_OK ||
      oha_lease_take(journal, NULL, &err) != OHA_OK || oha_op_begin(journal, &op, &err) != OHA_OK)
    die("open", err.text);
}

static void run_ours(enum oha_speed speed, bool with_journal)
{
  struct oha_move_socket sockets[] = {
    { .fate = OHA_FATE_SHARED, .listen = sock("udp:198.51.100.100:5060") },
    { .fate = OHA_FATE_SOURCE, .listen = sock(OLD), .role = "own", .node = "a" },
    { .fate = OHA_FATE_TARGET, .listen = sock(NEW), .role = "own", .node = "b" },
  };
  struct oha_move move = {
    .from = "a", .to = "b", .contact_rewriting = OHA_NO, .sockets = sockets, .n_sockets = 3
  };
  struct oha_rewrite_opts o = { .size = sizeof(o), .speed = speed, .no_journal = !with_journal };
  struct oha_rewrite_stats stats;
  struct oha_location *location = NULL;
  struct oha_error err = OHA_ERROR_INIT;

  if (oha_location_open(db, NULL, &location, &err) != OHA_OK ||
      oha_rewrite_run(location, with_journal ? journal : NULL, op.op_id, &move, &o, &stats, &err) != OHA_OK)
    die("rewrite", err.text);
  oha_location_close(location);
}

static const struct mode {
  const char *name;
  bool raw, journal;
  enum oha_speed speed;
} modes[] = {
  { "raw", true, false, OHA_SPEED_FULL },
  { "bare", false, false, OHA_SPEED_FULL },
  { "full", false, true, OHA_SPEED_FULL },
  { "paced", false, true, OHA_SPEED_PACED },
};

static void measure(MYSQL *my, const struct mode *mode)
{
  int64_t since_us, took_us;

  samples->running = 0;
  pause_us(200000);
  restore(my);
  pause_us(2000000); /* for the pages that this dirtied */
  samples->from_us = samples->to_us = INT64_MAX;
  samples->running = 1;
  pause_us(300000);
  samples->n[0] = samples->n[1] = samples->n[2] = 0;
  pause_us(IDLE_US);
  since_us = now_us();
  samples->from_us = since_us;
  if (mode->raw)
    sql(my, "UPDATE location SET socket = '" NEW "' WHERE socket = '" OLD "'");
  else
    run_ours(mode->speed, mode->journal);
  took_us = now_us() - since_us;
  samples->to_us = since_us + took_us;
  pause_us(300000); /* those that were due in time and are late */
  printf("%s %.3f %" PRId64 " %" PRId64 "\n", mode->name, (double)took_us / 1e6, p99_us(0), p99_us(1));
  fflush(stdout);
}

int main(int argc, char **argv)
{
  unsigned n_rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 5;
  uint64_t n_rows = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
  char state_dir[] = "/tmp/oha-bench-rewrite.XXXXXX";
  pid_t writers[N_WRITERS];
  MYSQL *my;

  samples = mmap(NULL, sizeof(*samples), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (samples == MAP_FAILED || mkdtemp(state_dir) == NULL)
    die("memory", "none");
  my = connect_raw();
  sql(my, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  make_table(my, n_rows);
  open_ours(state_dir);
  for (unsigned i = 0; i < N_WRITERS; i++)
    if ((writers[i] = fork()) == 0)
      write_for_ever(i, n_rows);
  for (unsigned round = 0; round < n_rounds; round++)
    for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++)
      measure(my, &modes[m]);
  for (unsigned i = 0; i < N_WRITERS; i++) {
    kill(writers[i], SIGKILL);
    waitpid(writers[i], NULL, 0);
  }
  oha_journal_close(journal);
  oha_db_close(db);
  oha_ctx_free(ctx);
  mysql_close(my);
  return 0;
}
