/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_DB_CONN_H
#define OHA_DB_CONN_H
/* The handle behind struct oha_db, shared by the files of this folder that talk to the server. */
#include <opensips-ha/db.h>
#include "base/ctx.h"
#include "db/errors.h"
#include "db/host.h"

#include <mysql.h>

#define OHA__DB_ACCOUNT_SIZE 160

struct oha_db {
  struct oha_ctx *ctx;
  MYSQL *my; /* NULL = not connected */
  struct oha__db_host *hosts;
  size_t n_hosts;
  size_t first_host; /* where the next connect begins */
  char *option_file, *group, *schema;
  bool balancer;
  enum oha_db_need need;
  unsigned connect_timeout_s, read_timeout_s, write_timeout_s;
  uint64_t max_packet_bytes; /* the server takes; 0 = not known */
  struct oha_db_verdict verdict;
  char account[OHA__DB_ACCOUNT_SIZE]; /* CURRENT_USER() */
  bool in_trx;
  bool trx_failed; /* only a rollback is accepted */
  bool streaming;  /* a result is being read */
  bool lost;       /* to be dropped as soon as no result hangs on it */
  bool sync_wait;  /* reads are causal */
};

/* What the server says about itself, as text; "" = it has no such variable. */
struct oha__db_facts {
  char hostname[128], server_id[24], version[128], read_only[32], super_read_only[8], offline_mode[8];
  char wsrep_on[8], wsrep_provider[160], wsrep_desync[8], wsrep_reject_queries[16], wsrep_donor_rejects[8];
  char pxc_maint_mode[16];
  char cluster_status[24], ready[8], local_state[8], cluster_size[24], conf_id[32], uuid[64];
  char log_bin[8], binlog_format[16];
  char tx_isolation[32], transaction_isolation[32], innodb_lock_wait_timeout[24], lock_wait_timeout[24];
  char idle_transaction_timeout[24], max_allowed_packet[24];
};

/* Pure: sorts what was read. */
void oha__db_facts_put(struct oha__db_facts *facts, struct oha_span name, struct oha_span value);
void oha__db_verdict_make(const struct oha__db_facts *f, struct oha_db_verdict *v);

/* A healthy Galera node on its way back to Synced, as after a state transfer or a global read lock. */
bool oha__db_is_catching_up(const struct oha_db_verdict *v);

/* Reads the facts; the verdict's host is left to the caller. */
OHA_NODISCARD enum oha_rc oha__db_facts_read(struct oha_db *db, struct oha__db_facts *facts,
                                             struct oha_error *err);

/* Fills @p err from the connection's last error; marks a connection that is lost. */
enum oha_rc oha__db_fail(struct oha_db *db, enum oha__db_when when, int64_t elapsed_us,
                         struct oha_error *err);

/* Close the connection, without a word to the server. */
void oha__db_drop(struct oha_db *db);

#endif
