/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_SESSION_H
#define OHA_SESSION_H
/*
 * From a cluster file to open handles: the database, its location table and the journal, each opened by what
 * the file says. For tools and applications that have a cluster; the layers below take plain options.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/cluster.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/db.h>
#include <opensips-ha/error.h>
#include <opensips-ha/journal.h>
#include <opensips-ha/location.h>

OHA_BEGIN_DECLS

struct oha_session_opts {
  size_t size;           /* sizeof(struct oha_session_opts) */
  enum oha_db_need need; /* WRITE skips hosts that are read-only or not Primary */
  const char *host;      /* borrows; the only host to connect to; NULL = the cluster's, in their order */
  int64_t timeout_us;    /* upper limit for connecting and for each statement; 0 = as the cluster file says */
  const char *state_dir; /* borrows; NULL = the installed default */
  const char *holder;    /* borrows; NULL = oha_session_actor() and the process id: "root@sip1/4711" */
};

/**
 * Connect to the cluster's database.
 *
 * @param cluster borrows
 * @param opts    borrows; NULL = all defaults (for reading)
 * @param out     gives; close with oha_db_close()
 * @return as oha_db_open(); OHA_E_CONFIG the cluster has no database host
 * Blocks: up to the connect timeout for each host.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_session_open_db(struct oha_ctx *ctx, const struct oha_cluster *cluster,
                                                      const struct oha_session_opts *opts,
                                                      struct oha_db **out, struct oha_error *err);

/**
 * Open the cluster's location table.
 *
 * @param db borrows until oha_location_close()
 * @return as oha_location_open(); OHA_E_REFUSED the table stores expires as DATETIME, in the time zone of the
 *         registrar's process, and the cluster's nodes differ in theirs
 */
OHA_API OHA_NODISCARD enum oha_rc oha_session_open_location(struct oha_db *db,
                                                            const struct oha_cluster *cluster,
                                                            struct oha_location **out, struct oha_error *err);

/**
 * Open the cluster's journal.
 *
 * @param db borrows until oha_journal_close(); NULL = the local lock and log only
 * @return as oha_journal_open()
 */
OHA_API OHA_NODISCARD enum oha_rc oha_session_open_journal(struct oha_ctx *ctx,
                                                           const struct oha_cluster *cluster,
                                                           struct oha_db *db,
                                                           const struct oha_session_opts *opts,
                                                           struct oha_journal **out, struct oha_error *err);

#define OHA_ACTOR_SIZE 128

/** Who acts, for the journal: "user@host" of this process. Gives back @p buf. */
OHA_API char *oha_session_actor(char buf[OHA_ACTOR_SIZE]);

OHA_END_DECLS
#endif
