/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialects found out on real tables, and rows read from them. */
#include "location_fixture.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct ddl {
  const char *file, *dialect, *software;
  uint32_t version;
  bool transactional;
} ddls[] = {
  { "opensips-1.4", "opensips-1004", "OpenSIPS 1.4", 1004, false },
  { "opensips-1.5", "opensips-1005", "OpenSIPS 1.5 or 1.6", 1005, false },
  { "opensips-1.7", "opensips-1006", "OpenSIPS 1.7", 1006, false },
  { "opensips-1.8", "opensips-1007", "OpenSIPS 1.8", 1007, false },
  { "opensips-1.9", "opensips-1007", "OpenSIPS 1.9", 1007, false },
  { "opensips-1.10", "opensips-1009", "OpenSIPS 1.10 to 2.1", 1009, false },
  { "opensips-2.1", "opensips-1009", "OpenSIPS 1.10 to 2.1", 1009, true },
  { "opensips-2.2", "opensips-1011", "OpenSIPS 2.2 or 2.3", 1011, true },
  { "opensips-2.4", "opensips-1013", "OpenSIPS 2.4 or 3.0", 1013, true },
  { "opensips-3.1", "opensips-1013", "OpenSIPS 3.1 or later", 1013, true },
  { "kamailio-5.6", "kamailio-9", "Kamailio 5.x", 9, true },
};

static struct oha_db *db;

static int connect_once(void **state)
{
  (void)state;
  db = db_connect_default();
  return 0;
}

static int disconnect(void **state)
{
  (void)state;
  oha_db_close(db);
  return 0;
}

static void dialects_of_real_tables(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_OF(ddls); i++) {
    for (int with_version = 0; with_version < 2; with_version++) {
      const struct oha_dialect *d;
      struct oha_location *l;

      fixture_make(db, ddls[i].file, with_version ? ddls[i].version : 0);
      l = fixture_open(db, NULL);
      d = oha_location_dialect(l);
      if (strcmp(d->name, ddls[i].dialect) != 0 || strcmp(d->software, ddls[i].software) != 0 ||
          d->table_version != ddls[i].version || d->version_from_columns == (with_version != 0) ||
          !d->index_on_key || d->index_on_username != (ddls[i].version < 1011) || d->socket_size != 64)
        fail_msg("%s: %s, %s, %" PRIu32, ddls[i].file, d->name, d->software, d->table_version);
      assert_int_equal(d->transactional, ddls[i].transactional);
      oha_location_close(l);
    }
  }
}

static void expect_refusal(const struct oha_location_opts *opts, enum oha_rc rc, const char *text)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_location *l = NULL;
  enum oha_rc got = oha_location_open(db, opts, &l, &err);

  if (got != rc || l != NULL || err.rc != rc || strstr(err.text, text) == NULL)
    fail_msg("%s: '%s', not %s with '%s'", oha_rc_name(got), err.text, oha_rc_name(rc), text);
  oha_location_close(l);
}

static void tables_that_are_refused(void **state)
{
  struct oha_location_opts opts = { .size = sizeof(opts) };

  (void)state;
  fixture_make(db, "opensips-3.1", 1012);
  expect_refusal(NULL, OHA_E_SCHEMA, "version 1012 is unknown");
  fixture_make(db, "opensips-3.1", 1011);
  expect_refusal(NULL, OHA_E_SCHEMA, "expires is int, not DATETIME");
  db_must(db, "ALTER TABLE location DROP COLUMN socket");
  db_must(db, "UPDATE version SET table_version = 1013");
  expect_refusal(NULL, OHA_E_SCHEMA, "socket is missing");
  db_must(db, "DROP TABLE version");
  expect_refusal(NULL, OHA_E_SCHEMA, "no version row");
  db_must(db, "DROP TABLE location");
  expect_refusal(NULL, OHA_E_SCHEMA, "location");
  opts.schema = "no_such_schema";
  expect_refusal(&opts, OHA_E_SCHEMA, "no_such_schema");
  opts.schema = NULL;
  opts.time_zone = "Mars/Olympus_Mons";
  expect_refusal(&opts, OHA_E_CONFIG, "Mars/Olympus_Mons");
  opts.time_zone = NULL;
  opts.table = "";
  expect_refusal(&opts, OHA_E_CONFIG, "1 to 64 bytes");
}

/* No version table at all: as with no row. */
static void a_version_table_is_not_needed(void **state)
{
  struct oha_location *l;

  (void)state;
  fixture_make(db, "opensips-3.1", 0);
  db_must(db, "DROP TABLE version");
  l = fixture_open(db, NULL);
  assert_true(oha_location_dialect(l)->version_from_columns);
  oha_location_close(l);
}

struct seen {
  unsigned n;
  unsigned n_bad;
  char last_why[256];
  uint64_t last_bad_id;
  struct oha_binding last;
  char username[64], domain[64], contact[256], received[64], socket[64], cflags[64], user_agent[64];
  char sip_instance[64], kv_store[64];
};

static void keep(char *out, size_t size, const char *text)
{
  snprintf(out, size, "%s", text == NULL ? "(null)" : text);
}

static enum oha_rc take(void *arg, const struct oha_binding *b)
{
  struct seen *s = arg;

  s->n++;
  s->last = *b;
  keep(s->username, sizeof(s->username), b->username);
  keep(s->domain, sizeof(s->domain), b->domain);
  keep(s->contact, sizeof(s->contact), b->contact);
  keep(s->received, sizeof(s->received), b->received);
  keep(s->socket, sizeof(s->socket), b->socket);
  keep(s->cflags, sizeof(s->cflags), b->cflags_names);
  keep(s->user_agent, sizeof(s->user_agent), b->user_agent);
  keep(s->sip_instance, sizeof(s->sip_instance), b->sip_instance);
  keep(s->kv_store, sizeof(s->kv_store), b->kv_store);
  return OHA_OK;
}

static void take_bad(void *arg, uint64_t id, const char *why)
{
  struct seen *s = arg;

  s->n_bad++;
  s->last_bad_id = id;
  keep(s->last_why, sizeof(s->last_why), why);
}

static struct seen read_all(struct oha_location *l, const struct oha_location_filter *filter)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct seen seen = { .n = 0 };
  struct oha_location_filter f = { .size = sizeof(f) };
  uint64_t n_bad = 0;

  if (filter != NULL)
    f = *filter;
  f.bad_row = take_bad;
  f.bad_row_arg = &seen;
  f.n_bad = &n_bad;
  if (oha_location_each(l, &f, take, &seen, &err) != OHA_OK)
    fail_msg("each: %s", err.text);
  assert_int_equal(n_bad, seen.n_bad);
  return seen;
}

/* The same binding in every dialect: expires 2099-07-01 10:00:00 UTC, which is 12:00 in Berlin. */
static void one_row_in_every_dialect(void **state)
{
  const struct oha_location_opts opts = { .size = sizeof(opts), .time_zone = "Europe/Berlin" };
  const struct oha_location_filter all = { .size = sizeof(all), .columns = OHA_BINDING_DETAILS };

  (void)state;
  for (size_t i = 0; i < N_OF(ddls); i++) {
    const struct oha_dialect *d;
    struct oha_location *l;
    struct seen s;

    fixture_make(db, ddls[i].file, ddls[i].version);
    l = fixture_open(db, &opts);
    d = oha_location_dialect(l);
    fixture_sql(
        db,
        "INSERT INTO location (%s, username, domain, contact, received, expires, q, callid, cseq, "
        "last_modified, flags, cflags, user_agent, socket, methods%s%s) VALUES (42, 'dave', 'sip.test', "
        "'sip:dave@172.16.3.4:5060', 'sip:198.51.100.7:5066', %s, 0.70, 'x@y', 7, "
        "'2026-07-01 12:00:00', 4, %s, x'4FE4422022', 'udp:192.0.2.11:5060', 15%s%s)",
        d->key_column,
        !d->has_sip_instance                 ? ""
        : d->flavour == OHA_FLAVOUR_KAMAILIO ? ", instance"
                                             : ", sip_instance",
        d->has_kv_store ? ", kv_store" : "", d->expires_is_datetime ? "'2099-07-01 12:00:00'" : "1",
        d->cflags_is_number ? "192" : "'SIPPING NAT'", d->has_sip_instance ? ", '<urn:uuid:1>'" : "",
        d->has_kv_store ? ", '{\"n\":3}'" : "");
    if (!d->expires_is_datetime) /* 4086583200 would be past 2038, for a number */
      db_must(db, "UPDATE location SET expires = 2147483647");
    s = read_all(l, &all);
    if (s.n != 1 || s.n_bad != 0 || s.last.id != 42 || strcmp(s.username, "dave") != 0 ||
        strcmp(s.domain, "sip.test") != 0 || strcmp(s.contact, "sip:dave@172.16.3.4:5060") != 0 ||
        strcmp(s.received, "sip:198.51.100.7:5066") != 0 || strcmp(s.socket, "udp:192.0.2.11:5060") != 0 ||
        s.last.q_milli != 700 || s.last.cseq != 7 || s.last.flags != 4 || s.last.methods != 15 ||
        s.last.last_modified.us != INT64_C(1782900000) * OHA_US_PER_S)
      fail_msg("%s: %u rows, bad '%s'", ddls[i].file, s.n, s.last_why);
    assert_int_equal(s.last.expires.us / OHA_US_PER_S,
                     d->expires_is_datetime ? INT64_C(4086583200) : INT64_C(2147483647));
    assert_string_equal(s.cflags, d->cflags_is_number ? "(null)" : "SIPPING NAT");
    assert_int_equal(s.last.cflags_mask, d->cflags_is_number ? 192 : 0);
    assert_string_equal(s.user_agent, "O\xE4"
                                      "B \""); /* bytes as stored, whatever the column's character set */
    assert_string_equal(s.sip_instance, d->has_sip_instance ? "<urn:uuid:1>" : "(null)");
    assert_string_equal(s.kv_store, d->has_kv_store ? "{\"n\":3}" : "(null)");
    oha_location_close(l);
  }
}

static void bad_rows_are_counted_and_named(void **state)
{
  struct oha_location *l;
  struct seen s;

  (void)state;
  fixture_make(db, "opensips-1.9", 1007);
  db_must(db, "SET SESSION sql_mode = ''");
  db_must(db, "INSERT INTO location (username, contact, callid, expires, q) VALUES "
              "('a', 'sip:a@192.0.2.1', '1', '2099-01-01 00:00:00', -1), "
              "('b', 'sip:b@192.0.2.1', '2', '0000-00-00 00:00:00', -1), "
              "('', 'sip:c@192.0.2.1', '3', '2099-01-01 00:00:00', -1), "
              "('d', 'sip:d@192.0.2.1', '4', '1970-01-01 00:00:00', 1)");
  l = fixture_open(db, NULL);
  s = read_all(l, NULL);
  assert_int_equal(s.n, 2);
  assert_int_equal(s.n_bad, 2);
  assert_int_equal(s.last_bad_id, 3);
  assert_string_equal(s.last_why, "username: empty");
  assert_true(s.last.permanent);
  oha_location_close(l);
}

static void expired_rows_only_on_request(void **state)
{
  struct oha_location_filter f = { .size = sizeof(f) };
  struct oha_location *l;

  (void)state;
  fixture_make(db, "opensips-3.1", 1013);
  db_must(db, "INSERT INTO location (username, contact, expires, socket) VALUES "
              "('live', 'sip:a@192.0.2.1', UNIX_TIMESTAMP() + 600, 'udp:192.0.2.11:5060'), "
              "('dead', 'sip:a@192.0.2.1', UNIX_TIMESTAMP() - 1, 'udp:192.0.2.11:5060'), "
              "('wraps', 'sip:a@192.0.2.1', 2147483648, NULL), "
              "('static', 'sip:a@192.0.2.1', 0, NULL)");
  l = fixture_open(db, NULL);
  assert_int_equal(read_all(l, &f).n, 2);
  f.include_expired = true;
  assert_int_equal(read_all(l, &f).n, 4);
  f.socket = "udp:192.0.2.11:5060";
  assert_int_equal(read_all(l, &f).n, 2);
  f.socket = "UDP:192.0.2.11:5060"; /* the column's collation has no case, sockets are told apart */
  assert_int_equal(read_all(l, &f).n, 0);
  oha_location_close(l);
}

static void renamed_everything(void **state)
{
  static const char *const keys[] = { "contact_id", "username", "socket", "expires" };
  static const char *const names[] = { "cid", "user", "recv`sock", "until" };
  const struct oha_location_opts opts = { .size = sizeof(opts),
                                          .schema = "other-schema",
                                          .table = "loc`ation",
                                          .version_table = "versions",
                                          .column_keys = keys,
                                          .column_names = names,
                                          .n_columns = N_OF(keys) };
  struct oha_location *l;
  struct seen s;

  (void)state;
  fixture_make(db, "opensips-3.1", 0);
  db_must(db, "CREATE OR REPLACE DATABASE `other-schema`");
  db_must(db, "RENAME TABLE location TO `other-schema`.`loc``ation`");
  db_must(db, "ALTER TABLE `other-schema`.`loc``ation` CHANGE contact_id cid BIGINT UNSIGNED AUTO_INCREMENT, "
              "CHANGE username user CHAR(64) NOT NULL, CHANGE socket `recv``sock` CHAR(64), "
              "CHANGE expires until INT UNSIGNED NOT NULL, ADD customer INT");
  db_must(db, "CREATE TABLE `other-schema`.versions (table_name CHAR(32), table_version INT UNSIGNED)");
  db_must(db, "INSERT INTO `other-schema`.versions VALUES ('loc`ation', 1013)");
  db_must(db, "INSERT INTO `other-schema`.`loc``ation` (cid, user, contact, until, `recv``sock`) VALUES "
              "(9, 'o''brien', 'sip:o@192.0.2.1', 0, 'udp:192.0.2.11:5060')");
  l = fixture_open(db, &opts);
  assert_false(oha_location_dialect(l)->version_from_columns);
  s = read_all(l,
               &(struct oha_location_filter){ .size = sizeof(struct oha_location_filter), .aor = "o'brien" });
  assert_int_equal(s.n, 1);
  assert_int_equal(s.last.id, 9);
  assert_string_equal(s.socket, "udp:192.0.2.11:5060");
  oha_location_close(l);
  db_must(db, "DROP DATABASE `other-schema`");
}

static void expect_denied(const char *grant)
{
  const char *hosts[] = { db_unix_host() };
  struct oha_db_opts opts = db_opts(hosts, 1);
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_location *l = NULL;
  struct oha_db *weak;
  enum oha_rc rc;

  opts.need = OHA_DB_READ;
  opts.option_file = db_file("weak.cnf", 0600, "[opensips-ha]\nuser = weak\npassword = test\n");
  weak = db_connect(&opts);
  rc = oha_location_open(weak, NULL, &l, &err);
  if (grant == NULL ? rc != OHA_OK : rc != OHA_E_DENIED || strstr(err.text, grant) == NULL)
    fail_msg("%s: '%s', not '%s'", oha_rc_name(rc), err.text, grant == NULL ? "" : grant);
  oha_location_close(l);
  oha_db_close(weak);
}

static void missing_grants_are_spelled_out(void **state)
{
  (void)state;
  fixture_make(db, "opensips-3.1", 1013);
  db_must(db, "CREATE OR REPLACE USER weak@'%' IDENTIFIED BY 'test'");
  db_must(db, "CREATE TABLE IF NOT EXISTS other (i INT)");
  db_must(db, "GRANT SELECT ON opensips.other TO weak@'%'"); /* lets it into the schema */
  expect_denied("GRANT SELECT ON `opensips`.`location` TO 'weak'@'%'");
  db_must(db, "GRANT UPDATE ON opensips.location TO weak@'%'");
  expect_denied("GRANT SELECT ON `opensips`.`location` TO 'weak'@'%'");
  db_must(db, "GRANT SELECT (contact_id, username) ON opensips.location TO weak@'%'");
  expect_denied("GRANT SELECT ON `opensips`.");
  db_must(db, "GRANT SELECT ON opensips.location TO weak@'%'");
  expect_denied("GRANT SELECT ON `opensips`.`version` TO 'weak'@'%'");
  db_must(db, "GRANT SELECT ON opensips.version TO weak@'%'");
  expect_denied(NULL);
  db_must(db, "DROP USER weak@'%'");
  db_must(db, "DROP TABLE other");
}

struct socket_row {
  char text[64];
  uint64_t n_live, n_expired;
};

struct socket_rows {
  struct socket_row rows[16];
  size_t n;
};

static enum oha_rc take_socket(void *arg, const char *socket, uint64_t n_live, uint64_t n_expired)
{
  struct socket_rows *s = arg;

  assert_true(s->n < N_OF(s->rows));
  keep(s->rows[s->n].text, sizeof(s->rows[s->n].text), socket);
  s->rows[s->n].n_live = n_live;
  s->rows[s->n].n_expired = n_expired;
  s->n++;
  return OHA_OK;
}

static void sockets_are_counted(void **state)
{
  static const struct socket_row wanted[] = {
    { "udp:192.0.2.11:5060", 3, 1 }, { "(null)", 1, 2 }, { "", 1, 0 }, { "UDP:192.0.2.11:5060", 1, 0 }
  };
  struct oha_location_opts opts = { .size = sizeof(opts), .time_zone = "America/New_York" };

  (void)state;
  for (int datetime = 0; datetime < 2; datetime++) {
    const char *live = datetime ? "'2099-01-01 00:00:00'" : "UNIX_TIMESTAMP() + 100";
    const char *dead = datetime ? "'2019-01-01 00:00:00'" : "UNIX_TIMESTAMP() - 1";
    const char *forever = datetime ? "'1969-12-31 19:00:00'" : "0";
    struct socket_rows got = { .n = 0 };
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_location *l;

    fixture_make(db, datetime ? "opensips-2.2" : "opensips-3.1", datetime ? 1011 : 1013);
    fixture_sql(db,
                "INSERT INTO location (username, contact, expires, socket) VALUES "
                "('a', 'c', %s, 'udp:192.0.2.11:5060'), ('b', 'c', %s, 'udp:192.0.2.11:5060'), "
                "('c', 'c', %s, 'udp:192.0.2.11:5060'), ('d', 'c', %s, 'udp:192.0.2.11:5060'), "
                "('e', 'c', %s, NULL), ('f', 'c', %s, NULL), ('f', 'c', %s, NULL), "
                "('g', 'c', %s, ''), ('h', 'c', %s, 'UDP:192.0.2.11:5060')",
                live, live, forever, dead, live, dead, datetime ? dead : "4000000000", live, live);
    l = fixture_open(db, &opts);
    if (oha_location_sockets(l, take_socket, &got, &err) != OHA_OK)
      fail_msg("sockets: %s", err.text);
    assert_int_equal(got.n, N_OF(wanted));
    for (size_t i = 0; i < N_OF(wanted); i++)
      if (strcmp(got.rows[i].text, wanted[i].text) != 0 || got.rows[i].n_live != wanted[i].n_live ||
          got.rows[i].n_expired != wanted[i].n_expired)
        fail_msg("%zu: '%s' %" PRIu64 " %" PRIu64, i, got.rows[i].text, got.rows[i].n_live,
                 got.rows[i].n_expired);
    oha_location_close(l);
  }
}

/* Keyset pages, as a rewrite reads them, see the rows of a scan; and expires come back as they were. */
static enum oha_rc take_page_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  void **args = arg;
  struct oha__row_layout *layout = args[0];
  struct oha_binding *last = args[1];
  char why[OHA__WHY_SIZE];

  (void)err;
  assert_int_equal(oha__row_decode(layout, row, last, why), OHA_OK);
  ++*(unsigned *)args[2];
  return OHA_OK;
}

static void keyset_pages(void **state)
{
  const struct oha_location_opts opts = { .size = sizeof(opts), .time_zone = "Europe/Berlin" };

  (void)state;
  for (int datetime = 0; datetime < 2; datetime++) {
    struct oha_binding last = { .id = 0 };
    unsigned n = 0, n_before;
    struct oha__row_layout layout;
    void *args[] = { &layout, &last, &n };
    struct oha_location *l;
    struct oha__sql q;

    fixture_make(db, datetime ? "opensips-1.10" : "opensips-3.1", 0);
    fixture_sql(
        db,
        "INSERT INTO location (username, domain, contact, expires, socket) SELECT seq, '', 'sip:a@b', "
        "%s, 'udp:192.0.2.11:5060' FROM seq_1_to_1000",
        datetime ? "ADDDATE('2099-07-01 12:00:00', INTERVAL seq SECOND)" : "2000000000 + seq");
    l = fixture_open(db, &opts);
    oha__sql_init(&q, db);
    do {
      n_before = n;
      oha__sql_reset(&q);
      oha__location_put_select(&q, l, OHA__FIELDS_REACH, &layout);
      oha__sql_puts(&q, " WHERE ");
      oha__location_put_column(&q, l, OHA__FIELD_ID);
      oha__sql_printf(&q, " > %" PRIu64 " AND ", last.id);
      oha__location_put_live(&q, l, oha_now_wall(db_ctx));
      oha__sql_puts(&q, " ORDER BY ");
      oha__location_put_column(&q, l, OHA__FIELD_ID);
      oha__sql_puts(&q, " LIMIT 300");
      assert_int_equal(oha__db_each(db, &q, take_page_row, args, NULL), OHA_OK);
    } while (n > n_before);
    assert_int_equal(n, 1000);
    assert_int_equal(last.expires.us / OHA_US_PER_S, datetime ? INT64_C(4086584200) : 2000001000);
    n = 0;
    oha__sql_reset(&q);
    oha__location_put_select(&q, l, OHA__FIELDS_REACH, &layout);
    oha__sql_puts(&q, " WHERE ");
    oha__location_put_column(&q, l, OHA__FIELD_EXPIRES);
    oha__sql_puts(&q, " = ");
    oha__location_put_expires(&q, l, last.expires.us / OHA_US_PER_S);
    assert_int_equal(oha__db_each(db, &q, take_page_row, args, NULL), OHA_OK);
    assert_int_equal(n, 1);
    oha__sql_clear(&q);
    oha_location_close(l);
  }
}

struct classes {
  unsigned n[OHA_REACH_N];
};

static enum oha_rc take_reach(void *arg, const struct oha_binding *b, enum oha_reach reach, bool never)
{
  struct classes *c = arg;

  (void)never;
  assert_non_null(b->username);
  c->n[reach]++;
  return OHA_OK;
}

static struct oha_sock sock(const char *text)
{
  struct oha_sock s;

  assert_int_equal(oha_sock_parse(text, strlen(text), &s, NULL), OHA_OK);
  return s;
}

static void reach_in_one_pass(void **state)
{
  struct oha_move_socket sockets[] = {
    { .fate = OHA_FATE_SHARED, .listen = sock("udp:192.0.2.100:5060") },
    { .fate = OHA_FATE_TARGET, .listen = sock("udp:192.0.2.12:5060") },
    { .fate = OHA_FATE_SOURCE, .listen = sock("udp:192.0.2.11:5060") },
  };
  const struct oha_move move = { .from = "sip1", .to = "sip2", .sockets = sockets, .n_sockets = 3 };
  struct oha_location_filter f = { .size = sizeof(f) };
  struct classes seen = { .n = { 0 } };
  struct oha_reach_sum sum;
  char line[OHA_REACH_LINE_SIZE];
  struct oha_location *l;

  (void)state;
  fixture_make(db, "opensips-3.1", 1013);
  db_must(db, "SET SESSION sql_mode = ''");
  db_must(
      db,
      "INSERT INTO location (username, contact, received, expires, socket) VALUES "
      "('a', 'sip:a@198.51.100.7', NULL, UNIX_TIMESTAMP() + 230, 'udp:192.0.2.100:5060'), "
      "('b', 'sip:b@192.168.1.7', 'sip:198.51.100.7:1024', UNIX_TIMESTAMP() + 230, 'udp:192.0.2.11:5060'), "
      "('c', 'sip:c@198.51.100.7', NULL, UNIX_TIMESTAMP() + 99, 'udp:192.0.2.11:5060'), "
      "('d', 'sip:d@198.51.100.7', NULL, UNIX_TIMESTAMP() - 99, 'udp:192.0.2.11:5060'), "
      "('e', 'sip:e@198.51.100.7', NULL, 0, 'udp:192.0.2.11:oops'), "
      "('', 'sip:f@198.51.100.7', NULL, 0, 'udp:192.0.2.11:5060')");
  l = fixture_open(db, NULL);
  assert_int_equal(oha_reach_scan(l, &move, NULL, take_reach, &seen, &sum, NULL), OHA_OK);
  assert_string_equal(oha_reach_line(&sum, line),
                      "1 of 4 reachable at once, 1 within 4 min, 1 unknown, 1 lost, 1 unreadable");
  assert_int_equal(sum.n[OHA_REACH_EXPIRED], 1);
  assert_int_equal(seen.n[OHA_REACH_EXPIRED], 0);
  assert_int_equal(seen.n[OHA_REACH_KEPT] + seen.n[OHA_REACH_STRANDED] + seen.n[OHA_REACH_UNPROVEN] +
                       seen.n[OHA_REACH_INVALID],
                   4);
  f.include_expired = true;
  f.aor = "d";
  assert_int_equal(oha_reach_scan(l, &move, &f, take_reach, &seen, &sum, NULL), OHA_OK);
  assert_int_equal(seen.n[OHA_REACH_EXPIRED], 1);
  assert_int_equal(oha_reach_scan(l, &move, NULL, NULL, NULL, &sum, NULL), OHA_OK);
  assert_int_equal(sum.n_bad, 1);
  oha_location_close(l);
}

static enum oha_rc stop_at_once(void *arg, const struct oha_binding *b)
{
  (void)b;
  ++*(unsigned *)arg;
  return OHA_END;
}

static enum oha_rc fail_at_once(void *arg, const struct oha_binding *b)
{
  (void)arg;
  (void)b;
  return OHA_E_CANCELLED;
}

static void callbacks_decide(void **state)
{
  struct oha_location *l;
  unsigned n = 0;

  (void)state;
  fixture_make(db, "opensips-3.1", 1013);
  db_must(db, "INSERT INTO location (username, contact, expires) SELECT seq, 'c', 0 FROM seq_1_to_100");
  l = fixture_open(db, NULL);
  assert_int_equal(oha_location_each(l, NULL, stop_at_once, &n, NULL), OHA_OK);
  assert_int_equal(n, 1);
  assert_int_equal(oha_location_each(l, NULL, fail_at_once, NULL, NULL), OHA_E_CANCELLED);
  assert_int_equal(read_all(l, NULL).n, 100);
  oha_location_close(l);
}

/* Every allocation fails once: an error, nothing left behind, and the connection still good. */
static void survives_no_memory(void **state)
{
  const struct oha_location_opts opts = { .size = sizeof(opts), .time_zone = "Europe/Berlin" };
  const struct oha_location_filter f = { .size = sizeof(f), .aor = "u7@sip.test" };
  enum oha_rc rc = OHA_E_NOMEM;
  unsigned n = 0;
  long i;

  (void)state;
  fixture_make(db, "opensips-3.1", 1013);
  db_must(db, "INSERT INTO location (username, domain, contact, expires) VALUES ('u7', 'sip.test', 'c', 0)");
  for (i = 0; i < 500 && rc != OHA_OK; i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_location *l = NULL;

    n = 0;
    oha__mem_fail_at = i;
    rc = oha_location_open(db, &opts, &l, &err);
    assert_true(rc == OHA_OK || (rc == OHA_E_NOMEM && l == NULL && err.rc == rc));
    if (rc == OHA_OK)
      rc = oha_location_each(l, &f, stop_at_once, &n, &err);
    oha__mem_fail_at = -1;
    assert_true(rc == OHA_OK || (rc == OHA_E_NOMEM && err.rc == rc));
    oha_location_close(l);
  }
  assert_true(i > 30);
  assert_int_equal(rc, OHA_OK);
  assert_int_equal(n, 1);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(survives_no_memory),
    cmocka_unit_test(dialects_of_real_tables),
    cmocka_unit_test(tables_that_are_refused),
    cmocka_unit_test(a_version_table_is_not_needed),
    cmocka_unit_test(one_row_in_every_dialect),
    cmocka_unit_test(bad_rows_are_counted_and_named),
    cmocka_unit_test(expired_rows_only_on_request),
    cmocka_unit_test(renamed_everything),
    cmocka_unit_test(missing_grants_are_spelled_out),
    cmocka_unit_test(sockets_are_counted),
    cmocka_unit_test(keyset_pages),
    cmocka_unit_test(reach_in_one_pass),
    cmocka_unit_test(callbacks_decide),
  };

  (void)argc;
  db_enter(argv, NULL);
  return cmocka_run_group_tests(tests, connect_once, disconnect);
}
