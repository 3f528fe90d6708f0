/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include "base/tz.h"
#include "location/row.h"

#define N_COLUMNS OHA__FIELD_N

static const struct oha_dialect dialect_1013 = { .table_version = 1013 };
static const struct oha_dialect dialect_1007 = { .table_version = 1007,
                                                 .expires_is_datetime = true,
                                                 .cflags_is_number = true };

/* A good row of table version 1013, as OpenSIPS 3.6 writes it. */
static const char *const good[N_COLUMNS] = {
  [OHA__FIELD_ID] = "769341482117103693",
  [OHA__FIELD_USERNAME] = "dave",
  [OHA__FIELD_DOMAIN] = "sip.test",
  [OHA__FIELD_CONTACT] = "sip:dave@172.16.3.4:5060",
  [OHA__FIELD_RECEIVED] = "sip:10.77.0.54:5066",
  [OHA__FIELD_PATH] = NULL,
  [OHA__FIELD_SOCKET] = "udp:10.77.0.11:5060",
  [OHA__FIELD_EXPIRES] = "1795335435",
  [OHA__FIELD_CFLAGS] = "SIPPING NAT",
  [OHA__FIELD_Q] = "-1.00",
  [OHA__FIELD_CALLID] = "1-17255@10.77.0.54",
  [OHA__FIELD_CSEQ] = "7",
  [OHA__FIELD_LAST_MODIFIED] = "2026-11-22 07:17:15",
  [OHA__FIELD_FLAGS] = "0",
  [OHA__FIELD_USER_AGENT] = "O'Brien \"quoted\" UA",
  [OHA__FIELD_METHODS] = NULL,
  [OHA__FIELD_SIP_INSTANCE] = "<urn:uuid:00000000-0000-1000-8000-000B820AAF01>",
  [OHA__FIELD_KV_STORE] = "{\"k1\":\"v\",\"n\":3}",
  [OHA__FIELD_ATTR] = NULL,
};

struct fixture {
  struct oha__row_layout layout;
  const char *col[N_COLUMNS];
  unsigned long len[N_COLUMNS];
  struct oha__row row;
  struct oha_binding binding;
  char why[OHA__WHY_SIZE];
};

static struct oha__tz *utc, *berlin;

static void set_bytes(struct fixture *f, enum oha__field field, const char *value, size_t n)
{
  f->col[field] = value;
  f->len[field] = value == NULL ? 0 : n;
}

static void set(struct fixture *f, enum oha__field field, const char *value)
{
  set_bytes(f, field, value, value == NULL ? 0 : strlen(value));
}

static void reset(struct fixture *f, const struct oha_dialect *dialect, const struct oha__tz *tz)
{
  memset(f, 0, sizeof(*f));
  f->layout.dialect = dialect;
  f->layout.tz = tz;
  for (int i = 0; i < N_COLUMNS; i++) {
    f->layout.at[i] = (int8_t)i;
    set(f, (enum oha__field)i, good[i]);
  }
  if (dialect->expires_is_datetime)
    set(f, OHA__FIELD_EXPIRES, "2026-11-22 08:17:15");
  if (dialect->cflags_is_number)
    set(f, OHA__FIELD_CFLAGS, "192");
  f->row = (struct oha__row){ f->col, f->len, N_COLUMNS };
}

static enum oha_rc decode(struct fixture *f)
{
  f->why[0] = '\0';
  return oha__row_decode(&f->layout, &f->row, &f->binding, f->why);
}

static void a_good_row(void **state)
{
  struct fixture f;

  (void)state;
  reset(&f, &dialect_1013, utc);
  assert_int_equal(decode(&f), OHA_OK);
  assert_true(f.binding.id == UINT64_C(769341482117103693));
  assert_string_equal(f.binding.username, "dave");
  assert_string_equal(f.binding.domain, "sip.test");
  assert_string_equal(f.binding.contact, "sip:dave@172.16.3.4:5060");
  assert_string_equal(f.binding.received, "sip:10.77.0.54:5066");
  assert_null(f.binding.path);
  assert_string_equal(f.binding.socket, "udp:10.77.0.11:5060");
  assert_false(f.binding.permanent);
  assert_true(f.binding.expires.us == INT64_C(1795335435) * OHA_US_PER_S);
  assert_string_equal(f.binding.cflags_names, "SIPPING NAT");
  assert_int_equal(f.binding.cflags_mask, 0);
  assert_int_equal(f.binding.q_milli, -1000);
  assert_string_equal(f.binding.callid, "1-17255@10.77.0.54");
  assert_int_equal(f.binding.cseq, 7);
  assert_true(f.binding.last_modified.us == INT64_C(1795331835) * OHA_US_PER_S);
  assert_int_equal(f.binding.flags, 0);
  assert_string_equal(f.binding.user_agent, "O'Brien \"quoted\" UA");
  assert_int_equal(f.binding.methods, -1);
  assert_string_equal(f.binding.sip_instance, "<urn:uuid:00000000-0000-1000-8000-000B820AAF01>");
  assert_string_equal(f.binding.kv_store, "{\"k1\":\"v\",\"n\":3}");
  assert_null(f.binding.attr);
}

static void a_good_row_with_datetimes(void **state)
{
  struct fixture f;

  (void)state;
  reset(&f, &dialect_1007, berlin);
  assert_int_equal(decode(&f), OHA_OK);
  assert_true(f.binding.expires.us == INT64_C(1795331835) * OHA_US_PER_S);       /* 07:17:15 UTC */
  assert_true(f.binding.last_modified.us == INT64_C(1795328235) * OHA_US_PER_S); /* 06:17:15 UTC */
  assert_null(f.binding.cflags_names);
  assert_int_equal(f.binding.cflags_mask, 192);
  f.layout.tz = utc;
  assert_int_equal(decode(&f), OHA_OK);
  assert_true(f.binding.expires.us == INT64_C(1795335435) * OHA_US_PER_S);
}

static void columns_that_were_not_selected(void **state)
{
  struct fixture f;

  (void)state;
  reset(&f, &dialect_1013, utc);
  for (int i = 0; i < N_COLUMNS; i++) {
    f.layout.at[i] = -1;
    set(&f, (enum oha__field)i, NULL);
  }
  assert_int_equal(decode(&f), OHA_OK);
  assert_null(f.binding.contact);
  assert_int_equal(f.binding.methods, 0);
}

static void values(void **state)
{
  static const struct {
    enum oha__field field;
    const char *value;
    bool datetime;   /* by table version 1007 */
    const char *why; /* NULL = good */
  } rows[] = {
    { OHA__FIELD_ID, NULL, false, "contact_id: no whole number" },
    { OHA__FIELD_ID, "-1", false, "contact_id '-1': no whole number" },
    { OHA__FIELD_ID, "18446744073709551615", false, NULL },
    { OHA__FIELD_USERNAME, NULL, false, "username: NULL" },
    { OHA__FIELD_USERNAME, "", false, "username: empty" },
    { OHA__FIELD_USERNAME, "\xE4\xF6\xFC", false, NULL }, /* latin1 bytes pass through */
    { OHA__FIELD_DOMAIN, NULL, false, NULL },
    { OHA__FIELD_DOMAIN, "", false, NULL },
    { OHA__FIELD_CONTACT, NULL, false, "contact: NULL" },
    { OHA__FIELD_CONTACT, "", false, "contact: empty" },
    { OHA__FIELD_CONTACT, "not a uri", false, NULL }, /* judged by whoever uses it */
    { OHA__FIELD_RECEIVED, NULL, false, NULL },
    { OHA__FIELD_RECEIVED, "", false, NULL },
    { OHA__FIELD_PATH, "<sip:10.0.0.9;lr>", false, NULL },
    { OHA__FIELD_SOCKET, NULL, false, NULL },
    { OHA__FIELD_SOCKET, "garbage", false, NULL },
    { OHA__FIELD_EXPIRES, NULL, false, "expires: NULL" },
    { OHA__FIELD_EXPIRES, "", false, "expires '': no whole number" },
    { OHA__FIELD_EXPIRES, "12x", false, "expires '12x': no whole number" },
    { OHA__FIELD_EXPIRES, "-5", false, "expires '-5': out of range" },
    { OHA__FIELD_EXPIRES, "4294967295", false, NULL },
    { OHA__FIELD_EXPIRES, "4294967296", false, "expires '4294967296': out of range" },
    { OHA__FIELD_EXPIRES, NULL, true, "expires: NULL" },
    { OHA__FIELD_EXPIRES, "0000-00-00 00:00:00", true, "expires '0000-00-00 00:00:00': zero date" },
    { OHA__FIELD_EXPIRES, "2026-00-10 00:00:00", true, "expires '2026-00-10 00:00:00': no date and time" },
    { OHA__FIELD_EXPIRES, "2026-11-22", true, "expires '2026-11-22': no date and time" },
    { OHA__FIELD_EXPIRES, "2026-11-22 24:00:00", true, "expires '2026-11-22 24:00:00': no date and time" },
    { OHA__FIELD_EXPIRES, "2026-11-22 08:17:15.", true, "expires '2026-11-22 08:17:15.': no date and time" },
    { OHA__FIELD_EXPIRES, "2026-11-22 08:17:15.5", true, NULL },
    { OHA__FIELD_EXPIRES, "1795335435", true, "expires '1795335435': no date and time" },
    { OHA__FIELD_CFLAGS, NULL, false, NULL },
    { OHA__FIELD_CFLAGS, "", false, NULL },
    { OHA__FIELD_CFLAGS, NULL, true, "cflags: NULL" },
    { OHA__FIELD_CFLAGS, "NAT", true, "cflags 'NAT': no whole number" },
    { OHA__FIELD_CFLAGS, "-2147483648", true, NULL },
    { OHA__FIELD_Q, NULL, false, "q: NULL" },
    { OHA__FIELD_Q, "", false, "q '': no decimal number" },
    { OHA__FIELD_Q, "1.", false, "q '1.': no decimal number" },
    { OHA__FIELD_Q, ".5", false, "q '.5': no decimal number" },
    { OHA__FIELD_Q, "1e-05", false, "q '1e-05': no decimal number" },
    { OHA__FIELD_Q, "-0.50", false, "q '-0.50': neither -1 nor 0 to 1" },
    { OHA__FIELD_Q, "-2.00", false, "q '-2.00': neither -1 nor 0 to 1" },
    { OHA__FIELD_Q, "1.01", false, "q '1.01': neither -1 nor 0 to 1" },
    { OHA__FIELD_Q, "--1", false, "q '--1': no decimal number" },
    { OHA__FIELD_CALLID, NULL, false, "callid: NULL" },
    { OHA__FIELD_CALLID, "", false, "callid: empty" },
    { OHA__FIELD_CSEQ, NULL, false, "cseq: NULL" },
    { OHA__FIELD_CSEQ, "2147483648", false, "cseq '2147483648': out of range" },
    { OHA__FIELD_LAST_MODIFIED, NULL, false, NULL }, /* nothing depends on it */
    { OHA__FIELD_LAST_MODIFIED, "0000-00-00 00:00:00", false, NULL },
    { OHA__FIELD_FLAGS, NULL, false, "flags: NULL" },
    { OHA__FIELD_METHODS, "x", false, "methods 'x': no whole number" },
    { OHA__FIELD_USER_AGENT, "\x1b[2J", false, NULL },
    { OHA__FIELD_EXPIRES, "\x1b[2J\xff", false, "expires '\\x1B[2J\\xFF': no whole number" },
  };
  struct fixture f;

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    enum oha_rc rc;

    reset(&f, rows[i].datetime ? &dialect_1007 : &dialect_1013, utc);
    set(&f, rows[i].field, rows[i].value);
    rc = decode(&f);
    if ((rc == OHA_OK) != (rows[i].why == NULL) || strcmp(f.why, rows[i].why == NULL ? "" : rows[i].why) != 0)
      fail_msg("%s '%s': %s, '%s'", oha__field_name(rows[i].field),
               rows[i].value == NULL ? "NULL" : rows[i].value, oha_rc_name(rc), f.why);
    if (rc != OHA_OK && (f.binding.contact != NULL || f.binding.expires.us != 0))
      fail_msg("'%s': the rest of a bad row was left", f.why);
    if (rc != OHA_OK && rows[i].field != OHA__FIELD_ID && f.binding.id != UINT64_C(769341482117103693))
      fail_msg("'%s': no id", f.why);
  }
}

static void q_in_thousandths(void **state)
{
  static const struct {
    const char *text;
    int32_t q_milli;
  } rows[] = {
    { "0.00", 0 },     { "1.00", 1000 }, { "0.70", 700 },    { "0.5", 500 }, { "1", 1000 },
    { "0.1239", 123 }, { "-1", -1000 },  { "-1.00", -1000 }, { "-0.00", 0 }, { "0.001", 1 },
  };
  struct fixture f;

  (void)state;
  reset(&f, &dialect_1013, utc);
  for (size_t i = 0; i < N_OF(rows); i++) {
    set(&f, OHA__FIELD_Q, rows[i].text);
    if (decode(&f) != OHA_OK || f.binding.q_milli != rows[i].q_milli)
      fail_msg("'%s': %d", rows[i].text, f.binding.q_milli);
  }
}

static void expiry(void **state)
{
  static const struct {
    const char *text;
    bool datetime, permanent, wraps, live;
    int64_t s;
  } rows[] = {
    { "0", false, true, false, true, 0 },
    { "10", false, false, false, false, 10 },
    { "1795332014", false, false, false, false, 1795332014 }, /* now: no longer */
    { "1795332015", false, false, false, true, 1795332015 },
    { "2147483647", false, false, false, true, INT32_MAX },
    { "2147483648", false, false, true, false, INT64_C(2147483648) },
    { "4294967295", false, false, true, false, UINT32_MAX },
    /* Permanent before table version 1013: epoch 0 on the registrar's clock. */
    { "1970-01-01 01:00:00", true, true, false, true, 0 },
    { "1970-01-01 00:00:00", true, false, false, false, -3600 },
    { "1969-12-31 23:59:59", true, false, false, false, -3601 },
    { "2026-11-22 08:20:14", true, false, false, false, 1795332014 },
    { "2026-11-22 08:20:15", true, false, false, true, 1795332015 },
    { "2038-01-19 04:14:08", true, false, false, true, INT64_C(2147483648) },
    { "2099-12-31 23:59:59", true, false, false, true, INT64_C(4102441199) },
  };
  const struct oha_wall now = { INT64_C(1795332014999999) };
  struct fixture f;

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    reset(&f, rows[i].datetime ? &dialect_1007 : &dialect_1013, berlin);
    set(&f, OHA__FIELD_EXPIRES, rows[i].text);
    if (decode(&f) != OHA_OK || f.binding.permanent != rows[i].permanent ||
        f.binding.expires_wraps != rows[i].wraps || f.binding.expires.us != rows[i].s * OHA_US_PER_S ||
        oha__binding_is_live(&f.binding, now) != rows[i].live)
      fail_msg("'%s': permanent %d, wraps %d, %lld us, live %d", rows[i].text, f.binding.permanent,
               f.binding.expires_wraps, (long long)f.binding.expires.us,
               oha__binding_is_live(&f.binding, now));
  }
}

static void methods_and_masks(void **state)
{
  struct fixture f;

  (void)state;
  reset(&f, &dialect_1007, utc);
  set(&f, OHA__FIELD_METHODS, "15");
  set(&f, OHA__FIELD_CFLAGS, "-2147483648");
  assert_int_equal(decode(&f), OHA_OK);
  assert_int_equal(f.binding.methods, 15);
  assert_int_equal(f.binding.cflags_mask, 0x80000000u);
  set(&f, OHA__FIELD_METHODS, "-1");
  assert_int_equal(decode(&f), OHA_OK);
  assert_int_equal(f.binding.methods, -1);
}

static void long_texts_and_nul_bytes(void **state)
{
  static char text[70000];
  struct fixture f;

  (void)state;
  memset(text, 'a', sizeof(text) - 1);
  reset(&f, &dialect_1013, utc);
  set_bytes(&f, OHA__FIELD_CONTACT, text, sizeof(text) - 1);
  assert_int_equal(decode(&f), OHA_E_PARSE);
  assert_non_null(strstr(f.why, "longer than 65535 bytes"));
  reset(&f, &dialect_1013, utc);
  text[1020] = '\0';
  set(&f, OHA__FIELD_USERNAME, text);
  assert_int_equal(decode(&f), OHA_E_PARSE);
  assert_non_null(strstr(f.why, "longer than 1023 bytes"));
  text[1014] = '\0'; /* with "@sip.test" exactly 1023 */
  set(&f, OHA__FIELD_USERNAME, text);
  assert_int_equal(decode(&f), OHA_OK);
  reset(&f, &dialect_1013, utc);
  set_bytes(&f, OHA__FIELD_CONTACT, "sip:a@b\0c", 9);
  assert_int_equal(decode(&f), OHA_E_PARSE);
  assert_string_equal(f.why, "contact 'sip:a@b\\x00c': holds a NUL byte");
}

static void use_domain_needs_a_domain(void **state)
{
  struct fixture f;

  (void)state;
  reset(&f, &dialect_1013, utc);
  f.layout.need_domain = true;
  assert_int_equal(decode(&f), OHA_OK);
  set(&f, OHA__FIELD_DOMAIN, "");
  assert_int_equal(decode(&f), OHA_E_PARSE);
  assert_string_equal(f.why, "domain: empty");
  set(&f, OHA__FIELD_DOMAIN, NULL);
  assert_int_equal(decode(&f), OHA_E_PARSE);
  assert_string_equal(f.why, "domain: NULL");
}

static void datetimes_format(void **state)
{
  char buf[OHA__DATETIME_SIZE];

  (void)state;
  assert_string_equal(oha__datetime_format(1795335435, buf), "2026-11-22 08:17:15");
  assert_string_equal(oha__datetime_format(-1, buf), "1969-12-31 23:59:59");
  assert_string_equal(oha__datetime_format(INT64_C(253402300800), buf), "9999-01-01 00:00:00");
}

static int open_zones(void **state)
{
  (void)state;
  return oha__tz_open(NULL, "UTC", &utc, NULL) != OHA_OK ||
         oha__tz_open(NULL, "Europe/Berlin", &berlin, NULL) != OHA_OK;
}

static int free_zones(void **state)
{
  (void)state;
  oha__tz_free(utc);
  oha__tz_free(berlin);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_good_row),
    cmocka_unit_test(a_good_row_with_datetimes),
    cmocka_unit_test(columns_that_were_not_selected),
    cmocka_unit_test(values),
    cmocka_unit_test(q_in_thousandths),
    cmocka_unit_test(expiry),
    cmocka_unit_test(methods_and_masks),
    cmocka_unit_test(long_texts_and_nul_bytes),
    cmocka_unit_test(use_domain_needs_a_domain),
    cmocka_unit_test(datetimes_format),
  };

  return cmocka_run_group_tests(tests, open_zones, free_zones);
}
