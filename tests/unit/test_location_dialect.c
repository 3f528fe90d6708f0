/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include "location/dialect.h"

/* Columns of one table, as a list to be edited. */
struct table {
  struct oha__table t;
  struct oha__column columns[32];
};

static const struct oha__renames no_renames = { NULL, NULL, 0 };

/* The column of that name, or room for a new one. */
static struct oha__column *column(struct table *t, const char *name)
{
  size_t i = 0;

  while (i < t->t.n_columns && strcmp(t->columns[i].name, name) != 0)
    i++;
  return &t->columns[i];
}

static void put(struct table *t, const char *name, const char *type, unsigned size, bool nullable)
{
  struct oha__column *c = column(t, name);

  if (c == &t->columns[t->t.n_columns])
    t->t.n_columns++;
  memset(c, 0, sizeof(*c));
  snprintf(c->name, sizeof(c->name), "%s", name);
  snprintf(c->type, sizeof(c->type), "%s", type);
  c->size = size;
  c->nullable = nullable;
}

static void drop(struct table *t, const char *name)
{
  *column(t, name) = t->columns[--t->t.n_columns];
}

/* The table that scripts/mysql/usrloc-create.sql of that release makes; version 0 = Kamailio 5. */
static void make(struct table *t, int release)
{
  const char *text = release == 104 || release == 0 ? "varchar" : "char";

  memset(t, 0, sizeof(*t));
  t->t.columns = t->columns;
  put(t, release >= 202 ? "contact_id" : "id", release >= 202 ? "bigint" : "int", 0, false);
  put(t, "username", text, 64, false);
  put(t, "domain", text, 64, release < 107 || release >= 202);
  put(t, "contact", release >= 301 ? "text" : text, release >= 301 ? 65535 : 255, false);
  put(t, "received", text, release >= 202 ? 255 : 128, true);
  put(t, "path", text, release >= 109 ? 255 : 128, true);
  put(t, "expires", release >= 204 ? "int" : "datetime", 0, false);
  put(t, "q", "float", 0, false);
  put(t, "callid", text, 255, false);
  put(t, "cseq", "int", 0, false);
  put(t, "last_modified", "datetime", 0, false);
  put(t, "flags", "int", 0, false);
  if (release >= 110)
    put(t, "cflags", "char", 255, true);
  else
    put(t, "cflags", "int", 0, false);
  put(t, "user_agent", text, 255, false);
  put(t, "socket", text, 64, true);
  put(t, "methods", "int", 0, true);
  if (release >= 108)
    put(t, "sip_instance", "char", 255, true);
  if (release >= 204)
    put(t, "kv_store", "text", 65535, true);
  if (release >= 110)
    put(t, "attr", "char", 255, true);
  if (release == 0) {
    put(t, "ruid", "varchar", 64, false);
    put(t, "instance", "varchar", 255, true);
    put(t, "reg_id", "int", 0, false);
    put(t, "contact", "varchar", 512, false);
  }
  snprintf(t->t.engine, sizeof(t->t.engine), "%s", release >= 201 || release == 0 ? "InnoDB" : "MyISAM");
  t->t.indexed[0] = t->columns[0].name;
  if (release < 202)
    t->t.indexed[1] = "username";
}

static const struct release {
  int release;
  uint32_t version;
  const char *name, *software;
  uint32_t contact_size, path_size;
} releases[] = {
  { 104, 1004, "opensips-1004", "OpenSIPS 1.4", 255, 128 },
  { 105, 1005, "opensips-1005", "OpenSIPS 1.5 or 1.6", 255, 128 },
  { 106, 1005, "opensips-1005", "OpenSIPS 1.5 or 1.6", 255, 128 },
  { 107, 1006, "opensips-1006", "OpenSIPS 1.7", 255, 128 },
  { 108, 1007, "opensips-1007", "OpenSIPS 1.8", 255, 128 },
  { 109, 1007, "opensips-1007", "OpenSIPS 1.9", 255, 255 },
  { 110, 1009, "opensips-1009", "OpenSIPS 1.10 to 2.1", 255, 255 },
  { 201, 1009, "opensips-1009", "OpenSIPS 1.10 to 2.1", 255, 255 },
  { 202, 1011, "opensips-1011", "OpenSIPS 2.2 or 2.3", 255, 255 },
  { 204, 1013, "opensips-1013", "OpenSIPS 2.4 or 3.0", 255, 255 },
  { 301, 1013, "opensips-1013", "OpenSIPS 3.1 or later", 65535, 255 },
  { 0, 9, "kamailio-9", "Kamailio 5.x", 512, 128 },
};

static void every_release(void **state)
{
  (void)state;
  for (int with_version = 0; with_version < 2; with_version++) {
    for (size_t i = 0; i < N_OF(releases); i++) {
      const struct release *r = &releases[i];
      struct oha_error err = OHA_ERROR_INIT;
      struct oha_dialect d;
      struct table t;

      make(&t, r->release);
      t.t.has_version = with_version != 0;
      t.t.version = r->version;
      if (oha__dialect_detect(&t.t, &no_renames, "location", &d, &err) != OHA_OK)
        fail_msg("release %d, version row %d: %s", r->release, with_version, err.text);
      if (strcmp(d.name, r->name) != 0 || strcmp(d.software, r->software) != 0 ||
          d.table_version != r->version || d.version_from_columns == t.t.has_version ||
          d.contact_size != r->contact_size || d.path_size != r->path_size || d.socket_size != 64)
        fail_msg("release %d, version row %d: %s (%s)", r->release, with_version, d.name, d.software);
      assert_int_equal(d.flavour, r->release == 0 ? OHA_FLAVOUR_KAMAILIO : OHA_FLAVOUR_OPENSIPS);
      assert_int_equal(d.expires_is_datetime, r->release < 204);
      assert_int_equal(d.cflags_is_number, r->release < 110);
      assert_int_equal(d.has_sip_instance, r->release >= 108 || r->release == 0);
      assert_int_equal(d.has_kv_store, r->release >= 204);
      assert_int_equal(d.has_attr, r->release >= 110);
      assert_int_equal(d.has_packed_ids, r->release >= 202);
      assert_int_equal(d.transactional, r->release >= 201 || r->release == 0);
      assert_int_equal(d.index_on_username, r->release < 202);
      assert_true(d.index_on_key);
      assert_string_equal(d.key_column, r->release >= 202 ? "contact_id" : "id");
    }
  }
}

static void edited_tables(void **state)
{
  static const struct {
    int release;
    uint32_t version;        /* 0 = no version row */
    const char *dropped;     /* NULL = none */
    const char *name, *type; /* put in, or changed; NULL = none */
    const char *dialect;     /* NULL = refused ... */
    const char *why[3];      /* ... with these texts in the error */
  } rows[] = {
    /* What operators do to their tables. */
    { 301, 1013, NULL, "customer_id", "int", "opensips-1013", { NULL } },
    { 301, 0, NULL, "customer_id", "int", "opensips-1013", { NULL } },
    { 301, 1013, NULL, "contact", "mediumtext", "opensips-1013", { NULL } },
    { 204, 1013, NULL, "socket", "varchar", "opensips-1013", { NULL } },
    { 301, 1013, NULL, "expires", "bigint", "opensips-1013", { NULL } },
    { 301, 1013, NULL, "q", "double", "opensips-1013", { NULL } },
    { 105, 1004, NULL, NULL, NULL, "opensips-1004", { NULL } },
    { 105, 1005, NULL, "username", "varchar", "opensips-1005", { NULL } },
    /* Unknown versions. */
    { 301, 1012, NULL, NULL, NULL, NULL, { "version 1012 is unknown", "1013", "location" } },
    { 301, 1, NULL, NULL, NULL, NULL, { "version 1 is unknown", NULL } },
    { 0, 8, NULL, NULL, NULL, NULL, { "version 8 is unknown", "9 (Kamailio)", NULL } },
    /* Contradictions. */
    { 301,
      1011,
      NULL,
      NULL,
      NULL,
      NULL,
      { "says 1011", "expires is int, not DATETIME", "of opensips-1013" } },
    { 202,
      1013,
      NULL,
      NULL,
      NULL,
      NULL,
      { "says 1013", "expires is datetime, not a whole number", "kv_store is missing" } },
    { 110,
      1007,
      NULL,
      NULL,
      NULL,
      NULL,
      { "says 1007", "cflags is char, not a whole number", "of opensips-1009" } },
    { 108, 1009, NULL, NULL, NULL, NULL, { "says 1009", "cflags is int, not text", "attr is missing" } },
    { 110, 1011, NULL, NULL, NULL, NULL, { "says 1011", "contact_id is missing", "of opensips-1009" } },
    { 301, 9, NULL, NULL, NULL, NULL, { "ruid is missing", "id is missing", "of opensips-1013" } },
    { 0, 1013, NULL, NULL, NULL, NULL, { "contact_id is missing", "of kamailio-9", NULL } },
    { 301, 1013, "socket", NULL, NULL, NULL, { "says 1013", "socket is missing", NULL } },
    { 301, 1013, NULL, "expires", "timestamp", NULL, { "expires is timestamp", NULL } },
    /* Columns alone. */
    { 301,
      0,
      "socket",
      NULL,
      NULL,
      NULL,
      { "no version row", "closest is opensips-1013", "socket is missing" } },
    { 301, 0, "kv_store", NULL, NULL, NULL, { "no version row", "closest is opensips-1013", NULL } },
    { 107, 0, NULL, "contact", "varchar", NULL, { "no version row", "as well as", NULL } },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_dialect d;
    struct table t;
    enum oha_rc rc;

    make(&t, rows[i].release);
    t.t.has_version = rows[i].version != 0;
    t.t.version = rows[i].version;
    if (rows[i].dropped != NULL)
      drop(&t, rows[i].dropped);
    if (rows[i].name != NULL)
      put(&t, rows[i].name, rows[i].type, 255, false);
    rc = oha__dialect_detect(&t.t, &no_renames, "location", &d, &err);
    if (rows[i].dialect != NULL ? rc != OHA_OK || strcmp(d.name, rows[i].dialect) != 0
                                : rc != OHA_E_SCHEMA || d.name[0] != '\0')
      fail_msg("row %zu: %s, '%s', '%s'", i, oha_rc_name(rc), d.name, err.text);
    for (size_t k = 0; k < N_OF(rows[i].why) && rows[i].why[k] != NULL; k++)
      if (strstr(err.text, rows[i].why[k]) == NULL)
        fail_msg("row %zu: no '%s' in '%s'", i, rows[i].why[k], err.text);
  }
}

static void renamed_columns(void **state)
{
  static const char *const keys[] = { "contact_id", "username", "socket" };
  static const char *const names[] = { "cid", "User Name", "recv_socket" };
  const struct oha__renames renames = { keys, names, 3 };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_dialect d;
  struct table t;

  (void)state;
  make(&t, 301);
  for (size_t i = 0; i < N_OF(keys); i++)
    snprintf(column(&t, keys[i])->name, sizeof(t.columns[0].name), "%s", names[i]);
  t.t.indexed[1] = "user name"; /* names of columns have no case */
  assert_int_equal(oha__dialect_detect(&t.t, &renames, "location", &d, &err), OHA_OK);
  assert_string_equal(d.key_column, "cid");
  assert_true(d.index_on_key && d.index_on_username);
  assert_int_equal(d.socket_size, 64);
  assert_string_equal(oha__dialect_column(&d, &renames, OHA__FIELD_ID), "cid");
  assert_string_equal(oha__dialect_column(&d, &renames, OHA__FIELD_USERNAME), "User Name");
  assert_string_equal(oha__dialect_column(&d, &renames, OHA__FIELD_CONTACT), "contact");
  assert_string_equal(oha__dialect_column(&d, &renames, OHA__FIELD_SIP_INSTANCE), "sip_instance");
  assert_int_equal(oha__dialect_detect(&t.t, &no_renames, "location", &d, &err), OHA_E_SCHEMA);
}

static void bad_renames(void **state)
{
  static const struct {
    const char *key, *name, *why;
  } rows[] = {
    { "colour", "x", "no such column" },
    { "socket", "", "1 to 64 bytes" },
    { "socket", "0123456789012345678901234567890123456789012345678901234567890123456789", "1 to 64 bytes" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    const struct oha__renames renames = { &rows[i].key, &rows[i].name, 1 };
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_dialect d;
    struct table t;

    make(&t, 301);
    if (oha__dialect_detect(&t.t, &renames, "location", &d, &err) != OHA_E_CONFIG ||
        strstr(err.text, rows[i].why) == NULL)
      fail_msg("'%s': '%s'", rows[i].key, err.text);
  }
}

static void fields_of_dialects(void **state)
{
  struct oha_dialect d;
  struct table t;

  (void)state;
  make(&t, 0);
  assert_int_equal(oha__dialect_detect(&t.t, &no_renames, "location", &d, NULL), OHA_OK);
  assert_string_equal(oha__dialect_column(&d, &no_renames, OHA__FIELD_ID), "id");
  assert_string_equal(oha__dialect_column(&d, &no_renames, OHA__FIELD_SIP_INSTANCE), "instance");
  assert_null(oha__dialect_column(&d, &no_renames, OHA__FIELD_KV_STORE));
  assert_null(oha__dialect_column(&d, &no_renames, OHA__FIELD_ATTR));
  make(&t, 107);
  assert_int_equal(oha__dialect_detect(&t.t, &no_renames, "location", &d, NULL), OHA_OK);
  assert_null(oha__dialect_column(&d, &no_renames, OHA__FIELD_SIP_INSTANCE));
}

/* Test vectors seen as contact_id of a live OpenSIPS 3.6. */
static void aor_hashes(void **state)
{
  static const struct {
    const char *aor;
    uint32_t hash;
  } rows[] = {
    { "alice@sip.test", 0x5563EF87 },         { "bob@sip.test", 0x6620BCB8 },
    { "carol@sip.test", 0x4F0E6A19 },         { "dave@sip.test", 0xDD47D6EA },
    { "4001@voice.example.net", 0xC3AE2AB5 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    uint32_t hash = oha_aor_hash(rows[i].aor, strlen(rows[i].aor));

    if (hash != rows[i].hash)
      fail_msg("%s: 0x%08X", rows[i].aor, hash);
  }
  assert_true(((uint64_t)(oha_aor_hash("4001@voice.example.net", 22) & 0xffff) << 46 |
               UINT64_C(123456) << 14 | 77) == UINT64_C(769341482117103693));
  assert_int_equal(oha_aor_hash("", 0), 0);
  /* One word of a byte above 0x7f, sign-extended: v = 0xFFFFFFE4, h = v ^ v >> 3. */
  assert_int_equal(oha_aor_hash("\xE4", 1),
                   0xE0000018u + (0xE0000018u >> 11) + (0xE0000018u >> 13) + (0xE0000018u >> 23));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_release), cmocka_unit_test(edited_tables),      cmocka_unit_test(renamed_columns),
    cmocka_unit_test(bad_renames),   cmocka_unit_test(fields_of_dialects), cmocka_unit_test(aor_hashes),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
