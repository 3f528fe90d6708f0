/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_DB_QUERY_H
#define OHA_DB_QUERY_H
/* Statements on an open connection, for the layers above. Nothing here reconnects. */
#include <opensips-ha/db.h>
#include "base/span.h"

/* SQL text being built; grows; the first failure (memory) sticks and is reported by the call that uses it. */
struct oha__sql {
  struct oha_db *db;
  char *p;
  size_t n, cap;
  bool failed;
};

void oha__sql_init(struct oha__sql *q, struct oha_db *db);
void oha__sql_clear(struct oha__sql *q);
void oha__sql_reset(struct oha__sql *q); /* empty again, memory kept */
void oha__sql_puts(struct oha__sql *q, const char *sql);
void oha__sql_printf(struct oha__sql *q, const char *fmt, ...) OHA_PRINTF(2, 3); /* numbers only */
void oha__sql_ident(struct oha__sql *q, const char *name);        /* `name`, backticks doubled */
void oha__sql_text(struct oha__sql *q, struct oha_span text);     /* 'text', escaped; any bytes */
void oha__sql_bytes(struct oha__sql *q, const void *p, size_t n); /* x'hex' */

/* A row; col[i] is NULL for SQL NULL; bytes as stored. A NUL follows them (mysql_fetch_row()), but they may
 * hold NULs of their own: len[i] decides. */
struct oha__row {
  const char *const *col;
  const unsigned long *len;
  unsigned n;
};

static inline struct oha_span oha__col(const struct oha__row *row, unsigned i)
{
  return row->col[i] == NULL ? (struct oha_span){ NULL, 0 } : (struct oha_span){ row->col[i], row->len[i] };
}

/* OHA_OK to go on, OHA_END to stop early (then the whole is OHA_OK), anything else is passed through. */
typedef enum oha_rc oha__row_fn(void *arg, const struct oha__row *row, struct oha_error *err);

/*
 * Run a statement without a result.
 * Returns OHA_OK; OHA_E_DENIED, OHA_E_SCHEMA, OHA_E_READONLY, OHA_E_NO_QUORUM, OHA_E_CONFLICT, OHA_E_TOO_BIG,
 * OHA_E_UNKNOWN (connection lost: outcome not known), OHA_E_UNAVAILABLE, OHA_E_DB; err->sys = MySQL's number.
 */
OHA_NODISCARD enum oha_rc oha__db_exec(struct oha_db *db, struct oha__sql *q, uint64_t *n_affected,
                                       struct oha_error *err);

/*
 * Run a SELECT and stream its rows in constant memory. No other statement may run on @p db meanwhile; after
 * an early stop the rest is still read, so use LIMIT where little is wanted. A connection lost in mid-read is
 * OHA_E_UNAVAILABLE, or OHA_E_TIMEOUT when the server stayed silent.
 */
OHA_NODISCARD enum oha_rc oha__db_each(struct oha_db *db, struct oha__sql *q, oha__row_fn *fn, void *arg,
                                       struct oha_error *err);

/* The same with the whole result fetched first, so that @p fn may use @p db. For small results. */
OHA_NODISCARD enum oha_rc oha__db_each_stored(struct oha_db *db, struct oha__sql *q, oha__row_fn *fn,
                                              void *arg, struct oha_error *err);

/*
 * One transaction at a time. After a statement in it has failed, only a rollback is accepted: a conflict has
 * ended the transaction at the server, and what came next would stand alone. Behind a balancer begin and
 * commit check that the judged server still answers (OHA_E_UNAVAILABLE, OHA_E_UNKNOWN; connect anew). After
 * oha__db_commit() no transaction is open, whatever it returns; OHA_E_UNKNOWN = it may stand or not.
 */
OHA_NODISCARD enum oha_rc oha__db_begin(struct oha_db *db, struct oha_error *err);
OHA_NODISCARD enum oha_rc oha__db_commit(struct oha_db *db, struct oha_error *err);
void oha__db_rollback(struct oha_db *db);
bool oha__db_in_transaction(const struct oha_db *db);

/*
 * Galera: let reads wait until this node has everything that was committed before them, until turned off.
 * A read whose node does not catch up returns OHA_E_TIMEOUT, class LAGS. Elsewhere nothing happens.
 */
OHA_NODISCARD enum oha_rc oha__db_sync_wait(struct oha_db *db, bool on, struct oha_error *err);

/* Convenience: one statement of constant text. */
OHA_NODISCARD enum oha_rc oha__db_do(struct oha_db *db, const char *sql, struct oha_error *err);

struct oha_ctx *oha__db_ctx(struct oha_db *db);

/* What a failed statement means: the class of err->sys. */
enum oha_db_class oha__db_class_of_error(const struct oha_error *err);

/* Pause before try number @p attempt (0 = first repeat): jittered, growing, bounded. */
int64_t oha__db_backoff_us(struct oha_db *db, unsigned attempt);

#endif
