/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* POSIX TZ strings as TZif files end in: IEEE 1003.1 section 8.3, with the extensions of RFC 8536, 3.3.1. */
#include "base/tz.h"
#include "base/time.h"

struct cursor {
  const char *p, *end;
};

static bool at(const struct cursor *c, char wanted)
{
  return c->p < c->end && *c->p == wanted;
}

static bool take(struct cursor *c, char wanted)
{
  if (!at(c, wanted))
    return false;
  c->p++;
  return true;
}

static bool take_number(struct cursor *c, int min, int max, int *out)
{
  int value = 0;
  const char *start = c->p;

  while (c->p < c->end && oha__is_digit(*c->p) && c->p - start < 4)
    value = value * 10 + (*c->p++ - '0');
  if (c->p == start || value < min || value > max)
    return false;
  *out = value;
  return true;
}

/* "CET" or "<+03>": three characters at least, which nobody needs here. */
static bool skip_name(struct cursor *c)
{
  const char *start;

  if (take(c, '<')) {
    start = c->p;
    while (c->p < c->end && (oha__is_alpha(*c->p) || oha__is_digit(*c->p) || at(c, '+') || at(c, '-')))
      c->p++;
    return c->p - start >= 3 && take(c, '>');
  }
  start = c->p;
  while (c->p < c->end && oha__is_alpha(*c->p))
    c->p++;
  return c->p - start >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct cursor *c, int hours_max, int32_t *out)
{
  int sign = 1, hours, minutes = 0, seconds = 0;

  if (take(c, '-'))
    sign = -1;
  else
    (void)take(c, '+');
  if (!take_number(c, 0, hours_max, &hours))
    return false;
  if (take(c, ':')) {
    if (!take_number(c, 0, 59, &minutes) || (take(c, ':') && !take_number(c, 0, 59, &seconds)))
      return false;
  }
  *out = sign * (hours * 3600 + minutes * 60 + seconds);
  return true;
}

static bool take_rule(struct cursor *c, struct oha__tz_rule *rule)
{
  *rule = (struct oha__tz_rule){ .time_s = 2 * 3600 };
  if (take(c, 'M')) {
    rule->kind = OHA__TZ_MONTH;
    if (!take_number(c, 1, 12, &rule->month) || !take(c, '.') || !take_number(c, 1, 5, &rule->week) ||
        !take(c, '.') || !take_number(c, 0, 6, &rule->day))
      return false;
  } else if (take(c, 'J')) {
    rule->kind = OHA__TZ_JULIAN;
    if (!take_number(c, 1, 365, &rule->day))
      return false;
  } else {
    rule->kind = OHA__TZ_DAY;
    if (!take_number(c, 0, 365, &rule->day))
      return false;
  }
  return !take(c, '/') || take_time(c, 167, &rule->time_s);
}

bool oha__tz_posix_parse(struct oha_span text, struct oha__tz_posix *out)
{
  struct cursor c = { text.p, text.p + text.n };
  struct oha__tz_posix z = { .dst.is_dst = true };
  int32_t west_s;

  if (!skip_name(&c) || !take_time(&c, 24, &west_s))
    return false;
  z.std.offset_s = -west_s;
  if (c.p < c.end) {
    z.has_dst = true;
    if (!skip_name(&c))
      return false;
    z.dst.offset_s = z.std.offset_s + 3600;
    if (!at(&c, ',')) {
      if (!take_time(&c, 24, &west_s))
        return false;
      z.dst.offset_s = -west_s;
    }
    if (!take(&c, ',') || !take_rule(&c, &z.to_dst) || !take(&c, ',') || !take_rule(&c, &z.to_std))
      return false;
  }
  if (c.p != c.end)
    return false;
  *out = z;
  return true;
}

static bool is_leap(int64_t year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The local second at which a rule fires in @p year. */
static int64_t fires_at(const struct oha__tz_rule *rule, int64_t year)
{
  int64_t days = oha__days_of(year, 1, 1);

  if (rule->kind == OHA__TZ_DAY) {
    days += rule->day;
  } else if (rule->kind == OHA__TZ_JULIAN) { /* 29 February is never counted */
    days += rule->day - 1 + (is_leap(year) && rule->day >= 60 ? 1 : 0);
  } else {
    int64_t first = oha__days_of(year, rule->month, 1);
    int64_t next = rule->month == 12 ? oha__days_of(year + 1, 1, 1) : oha__days_of(year, rule->month + 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */

    days = first + (rule->day - weekday + 7) % 7 + (int64_t)7 * (rule->week - 1);
    while (days >= next) /* week 5 is the last one, be it the fourth */
      days -= 7;
  }
  return days * 86400 + rule->time_s;
}

/* A rule may fire a week outside its year, and both may: two years on either side are always enough. */
#define YEARS_AROUND 2
#define N_EVENTS     (2 * (2 * YEARS_AROUND + 1))

struct oha__tz_span oha__tz_posix_at(const struct oha__tz_posix *posix, int64_t utc_s)
{
  struct {
    int64_t at_s;
    bool to_dst;
  } events[N_EVENTS];
  struct oha__tz_span span = { INT64_MIN, INT64_MAX, posix->std };
  struct oha__tz_civil civil;
  size_t n = 0, i;

  if (!posix->has_dst)
    return span;
  oha__tz_civil_of(utc_s, &civil);
  for (int64_t year = civil.year - YEARS_AROUND; year <= civil.year + YEARS_AROUND; year++) {
    for (int to_dst = 1; to_dst >= 0; to_dst--) {
      const struct oha__tz_rule *rule = to_dst ? &posix->to_dst : &posix->to_std;
      int64_t at_s = fires_at(rule, year) - (to_dst ? posix->std : posix->dst).offset_s;

      /* Stable: of two at the same instant the later one in the calendar decides (DST all year). */
      for (i = n++; i > 0 && events[i - 1].at_s > at_s; i--)
        events[i] = events[i - 1];
      events[i].at_s = at_s;
      events[i].to_dst = to_dst;
    }
  }
  for (i = 0; i < n && events[i].at_s <= utc_s; i++)
    ;
  if (i > 0) {
    span.from_s = events[i - 1].at_s;
    span.type = events[i - 1].to_dst ? posix->dst : posix->std;
  }
  if (i < n)
    span.until_s = events[i].at_s;
  return span;
}
