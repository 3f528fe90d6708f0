/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_LOCATION_REWRITE_PAGE_H
#define OHA_LOCATION_REWRITE_PAGE_H
/* One page of a rewrite: rows read and judged, then changed and journaled in one transaction. */
#include "journal/page.h"
#include "location/location.h"

#include <opensips-ha/rewrite.h>

/* A socket text of the table, and what replaces it. */
struct oha__rewrite_pair {
  bool wanted; /* it names a socket of the old active, and the target has one of the same role */
  char old_text[OHA_SOCK_SIZE];
  char new_text[OHA_SOCK_SIZE];
};

#define OHA__REWRITE_PAIRS_KEPT 256

struct oha__rewrite_pairs {
  struct oha__rewrite_pair *items;
  size_t n, cap;
};

/*
 * The condition that leaves out rows which certainly need nothing: "`socket` NOT IN (the target's and
 * others')". What is left names a socket of the old active in one spelling or another, or one that nobody
 * configured.
 */
OHA_NODISCARD enum oha_rc oha__rewrite_put_candidates(struct oha__sql *q, const struct oha_location *location,
                                                      const struct oha_move *move, struct oha_error *err);

/*
 * The pair of a stored text, to the byte: learnt when it is seen first. items[*index] is valid until the next
 * call. OHA_E_REFUSED when a new text would not be understood by the registrar, or does not fit the column.
 */
OHA_NODISCARD enum oha_rc oha__rewrite_pair_of(struct oha__rewrite_pairs *pairs, const struct oha_move *move,
                                               const struct oha_dialect *dialect, const char *socket,
                                               uint32_t *index, struct oha_error *err);
void oha__rewrite_pairs_clear(struct oha__rewrite_pairs *pairs);

/* Columns that a rewrite judges rows by. */
#define OHA__REWRITE_FIELDS (OHA__FIELDS_REACH & ~((1u << OHA__FIELD_USERNAME) | (1u << OHA__FIELD_DOMAIN)))

/* A row that is to be changed. */
struct oha__rewrite_row {
  struct oha_page_row row;
  uint32_t pair;
};

/* The rows of a page, in order of their key; room is reused from page to page. */
struct oha__rewrite_rows {
  struct oha__rewrite_row *items;
  size_t n, cap;
  size_t n_seen;     /* rows read */
  uint64_t last_key; /* of the last row seen */
};

struct oha__rewrite_job {
  struct oha_location *location;
  struct oha_journal *journal; /* NULL: no journal */
  const char *op_id;
  const struct oha_move *move;
  struct oha__rewrite_pairs pairs;
  uint32_t class_mask;
  uint32_t page_no; /* of the journal, the next one */
  struct oha__sql sql;
  struct oha__rewrite_rows rows;
  struct oha_page_row *page; /* room for one pair's rows */
  size_t page_cap;
};

/*
 * Read, judge and (unless @p dry_run) change up to @p n_rows rows behind @p *cursor, which moves on when the
 * page is committed. @p *end is set when there are no more. The transaction is over when this returns.
 */
OHA_NODISCARD enum oha_rc oha__rewrite_page(struct oha__rewrite_job *job, uint32_t n_rows, bool dry_run,
                                            uint64_t *cursor, bool *end, struct oha_rewrite_stats *stats,
                                            struct oha_error *err);
void oha__rewrite_job_clear(struct oha__rewrite_job *job);

#endif
