/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/conn.h"
#include "db/query.h"
#include "base/error.h"

#include <string.h>

static enum oha_rc take_fact(void *arg, const struct oha__row *row, struct oha_error *err)
{
  (void)err;
  if (row->n >= 2 && row->col[0] != NULL && row->col[1] != NULL)
    oha__db_facts_put(arg, oha__col(row, 0), oha__col(row, 1));
  return OHA_OK;
}

static enum oha_rc read_pairs(struct oha_db *db, const char *sql, struct oha__db_facts *facts,
                              struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, db);
  oha__sql_puts(&q, sql);
  rc = oha__db_each_stored(db, &q, take_fact, facts, err);
  oha__sql_clear(&q);
  return rc;
}

/* SHOW and not @@name: a variable that this server does not have is then no error. */
enum oha_rc oha__db_facts_read(struct oha_db *db, struct oha__db_facts *facts, struct oha_error *err)
{
  enum oha_rc rc;

  memset(facts, 0, sizeof(*facts));
  rc = read_pairs(db,
                  "SHOW VARIABLES WHERE Variable_name IN ('hostname', 'server_id', 'version', 'read_only', "
                  "'super_read_only', 'offline_mode', 'wsrep_on', 'wsrep_provider', 'wsrep_desync', "
                  "'wsrep_reject_queries', 'wsrep_sst_donor_rejects_queries', 'pxc_maint_mode', 'log_bin', "
                  "'binlog_format', 'tx_isolation', 'transaction_isolation', 'innodb_lock_wait_timeout', "
                  "'lock_wait_timeout', 'idle_transaction_timeout', 'max_allowed_packet')",
                  facts, err);
  if (rc != OHA_OK || facts->wsrep_on[0] == '\0')
    return rc;
  return read_pairs(db,
                    "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_status', 'wsrep_ready', "
                    "'wsrep_local_state', 'wsrep_cluster_size', 'wsrep_cluster_conf_id', "
                    "'wsrep_cluster_state_uuid')",
                    facts, err);
}

enum oha_rc oha_db_judge(struct oha_db *db, struct oha_db_verdict *out, struct oha_error *err)
{
  struct oha__db_facts facts;
  struct oha_db_verdict verdict;
  enum oha_rc rc;

  if (db == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_db_judge: db is NULL");
  if (out != NULL)
    memset(out, 0, sizeof(*out));
  rc = oha__db_facts_read(db, &facts, err);
  if (rc != OHA_OK)
    return rc;
  oha__db_verdict_make(&facts, &verdict);
  memcpy(verdict.host, db->verdict.host, sizeof(verdict.host));
  db->verdict = verdict;
  if (out != NULL)
    *out = verdict;
  return OHA_OK;
}

const struct oha_db_verdict *oha_db_verdict_of(const struct oha_db *db)
{
  return &db->verdict;
}
