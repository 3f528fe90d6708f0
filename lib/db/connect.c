/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/query.h"
#include "db/conn.h"
#include "db/optfile.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define MAX_PACKET_BYTES (64ul * 1024 * 1024)

/* What the hosts had to say, for one text. */
struct attempts {
  struct oha_sbuf text;
  char buf[400];
  unsigned n_denied, n_no_schema, n_readonly, n_no_quorum;
  unsigned n_soon; /* alive, and may serve in a moment: full, or catching up with its Galera cluster */
  int sys;
};

static void set_options(const struct oha_db *db, const struct oha__db_host *host, MYSQL *my)
{
  unsigned protocol = host->is_unix ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP, off = 0;
  unsigned long max_packet = MAX_PACKET_BYTES;
  my_bool no = 0;

  mysql_options(my, MYSQL_OPT_PROTOCOL, &protocol);
  mysql_options(my, MYSQL_OPT_CONNECT_TIMEOUT, &db->connect_timeout_s);
  mysql_options(my, MYSQL_OPT_READ_TIMEOUT, &db->read_timeout_s);
  mysql_options(my, MYSQL_OPT_WRITE_TIMEOUT, &db->write_timeout_s);
  mysql_options(my, MYSQL_OPT_RECONNECT, &no);
  mysql_options(my, MYSQL_OPT_LOCAL_INFILE, &off);
  mysql_options(my, MYSQL_OPT_MAX_ALLOWED_PACKET, &max_packet);
  mysql_options(my, MYSQL_SET_CHARSET_NAME, "binary");
  mysql_optionsv(my, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "opensips-ha");
}

static void set_text_option(MYSQL *my, enum mysql_option option, const char *value)
{
  if (value != NULL)
    mysql_options(my, option, value);
}

static void set_login(MYSQL *my, const struct oha__db_login *login, bool is_unix)
{
  my_bool yes = 1, verify = login->verify_cert;

  set_text_option(my, MYSQL_PLUGIN_DIR, login->plugin_dir);
  set_text_option(my, MYSQL_DEFAULT_AUTH, login->default_auth);
  set_text_option(my, MYSQL_SERVER_PUBLIC_KEY, login->server_public_key);
  set_text_option(my, MYSQL_OPT_BIND, login->bind_address);
  if (!login->wants_tls || is_unix)
    return;
  set_text_option(my, MYSQL_OPT_SSL_CA, login->ssl_ca);
  set_text_option(my, MYSQL_OPT_SSL_CAPATH, login->ssl_capath);
  set_text_option(my, MYSQL_OPT_SSL_CERT, login->ssl_cert);
  set_text_option(my, MYSQL_OPT_SSL_KEY, login->ssl_key);
  set_text_option(my, MYSQL_OPT_SSL_CIPHER, login->ssl_cipher);
  set_text_option(my, MYSQL_OPT_SSL_CRL, login->ssl_crl);
  set_text_option(my, MYSQL_OPT_SSL_CRLPATH, login->ssl_crlpath);
  set_text_option(my, MARIADB_OPT_TLS_PASSPHRASE, login->ssl_passphrase);
  set_text_option(my, MARIADB_OPT_TLS_VERSION, login->tls_version);
  set_text_option(my, MARIADB_OPT_TLS_PEER_FP, login->tls_fingerprint);
  mysql_options(my, MYSQL_OPT_SSL_ENFORCE, &yes);
  mysql_options(my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

/* The user when the option file names none; the client library would look into the environment. */
static const char *own_user(char *buf, size_t size)
{
  struct passwd pw, *found = NULL;

  return getpwuid_r(geteuid(), &pw, buf, size, &found) == 0 && found != NULL ? pw.pw_name : NULL;
}

static enum oha_rc fail_connect(struct oha_db *db, struct attempts *tried, struct oha_error *err)
{
  int number = (int)mysql_errno(db->my);
  enum oha_rc rc = OHA_E_UNAVAILABLE;
  char safe[200], hint[OHA__DB_HINT_SIZE];
  struct oha_sbuf b;

  switch (oha__db_class(number, mysql_error(db->my), OHA__DB_WHEN_CONNECT)) {
  case OHA_DB_CLASS_RIGHTS:
    tried->n_denied++;
    rc = OHA_E_DENIED;
    break;
  case OHA_DB_CLASS_SCHEMA:
    tried->n_no_schema++;
    rc = OHA_E_SCHEMA;
    break;
  case OHA_DB_CLASS_FULL:
    tried->n_soon++;
    break;
  case OHA_DB_CLASS_OTHER:
  case OHA_DB_CLASS_OTHER_HOST:
  case OHA_DB_CLASS_LOST:
  case OHA_DB_CLASS_READONLY:
  case OHA_DB_CLASS_RETRY:
  case OHA_DB_CLASS_MEMBERSHIP:
  case OHA_DB_CLASS_HALVE:
  case OHA_DB_CLASS_BUG:
  case OHA_DB_CLASS_LAGS:
    break;
  }
  oha__sbuf_init(&b, safe, sizeof(safe));
  oha__sbuf_put_safe(&b, oha__span(mysql_error(db->my)), sizeof(safe) - 8);
  oha__db_grant_hint(number, mysql_error(db->my), db->schema, NULL, hint);
  return oha__fail_sys(err, rc, OHA_ORIGIN_MYSQL, number, "error %d: %s%s", number, safe, hint);
}

static enum oha_rc dial(struct oha_db *db, const struct oha__db_host *host, const struct oha__db_login *login,
                        struct attempts *tried, struct oha_error *err)
{
  char names[1024];
  const char *user = login->user != NULL ? login->user : own_user(names, sizeof(names));
  const char *name = host->is_unix ? "localhost" : host->name;

  db->my = mysql_init(NULL);
  if (db->my == NULL)
    return oha__fail_nomem(err);
  set_options(db, host, db->my);
  set_login(db->my, login, host->is_unix);
  if (mysql_real_connect(db->my, name, user, login->password, db->schema, host->is_unix ? 0 : host->port,
                         host->is_unix ? host->name : NULL, 0) == NULL)
    return fail_connect(db, tried, err);
  if (login->wants_tls && !host->is_unix && mysql_get_ssl_cipher(db->my) == NULL)
    return oha__fail(err, OHA_E_UNAVAILABLE, "the option file asks for TLS and the server has none");
  return OHA_OK;
}

static enum oha_rc take_account(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha_db *db = arg;

  (void)err;
  oha__span_copy(oha__col(row, 0), db->account, sizeof(db->account));
  return OHA_END;
}

/* InnoDB refuses to write at READ COMMITTED while a server logs statements (error 1665). */
static const char *isolation_for(const struct oha__db_facts *facts)
{
  bool logs_statements = oha__span_iis(oha__span(facts->log_bin), "ON") &&
                         oha__span_iis(oha__span(facts->binlog_format), "STATEMENT");

  return logs_statements ? "REPEATABLE-READ" : "READ-COMMITTED";
}

/*
 * The session as the upper layers expect it, whatever the server's defaults and init_connect are. A lock wait
 * ends before our read timeout does: 1205 is a clear answer, a cut connection is none. A transaction that is
 * left open by a machine that lost its power must not hold its rows for hours.
 */
static enum oha_rc set_session(struct oha_db *db, const struct oha__db_facts *facts, struct oha_error *err)
{
  unsigned lock_wait_s = db->read_timeout_s > 1 ? db->read_timeout_s / 2 : 1;
  struct oha__sql q;
  enum oha_rc rc;

  db->max_packet_bytes = 0;
  oha__span_u64(oha__span(facts->max_allowed_packet), UINT64_MAX, &db->max_packet_bytes);
  oha__sql_init(&q, db);
  oha__sql_puts(&q,
                "SET NAMES binary, SESSION time_zone = '+00:00', SESSION autocommit = 1, SESSION sql_mode = "
                "'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'");
  if (facts->transaction_isolation[0] != '\0' || facts->tx_isolation[0] != '\0')
    oha__sql_printf(&q, ", SESSION %s = '%s'",
                    facts->transaction_isolation[0] != '\0' ? "transaction_isolation" : "tx_isolation",
                    isolation_for(facts));
  if (facts->innodb_lock_wait_timeout[0] != '\0')
    oha__sql_printf(&q, ", SESSION innodb_lock_wait_timeout = %u", lock_wait_s);
  if (facts->lock_wait_timeout[0] != '\0')
    oha__sql_printf(&q, ", SESSION lock_wait_timeout = %u", lock_wait_s);
  if (facts->idle_transaction_timeout[0] != '\0')
    oha__sql_printf(&q, ", SESSION idle_transaction_timeout = %u", 3 * db->read_timeout_s);
  rc = oha__db_exec(db, &q, NULL, err);
  oha__sql_reset(&q);
  oha__sql_puts(&q, "SELECT CURRENT_USER()");
  if (rc == OHA_OK)
    rc = oha__db_each_stored(db, &q, take_account, db, err);
  oha__sql_clear(&q);
  return rc;
}

/* Behind a balancer the question must take the way that writes will take: inside a transaction. */
static enum oha_rc ask_facts(struct oha_db *db, struct oha__db_facts *facts, struct oha_error *err)
{
  enum oha_rc rc = db->balancer ? oha__db_do(db, "START TRANSACTION", err) : OHA_OK;

  if (rc == OHA_OK)
    rc = oha__db_facts_read(db, facts, err);
  if (rc == OHA_OK && db->balancer)
    rc = oha__db_do(db, "COMMIT", err);
  return rc;
}

static enum oha_rc judge_host(struct oha_db *db, const struct oha__db_host *host, struct attempts *tried,
                              struct oha_error *err)
{
  struct oha__db_facts facts;
  enum oha_rc rc = ask_facts(db, &facts, err);
  bool serves;

  if (rc != OHA_OK)
    return rc;
  oha__db_verdict_make(&facts, &db->verdict);
  oha__span_copy(oha__span(host->text), db->verdict.host, sizeof(db->verdict.host));
  serves = db->need == OHA_DB_LOOK || (db->need == OHA_DB_READ ? db->verdict.readable : db->verdict.writable);
  if (serves)
    return set_session(db, &facts, err);
  if (db->verdict.galera && !db->verdict.primary) {
    tried->n_no_quorum++;
    return oha__fail(err, OHA_E_NO_QUORUM, "%s", db->verdict.why);
  }
  if (!db->verdict.readable)
    return oha__fail(err, OHA_E_UNAVAILABLE, "%s", db->verdict.why);
  if (oha__db_is_catching_up(&db->verdict)) {
    tried->n_soon++;
    return oha__fail(err, OHA_E_UNAVAILABLE, "%s", db->verdict.why);
  }
  tried->n_readonly++;
  return oha__fail(err, OHA_E_READONLY, "%s", db->verdict.why);
}

static enum oha_rc try_host(struct oha_db *db, size_t at, const struct oha__db_login *login,
                            struct attempts *tried, struct oha_error *err)
{
  const struct oha__db_host *host = &db->hosts[at];
  struct oha_error why = OHA_ERROR_INIT;
  enum oha_rc rc;

  memset(&db->verdict, 0, sizeof(db->verdict));
  oha__span_copy(oha__span(host->text), db->verdict.host, sizeof(db->verdict.host));
  rc = dial(db, host, login, tried, &why);
  if (rc == OHA_OK)
    rc = judge_host(db, host, tried, &why);
  if (rc == OHA_OK) {
    db->first_host = at;
    oha__log(db->ctx, OHA_LOG_INFO, "db", "connected to %s: server %llu (%s), version %s", host->text,
             (unsigned long long)db->verdict.server_id, db->verdict.hostname, db->verdict.version);
    return OHA_OK;
  }
  oha__db_drop(db);
  oha__log(db->ctx, OHA_LOG_INFO, "db", "host %s does not serve: %s", host->text, why.text);
  if (rc == OHA_E_NOMEM)
    return oha__fail_nomem(err);
  if (tried->text.n + strlen(host->text) + strlen(why.text) + 8 < sizeof(tried->buf))
    oha__sbuf_printf(&tried->text, "%s%s: %s", tried->text.n > 0 ? "; " : "", host->text, why.text);
  tried->sys = why.sys != 0 ? why.sys : tried->sys;
  return rc;
}

static enum oha_rc fail_all(const struct attempts *tried, struct oha_error *err)
{
  enum oha_rc rc = tried->n_denied > 0      ? OHA_E_DENIED
                   : tried->n_no_schema > 0 ? OHA_E_SCHEMA
                   : tried->n_readonly > 0  ? OHA_E_READONLY
                   : tried->n_no_quorum > 0 ? OHA_E_NO_QUORUM
                                            : OHA_E_UNAVAILABLE;

  return oha__fail_sys(err, rc, tried->sys != 0 ? OHA_ORIGIN_MYSQL : OHA_ORIGIN_NONE, tried->sys,
                       "no database host serves: %s", tried->text.p);
}

/* All hosts once; again, within the time for connecting, while one of them may serve in a moment. */
static enum oha_rc try_hosts(struct oha_db *db, const struct oha__db_login *login, struct oha_error *err)
{
  struct oha_mono due = oha_mono_add(oha_now_mono(db->ctx), (int64_t)db->connect_timeout_s * OHA_US_PER_S);
  size_t first = db->first_host;
  struct attempts tried;

  for (unsigned round = 0;; round++) {
    memset(&tried, 0, sizeof(tried));
    oha__sbuf_init(&tried.text, tried.buf, sizeof(tried.buf));
    for (size_t i = 0; i < db->n_hosts; i++) {
      enum oha_rc rc;

      if (oha__cancelled(db->ctx))
        return oha__fail(err, OHA_E_CANCELLED, "cancelled while connecting to the database");
      rc = try_host(db, (first + i) % db->n_hosts, login, &tried, err);
      if (rc == OHA_OK || rc == OHA_E_NOMEM)
        return rc;
    }
    db->first_host = first;
    if (tried.n_soon == 0 || oha_mono_diff_us(due, oha_now_mono(db->ctx)) <= 0)
      return fail_all(&tried, err);
    oha__sleep(db->ctx, oha__db_backoff_us(db, round));
  }
}

enum oha_rc oha_db_reconnect(struct oha_db *db, struct oha_error *err)
{
  struct oha__db_login login = { 0 };
  enum oha_rc rc = OHA_OK;

  if (db == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_db_reconnect: db is NULL");
  if (db->streaming)
    return oha__fail(err, OHA_E_BUG, "reconnect while a result is being read");
  oha__db_drop(db);
  if (db->option_file != NULL)
    rc = oha__db_login_read(db->option_file, db->group, &login, err);
  if (rc == OHA_OK)
    rc = try_hosts(db, &login, err);
  oha__db_login_clear(&login);
  return rc;
}
