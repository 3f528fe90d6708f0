/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/conn.h"
#include "base/sbuf.h"
#include "base/span.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SYNCED 4 /* wsrep_local_state: 0 initialised, 1 joining, 2 donor or desynced, 3 joined, 4 synced */
#define DONOR  2

void oha__db_facts_put(struct oha__db_facts *facts, struct oha_span name, struct oha_span value)
{
#define FACT(name, member)                                                                                   \
  {                                                                                                          \
    name, offsetof(struct oha__db_facts, member), sizeof(((struct oha__db_facts *)0)->member)                \
  }
  static const struct {
    const char *name;
    size_t at, size;
  } known[] = {
    FACT("hostname", hostname),
    FACT("server_id", server_id),
    FACT("version", version),
    FACT("read_only", read_only),
    FACT("super_read_only", super_read_only),
    FACT("offline_mode", offline_mode),
    FACT("wsrep_on", wsrep_on),
    FACT("wsrep_provider", wsrep_provider),
    FACT("wsrep_desync", wsrep_desync),
    FACT("wsrep_reject_queries", wsrep_reject_queries),
    FACT("wsrep_sst_donor_rejects_queries", wsrep_donor_rejects),
    FACT("pxc_maint_mode", pxc_maint_mode),
    FACT("wsrep_cluster_status", cluster_status),
    FACT("wsrep_ready", ready),
    FACT("wsrep_local_state", local_state),
    FACT("wsrep_cluster_size", cluster_size),
    FACT("wsrep_cluster_conf_id", conf_id),
    FACT("wsrep_cluster_state_uuid", uuid),
    FACT("log_bin", log_bin),
    FACT("binlog_format", binlog_format),
    FACT("tx_isolation", tx_isolation),
    FACT("transaction_isolation", transaction_isolation),
    FACT("innodb_lock_wait_timeout", innodb_lock_wait_timeout),
    FACT("lock_wait_timeout", lock_wait_timeout),
    FACT("idle_transaction_timeout", idle_transaction_timeout),
    FACT("max_allowed_packet", max_allowed_packet),
  };
#undef FACT

  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    if (!oha__span_iis(name, known[i].name))
      continue;
    if (value.n >= known[i].size) /* longer than anything that a server means: its beginning tells */
      value.n = known[i].size - 1;
    oha__span_copy(value, (char *)facts + known[i].at, known[i].size);
  }
}

static bool is_on(const char *value)
{
  return oha__span_iis(oha__span(value), "ON") || strcmp(value, "1") == 0;
}

/* "" (no such variable), OFF, NONE, DISABLED and 0 are the resting states. */
static bool at_rest(const char *value)
{
  struct oha_span v = oha__span(value);

  return v.n == 0 || oha__span_iis(v, "OFF") || oha__span_iis(v, "NONE") || oha__span_iis(v, "DISABLED") ||
         oha__span_is(v, "0");
}

static void say(struct oha_db_verdict *v, const char *what, const char *value)
{
  if (v->why[0] == '\0')
    snprintf(v->why, sizeof(v->why), "%s%s", what, value);
}

static int64_t number_or(const char *text, int64_t otherwise)
{
  int64_t n;

  return oha__span_i64(oha__span(text), &n) ? n : otherwise;
}

/* The order is that of the harm: the first reason is the one that is told. */
static void judge_galera(const struct oha__db_facts *f, struct oha_db_verdict *v)
{
  v->primary = oha__span_iis(oha__span(f->cluster_status), "Primary");
  v->ready = is_on(f->ready);
  v->local_state = (int32_t)number_or(f->local_state, 0);
  v->cluster_size = number_or(f->cluster_size, -1);
  oha__span_copy(oha__span(f->conf_id), v->cluster_conf_id, sizeof(v->cluster_conf_id));
  oha__span_copy(oha__span(f->uuid), v->cluster_uuid, sizeof(v->cluster_uuid));
  if (!v->primary)
    say(v, "wsrep_cluster_status is ", f->cluster_status[0] == '\0' ? "not known" : f->cluster_status);
  if (!v->ready)
    say(v, "wsrep_ready is ", f->ready);
  if (!at_rest(f->wsrep_reject_queries))
    say(v, "wsrep_reject_queries is ", f->wsrep_reject_queries);
  if (!at_rest(f->pxc_maint_mode))
    say(v, "pxc_maint_mode is ", f->pxc_maint_mode);
  if (v->local_state == DONOR && is_on(f->wsrep_donor_rejects))
    say(v, "it is a donor and wsrep_sst_donor_rejects_queries is ", f->wsrep_donor_rejects);
  v->readable = v->readable && v->why[0] == '\0';
  if (is_on(f->wsrep_desync))
    say(v, "wsrep_desync is ", f->wsrep_desync);
  if (oha__db_is_catching_up(v))
    say(v, "wsrep_local_state is ", f->local_state);
}

bool oha__db_is_catching_up(const struct oha_db_verdict *v)
{
  return v->galera && v->primary && v->ready && v->local_state != SYNCED && v->local_state != DONOR;
}

void oha__db_verdict_make(const struct oha__db_facts *f, struct oha_db_verdict *v)
{
  memset(v, 0, sizeof(*v));
  oha__span_copy(oha__span(f->hostname), v->hostname, sizeof(v->hostname));
  oha__span_copy(oha__span(f->version), v->version, sizeof(v->version));
  oha__span_u64(oha__span(f->server_id), UINT64_MAX, &v->server_id);
  v->galera = is_on(f->wsrep_on) && !at_rest(f->wsrep_provider);
  v->local_state = -1;
  v->cluster_size = -1;
  if (is_on(f->offline_mode))
    say(v, "offline_mode is ", f->offline_mode);
  v->readable = v->why[0] == '\0';
  if (v->galera)
    judge_galera(f, v);
  if (!at_rest(f->super_read_only))
    say(v, "super_read_only is ", f->super_read_only);
  if (!at_rest(f->read_only))
    say(v, "read_only is ", f->read_only);
  v->writable = v->why[0] == '\0';
}
