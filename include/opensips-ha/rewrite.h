/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_REWRITE_H
#define OHA_REWRITE_H
/*
 * Writing B's socket into rows that name A's: row-guarded (`AND socket = old`), in keyset pages, each with
 * its journal page in one transaction (written ahead where the table has no transactions), and the way back.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/error.h>
#include <opensips-ha/journal.h>
#include <opensips-ha/location.h>
#include <opensips-ha/move.h>

OHA_BEGIN_DECLS

enum oha_speed {
  OHA_SPEED_PACED = 0, /* sleeps as long as each page took: registrars go on undisturbed */
  OHA_SPEED_FULL = 1   /* the outage is the cost */
};

struct oha_rewrite_stats {
  uint64_t n_pages, n_scanned, n_matched, n_changed,
      n_lost_race; /* lost_race: re-registered meanwhile; right as is */
  uint64_t n_retries, n_halvings;
  uint64_t n_left; /* rows that still name an old socket and should not: 0 after a whole run */
  int64_t elapsed_us, paused_us;
  const char *pause_reason; /* static text; why it last waited */
};

/** After each page; OHA_E_CANCELLED stops between pages. */
typedef enum oha_rc oha_rewrite_fn(void *arg, const struct oha_rewrite_stats *so_far);

struct oha_rewrite_opts {
  size_t size;
  enum oha_speed speed;
  uint32_t class_mask;                /* bits 1u << enum oha_reach; 0 = direct and unproven */
  uint64_t rate_rows_per_s;           /* 0 = no cap */
  uint32_t page_rows;                 /* first page size; 0 = 2000, 500 on Galera */
  int64_t page_target_us;             /* page size is steered towards it; 0 = 40 ms full, 8 ms paced */
  bool dry_run;                       /* count, write nothing */
  bool no_journal;                    /* for benchmarks: nothing can be taken back */
  enum oha_working_mode working_mode; /* of B: modes that do not read the table are refused */
  oha_rewrite_fn *progress;
  void *progress_arg;
};

/**
 * Rewrite the rows of a move. Where the database comes back as another server the table is walked from its
 * first row again: an asynchronous replica may lack the last pages.
 *
 * @param journal holds the lease; NULL only with no_journal or dry_run
 * @param op_id   the operation that pages belong to
 * @return OHA_OK; OHA_E_REFUSED the working mode ignores the table, or a new socket text would be refused by
 *         OpenSIPS; OHA_E_LEASE; OHA_E_CANCELLED; OHA_E_UNKNOWN, OHA_E_UNAVAILABLE, OHA_E_NO_QUORUM ... some
 * pages are done and journaled: run again (it continues, for a changed row no longer names the old socket)
 */
OHA_API OHA_NODISCARD enum oha_rc oha_rewrite_run(struct oha_location *location, struct oha_journal *journal,
                                                  const char *op_id, const struct oha_move *move,
                                                  const struct oha_rewrite_opts *opts,
                                                  struct oha_rewrite_stats *stats, struct oha_error *err);

/** Take back what an operation's pages say: rows with `socket = new AND expires unchanged`. Phones that
 * registered again are left alone (counted in n_lost_race). */
OHA_API OHA_NODISCARD enum oha_rc oha_rewrite_undo(struct oha_location *location, struct oha_journal *journal,
                                                   const char *op_id, const struct oha_rewrite_opts *opts,
                                                   struct oha_rewrite_stats *stats, struct oha_error *err);

/** Does this connection's server see the whole rewrite? A causal read (wsrep_sync_wait) of rows that still
 * name an old socket of the move and belong to the classes. */
OHA_API OHA_NODISCARD enum oha_rc oha_rewrite_verify(struct oha_location *location,
                                                     const struct oha_move *move, uint32_t class_mask,
                                                     uint64_t *n_left, struct oha_error *err);

OHA_END_DECLS
#endif
