/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/tz.h"
#include "base/time.h"

/* Before the first change there is no beginning, after the last one no end. */
#define BEGINNING_S INT64_MIN
#define END_S       INT64_MAX

static int64_t floor_div(int64_t a, int64_t b)
{
  int64_t q = a / b;

  return a % b < 0 ? q - 1 : q;
}

int64_t oha__tz_seconds_of(const struct oha__tz_civil *civil)
{
  int64_t days = oha__days_of(civil->year, civil->month, 1) + civil->day - 1;

  return ((days * 24 + civil->hour) * 60 + civil->minute) * 60 + civil->second;
}

void oha__tz_civil_of(int64_t local_s, struct oha__tz_civil *out)
{
  int64_t days = floor_div(local_s, 86400);
  int of_day = (int)(local_s - days * 86400);

  oha__date_of(days, &out->year, &out->month, &out->day);
  out->hour = of_day / 3600;
  out->minute = of_day / 60 % 60;
  out->second = of_day % 60;
}

struct oha__tz_span oha__tz_at(const struct oha__tz *tz, int64_t utc_s)
{
  size_t low = 0, high = tz->n_changes; /* the first change after utc_s is in [low, high] */
  struct oha__tz_span span;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (tz->changes[middle].at_s <= utc_s)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == tz->n_changes && tz->has_footer) {
    span = oha__tz_posix_at(&tz->footer, utc_s);
    if (low > 0 && span.from_s < tz->changes[low - 1].at_s)
      span.from_s = tz->changes[low - 1].at_s;
    return span;
  }
  span.from_s = low == 0 ? BEGINNING_S : tz->changes[low - 1].at_s;
  span.until_s = low == tz->n_changes ? END_S : tz->changes[low].at_s;
  span.type = low == 0 ? tz->first : tz->types[tz->changes[low - 1].type];
  return span;
}

int64_t oha__tz_local_of(const struct oha__tz *tz, int64_t utc_s)
{
  return utc_s + oha__tz_at(tz, utc_s).type.offset_s;
}

int64_t oha__tz_utc_of(const struct oha__tz *tz, int64_t local_s)
{
  struct oha__tz_span before, span = oha__tz_at(tz, local_s - OHA_TZ_OFFSET_MAX_S);
  int64_t skipped_s = local_s - span.type.offset_s;

  /* The stretch that shows local_s holds its UTC, which is less than OHA_TZ_OFFSET_MAX_S away. */
  for (before = span;; before = span, span = oha__tz_at(tz, span.until_s)) {
    int64_t utc_s = local_s - span.type.offset_s;

    if (utc_s >= span.from_s && utc_s < span.until_s)
      return utc_s;
    if (utc_s < span.from_s && local_s - before.type.offset_s >= span.from_s) /* skipped by this change */
      skipped_s = span.type.is_dst < before.type.is_dst ? utc_s : local_s - before.type.offset_s;
    if (span.until_s > local_s + OHA_TZ_OFFSET_MAX_S)
      return skipped_s;
  }
}

int64_t oha__tz_local_after(const struct oha__tz *tz, int64_t utc_s)
{
  struct oha__tz_span span = oha__tz_at(tz, utc_s);
  int64_t local_s = utc_s + span.type.offset_s + 1;
  int64_t shown_before_s;

  if (span.from_s == BEGINNING_S)
    return local_s;
  /* Times that clocks showed before the change as well are taken for those. */
  shown_before_s = span.from_s + oha__tz_at(tz, span.from_s - 1).type.offset_s;
  return local_s < shown_before_s ? shown_before_s : local_s;
}
