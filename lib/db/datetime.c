/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/datetime.h"
#include "base/sbuf.h"
#include "base/time.h"

#define US_PER_DAY (86400 * OHA_US_PER_S)

static bool number_at(struct oha_span text, size_t at, size_t n_digits, uint32_t max, uint32_t *out)
{
  return oha__span_u32((struct oha_span){ text.p + at, n_digits }, max, out);
}

static bool fraction(struct oha_span digits, uint32_t *us)
{
  if (digits.n == 0 || digits.n > 6 || !oha__span_u32(digits, 999999, us))
    return false;
  for (size_t i = digits.n; i < 6; i++)
    *us *= 10;
  return true;
}

bool oha__db_datetime_parse(struct oha_span text, struct oha_wall *out)
{
  uint32_t year, month, day, hour, minute, second, us = 0;
  int64_t days, back_year;
  int back_month, back_day;

  if (text.n < 19 || text.p[4] != '-' || text.p[7] != '-' || text.p[10] != ' ' || text.p[13] != ':' ||
      text.p[16] != ':')
    return false;
  if (!number_at(text, 0, 4, 9999, &year) || !number_at(text, 5, 2, 12, &month) ||
      !number_at(text, 8, 2, 31, &day) || !number_at(text, 11, 2, 23, &hour) ||
      !number_at(text, 14, 2, 59, &minute) || !number_at(text, 17, 2, 59, &second))
    return false;
  if (text.n > 19 && (text.p[19] != '.' || !fraction((struct oha_span){ text.p + 20, text.n - 20 }, &us)))
    return false;
  days = oha__days_of(year, (int)month, (int)day);
  oha__date_of(days, &back_year, &back_month, &back_day);
  if (back_year != year || back_month != (int)month || back_day != (int)day) /* 30 February, month 0 */
    return false;
  out->us = days * US_PER_DAY + (int64_t)(hour * 3600 + minute * 60 + second) * OHA_US_PER_S + us;
  return true;
}

char *oha__db_datetime_format(struct oha_wall at, char buf[OHA_DB_DATETIME_SIZE])
{
  const int64_t first = oha__days_of(1000, 1, 1) * US_PER_DAY;
  const int64_t last = oha__days_of(10000, 1, 1) * US_PER_DAY - 1;
  int64_t us = at.us < first ? first : at.us > last ? last : at.us;
  int64_t days = us / US_PER_DAY, of_day = us % US_PER_DAY, year;
  int month, day, s;
  struct oha_sbuf b;

  if (of_day < 0) {
    of_day += US_PER_DAY;
    days--;
  }
  s = (int)(of_day / OHA_US_PER_S);
  oha__date_of(days, &year, &month, &day);
  oha__sbuf_init(&b, buf, OHA_DB_DATETIME_SIZE);
  oha__sbuf_printf(&b, "%04d-%02d-%02d %02d:%02d:%02d.%06d", (int)year, month, day, s / 3600, s / 60 % 60,
                   s % 60, (int)(of_day % OHA_US_PER_S));
  return buf;
}
