/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading bindings: one statement, rows streamed, nothing kept. */
#include "location/scan.h"
#include "base/ctx.h"
#include "base/error.h"

#include <string.h>

static enum oha_rc on_row(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha__scan *scan = arg;
  struct oha_binding binding;
  char why[OHA__WHY_SIZE];

  (void)err;
  scan->n_rows++;
  if (oha__row_decode(&scan->layout, row, &binding, why) != OHA_OK) {
    if (scan->filter.n_bad != NULL)
      ++*scan->filter.n_bad;
    if (scan->filter.bad_row != NULL)
      scan->filter.bad_row(scan->filter.bad_row_arg, binding.id, why);
    return OHA_OK;
  }
  if (!scan->filter.include_expired && !oha__binding_is_live(&binding, scan->now))
    return OHA_OK;
  return scan->fn(scan->arg, &binding);
}

enum oha_rc oha__scan_run(struct oha__scan *scan, struct oha__sql *q, struct oha_error *err)
{
  return oha__db_each(scan->location->db, q, on_row, scan, err);
}

void oha__scan_select(struct oha__scan *scan, struct oha__sql *q)
{
  oha__location_put_select(q, scan->location, oha__location_fields_of(scan->filter.columns), &scan->layout);
  oha__sql_puts(q, " WHERE ");
  if (scan->filter.socket == NULL)
    return;
  oha__location_put_is(q, scan->location, OHA__FIELD_SOCKET, oha__span(scan->filter.socket));
  oha__sql_puts(q, " AND ");
}

static enum oha_rc scan_all(struct oha__scan *scan, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, scan->location->db);
  oha__scan_select(scan, &q);
  oha__sql_puts(&q, "1 = 1");
  rc = oha__scan_run(scan, &q, err);
  oha__sql_clear(&q);
  return rc;
}

enum oha_rc oha_location_each(struct oha_location *location, const struct oha_location_filter *filter,
                              oha_binding_fn *fn, void *arg, struct oha_error *err)
{
  struct oha__scan scan = { .location = location, .fn = fn, .arg = arg };
  enum oha_rc rc;

  if (location == NULL || fn == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_location_each: NULL");
  rc = oha__opts_take(&scan.filter, filter, sizeof(scan.filter), err);
  if (rc != OHA_OK)
    return rc;
  scan.now = oha_now_wall(oha__db_ctx(location->db));
  if (scan.filter.scanned != NULL)
    *scan.filter.scanned = false;
  return scan.filter.aor == NULL ? scan_all(&scan, err) : oha__lookup(&scan, err);
}
