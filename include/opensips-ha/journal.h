/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_JOURNAL_H
#define OHA_JOURNAL_H
/*
 * What was begun, how far it came, and who holds the lease: in the tables opensips_ha_lease, _operation,
 * _step and _page of the shared database, and in a local log (fsynced JSON lines in the state directory), so
 * that an operation can be resumed or undone although the database is away. What the database missed is
 * brought up when the lease is taken the next time with the database there.
 *
 * Texts are stored as UTF-8 without control characters; anything else in them becomes '?'.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/db.h>
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>

OHA_BEGIN_DECLS

#define OHA_OP_ID_SIZE 37 /* a UUID (RFC 9562 version 4) and its NUL */

enum oha_op_state {
  OHA_OP_RUNNING = 0,
  OHA_OP_DONE = 1,
  OHA_OP_DEGRADED = 2,   /* reached its goal, a proof stayed below its threshold */
  OHA_OP_INCOMPLETE = 3, /* mixed; resume or undo */
  OHA_OP_UNDONE = 4,
  OHA_OP_FAILED = 5 /* nothing changed */
};

enum oha_step_state {
  OHA_STEP_BEGUN = 0,
  OHA_STEP_DONE = 1,
  OHA_STEP_FAILED = 2,
  OHA_STEP_UNDONE = 3,
  OHA_STEP_SKIPPED = 4 /* was so already */
};

struct oha_op_record {
  char op_id[OHA_OP_ID_SIZE];
  char cluster[64];
  char verb[32];
  char from[64], to[64];
  char actor[128]; /* user@host */
  char reason[256];
  enum oha_op_state state;
  uint64_t fence;
  struct oha_wall began_at, ended_at; /* ended_at.us 0 = still open */
  char summary[512];                  /* one line for people */
  char options[1024]; /* JSON object with what resume needs: force list, class list, adopt, without */
  uint32_t revision;  /* how often this record was written; kept by the journal */
};

struct oha_step_record {
  uint32_t seq;
  char name[32];
  enum oha_step_state state;
  char detail[512];
  struct oha_wall at;
  uint64_t fence; /* of the lease under which it was noted; kept by the journal */
};

/** A page of rewritten rows: enough to take it back. */
struct oha_page_row {
  uint64_t id;
  uint32_t expires_s; /* Unix seconds; 0 = permanent */
};

struct oha_journal;

struct oha_journal_opts {
  size_t size;
  const char *cluster;   /* copies */
  const char *state_dir; /* copies; NULL = the installed default */
  const char *holder;    /* copies; who holds the lease: "user@host/pid" */
  int64_t lease_ttl_us;  /* 0 = 15 s */
};

/**
 * Open the journal. A state directory that is not there is made by the first write; one that this process may
 * not read is an empty local log.
 *
 * @param db borrows until oha_journal_close(); NULL = --without=database: local lock and log only
 * @return OHA_OK; OHA_E_SCHEMA the tables are not there (make them by oha_tables_create()); OHA_E_ARG;
 *         OHA_E_DENIED, OHA_E_DB ... as statements fail; OHA_E_NOMEM
 */
OHA_API OHA_NODISCARD enum oha_rc oha_journal_open(struct oha_ctx *ctx, struct oha_db *db,
                                                   const struct oha_journal_opts *opts,
                                                   struct oha_journal **out, struct oha_error *err);
/** Releases the lease, if held. */
OHA_API void oha_journal_close(struct oha_journal *journal);

/**
 * Note steps in the local log only, until turned off: while the service is dark, a database that hangs must
 * not hold it up. What was left out reaches the database with the next note, or with the end. A note that the
 * local log cannot take (its disk is full) goes to the database at once.
 */
OHA_API void oha_journal_defer(struct oha_journal *journal, bool on);

/** Why the database does not have all that was noted; "" = it has. Lends until the next note. */
OHA_API const char *oha_journal_behind(const struct oha_journal *journal);

/** The statements that make our tables, one per call; @p fn gets each without a final semicolon. */
typedef void oha_sql_fn(void *arg, const char *sql);
OHA_API void oha_tables_print(oha_sql_fn *fn, void *arg);

/** Make what is missing of our tables. @param n_made set to how many were made. @return OHA_OK; OHA_E_DENIED
 * (with the GRANT that is missing); OHA_E_SCHEMA one is there with other columns; OHA_E_DB */
OHA_API OHA_NODISCARD enum oha_rc oha_tables_create(struct oha_db *db, unsigned *n_made,
                                                    struct oha_error *err);

/** A new operation id: a random UUID. */
OHA_API OHA_NODISCARD enum oha_rc oha_op_id_new(char op_id[OHA_OP_ID_SIZE], struct oha_error *err);

/**
 * Take the cluster's lease (database) and the local lock (state directory). One committed conditional UPDATE,
 * so that it has one winner on Galera too; time is the server's UTC_TIMESTAMP(6). A lease that a process of
 * this machine left behind when it died is taken over at once: the kernel says that its local lock is free.
 *
 * @param op_id the operation that it is for; NULL = a new one, which oha_op_begin() then uses
 * @return OHA_OK; OHA_E_BUSY with the holder, the operation and until when; OHA_E_IO, OHA_E_DENIED the local
 *         lock; OHA_E_DB ...
 * Blocks: by the connection's timeouts for each of 3 statements; a conflict is repeated up to 5 times, a lost
 * connection is made anew up to 2 times, a change of Galera's membership is waited for up to 10 s.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_lease_take(struct oha_journal *journal, const char *op_id,
                                                 struct oha_error *err);

/** Keep it for @p block_us from now plus the TTL, before a step that may block; 0 = the TTL alone.
 *  @return OHA_OK; OHA_E_LEASE it is no longer ours; OHA_E_DB ... not known, the old end holds */
OHA_API OHA_NODISCARD enum oha_rc oha_lease_extend(struct oha_journal *journal, int64_t block_us,
                                                   struct oha_error *err);

OHA_API void oha_lease_release(struct oha_journal *journal);

struct oha_lease_view {
  bool held;
  char holder[128];
  char op_id[OHA_OP_ID_SIZE];
  uint64_t fence;
  struct oha_wall expires_at;
};
/** Who holds the lease now; needs no lease of ours. What a process of this machine left behind when it died
 * is not held: oha_lease_take() takes it over at once. */
OHA_API OHA_NODISCARD enum oha_rc oha_lease_show(struct oha_journal *journal, struct oha_lease_view *out,
                                                 struct oha_error *err);

/**
 * Begin an operation: fills op_id (the lease's, if held), cluster, fence, state, began_at, ended_at; written
 * to the log and the database.
 *
 * @return OHA_OK; OHA_E_ARG options is no JSON object; OHA_E_LEASE; OHA_E_IO, OHA_E_DENIED the local log;
 *         OHA_E_DB ... the database does not have it, and the log says FAILED: begin again without it
 */
OHA_API OHA_NODISCARD enum oha_rc oha_op_begin(struct oha_journal *journal, struct oha_op_record *record,
                                               struct oha_error *err);

/** Go on with a record that oha_op_find() gave: RUNNING again, under the lease that is held now. Codes as
 *  oha_op_begin(), but a database that fails leaves the record open in the log. */
OHA_API OHA_NODISCARD enum oha_rc oha_op_reopen(struct oha_journal *journal, struct oha_op_record *record,
                                                struct oha_error *err);

/**
 * End it. Connects anew if the connection was lost.
 *
 * @return OHA_OK both have it; OHA_E_LEASE; else the log has it and the database does not (the code says
 *         why), or nothing has it (OHA_E_IO)
 */
OHA_API OHA_NODISCARD enum oha_rc oha_op_end(struct oha_journal *journal, struct oha_op_record *record,
                                             enum oha_op_state state, const char *summary,
                                             struct oha_error *err);

/**
 * Note a step; the local log is synced before this returns.
 *
 * @return OHA_OK it is in the database or in the local log, or in both: oha_journal_behind() tells;
 *         OHA_E_LEASE the lease is no longer ours: stop (the log has the note); OHA_E_IO nothing has it
 */
OHA_API OHA_NODISCARD enum oha_rc oha_step_note(struct oha_journal *journal, const char *op_id, uint32_t seq,
                                                const char *name, enum oha_step_state state,
                                                const char *detail, struct oha_error *err);

typedef enum oha_rc oha_op_fn(void *arg, const struct oha_op_record *record);
typedef enum oha_rc oha_step_record_fn(void *arg, const struct oha_step_record *record);

/** Operations, newest first, of the database and the local log together (the later state wins: the higher
 *  fence, then the higher revision). @p limit 0 = all. The callback may use the journal; OHA_END stops. */
OHA_API OHA_NODISCARD enum oha_rc oha_op_each(struct oha_journal *journal, unsigned limit, oha_op_fn *fn,
                                              void *arg, struct oha_error *err);
/** The operation of that id, or with NULL the newest that is RUNNING or INCOMPLETE. @return OHA_OK;
 * OHA_E_NOTFOUND */
OHA_API OHA_NODISCARD enum oha_rc oha_op_find(struct oha_journal *journal, const char *op_id,
                                              struct oha_op_record *out, struct oha_error *err);
/** Latest note of each step, in order of seq. */
OHA_API OHA_NODISCARD enum oha_rc oha_step_each(struct oha_journal *journal, const char *op_id,
                                                oha_step_record_fn *fn, void *arg, struct oha_error *err);

OHA_END_DECLS
#endif
