/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is a database host what it says? See peer.h; the judgement is db_judge.c. */
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"
#include "db/query.h"
#include "net/random.h"

#include <opensips-ha/peer.h>

#include <inttypes.h>
#include <string.h>

#define TIMEOUT_US    (2 * OHA_US_PER_S)
#define LAG_LIMIT_US  OHA_US_PER_S
#define NODE_SIZE     65
#define POSITION_SIZE 1024

struct visit {
  struct oha_ctx *ctx;
  const struct oha_db_health_opts *opts;
  struct oha_db **dbs;
  struct oha_db_health *hosts;
  size_t n;
};

static int64_t since_us(const struct visit *v, struct oha_mono began)
{
  return oha_mono_diff_us(oha_now_mono(v->ctx), began);
}

static void keep_why(struct oha_db_health *h, const struct oha_error *err)
{
  struct oha_sbuf b;

  if (h->why[0] != '\0')
    return;
  oha__sbuf_init(&b, h->why, sizeof(h->why));
  oha__sbuf_put_safe(&b, oha__span(err->text), sizeof(h->why) - 4);
  if (oha__sbuf_done(&b) != OHA_OK)
    h->why[0] = '\0';
}

static enum oha_rc open_host(const struct visit *v, size_t i, struct oha_error *err)
{
  struct oha_db_health *h = &v->hosts[i];
  struct oha_error local = OHA_ERROR_INIT;
  struct oha_db_opts o = *v->opts->db;
  struct oha_mono began = oha_now_mono(v->ctx);

  o.hosts = &v->opts->db->hosts[i];
  o.n_hosts = 1;
  o.need = OHA_DB_LOOK;
  o.connect_timeout_us = o.read_timeout_us = o.write_timeout_us = v->opts->timeout_us;
  h->rc = oha_db_open(v->ctx, &o, &v->dbs[i], &local);
  h->connect_us = since_us(v, began);
  if (h->rc == OHA_OK) {
    h->answered = true;
    h->verdict = *oha_db_verdict_of(v->dbs[i]);
    return OHA_OK;
  }
  keep_why(h, &local);
  if (h->rc == OHA_E_ARG || h->rc == OHA_E_CONFIG || h->rc == OHA_E_CANCELLED || h->rc == OHA_E_NOMEM)
    return oha__fail_sys(err, h->rc, local.origin, local.sys, "%s", local.text);
  return OHA_OK;
}

struct beat {
  uint64_t wanted, token;
  bool found;
};

static enum oha_rc take_beat(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct beat *beat = arg;

  (void)err;
  beat->found = row->n == 1 && oha__span_u64(oha__col(row, 0), UINT64_MAX, &beat->token);
  return OHA_OK;
}

static void put_key(struct oha__sql *q, const char *node, const char *host)
{
  oha__sql_text(q, oha__span(node));
  oha__sql_puts(q, ", ");
  oha__sql_text(q, oha__span(host));
}

/* One row for each node and host: writers on different hosts never meet, so a conflict tells of a fault. */
static enum oha_rc write_beat(struct oha_db *db, const char *node, const char *host, uint64_t token,
                              struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, db);
  oha__sql_puts(&q, "INSERT INTO opensips_ha_beat (node, host, n, token, beat_at) VALUES (");
  put_key(&q, node, host);
  oha__sql_printf(&q, ", 1, %" PRIu64 ", UTC_TIMESTAMP(6)) ", token);
  oha__sql_puts(&q, "ON DUPLICATE KEY UPDATE n = n + 1, token = VALUES(token), beat_at = VALUES(beat_at)");
  rc = oha__db_exec(db, &q, NULL, err);
  oha__sql_clear(&q);
  return rc;
}

static enum oha_rc read_beat(struct oha_db *db, const char *node, const char *host, struct beat *beat,
                             struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc = oha__db_sync_wait(db, true, err);

  if (rc != OHA_OK)
    return rc;
  oha__sql_init(&q, db);
  oha__sql_puts(&q, "SELECT token FROM opensips_ha_beat WHERE (node, host) = (");
  put_key(&q, node, host);
  oha__sql_puts(&q, ")");
  rc = oha__db_each_stored(db, &q, take_beat, beat, err);
  oha__sql_clear(&q);
  if (rc == OHA_OK)
    rc = oha__db_sync_wait(db, false, err);
  return rc;
}

static enum oha_rc beat_once(const struct visit *v, size_t i, struct oha_error *err)
{
  struct oha_db_health *h = &v->hosts[i];
  struct oha_mono began = oha_now_mono(v->ctx);
  struct beat beat = { 0 };
  enum oha_rc rc;

  rc = oha__random(&beat.wanted, sizeof(beat.wanted), err);
  if (rc == OHA_OK)
    rc = write_beat(v->dbs[i], v->opts->node, h->host, beat.wanted, err);
  if (rc != OHA_OK)
    return rc;
  h->write_us = since_us(v, began);
  began = oha_now_mono(v->ctx);
  rc = read_beat(v->dbs[i], v->opts->node, h->host, &beat, err);
  if (rc != OHA_OK)
    return rc;
  h->read_us = since_us(v, began);
  if (!beat.found)
    return oha__fail(err, OHA_E_PROTOCOL, "the row that was written is not there");
  return OHA_OK;
}

/* A second run of this program may hold the row for a moment; that is no fault, so it is tried once more. */
static void write_host(const struct visit *v, size_t i)
{
  struct oha_db_health *h = &v->hosts[i];
  struct oha_error err = OHA_ERROR_INIT;

  h->tried = true;
  h->write_rc = beat_once(v, i, &err);
  if (h->write_rc == OHA_E_CONFLICT) {
    oha__sleep(v->ctx, oha__db_backoff_us(v->dbs[i], 0));
    oha_error_clear(&err);
    h->write_rc = beat_once(v, i, &err);
  }
  if (h->write_rc != OHA_OK)
    keep_why(h, &err);
}

/* Parts per million of a fraction such as "0.012345"; "1e-05" is too little to be worth telling. */
static int64_t ppm_of(struct oha_span text)
{
  struct oha_span whole, part;
  int64_t ppm, unit = 100000;
  uint32_t n;

  if (!oha__span_cut(text, '.', &whole, &part) || !oha__span_u32(whole, 1, &n) ||
      memchr(part.p, 'e', part.n) != NULL)
    return oha__span_is(text, "1") ? 1000000 : 0;
  ppm = (int64_t)n * 1000000;
  for (size_t i = 0; i < part.n && oha__is_digit(part.p[i]); i++, unit /= 10)
    ppm += unit * (part.p[i] - '0');
  return ppm;
}

static enum oha_rc take_status(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha_db_health *h = arg;
  uint32_t n;

  (void)err;
  if (row->n < 2 || row->col[0] == NULL || row->col[1] == NULL)
    return OHA_OK;
  if (!oha__span_iis(oha__col(row, 0), "wsrep_local_recv_queue"))
    h->flow_paused_ppm = ppm_of(oha__col(row, 1));
  else if (oha__span_u32(oha__col(row, 1), UINT32_MAX, &n))
    h->recv_queue = n;
  return OHA_OK;
}

/* What it is now that all have been written to: a membership that changed meanwhile shows on all alike. */
static void judge_again(const struct visit *v, size_t i)
{
  struct oha_db_health *h = &v->hosts[i];
  struct oha_error err = OHA_ERROR_INIT;
  struct oha__sql q;

  if (v->dbs[i] == NULL || !oha_db_is_open(v->dbs[i]))
    return;
  if (oha_db_judge(v->dbs[i], &h->verdict, &err) != OHA_OK || !h->verdict.galera) {
    if (err.rc != OHA_OK) {
      h->verdict = *oha_db_verdict_of(v->dbs[i]);
      keep_why(h, &err);
    }
    return;
  }
  oha__sql_init(&q, v->dbs[i]);
  oha__sql_puts(&q, "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_flow_control_paused', "
                    "'wsrep_local_recv_queue')");
  if (oha__db_each_stored(v->dbs[i], &q, take_status, h, &err) != OHA_OK)
    keep_why(h, &err);
  oha__sql_clear(&q);
}

struct position {
  char text[POSITION_SIZE]; /* "" = the server has none, or a longer one */
};

static enum oha_rc take_position(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct position *position = arg;

  (void)err;
  if (row->n == 1 && row->col[0] != NULL)
    oha__span_copy(oha__col(row, 0), position->text, sizeof(position->text));
  return OHA_OK;
}

static bool is_mariadb(const struct oha_db_health *h)
{
  return strstr(h->verdict.version, "MariaDB") != NULL;
}

static void ask(struct oha_db *db, struct oha__sql *q, struct position *out, struct oha_error *err)
{
  memset(out, 0, sizeof(*out));
  if (oha__db_each_stored(db, q, take_position, out, err) != OHA_OK)
    out->text[0] = '\0';
}

/* How long does replica @p i need to have what writer @p w just got? */
static void measure_lag(const struct visit *v, size_t w, size_t i)
{
  struct oha_db_health *h = &v->hosts[i];
  struct oha_error err = OHA_ERROR_INIT;
  struct position position, answer;
  struct oha_mono began;
  struct oha__sql q;
  bool mariadb = is_mariadb(h);

  oha__sql_init(&q, v->dbs[w]);
  oha__sql_puts(&q, is_mariadb(&v->hosts[w]) ? "SELECT @@gtid_binlog_pos" : "SELECT @@GLOBAL.gtid_executed");
  ask(v->dbs[w], &q, &position, &err);
  oha__sql_clear(&q);
  if (position.text[0] == '\0' || mariadb != is_mariadb(&v->hosts[w]))
    return;
  oha__sql_init(&q, v->dbs[i]);
  oha__sql_puts(&q, mariadb ? "SELECT MASTER_GTID_WAIT(" : "SELECT WAIT_FOR_EXECUTED_GTID_SET(");
  oha__sql_text(&q, oha__span(position.text));
  oha__sql_printf(&q, ", %" PRId64 ".%06" PRId64 ")", v->opts->lag_limit_us / OHA_US_PER_S,
                  v->opts->lag_limit_us % OHA_US_PER_S);
  began = oha_now_mono(v->ctx);
  ask(v->dbs[i], &q, &answer, &err);
  oha__sql_clear(&q);
  h->lag_tried = true;
  if (strcmp(answer.text, "0") == 0)
    h->lag_us = since_us(v, began);
  else if (err.rc != OHA_OK)
    keep_why(h, &err);
}

static bool is_same_server(const struct oha_db_health *a, const struct oha_db_health *b)
{
  return a->verdict.server_id == b->verdict.server_id &&
         strcmp(a->verdict.hostname, b->verdict.hostname) == 0;
}

static void visit_all(const struct visit *v)
{
  size_t writer = SIZE_MAX;

  for (size_t i = 0; i < v->n && !v->opts->look_only; i++) {
    const struct oha_db_health *h = &v->hosts[i];

    if (!h->answered || !h->verdict.writable || (!h->verdict.galera && writer != SIZE_MAX))
      continue;
    write_host(v, i);
    if (!h->verdict.galera && h->write_rc == OHA_OK)
      writer = i;
  }
  for (size_t i = 0; i < v->n; i++)
    judge_again(v, i);
  for (size_t i = 0; i < v->n && writer != SIZE_MAX; i++)
    if (v->hosts[i].answered && !v->hosts[i].verdict.galera && !v->hosts[i].verdict.writable &&
        oha_db_is_open(v->dbs[i]) && !is_same_server(&v->hosts[writer], &v->hosts[i]))
      measure_lag(v, writer, i);
}

static void reset(struct oha_db_health *h, const char *host)
{
  memset(h, 0, sizeof(*h));
  h->connect_us = h->write_us = h->read_us = h->flow_paused_ppm = h->recv_queue = h->lag_us = -1;
  h->write_rc = OHA_E_UNAVAILABLE;
  oha__span_copy(oha__span(host), h->host, sizeof(h->host));
}

enum oha_rc oha_db_health_probe(struct oha_ctx *ctx, const struct oha_db_health_opts *opts,
                                struct oha_db_health *out, size_t n_out, struct oha_error *err)
{
  struct oha_db_health_opts o;
  struct visit v = { .ctx = ctx, .opts = &o, .hosts = out, .n = n_out };
  enum oha_rc rc;

  if (ctx == NULL || opts == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_db_health_probe: no context, options or room");
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc != OHA_OK)
    return rc;
  if (o.db == NULL || o.db->n_hosts == 0 || o.db->n_hosts != n_out)
    return oha__fail(err, OHA_E_ARG, "oha_db_health_probe: room for %zu hosts, there are %zu", n_out,
                     o.db != NULL ? o.db->n_hosts : 0);
  if (o.node == NULL || o.node[0] == '\0' || strlen(o.node) >= NODE_SIZE)
    return oha__fail(err, OHA_E_ARG, "oha_db_health_probe: node must have 1 to %d bytes", NODE_SIZE - 1);
  o.timeout_us = o.timeout_us == 0 ? TIMEOUT_US : o.timeout_us;
  o.lag_limit_us = o.lag_limit_us == 0 ? LAG_LIMIT_US : o.lag_limit_us;
  if (o.timeout_us < 0 || o.lag_limit_us < 0)
    return oha__fail(err, OHA_E_ARG, "oha_db_health_probe: a duration is negative");
  /* The server's answer must come before our own deadline. */
  if (o.lag_limit_us > o.timeout_us / 2)
    o.lag_limit_us = o.timeout_us / 2;
  for (size_t i = 0; i < n_out; i++)
    reset(&out[i], o.db->hosts[i]);
  v.dbs = oha__calloc(n_out, sizeof(struct oha_db *));
  if (v.dbs == NULL)
    return oha__fail_nomem(err);
  for (size_t i = 0; i < n_out && rc == OHA_OK; i++)
    rc = open_host(&v, i, err);
  if (rc == OHA_OK)
    visit_all(&v);
  if (rc == OHA_OK && oha__cancelled(ctx))
    rc = oha__fail(err, OHA_E_CANCELLED, "cancelled while looking at the database");
  for (size_t i = 0; i < n_out; i++)
    oha_db_close(v.dbs[i]);
  oha__free(v.dbs);
  return rc;
}
