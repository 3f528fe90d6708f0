/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_JOURNAL_PAGE_H
#define OHA_JOURNAL_PAGE_H
/* Pages of a rewrite in the journal: table opensips_ha_page, one blob of (id, expires) per page. */
#include <opensips-ha/journal.h>

/*
 * Store a page with the caller's transaction on the journal's connection, and touch the lease in it
 * (`UPDATE ... WHERE fence = mine`). Returns OHA_E_LEASE when the lease is no longer ours: roll back.
 */
OHA_NODISCARD enum oha_rc oha__page_put(struct oha_journal *journal, const char *op_id, uint32_t page_no,
                                        const char *old_socket, const char *new_socket,
                                        const struct oha_page_row *rows, size_t n_rows,
                                        struct oha_error *err);

/* A page read back; rows are lent until the callback returns. */
struct oha__page {
  uint32_t page_no;
  const char *old_socket, *new_socket;
  const struct oha_page_row *rows;
  size_t n_rows;
};

/* OHA_OK goes on, OHA_END stops. The callback may use the connection. */
typedef enum oha_rc oha__page_fn(void *arg, const struct oha__page *page, struct oha_error *err);
OHA_NODISCARD enum oha_rc oha__page_each(struct oha_journal *journal, const char *op_id, oha__page_fn *fn,
                                         void *arg, struct oha_error *err);

/* Forget a page: it was taken back, in the caller's transaction if there is one. */
OHA_NODISCARD enum oha_rc oha__page_drop(struct oha_journal *journal, const char *op_id, uint32_t page_no,
                                         struct oha_error *err);

/* One more than the highest page number of an operation: 0 when there is none. */
OHA_NODISCARD enum oha_rc oha__page_next(struct oha_journal *journal, const char *op_id, uint32_t *page_no,
                                         struct oha_error *err);

/* The blob: varint deltas of ascending ids and their expires. Pure. */
OHA_NODISCARD enum oha_rc oha__page_encode(const struct oha_page_row *rows, size_t n_rows, uint8_t **out,
                                           size_t *n_out, struct oha_error *err);
OHA_NODISCARD enum oha_rc oha__page_decode(const uint8_t *p, size_t n, struct oha_page_row **rows,
                                           size_t *n_rows, struct oha_error *err);

struct oha_db *oha__journal_db(struct oha_journal *journal); /* NULL without a database */

#endif
