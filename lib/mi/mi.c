/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "db/optfile.h"
#include "mi/client.h"
#include "mi/era.h"
#include "mi/guard.h"
#include "mi/shape.h"
#include "net/random.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_TIMEOUT_US (2 * OHA_US_PER_S)
#define DEFAULT_CAP_BYTES  ((size_t)16 * 1024 * 1024)
#define LOGIN_MAX_BYTES    190 /* user, ':' and password */

static const struct oha__mi_transport *transport_of(enum oha__mi_scheme scheme)
{
  switch (scheme) {
  case OHA_MI_FIFO:
    return &oha__mi_by_fifo;
  case OHA_MI_UDP:
  case OHA_MI_UNIX:
    return &oha__mi_by_datagram;
  case OHA_MI_HTTP:
  case OHA_MI_XMLRPC:
  case OHA_MI_MIJSON:
    break;
  }
  return &oha__mi_by_http;
}

/* RFC 4648 section 4 */
static void put_base64(struct oha_sbuf *out, struct oha_span bytes)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  for (size_t i = 0; i < bytes.n; i += 3) {
    uint32_t three = 0;

    for (size_t k = 0; k < 3; k++)
      three = three << 8 | (i + k < bytes.n ? (uint8_t)bytes.p[i + k] : 0);
    for (size_t k = 0; k < 4; k++)
      oha__sbuf_putc(out, i + k > bytes.n ? '=' : digits[three >> (18 - 6 * k) & 63]);
  }
}

/* RFC 7617 section 2 */
static enum oha_rc read_login(struct oha_mi *mi, const char *path, const char *group, struct oha_error *err)
{
  char plain[LOGIN_MAX_BYTES + 1], coded[LOGIN_MAX_BYTES * 2];
  struct oha__db_login login;
  struct oha_sbuf b;
  enum oha_rc rc = oha__db_login_read(path, group, &login, err);

  if (rc != OHA_OK)
    return rc;
  oha__sbuf_init(&b, plain, sizeof(plain));
  oha__sbuf_printf(&b, "%s:%s", login.user == NULL ? "" : login.user,
                   login.password == NULL ? "" : login.password);
  if (login.user == NULL || strchr(login.user, ':') != NULL || oha__sbuf_done(&b) != OHA_OK)
    rc = oha__fail(err, OHA_E_CONFIG,
                   "%s: [%s] must have a user without ':' and a password, together up to %d bytes", path,
                   group, LOGIN_MAX_BYTES - 1);
  oha__db_login_clear(&login);
  if (rc == OHA_OK) {
    struct oha_span whole = { plain, b.n };

    oha__sbuf_init(&b, coded, sizeof(coded));
    oha__sbuf_puts(&b, "Basic ");
    put_base64(&b, whole);
    mi->authorization = oha__strdup(coded);
    if (mi->authorization == NULL)
      rc = oha__fail_nomem(err);
  }
  explicit_bzero(plain, sizeof(plain));
  explicit_bzero(coded, sizeof(coded));
  return rc;
}

static enum oha_rc take_options(struct oha_mi *mi, const struct oha_mi_opts *o, struct oha_error *err)
{
  enum oha_rc rc = oha__mi_address_parse(o->address, &mi->address, err);

  if (rc != OHA_OK)
    return rc;
  mi->transport = transport_of(mi->address.scheme);
  mi->era = o->era != OHA_MI_ERA_UNKNOWN ? o->era : mi->address.era;
  mi->timeout_us = o->timeout_us == 0 ? DEFAULT_TIMEOUT_US : o->timeout_us;
  mi->cap_bytes = o->reply_cap_bytes == 0 ? DEFAULT_CAP_BYTES : o->reply_cap_bytes;
  mi->allow_kill = o->allow_kill;
  mi->name = oha__strdup(o->address);
  mi->request = oha__calloc(mi->transport->limit(mi) + 1, 1);
  if (mi->name == NULL || mi->request == NULL)
    return oha__fail_nomem(err);
  if (o->option_file == NULL || mi->address.scheme > OHA_MI_MIJSON)
    return OHA_OK;
  return read_login(mi, o->option_file, o->group == NULL ? "opensips-ha-mi" : o->group, err);
}

enum oha_rc oha_mi_open(struct oha_ctx *ctx, const struct oha_mi_opts *opts, struct oha_mi **out,
                        struct oha_error *err)
{
  struct oha_mi_opts o;
  struct oha_mi *mi;
  enum oha_rc rc;

  if (out != NULL)
    *out = NULL;
  if (ctx == NULL || opts == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_mi_open: NULL");
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc != OHA_OK)
    return rc;
  if (o.address == NULL || o.timeout_us < 0 || o.era < OHA_MI_ERA_UNKNOWN || o.era > OHA_MI_ERA_KAMAILIO)
    return oha__fail(err, OHA_E_ARG, "oha_mi_open: no address, a negative timeout, or no such era");
  mi = oha__calloc(1, sizeof(*mi));
  if (mi == NULL)
    return oha__fail_nomem(err);
  mi->ctx = ctx;
  mi->fd = -1;
  rc = take_options(mi, &o, err);
  if (rc == OHA_OK)
    *out = mi;
  else
    oha_mi_close(mi);
  return rc;
}

void oha_mi_close(struct oha_mi *mi)
{
  if (mi == NULL)
    return;
  if (mi->transport != NULL)
    mi->transport->finish(mi, false);
  if (mi->authorization != NULL)
    explicit_bzero(mi->authorization, strlen(mi->authorization));
  oha__free(mi->authorization);
  oha__free(mi->name);
  oha__free(mi->request);
  oha__free(mi->bytes);
  oha__free(mi);
}

#ifdef OHA_TESTING
const char *oha__mi_fixed_id;
#endif

enum oha_rc oha__mi_new_id(char id[OHA_MI_ID_SIZE], struct oha_error *err)
{
  uint8_t bits[(OHA_MI_ID_SIZE - 1) / 2];
  enum oha_rc rc = oha__random(bits, sizeof(bits), err);
  struct oha_sbuf b;

  oha__sbuf_init(&b, id, OHA_MI_ID_SIZE);
#ifdef OHA_TESTING
  if (oha__mi_fixed_id != NULL) {
    oha__sbuf_puts(&b, oha__mi_fixed_id);
    return OHA_OK;
  }
#endif
  for (size_t i = 0; rc == OHA_OK && i < sizeof(bits); i++)
    oha__sbuf_printf(&b, "%02x", bits[i]);
  return rc;
}

static enum oha_rc check_args(const struct oha_mi_arg *args, size_t n_args, struct oha_error *err)
{
  for (size_t i = 0; i < n_args; i++)
    if (args[i].value == NULL || (args[i].name == NULL) != (args[0].name == NULL) ||
        args[i].kind < OHA_MI_ARG_TEXT || args[i].kind > OHA_MI_ARG_ELEMENT)
      return oha__fail(err, OHA_E_ARG,
                       "argument %zu: no value, no such kind, or a name where others have none", i + 1);
  return OHA_OK;
}

/* Under one spelling of the command. */
static enum oha_rc call_as(struct oha_mi *mi, const struct oha__mi_spelling *spelling,
                           const struct oha_mi_arg *args, size_t n_args, struct oha_mono deadline,
                           struct oha_mi_reply **out, struct oha_error *err)
{
  struct oha__mi_request q = { .method = spelling->name };
  enum oha_rc rc = oha__mi_arrange(spelling, mi->era, args, n_args, &mi->arranged, err);

  if (rc == OHA_OK)
    rc = oha__mi_guard(spelling->name, mi->arranged.args, mi->arranged.n_args, mi->allow_kill, err);
  if (rc == OHA_OK)
    rc = oha__mi_new_id(q.id, err);
  q.args = mi->arranged.args;
  q.n_args = mi->arranged.n_args;
  if (rc == OHA_OK)
    rc = oha__mi_exchange(mi, &q, mi->era, deadline, out, err);
  if (rc == OHA_OK && mi->era == OHA_MI_ERA_KAMAILIO && strcmp(spelling->name, "stats.get_statistics") == 0) {
    rc = oha__mi_reshape_pairs(*out, err);
    if (rc != OHA_OK) {
      oha_mi_reply_free(*out);
      *out = NULL;
    }
  }
  return rc;
}

/* Under each in turn, until the server knows it. One that finds it ambiguous has the last word. */
static enum oha_rc call_by_name(struct oha_mi *mi, const char *command, const struct oha_mi_arg *args,
                                size_t n_args, struct oha_mono deadline, struct oha_mi_reply **out,
                                struct oha_error *err)
{
  struct oha__mi_spelling spellings[OHA_MI_SPELLINGS];
  size_t n = oha__mi_spellings(command, mi->era, spellings);

  for (size_t i = 0; i < n; i++) {
    enum oha_rc rc = call_as(mi, &spellings[i], args, n_args, deadline, out, err);

    if (rc != OHA_OK || !(*out)->is_unknown_command || (i + 1 == n && (*out)->value.type != OHA_MI_NULL))
      return rc;
    oha_mi_reply_free(*out);
    *out = NULL;
  }
  return oha__fail(err, OHA_E_NOTFOUND, "this server has no command '%s'", command);
}

enum oha_rc oha_mi_call(struct oha_mi *mi, const char *command, const struct oha_mi_arg *args, size_t n_args,
                        struct oha_mi_reply **out, struct oha_error *err)
{
  struct oha_mono deadline;
  enum oha_rc rc;

  if (out != NULL)
    *out = NULL;
  if (mi == NULL || command == NULL || out == NULL || (args == NULL && n_args > 0))
    return oha__fail(err, OHA_E_ARG, "oha_mi_call: NULL");
  deadline = oha_mono_add(oha_now_mono(mi->ctx), mi->timeout_us);
  rc = check_args(args, n_args, err);
  if (rc == OHA_OK)
    rc = oha__mi_guard(command, args, n_args, mi->allow_kill, err);
  if (rc == OHA_OK)
    rc = oha__mi_find_era(mi, deadline, err);
  if (rc == OHA_OK)
    rc = call_by_name(mi, command, args, n_args, deadline, out, err);
  if (rc != OHA_OK)
    oha__prefix(err, "%s: ", mi->name);
  return rc;
}

enum oha_mi_era oha_mi_era(const struct oha_mi *mi)
{
  return mi->era;
}

enum oha_rc oha_mi_version(struct oha_mi *mi, char *version, size_t size, enum oha_mi_era *era,
                           struct oha_error *err)
{
  struct oha_mi_reply *reply = NULL;
  enum oha_rc rc = OHA_OK;

  if (version != NULL && size > 0)
    version[0] = '\0';
  if (era != NULL)
    *era = OHA_MI_ERA_UNKNOWN;
  if (mi == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_mi_version: NULL");
  if (mi->version[0] == '\0' || mi->era == OHA_MI_ERA_UNKNOWN)
    rc = oha_mi_call(mi, "version", NULL, 0, &reply, err);
  if (rc != OHA_OK)
    return rc;
  if (reply != NULL && mi->version[0] == '\0')
    oha__mi_take_version(mi, &reply->value);
  oha_mi_reply_free(reply);
  if (version != NULL && size > 0)
    snprintf(version, size, "%s", mi->version);
  if (era != NULL)
    *era = mi->era;
  return OHA_OK;
}
