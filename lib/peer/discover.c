/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peer/discover.h"

#include "base/error.h"
#include "base/sbuf.h"
#include "db/query.h"

#include <opensips-ha/uri.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SIP_PORT  5060
#define SIPS_PORT 5061 /* RFC 3261 section 19.1.2 */

static void __attribute__((format(printf, 2, 3))) no_probe(struct oha_peer_found *found, const char *fmt, ...)
{
  va_list ap;

  found->can_probe = false;
  va_start(ap, fmt);
  vsnprintf(found->why, sizeof(found->why), fmt, ap);
  va_end(ap);
}

/* What can be probed: UDP, TCP or TLS, to an address. */
static void settle(struct oha_peer_found *found)
{
  struct oha_sock *t = &found->target;

  if (t->proto == OHA_PROTO_ANY)
    t->proto = OHA_PROTO_UDP;
  if (t->port == 0)
    t->port = t->proto == OHA_PROTO_TLS ? SIPS_PORT : SIP_PORT;
  if (t->addr.family == 0)
    no_probe(found, "a name: which address it stands for is up to the server");
  else if (t->proto != OHA_PROTO_UDP && t->proto != OHA_PROTO_TCP && t->proto != OHA_PROTO_TLS)
    no_probe(found, "protocol %s is not probed", oha_proto_name(t->proto));
  else
    found->can_probe = true;
}

static bool has_scheme(struct oha_span text)
{
  struct oha_span head, tail;

  return oha__span_cut(text, ':', &head, &tail) &&
         (oha__span_iis(head, "sip") || oha__span_iis(head, "sips"));
}

/* Through the parser of sockets, so that hosts are written alike everywhere. */
static bool take_host(struct oha_peer_found *found, const struct oha_uri *uri)
{
  char text[OHA_SOCK_SIZE];
  struct oha_sbuf b;
  bool v6 = uri->addr.family == 6;

  oha__sbuf_init(&b, text, sizeof(text));
  oha__sbuf_puts(&b, v6 ? "[" : "");
  oha__sbuf_put(&b, (struct oha_span){ uri->host, uri->n_host });
  oha__sbuf_puts(&b, v6 ? "]" : "");
  if (oha__sbuf_done(&b) != OHA_OK || oha_sock_parse(text, b.n, &found->target, NULL) != OHA_OK)
    return false;
  found->target.port = uri->port;
  found->target.proto = uri->proto == OHA_PROTO_ANY && uri->secure ? OHA_PROTO_TLS : uri->proto;
  return true;
}

void oha__found_uri(struct oha_peer_found *found, struct oha_span text)
{
  struct oha_uri uri;
  struct oha_sbuf b;
  char buf[320];

  text = oha__span_trim(text);
  oha__sbuf_init(&b, buf, sizeof(buf));
  oha__sbuf_puts(&b, has_scheme(text) ? "" : "sip:");
  oha__sbuf_put(&b, text);
  if (oha__sbuf_done(&b) != OHA_OK || oha_uri_parse(buf, b.n, &uri, NULL) != OHA_OK ||
      !take_host(found, &uri)) {
    no_probe(found, "not a SIP URI");
    return;
  }
  settle(found);
}

void oha__found_address(struct oha_peer_found *found, struct oha_span ip, struct oha_span mask,
                        struct oha_span port, struct oha_span proto)
{
  static const enum oha_proto protos[] = { OHA_PROTO_UDP, OHA_PROTO_TCP, OHA_PROTO_TLS };
  uint32_t bits, number;

  if (!oha__span_u32(port, UINT16_MAX, &number) ||
      oha_addr_parse(ip.p != NULL ? ip.p : "", ip.n, &found->target.addr, NULL) != OHA_OK) {
    no_probe(found, "not an address with a port");
    return;
  }
  if (!oha__span_u32(mask, 128, &bits) || bits < (found->target.addr.family == 4 ? 32u : 128u)) {
    no_probe(found, "a network");
    return;
  }
  if (number == 0) {
    no_probe(found, "any port: where it listens is not known");
    return;
  }
  oha_addr_format(&found->target.addr, found->target.host);
  found->target.port = (uint16_t)number;
  for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
    if (oha__span_iis(proto, oha_proto_name(protos[i])))
      found->target.proto = protos[i];
  if (found->target.proto == OHA_PROTO_ANY && proto.n > 0 && !oha__span_iis(proto, "any")) {
    no_probe(found, "its protocol is not probed");
    return;
  }
  settle(found);
}

/* The tables, and for what each column may be called; the first that is there is read, else NULL. */
static const struct source {
  const char *table;
  const char *columns[5][3];
} sources[] = {
  { "dispatcher", { { "setid" }, { "destination" } } },
  { "dr_gateways", { { "gwid" }, { "address" } } },
  { "address", { { "id" }, { "ip", "ip_addr" }, { "mask" }, { "port" }, { "proto" } } },
};

struct reading {
  const struct source *source;
  bool has[5][3]; /* as sources[].columns */
  oha_peer_found_fn *fn;
  void *arg;
};

static enum oha_rc take_column(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct reading *r = arg;

  (void)err;
  for (int i = 0; i < 5; i++)
    for (int k = 0; k < 3; k++)
      if (r->source->columns[i][k] != NULL && oha__span_iis(oha__col(row, 0), r->source->columns[i][k]))
        r->has[i][k] = true;
  return OHA_OK;
}

static enum oha_rc read_columns(struct oha_db *db, struct reading *r, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, db);
  oha__sql_puts(&q, "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND "
                    "TABLE_NAME = ");
  oha__sql_text(&q, oha__span(r->source->table));
  rc = oha__db_each_stored(db, &q, take_column, r, err);
  oha__sql_clear(&q);
  return rc;
}

static enum oha_rc take_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct reading *r = arg;
  struct oha_peer_found found = { .source = r->source->table };
  struct oha_span name = oha__col(row, 0), text = oha__col(row, 1);
  char safe[OHA_SAFE_SIZE];

  (void)err;
  snprintf(found.name, sizeof(found.name), "%s/%s", r->source->table, oha__safe(name, safe));
  snprintf(found.text, sizeof(found.text), "%s", oha__safe(text, safe));
  if (r->source->columns[2][0] != NULL)
    oha__found_address(&found, text, oha__col(row, 2), oha__col(row, 3), oha__col(row, 4));
  else
    oha__found_uri(&found, text);
  return r->fn(r->arg, &found);
}

static enum oha_rc read_table(struct oha_db *db, struct reading *r, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, db);
  for (int i = 0; i < 5; i++) {
    int k = 0;

    while (k < 3 && !r->has[i][k])
      k++;
    oha__sql_puts(&q, i == 0 ? "SELECT " : ", ");
    if (k < 3)
      oha__sql_ident(&q, r->source->columns[i][k]);
    else
      oha__sql_puts(&q, "NULL");
  }
  oha__sql_puts(&q, " FROM ");
  oha__sql_ident(&q, r->source->table);
  oha__sql_puts(&q, " ORDER BY 1, 2");
  rc = oha__db_each_stored(db, &q, take_row, r, err);
  oha__sql_clear(&q);
  return rc;
}

enum oha_rc oha_peers_discover(struct oha_db *db, oha_peer_found_fn *fn, void *arg, struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;

  if (db == NULL || fn == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_peers_discover: no database or no function");
  for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]) && rc == OHA_OK; i++) {
    struct reading r = { .source = &sources[i], .fn = fn, .arg = arg };

    rc = read_columns(db, &r, err);
    if (rc == OHA_OK && (r.has[1][0] || r.has[1][1]))
      rc = read_table(db, &r, err);
  }
  return rc;
}
