/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/optfile.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"

#include <stddef.h>
#include <string.h>

enum kind { TEXT, TLS_TEXT, TLS_FLAG, VERIFY_FLAG, PASSED_OVER };

/* Names with '-'; '_' means the same. What is not here is refused: it would not take effect. */
static const struct option {
  const char *name;
  enum kind kind;
  size_t at; /* of a TEXT in struct oha__db_login */
} options[] = {
#define AT(member) offsetof(struct oha__db_login, member)
  { "user", TEXT, AT(user) },
  { "password", TEXT, AT(password) },
  { "passwd", TEXT, AT(password) },
  { "plugin-dir", TEXT, AT(plugin_dir) },
  { "default-auth", TEXT, AT(default_auth) },
  { "server-public-key", TEXT, AT(server_public_key) },
  { "bind-address", TEXT, AT(bind_address) },
  { "ssl-ca", TLS_TEXT, AT(ssl_ca) },
  { "ssl-capath", TLS_TEXT, AT(ssl_capath) },
  { "ssl-cert", TLS_TEXT, AT(ssl_cert) },
  { "ssl-key", TLS_TEXT, AT(ssl_key) },
  { "ssl-cipher", TLS_TEXT, AT(ssl_cipher) },
  { "ssl-crl", TLS_TEXT, AT(ssl_crl) },
  { "ssl-crlpath", TLS_TEXT, AT(ssl_crlpath) },
  { "ssl-passphrase", TLS_TEXT, AT(ssl_passphrase) },
  { "ssl-fp", TLS_TEXT, AT(tls_fingerprint) },
  { "tls-version", TLS_TEXT, AT(tls_version) },
  { "ssl", TLS_FLAG, 0 },
  { "ssl-enforce", TLS_FLAG, 0 },
  { "ssl-verify-server-cert", VERIFY_FLAG, 0 },
  { "host", PASSED_OVER, 0 },
  { "port", PASSED_OVER, 0 },
  { "socket", PASSED_OVER, 0 },
  { "database", PASSED_OVER, 0 },
  { "protocol", PASSED_OVER, 0 },
  { "default-character-set", PASSED_OVER, 0 },
#undef AT
};

struct reader {
  const char *name;
  unsigned line;
  int verify; /* -1 = not said */
  struct oha__db_login *login;
};

/* Shows @p which only when it looks like a name: a password on a line of its own must not get out. */
static enum oha_rc bad_line(const struct reader *r, struct oha_error *err, const char *what,
                            struct oha_span which)
{
  char safe[OHA_SAFE_SIZE];

  for (size_t i = 0; i < which.n; i++)
    if (!oha__is_alpha(which.p[i]) && which.p[i] != '-' && which.p[i] != '_')
      which.n = 0;
  if (which.n == 0)
    return oha__fail(err, OHA_E_CONFIG, "%s:%u: %s", r->name, r->line, what);
  return oha__fail(err, OHA_E_CONFIG, "%s:%u: '%s': %s", r->name, r->line, oha__safe(which, safe), what);
}

static void wipe(char *text)
{
  if (text != NULL)
    explicit_bzero(text, strlen(text));
  oha__free(text);
}

void oha__db_login_clear(struct oha__db_login *login)
{
  wipe(login->user);
  wipe(login->password);
  wipe(login->ssl_passphrase);
  oha__free(login->ssl_ca);
  oha__free(login->ssl_capath);
  oha__free(login->ssl_cert);
  oha__free(login->ssl_key);
  oha__free(login->ssl_cipher);
  oha__free(login->ssl_crl);
  oha__free(login->ssl_crlpath);
  oha__free(login->tls_version);
  oha__free(login->tls_fingerprint);
  oha__free(login->plugin_dir);
  oha__free(login->default_auth);
  oha__free(login->server_public_key);
  oha__free(login->bind_address);
  memset(login, 0, sizeof(*login));
}

/* "ssl_ca", "tls-ca" and "ssl-ca" are one option. False when it does not fit. */
static bool canonical(struct oha_span key, char *out, size_t size)
{
  if (!oha__span_copy(key, out, size))
    return false;
  for (char *p = out; *p != '\0'; p++)
    *p = *p == '_' ? '-' : oha__lower(*p);
  if (strncmp(out, "tls-", 4) == 0 && strcmp(out, "tls-version") != 0)
    memcpy(out, "ssl-", 4);
  if (strcmp(out, "ssl-verify-peer") == 0 && sizeof("ssl-verify-server-cert") <= size)
    memcpy(out, "ssl-verify-server-cert", sizeof("ssl-verify-server-cert"));
  return true;
}

static bool flag_value(struct oha_span value, bool given, bool *out)
{
  if (!given || oha__span_is(value, "1") || oha__span_iis(value, "on") || oha__span_iis(value, "true"))
    *out = true;
  else if (oha__span_is(value, "0") || oha__span_iis(value, "off") || oha__span_iis(value, "false"))
    *out = false;
  else
    return false;
  return true;
}

/* The escapes of the MySQL manual, "Using Option Files"; any other backslash stays. */
static char *unescape(struct oha_span a)
{
  static const char from[] = "btnrs\\", to[] = "\b\t\n\r \\";
  char *out = oha__calloc(a.n + 1, 1);
  size_t n = 0;

  for (size_t i = 0; out != NULL && i < a.n; i++) {
    const char *escape = NULL;

    if (a.p[i] == '\\' && i + 1 < a.n && a.p[i + 1] != '\0')
      escape = strchr(from, a.p[i + 1]);
    out[n++] = escape == NULL ? a.p[i] : to[escape - from];
    i += escape != NULL;
  }
  return out;
}

/* Quotes and trailing comment off. */
static enum oha_rc clean_value(const struct reader *r, struct oha_span key, struct oha_span raw,
                               struct oha_span *out, struct oha_error *err)
{
  if (raw.n > 0 && (raw.p[0] == '\'' || raw.p[0] == '"')) {
    struct oha_span rest;

    if (!oha__span_cut((struct oha_span){ raw.p + 1, raw.n - 1 }, raw.p[0], out, &rest))
      return bad_line(r, err, "the quote is not closed", key);
    rest = oha__span_trim(rest);
    if (rest.n > 0 && rest.p[0] != '#')
      return bad_line(r, err, "text after the closing quote", key);
    return OHA_OK;
  }
  for (size_t i = 0; i < raw.n; i++) {
    if (raw.p[i] != '#')
      continue;
    if (i > 0 && !oha__is_blank(raw.p[i - 1]))
      return bad_line(r, err, "clients differ on a # in a value: put the value in quotes", key);
    raw.n = i;
  }
  *out = oha__span_trim(raw);
  return OHA_OK;
}

static enum oha_rc set_text(char **member, struct oha_span value, struct oha_error *err)
{
  char *copy = unescape(value);

  if (copy == NULL)
    return oha__fail_nomem(err);
  wipe(*member);
  *member = copy;
  return OHA_OK;
}

static enum oha_rc take_option(struct reader *r, struct oha_span line, struct oha_error *err)
{
  struct oha_span key = line, raw = { NULL, 0 }, value = { NULL, 0 };
  bool given = oha__span_cut(line, '=', &key, &raw), flag = false;
  const struct option *option = NULL;
  char name[64];
  enum oha_rc rc;

  if (!given) {
    rc = clean_value(r, key, line, &key, err);
    if (rc != OHA_OK)
      return rc;
  }
  key = oha__span_trim(key);
  if (canonical(key, name, sizeof(name)))
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
      if (strcmp(options[i].name, name) == 0)
        option = &options[i];
  if (option == NULL && !given)
    return bad_line(r, err, "not an option: must be name = value", OHA_SPAN(""));
  if (option == NULL)
    return bad_line(r, err, "this option has no place here: only user, password, TLS and plugins", key);
  rc = given ? clean_value(r, key, oha__span_trim(raw), &value, err) : OHA_OK;
  if (rc != OHA_OK || option->kind == PASSED_OVER)
    return rc;
  if (option->kind == TEXT || option->kind == TLS_TEXT) {
    if (!given)
      return bad_line(r, err, "needs a value", key);
    r->login->wants_tls = r->login->wants_tls || option->kind == TLS_TEXT;
    return set_text((char **)((char *)r->login + option->at), value, err);
  }
  if (!flag_value(value, given, &flag))
    return bad_line(r, err, "must be 1 or 0", key);
  if (option->kind == VERIFY_FLAG)
    r->verify = flag;
  r->login->wants_tls = r->login->wants_tls || flag;
  return OHA_OK;
}

static enum oha_rc parse_lines(struct reader *r, struct oha_span text, const char *group, bool *found,
                               struct oha_error *err)
{
  bool ours = false;
  enum oha_rc rc = OHA_OK;

  while (rc == OHA_OK && text.n > 0) {
    struct oha_span line = text, rest = { NULL, 0 };

    oha__span_cut(text, '\n', &line, &rest);
    text = rest;
    r->line++;
    if (line.n > 0 && line.p[line.n - 1] == '\r')
      line.n--;
    line = oha__span_trim(line);
    if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
      continue;
    if (line.p[0] == '!')
      rc = bad_line(r, err, "!include is not followed: put user and password here", OHA_SPAN(""));
    else if (line.p[0] != '[')
      rc = ours ? take_option(r, line, err) : OHA_OK;
    else if (!oha__span_cut((struct oha_span){ line.p + 1, line.n - 1 }, ']', &line, &rest))
      rc = bad_line(r, err, "missing ']'", OHA_SPAN(""));
    else
      ours = oha__span_is(oha__span_trim(line), group);
    *found = *found || ours;
  }
  return rc;
}

enum oha_rc oha__db_login_parse(struct oha_span text, const char *name, const char *group,
                                struct oha__db_login *out, struct oha_error *err)
{
  struct reader r = { .name = name, .verify = -1, .login = out };
  bool found = false;
  enum oha_rc rc;

  memset(out, 0, sizeof(*out));
  if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL)
    return oha__fail(err, OHA_E_CONFIG, "%s: not a text file", name);
  rc = parse_lines(&r, text, group, &found, err);
  if (rc == OHA_OK && !found)
    rc = oha__fail(err, OHA_E_CONFIG, "%s: there is no group [%s]", name, group);
  if (rc != OHA_OK) {
    oha__db_login_clear(out);
    return rc;
  }
  out->verify_cert = r.verify >= 0 ? r.verify != 0 : out->ssl_ca != NULL || out->ssl_capath != NULL;
  return OHA_OK;
}
