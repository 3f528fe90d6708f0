/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets rewritten and taken back on real tables of every dialect. */
#include "location_fixture.h"

#include "base/time.h"

#include <opensips-ha/journal.h>
#include <opensips-ha/rewrite.h>

#include <inttypes.h>
#include <stdlib.h>

#define OLD "udp:198.51.100.11:5060"
#define NEW "udp:198.51.100.12:5060"
#define VIP "udp:198.51.100.100:5060"

static struct oha_db *db;
static struct oha_journal *journal;
static struct oha_op_record op;
static struct oha_move_socket sockets[4];
static struct oha_move move;

static struct oha_sock sock(const char *text)
{
  struct oha_sock s;

  assert_int_equal(oha_sock_parse(text, strlen(text), &s, NULL), OHA_OK);
  return s;
}

static void make_move(void)
{
  static const struct {
    const char *text, *role, *node;
    enum oha_socket_fate fate;
  } rows[] = {
    { VIP, "", "", OHA_FATE_SHARED },
    { OLD, "own", "sip1", OHA_FATE_SOURCE },
    { NEW, "own", "sip2", OHA_FATE_TARGET },
    { "udp:198.51.100.12:5080", "carrier", "sip2", OHA_FATE_TARGET },
  };

  for (size_t i = 0; i < N_OF(rows); i++) {
    sockets[i] = (struct oha_move_socket){ .fate = rows[i].fate, .listen = sock(rows[i].text) };
    snprintf(sockets[i].role, sizeof(sockets[i].role), "%s", rows[i].role);
    snprintf(sockets[i].node, sizeof(sockets[i].node), "%s", rows[i].node);
  }
  move = (struct oha_move){
    .from = "sip1", .to = "sip2", .contact_rewriting = OHA_NO, .sockets = sockets, .n_sockets = N_OF(sockets)
  };
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
  (void)state;
  db = db_connect_default();
  make_move();
  begin_operation();
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  oha_journal_close(journal);
  journal = NULL;
  oha_db_close(db);
  return 0;
}

/* One row; @p expires_s from now, 0 = permanent. */
static void put(const struct oha_location *l, const char *user, const char *contact, const char *received,
                const char *socket, int expires_s)
{
  struct oha__sql q;
  struct oha_error err = OHA_ERROR_INIT;
  int64_t now_s = oha_now_wall(db_ctx).us / OHA_US_PER_S;

  oha__sql_init(&q, db);
  oha__sql_puts(
      &q,
      "INSERT INTO location (username, domain, contact, received, socket, callid, last_modified, expires");
  oha__sql_puts(&q, l->dialect.flavour == OHA_FLAVOUR_KAMAILIO ? ", ruid) VALUES (" : ") VALUES (");
  oha__sql_text(&q, oha__span(user));
  oha__sql_puts(&q, ", '', ");
  oha__sql_text(&q, oha__span(contact));
  oha__sql_puts(&q, ", ");
  if (received == NULL)
    oha__sql_puts(&q, "NULL");
  else
    oha__sql_text(&q, oha__span(received));
  oha__sql_puts(&q, ", ");
  oha__sql_text(&q, oha__span(socket));
  oha__sql_puts(&q, ", 'call', '2026-11-22 00:00:00', ");
  oha__location_put_expires(&q, l, expires_s == 0 ? 0 : now_s + expires_s);
  if (l->dialect.flavour == OHA_FLAVOUR_KAMAILIO) {
    oha__sql_puts(&q, ", ");
    oha__sql_text(&q, oha__span(user));
  }
  oha__sql_puts(&q, ")");
  if (oha__db_exec(db, &q, NULL, &err) != OHA_OK)
    fail_msg("%s: %s", user, err.text);
  oha__sql_clear(&q);
}

static void put_everyone(const struct oha_location *l)
{
  put(l, "direct", "sip:d@203.0.113.1:5060", NULL, OLD, 600);
  put(l, "permanent", "sip:p@203.0.113.2:5060", NULL, OLD, 0);
  put(l, "natted", "sip:n@192.168.1.2:5060", "sip:203.0.113.3:40000", OLD, 600);
  put(l, "vip", "sip:v@203.0.113.4:5060", NULL, VIP, 600);
  put(l, "gone", "sip:g@203.0.113.5:5060", NULL, OLD, -600);
  put(l, "tcp", "sip:t@203.0.113.6:5060", NULL, "tcp:198.51.100.11:5060", 600);
}

static const char *socket_of(const char *user)
{
  static char buf[8][96];
  static unsigned n;
  char sql[128];

  n = (n + 1) % 8;
  snprintf(sql, sizeof(sql), "SELECT socket FROM location WHERE username = '%s'", user);
  return db_value(db, sql, buf[n], sizeof(buf[n]));
}

static enum oha_rc rewrite(struct oha_location *l, const struct oha_rewrite_opts *opts,
                           struct oha_rewrite_stats *stats, struct oha_error *err)
{
  struct oha_rewrite_opts o = { .size = sizeof(o), .speed = OHA_SPEED_FULL };

  return oha_rewrite_run(l, journal, op.op_id, &move, opts == NULL ? &o : opts, stats, err);
}

static enum oha_rc take_back(struct oha_location *l, struct oha_rewrite_stats *stats, struct oha_error *err)
{
  struct oha_rewrite_opts o = { .size = sizeof(o), .speed = OHA_SPEED_FULL };

  return oha_rewrite_undo(l, journal, op.op_id, &o, stats, err);
}

static void forget_pages(void)
{
  db_must(db, "DELETE FROM opensips_ha_page");
}

static void every_dialect_there_and_back(void **state)
{
  static const struct {
    const char *file;
    uint32_t version;
  } ddls[] = { { "opensips-1.4", 1004 }, { "opensips-1.5", 1005 }, { "opensips-1.7", 1006 },
               { "opensips-1.8", 1007 }, { "opensips-1.9", 1007 }, { "opensips-1.10", 1009 },
               { "opensips-2.1", 1009 }, { "opensips-2.2", 1011 }, { "opensips-2.4", 1013 },
               { "opensips-3.1", 1013 }, { "kamailio-5.6", 9 } };

  (void)state;
  for (size_t i = 0; i < N_OF(ddls); i++) {
    struct oha_rewrite_stats stats;
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_location *l;
    uint64_t n_left;
    char before[128], after[128];

    fixture_make(db, ddls[i].file, ddls[i].version);
    forget_pages();
    l = fixture_open(db, NULL);
    put_everyone(l);
    db_value(db, "CHECKSUM TABLE location", before, sizeof(before));
    db_value(db,
             "SELECT MD5(GROUP_CONCAT(CONCAT_WS('|',username,contact,socket,expires) ORDER BY username)) "
             "FROM location",
             before, sizeof(before));
    assert_int_equal(oha_rewrite_verify(l, &move, 1u << OHA_REACH_DIRECT, &n_left, &err), OHA_OK);
    assert_int_equal(n_left, 2);
    if (rewrite(l, NULL, &stats, &err) != OHA_OK)
      fail_msg("%s: %s", ddls[i].file, err.text);
    assert_int_equal(stats.n_changed, 2);
    assert_string_equal(socket_of("direct"), NEW);
    assert_string_equal(socket_of("permanent"), NEW);
    assert_string_equal(socket_of("natted"), OLD);
    assert_string_equal(socket_of("vip"), VIP);
    assert_string_equal(socket_of("gone"), OLD);
    assert_int_equal(oha_rewrite_verify(l, &move, 1u << OHA_REACH_DIRECT, &n_left, &err), OHA_OK);
    assert_int_equal(n_left, 0);
    if (take_back(l, &stats, &err) != OHA_OK)
      fail_msg("%s: %s", ddls[i].file, err.text);
    assert_int_equal(stats.n_changed, 2);
    db_value(db,
             "SELECT MD5(GROUP_CONCAT(CONCAT_WS('|',username,contact,socket,expires) ORDER BY username)) "
             "FROM location",
             after, sizeof(after));
    assert_string_equal(before, after);
    oha_location_close(l);
  }
}

static struct oha_location *open_newest(void)
{
  fixture_make(db, "opensips-3.1", 1013);
  forget_pages();
  return fixture_open(db, NULL);
}

static void phones_that_came_back_are_left_alone(void **state)
{
  struct oha_location *l = open_newest();
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  put_everyone(l);
  assert_int_equal(rewrite(l, NULL, &stats, &err), OHA_OK);
  db_must(db, "UPDATE location SET expires = expires + 60 WHERE username = 'direct'");
  assert_int_equal(take_back(l, &stats, &err), OHA_OK);
  assert_int_equal(stats.n_changed, 1);
  assert_int_equal(stats.n_lost_race, 1);
  assert_string_equal(socket_of("direct"), NEW);
  assert_string_equal(socket_of("permanent"), OLD);
  oha_location_close(l);
}

static void other_spellings_keep_their_own(void **state)
{
  static const char *const spellings[] = { "198.51.100.11:5060", "udp:198.51.100.11",
                                           "UDP:198.51.100.11:5060" };
  struct oha_location *l = open_newest();
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;
  char user[16];

  (void)state;
  for (size_t i = 0; i < N_OF(spellings); i++) {
    snprintf(user, sizeof(user), "user%zu", i);
    put(l, user, "sip:x@203.0.113.9:5060", NULL, spellings[i], 600);
  }
  put(l, "plain", "sip:x@203.0.113.9:5060", NULL, OLD, 600);
  if (rewrite(l, NULL, &stats, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_int_equal(stats.n_changed, 4);
  assert_int_equal(db_number(db, "SELECT COUNT(*) FROM location WHERE socket = '" NEW "'"), 4);
  assert_int_equal(take_back(l, &stats, &err), OHA_OK);
  for (size_t i = 0; i < N_OF(spellings); i++) {
    snprintf(user, sizeof(user), "user%zu", i);
    assert_string_equal(socket_of(user), spellings[i]);
  }
  assert_string_equal(socket_of("plain"), OLD);
  oha_location_close(l);
}

static void other_classes_when_asked(void **state)
{
  struct oha_location *l = open_newest();
  struct oha_rewrite_opts o = { .size = sizeof(o), .class_mask = 1u << OHA_REACH_STRANDED };
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  put_everyone(l);
  o.dry_run = true;
  assert_int_equal(rewrite(l, &o, &stats, &err), OHA_OK);
  assert_int_equal(stats.n_matched, 1);
  assert_int_equal(stats.n_changed, 0);
  assert_string_equal(socket_of("natted"), OLD);
  o.dry_run = false;
  assert_int_equal(rewrite(l, &o, &stats, &err), OHA_OK);
  assert_string_equal(socket_of("natted"), NEW);
  assert_string_equal(socket_of("direct"), OLD);
  oha_location_close(l);
}

static void a_mode_that_ignores_the_table_is_refused(void **state)
{
  struct oha_location *l = open_newest();
  struct oha_rewrite_opts o = { .size = sizeof(o), .working_mode = OHA_MODE_WRITE_BACK };
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  put_everyone(l);
  assert_int_equal(rewrite(l, &o, &stats, &err), OHA_E_REFUSED);
  assert_string_equal(socket_of("direct"), OLD);
  oha_location_close(l);
}

static void a_lost_lease_stops_it(void **state)
{
  struct oha_location *l = open_newest();
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  put_everyone(l);
  db_must(db, "UPDATE opensips_ha_lease SET fence = fence + 1, holder = 'somebody else'");
  assert_int_equal(rewrite(l, NULL, &stats, &err), OHA_E_LEASE);
  assert_string_equal(socket_of("direct"), OLD);
  assert_int_equal(db_number(db, "SELECT COUNT(*) FROM opensips_ha_page"), 0);
  oha_location_close(l);
}

/* ---- many rows ---- */

static uint32_t seed = 1;

static uint32_t random_below(uint32_t n)
{
  seed = seed * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)seed * n) >> 32);
}

static void put_many(unsigned n)
{
  db_must(db, "SET @n := 0");
  db_must(db, "ALTER TABLE location ADD COLUMN extra VARCHAR(20) DEFAULT 'untouched'");
  for (unsigned i = 0; i < n; i += 500) {
    char sql[160 * 500 + 200];
    int used = snprintf(
        sql, sizeof(sql),
        "INSERT INTO location (username, contact, received, socket, callid, expires, last_modified) VALUES ");

    for (unsigned k = 0; k < 500; k++) {
      bool natted = random_below(3) == 0;

      used += snprintf(sql + used, sizeof(sql) - (size_t)used,
                       "%s('u%u','sip:u@%s:5060',%s,'%s','c',%d,NOW())", k == 0 ? "" : ",", i + k,
                       natted ? "10.1.2.3" : "203.0.113.7", natted ? "'sip:203.0.113.8:4000'" : "NULL",
                       random_below(2) == 0   ? OLD
                       : random_below(4) == 0 ? "udp:198.51.100.11"
                                              : VIP,
                       random_below(10) == 0 ? 1000 : 2000000000);
    }
    db_must(db, sql);
  }
}

#define DIGEST                                                                                               \
  "SELECT CONCAT(COUNT(*),' "                                                                                \
  "',SUM(CRC32(CONCAT_WS('|',contact_id,username,contact,received,socket,expires,extra))))"                  \
  " FROM location"
#define EXPECTED                                                                                             \
  "SELECT COUNT(*) FROM location WHERE expires = 2000000000 AND received IS NULL AND socket LIKE "           \
  "'udp:198.51.100.11%'"

static void random_tables_there_and_back(void **state)
{
  (void)state;
  for (unsigned round = 0; round < 3; round++) {
    struct oha_location *l = open_newest();
    struct oha_rewrite_opts o = { .size = sizeof(o),
                                  .speed = OHA_SPEED_FULL,
                                  .page_rows = 100 + 300 * round };
    struct oha_rewrite_stats stats;
    struct oha_error err = OHA_ERROR_INIT;
    char before[96], after[96];
    int64_t n_expected;

    seed = 7 + round;
    put_many(5000);
    db_value(db, DIGEST, before, sizeof(before));
    n_expected = db_number(db, EXPECTED);
    if (rewrite(l, &o, &stats, &err) != OHA_OK)
      fail_msg("seed %u: %s", 7 + round, err.text);
    assert_int_equal(stats.n_changed, n_expected);
    assert_int_equal(db_number(db, "SELECT COUNT(*) FROM location WHERE socket = '" NEW "'"), n_expected);
    assert_int_equal(db_number(db, EXPECTED), 0);
    assert_int_equal(take_back(l, &stats, &err), OHA_OK);
    db_value(db, DIGEST, after, sizeof(after));
    assert_string_equal(before, after);
    oha_location_close(l);
  }
}

struct killer {
  struct oha_db *other;
  unsigned pages;
};

static enum oha_rc kill_now_and_then(void *arg, const struct oha_rewrite_stats *so_far)
{
  struct killer *k = arg;
  char sql[160];

  (void)so_far;
  if (++k->pages % 7 == 3) {
    int64_t id =
        db_number(k->other, "SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()"
                            " AND USER = SUBSTRING_INDEX(CURRENT_USER(),'@',1) ORDER BY ID LIMIT 1");

    snprintf(sql, sizeof(sql), "KILL CONNECTION %" PRId64, id);
    db_must(k->other, sql);
  }
  return OHA_OK;
}

static void lost_connections_are_mended(void **state)
{
  struct oha_location *l = open_newest();
  struct killer killer = { .other = db_connect_default() };
  struct oha_rewrite_opts o = { .size = sizeof(o),
                                .speed = OHA_SPEED_FULL,
                                .page_rows = 100,
                                .page_target_us = 1,
                                .progress = kill_now_and_then,
                                .progress_arg = &killer };
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;
  char before[96], after[96];
  int64_t n_expected;

  (void)state;
  put_many(5000);
  db_value(db, DIGEST, before, sizeof(before));
  n_expected = db_number(db, EXPECTED);
  if (rewrite(l, &o, &stats, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_true(stats.n_retries > 0);
  assert_int_equal(db_number(db, "SELECT COUNT(*) FROM location WHERE socket = '" NEW "'"), n_expected);
  assert_int_equal(take_back(l, &stats, &err), OHA_OK);
  db_value(db, DIGEST, after, sizeof(after));
  assert_string_equal(before, after);
  oha_location_close(l);
  oha_db_close(killer.other);
}

/* A table without transactions, whose journal is ahead: the page that failed has its number already. */
static void a_lock_that_times_out_is_mended_on_myisam(void **state)
{
  struct oha_location *l;
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  fixture_make(db, "opensips-3.1", 1013);
  forget_pages();
  db_must(db, "ALTER TABLE location ENGINE = MyISAM");
  l = fixture_open(db, NULL);
  put_everyone(l);
  db_must(db, "CREATE OR REPLACE TABLE tried (n INT) ENGINE = MyISAM");
  db_must(db, "INSERT INTO tried VALUES (0)");
  db_must(db, "CREATE TRIGGER once BEFORE UPDATE ON location FOR EACH ROW IF (SELECT n FROM tried) = 0 THEN "
              "UPDATE tried SET n = 1; SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205, MESSAGE_TEXT = "
              "'Lock wait timeout exceeded'; END IF");
  if (rewrite(l, NULL, &stats, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_int_equal(stats.n_retries, 1);
  assert_string_equal(socket_of("direct"), NEW);
  if (take_back(l, &stats, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_string_equal(socket_of("direct"), OLD);
  db_must(db, "DROP TABLE tried");
  oha_location_close(l);
}

/* Where somebody made the column wide, one row of nonsense must not keep all others from being rewritten. */
static void a_socket_that_is_none_does_not_stop_it(void **state)
{
  struct oha_location *l;
  struct oha_rewrite_stats stats;
  struct oha_error err = OHA_ERROR_INIT;
  uint64_t n_left = 1;

  (void)state;
  fixture_make(db, "opensips-3.1", 1013);
  forget_pages();
  db_must(db, "ALTER TABLE location MODIFY socket VARCHAR(1000)");
  l = fixture_open(db, NULL);
  put_everyone(l);
  db_must(db, "UPDATE location SET socket = REPEAT('x', 1000) WHERE username = 'vip'");
  if (rewrite(l, NULL, &stats, &err) != OHA_OK ||
      oha_rewrite_verify(l, &move, 1u << OHA_REACH_DIRECT, &n_left, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_int_equal(stats.n_changed, 2);
  assert_int_equal(n_left, 0);
  oha_location_close(l);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_lock_that_times_out_is_mended_on_myisam, setup, teardown),
    cmocka_unit_test_setup_teardown(a_socket_that_is_none_does_not_stop_it, setup, teardown),
    cmocka_unit_test_setup_teardown(every_dialect_there_and_back, setup, teardown),
    cmocka_unit_test_setup_teardown(phones_that_came_back_are_left_alone, setup, teardown),
    cmocka_unit_test_setup_teardown(other_spellings_keep_their_own, setup, teardown),
    cmocka_unit_test_setup_teardown(other_classes_when_asked, setup, teardown),
    cmocka_unit_test_setup_teardown(a_mode_that_ignores_the_table_is_refused, setup, teardown),
    cmocka_unit_test_setup_teardown(random_tables_there_and_back, setup, teardown),
    cmocka_unit_test_setup_teardown(lost_connections_are_mended, setup, teardown),
    cmocka_unit_test_setup_teardown(a_lost_lease_stops_it, setup, teardown),
  };

  (void)argc;
  db_enter(argv, NULL);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
