/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bindings of one AoR: found whatever the ids are like, and with as little reading as they allow. */
#include "location_fixture.h"

#include <inttypes.h>

#define N_ROWS 3000

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

/* Rows that this connection has had the server read, by whatever way. */
static int64_t rows_read(void)
{
  return db_number(db,
                   "SELECT SUM(VARIABLE_VALUE) FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME "
                   "IN ('HANDLER_READ_NEXT', 'HANDLER_READ_RND_NEXT', 'HANDLER_READ_KEY')");
}

static enum oha_rc count(void *arg, const struct oha_binding *b)
{
  (void)b;
  ++*(unsigned *)arg;
  return OHA_OK;
}

/* How many bindings; whether the table was scanned, by our word and by the server's. */
static unsigned look_up(struct oha_location *l, const char *aor, bool scan_wanted)
{
  bool scanned = !scan_wanted;
  const struct oha_location_filter f = { .size = sizeof(f), .aor = aor, .scanned = &scanned };
  struct oha_error err = OHA_ERROR_INIT;
  unsigned n = 0;
  int64_t before = rows_read(), n_read;

  if (oha_location_each(l, &f, count, &n, &err) != OHA_OK)
    fail_msg("%s: %s", aor, err.text);
  n_read = rows_read() - before; /* and some hundred for asking */
  if (scanned != scan_wanted || (n_read > N_ROWS / 2) != scan_wanted)
    fail_msg("%s: scanned %d, %" PRId64 " rows read", aor, scanned, n_read);
  return n;
}

static void put_row(uint64_t id, const char *user, const char *domain)
{
  char key[32] = "NULL";

  if (id != 0)
    snprintf(key, sizeof(key), "%" PRIu64, id);
  fixture_sql(
      db,
      "INSERT INTO location (contact_id, username, domain, contact, expires) VALUES (%s, '%s', %s%s%s, "
      "'sip:x@192.0.2.1', 0)",
      key, user, domain == NULL ? "" : "'", domain == NULL ? "NULL" : domain, domain == NULL ? "" : "'");
}

/* Many AoRs u1@sip.test ... as a registrar with a cache writes them; use_domain or not. */
static void fill_packed(bool with_domain)
{
  fixture_make(db, "opensips-3.1", 1013);
  db_must(db, "START TRANSACTION");
  for (unsigned i = 1; i <= N_ROWS; i++) {
    char user[16], aor[40];

    snprintf(user, sizeof(user), "u%u", i);
    snprintf(aor, sizeof(aor), "%s%s", user, with_domain ? "@sip.test" : "");
    put_row(fixture_packed_id(aor, i, i % 16384), user, with_domain ? "sip.test" : NULL);
  }
  db_must(db, "COMMIT");
}

static struct oha_location *open_with(enum oha_answer use_domain)
{
  const struct oha_location_opts opts = { .size = sizeof(opts), .use_domain = use_domain };

  return fixture_open(db, &opts);
}

static void packed_ids_with_domains(void **state)
{
  (void)state;
  fill_packed(true);
  for (int use_domain = OHA_UNKNOWN; use_domain <= OHA_YES; use_domain++) {
    struct oha_location *l = open_with((enum oha_answer)use_domain);

    if (use_domain != OHA_NO) { /* else the user alone is hashed, and nothing is where it should be */
      assert_int_equal(look_up(l, "u77@sip.test", false), 1);
      assert_int_equal(look_up(l, "u2999@sip.test", false), 1);
    }
    assert_int_equal(look_up(l, "u77", true), 1); /* of any domain: no hash */
    assert_int_equal(look_up(l, "nobody@sip.test", true), 0);
    assert_int_equal(look_up(l, "U77@sip.test", true), 1); /* by the collation, as sql-only registrars look */
    oha_location_close(l);
  }
}

static void packed_ids_without_domains(void **state)
{
  (void)state;
  fill_packed(false);
  for (int use_domain = OHA_UNKNOWN; use_domain <= OHA_NO; use_domain++) {
    struct oha_location *l = open_with((enum oha_answer)use_domain);

    assert_int_equal(look_up(l, "u77", false), 1);
    assert_int_equal(look_up(l, "u77@sip.test", false), 1);
    assert_int_equal(look_up(l, "u77@any.where", false), 1);
    assert_int_equal(look_up(l, "nobody", true), 0);
    oha_location_close(l);
  }
}

static void numbers_given_by_the_server(void **state)
{
  struct oha_location *l;

  (void)state;
  fixture_make(db, "opensips-3.1", 1013);
  db_must(db,
          "INSERT INTO location (username, domain, contact, expires) SELECT CONCAT('u', seq), 'sip.test', "
          "'sip:x@192.0.2.1', 0 FROM seq_1_to_3000");
  l = open_with(OHA_UNKNOWN);
  assert_int_equal(look_up(l, "u77@sip.test", true), 1);
  assert_int_equal(look_up(l, "nobody@sip.test", true), 0);
  db_must(db, "ALTER TABLE location ADD INDEX by_user (username, domain)");
  oha_location_close(l);
  l = open_with(OHA_UNKNOWN);
  assert_true(oha_location_dialect(l)->index_on_username);
  assert_int_equal(look_up(l, "u77@sip.test", false), 1);
  assert_int_equal(look_up(l, "nobody@sip.test", false), 0);
  oha_location_close(l);
}

/* A cluster that went from write-back to sql-only: old rows packed, new ones numbered after the largest. */
static void numbered_after_packed(void **state)
{
  struct oha_location *l;

  (void)state;
  fill_packed(true);
  put_row(0, "u77", "sip.test");
  l = open_with(OHA_YES);
  assert_int_equal(look_up(l, "u77@sip.test", true), 2);
  db_must(db, "DELETE FROM location ORDER BY contact_id DESC LIMIT 1");
  oha_location_close(l);
  l = open_with(OHA_YES); /* a look at the ends holds for a second, in one handle */
  assert_int_equal(look_up(l, "u77@sip.test", false), 1);
  oha_location_close(l);
}

/* The other way round: numbered from 1, then packed. */
static void packed_after_numbered(void **state)
{
  struct oha_location *l;

  (void)state;
  fill_packed(true);
  put_row(1, "u77", "sip.test");
  l = open_with(OHA_YES);
  assert_int_equal(look_up(l, "u77@sip.test", true), 2);
  oha_location_close(l);
}

static void several_contacts_of_one_aor(void **state)
{
  struct oha_location *l;

  (void)state;
  fill_packed(true);
  for (uint32_t i = 0; i < 5; i++)
    put_row(fixture_packed_id("u77@sip.test", 900000 + i, i), "u77", "sip.test");
  put_row(fixture_packed_id("u77@other.test", 5, 5), "u77", "other.test");
  l = open_with(OHA_YES);
  assert_int_equal(look_up(l, "u77@sip.test", false), 6);
  assert_int_equal(look_up(l, "u77@other.test", false), 1);
  assert_int_equal(look_up(l, "u77", true), 7);
  oha_location_close(l);
}

static void older_tables_have_their_index(void **state)
{
  struct oha_location *l;

  (void)state;
  fixture_make(db, "opensips-2.1", 1009);
  db_must(db,
          "INSERT INTO location (username, domain, contact, expires) SELECT CONCAT('u', seq), 'sip.test', "
          "'sip:x@192.0.2.1', '2099-01-01 00:00:00' FROM seq_1_to_3000");
  l = open_with(OHA_UNKNOWN);
  assert_int_equal(look_up(l, "u77@sip.test", false), 1);
  assert_int_equal(look_up(l, "u77", false), 1);
  oha_location_close(l);
}

static unsigned read_one(struct oha_location *l, const char *aor)
{
  const struct oha_location_filter f = { .size = sizeof(f), .aor = aor };
  unsigned n = 0;

  assert_int_equal(oha_location_each(l, &f, count, &n, NULL), OHA_OK);
  return n;
}

static void addresses_that_are_none(void **state)
{
  static const char *const bad[] = { "", "@sip.test", "u77@" };
  struct oha_location *l;

  (void)state;
  fixture_make(db, "opensips-3.1", 1013);
  l = open_with(OHA_UNKNOWN);
  for (size_t i = 0; i < N_OF(bad); i++) {
    const struct oha_location_filter f = { .size = sizeof(f), .aor = bad[i] };
    unsigned n = 0;

    assert_int_equal(oha_location_each(l, &f, count, &n, NULL), OHA_E_ARG);
  }
  put_row(1, "o''brien", "sip.test");
  assert_int_equal(read_one(l, "' OR '1'='1"), 0);
  assert_int_equal(read_one(l, "o'brien"), 1);
  oha_location_close(l);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(packed_ids_with_domains),       cmocka_unit_test(packed_ids_without_domains),
    cmocka_unit_test(numbers_given_by_the_server),   cmocka_unit_test(numbered_after_packed),
    cmocka_unit_test(packed_after_numbered),         cmocka_unit_test(several_contacts_of_one_aor),
    cmocka_unit_test(older_tables_have_their_index), cmocka_unit_test(addresses_that_are_none),
  };

  (void)argc;
  db_enter(argv, NULL);
  return cmocka_run_group_tests(tests, connect_once, disconnect);
}
