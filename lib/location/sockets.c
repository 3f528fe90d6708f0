/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The distinct sockets of a table, counted by the server. */
#include "location/location.h"
#include "base/error.h"

#include <string.h>

struct count {
  oha_socket_count_fn *fn;
  void *arg;
};

static enum oha_rc on_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct count *c = arg;
  struct oha_span socket = oha__col(row, 0);
  uint64_t n_live, n_all;

  if (!oha__span_u64(oha__col(row, 1), UINT64_MAX, &n_live) ||
      !oha__span_u64(oha__col(row, 2), UINT64_MAX, &n_all) || n_live > n_all)
    return oha__fail(err, OHA_E_BUG, "sockets: a count is no number");
  return c->fn(c->arg, socket.p, n_live, n_all - n_live);
}

enum oha_rc oha_location_sockets(struct oha_location *location, oha_socket_count_fn *fn, void *arg,
                                 struct oha_error *err)
{
  struct count c = { fn, arg };
  struct oha__sql q;
  enum oha_rc rc;

  if (location == NULL || fn == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_location_sockets: NULL");
  oha__sql_init(&q, location->db);
  oha__sql_puts(&q, "SELECT CAST(");
  oha__location_put_column(&q, location, OHA__FIELD_SOCKET);
  oha__sql_puts(&q, " AS BINARY), COUNT(CASE WHEN ");
  oha__location_put_live(&q, location, oha_now_wall(oha__db_ctx(location->db)));
  oha__sql_puts(&q, " THEN 1 END), COUNT(*) FROM ");
  oha__location_put_table(&q, location);
  oha__sql_puts(&q, " GROUP BY 1 ORDER BY 3 DESC, 1");
  rc = oha__db_each_stored(location->db, &q, on_row, &c, err);
  oha__sql_clear(&q);
  return rc;
}
