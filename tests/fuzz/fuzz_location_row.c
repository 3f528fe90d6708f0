/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows of the location table. Input: a byte of switches, then the columns in order, separated by tabs; "\N"
 * is NULL. What decodes is in range, what does not says why in printable text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/tz.h"
#include "location/row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
  if (!holds)
    abort();
}

static void check_datetime(struct oha_span text)
{
  struct oha__tz_civil civil, again;
  char buf[OHA__DATETIME_SIZE];
  int64_t local_s;

  if (text.p == NULL || !oha__datetime_parse(text, &civil) || civil.year == 0)
    return;
  local_s = oha__tz_seconds_of(&civil);
  oha__datetime_format(local_s, buf);
  check(oha__datetime_parse(oha__span(buf), &again));
  check(oha__tz_seconds_of(&again) == local_s || civil.year == 9999); /* 31 November 9999 is in 10000 */
}

static void check_row(const struct oha__row_layout *layout, const struct oha__row *row)
{
  struct oha_binding b;
  char why[OHA__WHY_SIZE] = "";

  if (oha__row_decode(layout, row, &b, why) != OHA_OK) {
    check(why[0] != '\0' && strlen(why) < sizeof(why));
    for (const char *p = why; *p != '\0'; p++)
      check((unsigned char)*p >= 0x20 && *p != 0x7f);
    check(b.contact == NULL && b.username == NULL && b.expires.us == 0);
    return;
  }
  check(b.username != NULL && b.username[0] != '\0' && b.contact != NULL && b.callid != NULL);
  check(b.q_milli == -1000 || (b.q_milli >= 0 && b.q_milli <= 1000));
  check(b.methods >= -1 && b.methods < UINT32_MAX);
  check(b.permanent == (b.expires.us == 0) && (!b.expires_wraps || b.expires.us > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct oha__tz *zones[2];
  struct oha_dialect dialect = { .table_version = 1013 };
  struct oha__row_layout layout = { .dialect = &dialect };
  const char *col[OHA__FIELD_N] = { NULL };
  unsigned long len[OHA__FIELD_N] = { 0 };
  const struct oha__row row = { col, len, OHA__FIELD_N };
  char *copy;
  size_t at = 1;

  if (size == 0)
    return 0;
  if (zones[0] == NULL)
    check(oha__tz_open(NULL, "UTC", &zones[0], NULL) == OHA_OK &&
          oha__tz_open(NULL, "Europe/Berlin", &zones[1], NULL) == OHA_OK);
  layout.tz = zones[(data[0] & 4) != 0];
  dialect.expires_is_datetime = (data[0] & 1) != 0;
  dialect.cflags_is_number = (data[0] & 2) != 0;
  layout.need_domain = (data[0] & 8) != 0;
  copy = calloc(size + 1, 1);
  check(copy != NULL);
  memcpy(copy, data, size);
  for (int i = 0; i < OHA__FIELD_N; i++) {
    size_t n = 0;

    layout.at[i] = (int8_t)i;
    if (at > size)
      continue;
    while (at + n < size && copy[at + n] != '\t')
      n++;
    copy[at + n] = '\0';
    if (n != 2 || memcmp(copy + at, "\\N", 2) != 0) {
      col[i] = copy + at;
      len[i] = n;
    }
    at += n + 1;
  }
  check_row(&layout, &row);
  check_datetime(oha__col(&row, OHA__FIELD_EXPIRES));
  free(copy);
  return 0;
}
