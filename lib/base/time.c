/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/time.h"
#include "base/error.h"
#include "base/sbuf.h"
#include "base/span.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

static struct oha_mono system_mono(void *arg)
{
  struct timespec ts;

  (void)arg;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (struct oha_mono){ (int64_t)ts.tv_sec * OHA_US_PER_S + ts.tv_nsec / 1000 };
}

static struct oha_wall system_wall(void *arg)
{
  struct timespec ts;

  (void)arg;
  clock_gettime(CLOCK_REALTIME, &ts);
  return (struct oha_wall){ (int64_t)ts.tv_sec * OHA_US_PER_S + ts.tv_nsec / 1000 };
}

static void system_sleep(void *arg, int64_t d_us)
{
  struct timespec ts = { .tv_sec = (time_t)(d_us / OHA_US_PER_S),
                         .tv_nsec = (long)(d_us % OHA_US_PER_S) * 1000 };

  (void)arg;
  if (d_us > 0)
    clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL); /* a signal ends it early, so that a cancel is seen */
}

const struct oha_clock_ops oha__system_clock = {
  .size = sizeof(struct oha_clock_ops),
  .mono = system_mono,
  .wall = system_wall,
  .sleep = system_sleep,
};

struct oha_mono oha_mono_add(struct oha_mono at, int64_t d_us)
{
  struct oha_mono sum;

  if (__builtin_add_overflow(at.us, d_us, &sum.us))
    sum.us = d_us < 0 ? INT64_MIN : INT64_MAX;
  return sum;
}

int64_t oha_mono_diff_us(struct oha_mono later, struct oha_mono earlier)
{
  return later.us - earlier.us;
}

int oha_poll_ms(struct oha_mono now, struct oha_mono due)
{
  int64_t left_us = due.us - now.us;

  if (left_us <= 0)
    return 0;
  if (left_us > 60 * OHA_US_PER_S)
    return 60000;
  return (int)((left_us + OHA_US_PER_MS - 1) / OHA_US_PER_MS);
}

/* Civil calendar arithmetic over 400-year eras that start on 1 March, so that leap days come last. */
int64_t oha__days_of(int64_t year, int month, int day)
{
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t year_of_era = y - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

  return era * 146097 + day_of_era - 719468;
}

void oha__date_of(int64_t days, int64_t *year, int *month, int *day)
{
  int64_t z = days + 719468;
  int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  int64_t day_of_era = z - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted_month = (5 * day_of_year + 2) / 153;

  *day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  *month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

char *oha_wall_format(struct oha_wall at, char buf[OHA_RFC3339_SIZE])
{
  int64_t s = at.us / OHA_US_PER_S;
  int64_t us = at.us % OHA_US_PER_S;
  int64_t days, of_day, year;
  int month, day;
  struct oha_sbuf b;

  if (us < 0) {
    us += OHA_US_PER_S;
    s--;
  }
  days = s / 86400;
  of_day = s % 86400;
  if (of_day < 0) {
    of_day += 86400;
    days--;
  }
  oha__date_of(days, &year, &month, &day);
  if (year < 0)
    year = 0; /* RFC 3339 has years 0000 to 9999 only */
  if (year > 9999)
    year = 9999;
  oha__sbuf_init(&b, buf, OHA_RFC3339_SIZE);
  oha__sbuf_printf(&b, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, month, day, (int)(of_day / 3600),
                   (int)(of_day / 60 % 60), (int)(of_day % 60));
  if (us != 0)
    oha__sbuf_printf(&b, ".%06d", (int)us);
  oha__sbuf_putc(&b, 'Z');
  return buf;
}

static const struct duration_unit {
  const char *name;
  int64_t us;
} duration_units[] = {
  { "us", 1 },
  { "ms", OHA_US_PER_MS },
  { "s", OHA_US_PER_S },
  { "m", 60 * OHA_US_PER_S },
  { "min", 60 * OHA_US_PER_S },
  { "h", 3600 * OHA_US_PER_S },
  { "d", 86400 * OHA_US_PER_S },
};

enum oha_rc oha_duration_parse(const char *text, int64_t *d_us, struct oha_error *err)
{
  const int64_t longest_us = INT64_C(36525) * 86400 * OHA_US_PER_S;
  struct oha_span all = oha__span(text);
  size_t digits = 0;
  uint64_t number;
  char safe[OHA_SAFE_SIZE];

  if (text == NULL || d_us == NULL)
    return oha__fail(err, OHA_E_ARG, "duration: NULL");
  while (digits < all.n && oha__is_digit(all.p[digits]))
    digits++;
  if (!oha__span_u64((struct oha_span){ all.p, digits }, (uint64_t)longest_us, &number))
    return oha__fail(err, OHA_E_PARSE, "duration '%s': must be a whole number and a unit, such as 250ms",
                     oha__safe(all, safe));
  for (size_t i = 0; i < sizeof(duration_units) / sizeof(duration_units[0]); i++) {
    if (!oha__span_is((struct oha_span){ all.p + digits, all.n - digits }, duration_units[i].name))
      continue;
    if ((int64_t)number > longest_us / duration_units[i].us)
      return oha__fail(err, OHA_E_PARSE, "duration '%s': longer than 100 years", oha__safe(all, safe));
    *d_us = (int64_t)number * duration_units[i].us;
    return OHA_OK;
  }
  return oha__fail(err, OHA_E_PARSE, "duration '%s': unit must be us, ms, s, m, h or d",
                   oha__safe(all, safe));
}

char *oha_duration_format(int64_t d_us, char buf[OHA_DURATION_SIZE])
{
  double us = (double)d_us;
  double size = us < 0 ? -us : us;

  if (size < 1e3)
    snprintf(buf, OHA_DURATION_SIZE, "%" PRId64 " us", d_us);
  else if (size < 1e6)
    snprintf(buf, OHA_DURATION_SIZE, "%.3f ms", us / 1e3);
  else if (size < 120e6)
    snprintf(buf, OHA_DURATION_SIZE, "%.1f s", us / 1e6);
  else if (size < 120 * 60e6)
    snprintf(buf, OHA_DURATION_SIZE, "%.0f min", us / 60e6);
  else if (size < 48 * 3600e6)
    snprintf(buf, OHA_DURATION_SIZE, "%.1f h", us / 3600e6);
  else
    snprintf(buf, OHA_DURATION_SIZE, "%.1f d", us / 86400e6);
  return buf;
}
