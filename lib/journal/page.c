/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/page.h"
#include "journal/journal.h"
#include "journal/text.h"
#include "base/error.h"
#include "base/mem.h"

#include <stdio.h>

static enum oha_rc insert_page(struct oha_journal *journal, const char *op_id, uint32_t page_no,
                               const char *old_socket, const char *new_socket,
                               const struct oha_page_row *rows, size_t n_rows, struct oha_error *err)
{
  struct oha__sql q;
  size_t n_blob;
  uint8_t *blob;
  enum oha_rc rc = oha__page_encode(rows, n_rows, &blob, &n_blob, err);

  if (rc != OHA_OK)
    return rc;
  oha__sql_init(&q, journal->db);
  oha__sql_puts(&q,
                "INSERT INTO opensips_ha_page (op_id, page_no, lo, hi, old_socket, new_socket, n_rows, ids) "
                "VALUES (");
  oha__sql_text(&q, oha__span(op_id));
  oha__sql_printf(&q, ", %u, %llu, %llu, ", (unsigned)page_no, (unsigned long long)rows[0].id,
                  (unsigned long long)rows[n_rows - 1].id);
  oha__sql_text(&q, oha__span(old_socket));
  oha__sql_puts(&q, ", ");
  oha__sql_text(&q, oha__span(new_socket));
  oha__sql_printf(&q, ", %zu, ", n_rows);
  oha__sql_bytes(&q, blob, n_blob);
  oha__sql_puts(&q, ")");
  rc = oha__db_exec(journal->db, &q, NULL, err);
  oha__sql_clear(&q);
  oha__free(blob);
  return rc;
}

enum oha_rc oha__page_put(struct oha_journal *journal, const char *op_id, uint32_t page_no,
                          const char *old_socket, const char *new_socket, const struct oha_page_row *rows,
                          size_t n_rows, struct oha_error *err)
{
  enum oha_rc rc;

  if (journal == NULL || journal->db == NULL || !oha__db_in_transaction(journal->db) || n_rows == 0 ||
      n_rows > UINT32_MAX)
    return oha__fail(err, OHA_E_ARG, "page: needs a database, an open transaction and rows");
  rc = oha__lease_touch(journal, err);
  if (rc != OHA_OK)
    return rc;
  return insert_page(journal, op_id, page_no, old_socket, new_socket, rows, n_rows, err);
}

struct page_reader {
  oha__page_fn *fn;
  void *arg;
  uint64_t next_no;
  bool found, stopped;
};

static enum oha_rc take_page(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct page_reader *reader = arg;
  struct oha_page_row *rows = NULL;
  struct oha__page page = { 0 };
  char old_socket[1024], new_socket[1024];
  uint32_t n_rows = 0;
  enum oha_rc rc;

  reader->found = true;
  if (!oha__span_u32(oha__col(row, 0), UINT32_MAX, &page.page_no) ||
      !oha__span_copy(oha__col(row, 1), old_socket, sizeof(old_socket)) ||
      !oha__span_copy(oha__col(row, 2), new_socket, sizeof(new_socket)) ||
      !oha__span_u32(oha__col(row, 3), UINT32_MAX, &n_rows) || row->col[4] == NULL)
    return oha__fail(err, OHA_E_SCHEMA, "opensips_ha_page has a row that cannot be read");
  rc = oha__page_decode((const uint8_t *)row->col[4], row->len[4], &rows, &page.n_rows, err);
  if (rc != OHA_OK)
    return rc;
  reader->next_no = (uint64_t)page.page_no + 1;
  page.old_socket = old_socket;
  page.new_socket = new_socket;
  page.rows = rows;
  if (page.n_rows != n_rows)
    rc = oha__fail(err, OHA_E_PARSE, "page %u: says %u rows and has %zu", page.page_no, n_rows, page.n_rows);
  else
    rc = reader->fn(reader->arg, &page, err);
  reader->stopped = rc == OHA_END;
  oha__free(rows);
  return rc;
}

enum oha_rc oha__page_each(struct oha_journal *journal, const char *op_id, oha__page_fn *fn, void *arg,
                           struct oha_error *err)
{
  struct page_reader reader = { .fn = fn, .arg = arg };
  enum oha_rc rc = OHA_OK;

  if (journal->db == NULL)
    return oha__fail(err, OHA_E_UNAVAILABLE, "pages are in the database, and there is none");
  do { /* one at a time, so that the callback may use the connection */
    struct oha__sql q;

    reader.found = false;
    oha__sql_init(&q, journal->db);
    oha__sql_puts(&q,
                  "SELECT page_no, old_socket, new_socket, n_rows, ids FROM opensips_ha_page WHERE op_id = ");
    oha__sql_text(&q, oha__span(op_id));
    oha__sql_printf(&q, " AND page_no >= %llu ORDER BY page_no LIMIT 1", (unsigned long long)reader.next_no);
    rc = oha__db_each_stored(journal->db, &q, take_page, &reader, err);
    oha__sql_clear(&q);
  } while (rc == OHA_OK && reader.found && !reader.stopped);
  return rc;
}

enum oha_rc oha__page_drop(struct oha_journal *journal, const char *op_id, uint32_t page_no,
                           struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  if (journal->db == NULL)
    return oha__fail(err, OHA_E_UNAVAILABLE, "pages are in the database, and there is none");
  oha__sql_init(&q, journal->db);
  oha__sql_puts(&q, "DELETE FROM opensips_ha_page WHERE op_id = ");
  oha__sql_text(&q, oha__span(op_id));
  oha__sql_printf(&q, " AND page_no = %u", (unsigned)page_no);
  rc = oha__db_exec(journal->db, &q, NULL, err);
  oha__sql_clear(&q);
  return rc;
}

static enum oha_rc take_number(void *arg, const struct oha__row *row, struct oha_error *err)
{
  uint32_t highest;

  if (row->col[0] == NULL) /* MAX() of nothing */
    return OHA_OK;
  if (!oha__span_u32(oha__col(row, 0), UINT32_MAX - 1, &highest))
    return oha__fail(err, OHA_E_SCHEMA, "opensips_ha_page has a page number that cannot be followed");
  *(uint32_t *)arg = highest + 1;
  return OHA_OK;
}

enum oha_rc oha__page_next(struct oha_journal *journal, const char *op_id, uint32_t *page_no,
                           struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  *page_no = 0;
  if (journal->db == NULL)
    return oha__fail(err, OHA_E_UNAVAILABLE, "pages are in the database, and there is none");
  oha__sql_init(&q, journal->db);
  oha__sql_puts(&q, "SELECT MAX(page_no) FROM opensips_ha_page WHERE op_id = ");
  oha__sql_text(&q, oha__span(op_id));
  rc = oha__db_each_stored(journal->db, &q, take_number, page_no, err);
  oha__sql_clear(&q);
  return rc;
}
