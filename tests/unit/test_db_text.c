/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the database layer reads and writes as text: hosts, option files, times, statements. */
#include "cm.h"

#include "base/mem.h"
#include "db/datetime.h"
#include "db/host.h"
#include "db/optfile.h"
#include "db/query.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void hosts_parse(void **state)
{
  static const struct {
    const char *text;
    const char *name; /* NULL = refused */
    unsigned port;    /* 0 = a socket */
  } rows[] = {
    { "db1", "db1", 3306 },
    { "db1.example.net:3307", "db1.example.net", 3307 },
    { "192.0.2.1", "192.0.2.1", 3306 },
    { "192.0.2.1:1", "192.0.2.1", 1 },
    { "2001:db8::1", "2001:db8::1", 3306 },
    { "fe80::1%eth0", "fe80::1%eth0", 3306 },
    { "[2001:db8::1]", "2001:db8::1", 3306 },
    { "[2001:db8::1]:3307", "2001:db8::1", 3307 },
    { "unix:/run/mysqld/mysqld.sock", "/run/mysqld/mysqld.sock", 0 },
    { "", NULL, 0 },
    { ":3306", NULL, 0 },
    { "db1:", NULL, 0 },
    { "db1:0", NULL, 0 },
    { "db1:65536", NULL, 0 },
    { "db1:33o6", NULL, 0 },
    { "db 1", NULL, 0 },
    { "db1;x", NULL, 0 },
    { "[2001:db8::1", NULL, 0 },
    { "[2001:db8::1]3307", NULL, 0 },
    { "unix:", NULL, 0 },
    { "unix:relative", NULL, 0 },
    { "unix:/", NULL, 0 },
    { "user@db1", NULL, 0 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha__db_host host;
    enum oha_rc rc = oha__db_host_parse(oha__span(rows[i].text), &host, &err);

    if (rows[i].name == NULL && rc == OHA_E_CONFIG && err.rc == rc)
      continue;
    if (rows[i].name == NULL || rc != OHA_OK || strcmp(host.name, rows[i].name) != 0 ||
        host.port != rows[i].port || host.is_unix != (rows[i].port == 0))
      fail_msg("'%s': %s, '%s', %u, '%s'", rows[i].text, oha_rc_name(rc), host.name, host.port, err.text);
  }
}

/* One line per case: what is in the file, what user and password come out; no user = refused. */
static void option_files_parse(void **state)
{
  static const struct {
    const char *text, *user, *password, *error;
  } rows[] = {
    { "[g]\nuser=a\npassword=b\n", "a", "b", NULL },
    { "# x\n; y\n\n [ g ] \r\n user = a \r\npassword\t=\tb c \n", "a", "b c", NULL },
    { "[g]\nuser=a\npassword=\"b # 'c'\"  # d\n", "a", "b # 'c'", NULL },
    { "[g]\nuser='a'\npassword=''\n", "a", "", NULL },
    { "[g]\nuser=a # the user\npasswd=b\n", "a", "b", NULL },
    { "[g]\nuser=a\npassword=b\\\\c\\sd\\q\n", "a", "b\\c d\\q", NULL },
    { "[g]\nuser=a\npassword=b=c=\n", "a", "b=c=", NULL },
    { "[client]\nuser=z\npassword=y\ninit-command=x\n[g]\nuser=a\n[h]\nuser=q\n", "a", NULL, NULL },
    { "[g]\nuser=a\n[h]\nuser=q\n[g]\npassword=b", "a", "b", NULL },
    { "[g]\nhost=x\nport=1\nsocket=/s\ndefault-character-set=utf8\nuser=a\n", "a", NULL, NULL },
    { "[g]\nUser=a\nuser=c\n", "c", NULL, NULL },
    { "", NULL, NULL, "f: there is no group [g]" },
    { "[client]\nuser=a\n", NULL, NULL, "f: there is no group [g]" },
    { "[g]\nuser=a\npassword=b#c\n", NULL, NULL, "f:3: 'password': clients differ on a # in a value" },
    { "[g]\npassword='b\n", NULL, NULL, "f:2: 'password': the quote is not closed" },
    { "[g]\npassword='b'c\n", NULL, NULL, "f:2: 'password': text after the closing quote" },
    { "[g]\ninit-command=SET x\n", NULL, NULL, "f:2: 'init-command': this option has no place" },
    { "[g]\nreconnect\n", NULL, NULL, "f:2: not an option" },
    { "[g]\nhunter2\n", NULL, NULL, "f:2: not an option: must be name = value" },
    { "[g]\nhunter2=x\n", NULL, NULL, "f:2: this option has no place" },
    { "[g]\nuser\n", NULL, NULL, "f:2: 'user': needs a value" },
    { "[g]\nssl=maybe\n", NULL, NULL, "f:2: 'ssl': must be 1 or 0" },
    { "!include /etc/other\n[g]\nuser=a\n", NULL, NULL, "f:1: !include is not followed" },
    { "[g\nuser=a\n", NULL, NULL, "f:1: missing ']'" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha__db_login login;
    enum oha_rc rc = oha__db_login_parse(oha__span(rows[i].text), "f", "g", &login, &err);
    bool good = rows[i].error == NULL
                    ? rc == OHA_OK && login.user != NULL && strcmp(login.user, rows[i].user) == 0 &&
                          (rows[i].password == NULL
                               ? login.password == NULL
                               : login.password != NULL && strcmp(login.password, rows[i].password) == 0)
                    : rc == OHA_E_CONFIG && strncmp(err.text, rows[i].error, strlen(rows[i].error)) == 0;

    if (!good)
      fail_msg("'%s': %s, '%s' '%s', '%s'", rows[i].text, oha_rc_name(rc), login.user, login.password,
               err.text);
    oha__db_login_clear(&login);
  }
}

static void option_files_ask_for_tls(void **state)
{
  static const struct {
    const char *text;
    bool wants, verify;
  } rows[] = {
    { "[g]\nuser=a\n", false, false },
    { "[g]\nssl\n", true, false },
    { "[g]\nssl = 0\n", false, false },
    { "[g]\ntls_enforce=ON\n", true, false },
    { "[g]\nssl-ca=/x\n", true, true },
    { "[g]\ntls-capath=/x\nssl_verify_server_cert=0\n", true, false },
    { "[g]\nssl-verify-server-cert\n", true, true },
    { "[g]\ntls-verify-peer=1\n", true, true },
    { "[g]\ntls-fp=00\n", true, false },
    { "[g]\ntls-version=TLSv1.3\n", true, false },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha__db_login login;
    enum oha_rc rc = oha__db_login_parse(oha__span(rows[i].text), "f", "g", &login, NULL);

    if (rc != OHA_OK || login.wants_tls != rows[i].wants || login.verify_cert != rows[i].verify)
      fail_msg("'%s': %s, tls %d, verify %d", rows[i].text, oha_rc_name(rc), login.wants_tls,
               login.verify_cert);
    oha__db_login_clear(&login);
  }
}

static void option_files_are_private(void **state)
{
  static const struct {
    mode_t mode;
    enum oha_rc rc;
  } rows[] = { { 0600, OHA_OK },       { 0400, OHA_OK },       { 0640, OHA_E_CONFIG },
               { 0604, OHA_E_CONFIG }, { 0620, OHA_E_CONFIG }, { 0610, OHA_E_CONFIG } };
  static const char text[] = "[opensips-ha]\nuser=a\npassword=hunter2\n";
  char path[] = "/tmp/oha_test_optfile_XXXXXX";
  struct oha__db_login login;
  int fd = mkstemp(path);

  (void)state;
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;

    assert_int_equal(fchmod(fd, rows[i].mode), 0);
    assert_int_equal(oha__db_login_read(path, "opensips-ha", &login, &err), rows[i].rc);
    assert_null(strstr(err.text, "hunter2"));
    oha__db_login_clear(&login);
  }
  close(fd);
  unlink(path);
  assert_int_equal(oha__db_login_read(path, "g", &login, NULL), OHA_E_CONFIG);
  assert_int_equal(oha__db_login_read("/tmp", "g", &login, NULL), OHA_E_CONFIG);
}

static void option_files_survive_lack_of_memory(void **state)
{
  enum oha_rc rc = OHA_E_NOMEM;

  (void)state;
  for (long n = 0; n < 20 && rc != OHA_OK; n++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha__db_login login;

    oha__mem_fail_at = n;
    rc = oha__db_login_parse(oha__span("[g]\nuser=a\npassword=b\nssl-ca=c\n"), "f", "g", &login, &err);
    oha__mem_fail_at = -1;
    assert_true(rc == OHA_OK || (rc == OHA_E_NOMEM && login.user == NULL && err.rc == rc));
    oha__db_login_clear(&login);
  }
  assert_int_equal(rc, OHA_OK);
}

static void datetimes_go_both_ways(void **state)
{
  static const struct {
    const char *text;
    int64_t us; /* -1 = refused */
    const char *back;
  } rows[] = {
    { "1970-01-01 00:00:00", 0, "1970-01-01 00:00:00.000000" },
    { "2026-11-22 07:20:14.123456", INT64_C(1795332014123456), "2026-11-22 07:20:14.123456" },
    { "2026-11-22 07:20:14.5", INT64_C(1795332014500000), "2026-11-22 07:20:14.500000" },
    { "2024-02-29 23:59:59.000001", INT64_C(1709251199000001), "2024-02-29 23:59:59.000001" },
    { "9999-12-31 23:59:59.999999", INT64_C(253402300799999999), "9999-12-31 23:59:59.999999" },
    { "0000-00-00 00:00:00", -1, NULL },
    { "2026-02-29 00:00:00", -1, NULL },
    { "2026-13-01 00:00:00", -1, NULL },
    { "2026-01-01 24:00:00", -1, NULL },
    { "2026-01-01 00:00:60", -1, NULL },
    { "2026-01-01 00:00:00.", -1, NULL },
    { "2026-01-01 00:00:00.1234567", -1, NULL },
    { "2026-01-01T00:00:00", -1, NULL },
    { "2026-01-01 00:00", -1, NULL },
    { "", -1, NULL },
  };
  char buf[OHA_DB_DATETIME_SIZE];

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_wall at = { -1 };
    bool ok = oha__db_datetime_parse(oha__span(rows[i].text), &at);

    if (at.us != rows[i].us || ok != (rows[i].us >= 0) ||
        (ok && strcmp(oha__db_datetime_format(at, buf), rows[i].back) != 0))
      fail_msg("'%s': %d, %lld", rows[i].text, ok, (long long)at.us);
  }
  assert_string_equal(oha__db_datetime_format((struct oha_wall){ INT64_MIN }, buf),
                      "1000-01-01 00:00:00.000000");
  assert_string_equal(oha__db_datetime_format((struct oha_wall){ INT64_MAX }, buf),
                      "9999-12-31 23:59:59.999999");
  assert_string_equal(oha__db_datetime_format((struct oha_wall){ -1 }, buf), "1969-12-31 23:59:59.999999");
}

static void statements_are_escaped(void **state)
{
  struct oha__sql q;

  (void)state;
  oha__sql_init(&q, NULL);
  oha__sql_puts(&q, "SELECT ");
  oha__sql_ident(&q, "a`b");
  oha__sql_puts(&q, " = ");
  oha__sql_text(&q, (struct oha_span){ "it's\\\0\n\xff", 8 });
  oha__sql_printf(&q, " AND x < %d AND y = ", 7);
  oha__sql_bytes(&q, "\x00\xaf", 2);
  assert_false(q.failed);
  assert_string_equal(q.p, "SELECT `a``b` = 'it''s\\\\\\0\n\xff' AND x < 7 AND y = x'00af'");
  assert_int_equal(q.n, strlen(q.p));
  oha__sql_reset(&q);
  oha__sql_text(&q, (struct oha_span){ NULL, 0 });
  oha__sql_bytes(&q, NULL, 0);
  assert_string_equal(q.p, "''x''");
  oha__sql_clear(&q);
  oha__mem_fail_at = 0;
  oha__sql_puts(&q, "SELECT 1");
  oha__mem_fail_at = -1;
  oha__sql_puts(&q, " FROM t"); /* a hole in the middle must not become a statement */
  assert_true(q.failed);
  oha__sql_clear(&q);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(hosts_parse),
    cmocka_unit_test(option_files_parse),
    cmocka_unit_test(option_files_ask_for_tls),
    cmocka_unit_test(option_files_are_private),
    cmocka_unit_test(option_files_survive_lack_of_memory),
    cmocka_unit_test(datetimes_go_both_ways),
    cmocka_unit_test(statements_are_escaped),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
