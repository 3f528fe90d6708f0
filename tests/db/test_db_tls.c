/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS as the option file asks for it. The certificates were made by openssl(1) when the test began. */
#include "dbtest.h"

#include <stdlib.h>
#include <unistd.h>

/* Options with the files of @p dir filled in. */
static enum oha_rc open_with(const char *tls, const char *name, struct oha_db **db, struct oha_error *err)
{
  char host[64];
  const char *hosts[] = { host };
  struct oha_db_opts opts = db_opts(hosts, 1);
  char text[1024];

  snprintf(host, sizeof(host), "%s:%s", name, db_env("OHA_TEST_PORT"));
  snprintf(text, sizeof(text), "[opensips-ha]\nuser=oha\npassword=test\n");
  for (const char *p = tls; *p != '\0'; p++) {
    size_t n = strlen(text);

    if (*p == '@')
      snprintf(text + n, sizeof(text) - n, "%s", db_env("OHA_TEST_CERTS"));
    else
      snprintf(text + n, sizeof(text) - n, "%c", *p);
  }
  oha_error_clear(err);
  opts.option_file = db_file("tls.cnf", 0600, text);
  return oha_db_open(db_ctx, &opts, db, err);
}

static void tls_is_as_asked_for(void **state)
{
  static const struct {
    const char *tls, *name; /* the certificate says 127.0.0.1 */
    bool serves, encrypted;
  } rows[] = {
    { "", "127.0.0.1", true, false },
    { "ssl\n", "127.0.0.1", true, true },
    { "ssl-ca=@/ca.pem\n", "127.0.0.1", true, true },
    { "ssl-ca=@/ca.pem\n", "localhost", false, false },
    { "ssl-ca=@/ca.pem\nssl-verify-server-cert=0\n", "localhost", true, true },
    { "ssl-ca=@/other.pem\n", "127.0.0.1", false, false },
    { "ssl-ca=@/other.pem\nssl-verify-server-cert=0\n", "127.0.0.1", false, false },
    { "ssl-ca=@/missing.pem\n", "127.0.0.1", false, false },
    { "tls-version=TLSv1.3\nssl-ca=@/ca.pem\n", "127.0.0.1", true, true },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_db *db = NULL;
    enum oha_rc rc = open_with(rows[i].tls, rows[i].name, &db, &err);
    char cipher[64] = "";

    if ((rc == OHA_OK) != rows[i].serves)
      fail_msg("%s '%s': %s: %s", rows[i].name, rows[i].tls, oha_rc_name(rc), err.text);
    if (rc == OHA_OK) {
      db_value(db,
               "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = "
               "'Ssl_cipher'",
               cipher, sizeof(cipher));
      if ((cipher[0] != '\0') != rows[i].encrypted)
        fail_msg("'%s': cipher '%s'", rows[i].tls, cipher);
    }
    oha_db_close(db);
  }
}

/* What with-mariadb needs to start a server with TLS. */
static void make_certificates(char *dir)
{
  static const char script[] =
      "cd \"$0\" && for ca in ca other; do openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=$ca "
      "-keyout $ca.key -out $ca.pem 2>/dev/null || exit; done; "
      "openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr "
      "2>/dev/null && echo subjectAltName=IP:127.0.0.1,DNS:127.0.0.1 >ext && openssl x509 -req -in "
      "server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.pem 2>/dev/null";
  const char *argv[] = { "sh", "-c", script, dir, NULL };
  struct oha_run_opts opts = { .size = sizeof(opts), .argv = argv, .timeout_us = 60 * OHA_US_PER_S };
  struct oha_run_result result = { 0 };
  struct oha_ctx *ctx;

  if (mkdtemp(dir) == NULL || oha_ctx_new(NULL, &ctx, NULL) != OHA_OK)
    exit(99);
  if (oha_run(ctx, &opts, &result, NULL) != OHA_OK || result.exit_status != 0) {
    fprintf(stderr, "no openssl(1) here: skipped\n");
    exit(77);
  }
  oha_run_result_clear(&result);
  oha_ctx_free(ctx);
  setenv("OHA_TEST_CERTS", dir, 1);
}

static void remove_certificates(void)
{
  static const char *const names[] = { "ca.key", "ca.pem",     "ca.srl",     "other.key", "other.pem",
                                       "ext",    "server.key", "server.csr", "server.pem" };
  char path[512];

  for (size_t i = 0; i < N_OF(names); i++) {
    snprintf(path, sizeof(path), "%s/%s", db_env("OHA_TEST_CERTS"), names[i]);
    unlink(path);
  }
  rmdir(db_env("OHA_TEST_CERTS"));
}

int main(int argc, char **argv)
{
  char dir[] = "/tmp/oha_tls_XXXXXX", key[256], cert[256];
  const char *options[] = { "-x", key, "-x", cert, NULL };
  const struct CMUnitTest tests[] = { cmocka_unit_test(tls_is_as_asked_for) };
  int failed;

  (void)argc;
  if (getenv("OHA_TEST_SOCKET") == NULL) {
    make_certificates(dir);
    snprintf(key, sizeof(key), "--ssl-key=%s/server.key", dir);
    snprintf(cert, sizeof(cert), "--ssl-cert=%s/server.pem", dir);
  }
  db_enter(argv, options);
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  remove_certificates();
  return failed;
}
