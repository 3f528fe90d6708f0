/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_JOURNAL_JOURNAL_H
#define OHA_JOURNAL_JOURNAL_H
/* The handle, and what the files of this folder do for each other. */
#include <opensips-ha/journal.h>
#include "base/ctx.h"
#include "db/query.h"
#include "journal/logline.h"

enum oha__lease_state { OHA__LEASE_NONE = 0, OHA__LEASE_HELD, OHA__LEASE_LOST };

struct oha_journal {
  struct oha_ctx *ctx;
  struct oha_db *db; /* borrowed; NULL = without a database */
  char *state_dir;
  char cluster[64], holder[128];
  int64_t lease_ttl_us;
  int lock_fd; /* -1 = not locked */
  enum oha__lease_state lease;
  char lease_op_id[OHA_OP_ID_SIZE];
  uint64_t fence;
  struct oha_wall noted_at; /* of the newest step note */
  bool deferred;
  char behind[256]; /* why the database lacks something; "" = it does not */
};

/* ---- local lock ---- */

/* Take it; *before is what the last holder left (empty: nothing). OHA_E_BUSY, OHA_E_IO, OHA_E_DENIED. */
OHA_NODISCARD enum oha_rc oha__lock_take(struct oha_journal *journal, const char *op_id,
                                         struct oha__lock_note *before, struct oha_error *err);
/* @p keep_note: the database still has our lease, so that the next one here may take it over. */
void oha__lock_release(struct oha_journal *journal, bool keep_note);

/* Does another process of this machine hold it? *note is of who does, or died with it (empty: nobody). */
OHA_NODISCARD enum oha_rc oha__lock_show(const struct oha_journal *journal, bool *held,
                                         struct oha__lock_note *note, struct oha_error *err);

/* ---- local log ---- */

/* Append a line to an operation's file and sync it. */
OHA_NODISCARD enum oha_rc oha__local_append(const struct oha_journal *journal, const char *op_id,
                                            const char *line, struct oha_error *err);

/* OHA_E_NOTFOUND when there is no such file. */
OHA_NODISCARD enum oha_rc oha__local_read(const struct oha_journal *journal, const char *op_id,
                                          struct oha__log *out, struct oha_error *err);

typedef enum oha_rc oha__local_fn(void *arg, const struct oha__log *log, struct oha_error *err);

/* Every operation of this cluster in the state directory, in no order. */
OHA_NODISCARD enum oha_rc oha__local_each(const struct oha_journal *journal, oha__local_fn *fn, void *arg,
                                          struct oha_error *err);

/* Remove the oldest finished operations, so that at most @p n_keep of them stay. */
void oha__local_prune(const struct oha_journal *journal, unsigned n_keep);

/* ---- database ---- */

/* How much a write that fails may wait for. */
enum oha__patience {
  OHA__BRIEF,  /* a pause after a conflict */
  OHA__PATIENT /* also a new connection after a lost one, and readiness after a change of membership */
};

/* Should a write that failed with @p err be tried again, for the time number @p attempt (0 = first)? Waits
 * before it says yes, and clears *err then. */
bool oha__retry(struct oha_journal *journal, enum oha__patience patience, unsigned attempt,
                struct oha_error *err);

/* Inside a transaction: is the lease still ours? Changes its row, so that a thief on another node conflicts
 * with us. Nothing without a lease. OHA_E_LEASE. */
OHA_NODISCARD enum oha_rc oha__lease_touch(struct oha_journal *journal, struct oha_error *err);

/* Run @p fn in a transaction that touches the lease, with retries; @p fn must be repeatable. */
typedef enum oha_rc oha__write_fn(struct oha_journal *journal, const void *arg, struct oha_error *err);
OHA_NODISCARD enum oha_rc oha__journal_write(struct oha_journal *journal, enum oha__patience patience,
                                             oha__write_fn *fn, const void *arg, struct oha_error *err);

struct oha__step_of {
  const char *op_id;
  const struct oha__log_step *step;
};

/* Statements for oha__journal_write(); what is older never overwrites what is newer. @p arg is a struct
 * oha_op_record, a struct oha__step_of, a struct oha__log (the record and all steps). */
oha__write_fn oha__write_op, oha__write_step, oha__write_log;

/* Put a failure that was dealt with locally into the caller's error. */
enum oha_rc oha__hand_on(struct oha_error *err, const struct oha_error *local);

typedef enum oha_rc oha__op_row_fn(void *arg, const struct oha_op_record *record, struct oha_error *err);
typedef enum oha_rc oha__step_row_fn(void *arg, const struct oha__log_step *step, struct oha_error *err);

/*
 * Operations of this cluster in the database, newest first; @p only is what follows AND, NULL = all;
 * @p limit 0 = all.
 */
OHA_NODISCARD enum oha_rc oha__db_ops(struct oha_journal *journal, const char *only, unsigned limit,
                                      oha__op_row_fn *fn, void *arg, struct oha_error *err);
OHA_NODISCARD enum oha_rc oha__db_steps(struct oha_journal *journal, const char *op_id, oha__step_row_fn *fn,
                                        void *arg, struct oha_error *err);

/* Note that the database lacks something, and why; the first reason stays. */
void oha__journal_fell_behind(struct oha_journal *journal, const char *why);

/* Was it last written by this machine? Then the local log has all its steps. Else those that were noted while
 * the database was left out may be missing. */
bool oha__op_is_here(const struct oha_journal *journal, const struct oha_op_record *record);

/* Bring the database up to what the local log has: operations that it lacks or has older, and the steps of
 * open ones. What fails is noted as fallen behind. */
void oha__journal_catch_up(struct oha_journal *journal);

#endif
