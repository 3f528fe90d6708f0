/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tz.h"
#include "location/row.h"

static const char *const zones[] = {
  "UTC",
  "Europe/Berlin",
  "Europe/Dublin", /* winter is the time that counts as DST */
  "Europe/Lisbon", /* changed its standard offset */
  "America/New_York",
  "America/St_Johns",  /* half hours, and changes one minute after midnight */
  "America/Sao_Paulo", /* changed at midnight, then no more */
  "America/Caracas",   /* half an hour in 2007 and 2016, without DST */
  "Australia/Sydney",
  "Australia/Lord_Howe", /* DST of half an hour */
  "Antarctica/Troll",    /* DST of two hours */
  "Africa/Casablanca",   /* negative DST in Ramadan, listed until 2087 */
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Asia/Kolkata",
  "Pacific/Apia",      /* lost 30 December 2011 */
  "Pacific/Kwajalein", /* lost 21 August 1993 */
  "Etc/GMT+12",
};

/* Local times every twenty minutes over four days that hold a change; the C library's answer is the
 * reference.
 */
static int compare_days(const struct oha__tz *tz, const char *zone, time_t around)
{
  int n_bad = 0;
  struct tm day;

  localtime_r(&around, &day);
  for (int minute = -2880; minute < 2880; minute += 20) {
    struct tm before = { .tm_year = day.tm_year, .tm_mon = day.tm_mon, .tm_mday = day.tm_mday - 5 };
    struct tm wanted = { .tm_year = day.tm_year, .tm_mon = day.tm_mon, .tm_mday = day.tm_mday };
    struct oha__tz_civil civil;
    int64_t local_s, ours_s;
    time_t theirs_s;

    before.tm_isdst = -1;
    mktime(&before); /* mktime() starts from the offset that it found last */
    wanted.tm_min = minute;
    wanted.tm_isdst = -1;
    theirs_s = mktime(&wanted);
    civil = (struct oha__tz_civil){ day.tm_year + 1900, day.tm_mon + 1, day.tm_mday, 0, 0, 0 };
    local_s = oha__tz_seconds_of(&civil) + INT64_C(60) * minute;
    ours_s = oha__tz_utc_of(tz, local_s);
    oha__tz_civil_of(oha__tz_local_of(tz, ours_s), &civil);
    localtime_r(&theirs_s, &wanted);
    if (ours_s == theirs_s && civil.year == wanted.tm_year + 1900 && civil.month == wanted.tm_mon + 1 &&
        civil.day == wanted.tm_mday && civil.hour == wanted.tm_hour && civil.minute == wanted.tm_min &&
        civil.second == wanted.tm_sec && oha__tz_at(tz, ours_s).type.offset_s == wanted.tm_gmtoff)
      continue;
    if (n_bad++ == 0)
      fprintf(stderr, "%s: %04d-%02d-%02d plus %d min: mktime %lld, ours %lld (%+lld s)\n", zone,
              day.tm_year + 1900, day.tm_mon + 1, day.tm_mday, minute, (long long)theirs_s, (long long)ours_s,
              (long long)(ours_s - theirs_s));
  }
  return n_bad;
}

static int compare_zone(const char *zone)
{
  struct oha__tz *tz;
  struct oha_error err = OHA_ERROR_INIT;
  int n_bad = 0, n_changes = 0;
  long last_offset = 0;
  bool last_dst = false;

  if (oha__tz_open(NULL, zone, &tz, &err) != OHA_OK) {
    fprintf(stderr, "%s\n", err.text);
    return 1;
  }
  for (time_t at = 0; at < INT64_C(4260000000); at += 86400) { /* to 2104 */
    struct tm tm;

    localtime_r(&at, &tm);
    if (at > 0 && (tm.tm_gmtoff != last_offset || (tm.tm_isdst > 0) != last_dst)) {
      n_bad += compare_days(tz, zone, at);
      n_changes++;
    }
    last_offset = tm.tm_gmtoff;
    last_dst = tm.tm_isdst > 0;
  }
  n_bad += compare_days(tz, zone, 1795332014);
  oha__tz_free(tz);
  if (n_changes == 0 && strchr(zone, '/') != NULL && strncmp(zone, "Asia/Kolkata", 12) != 0 &&
      strncmp(zone, "Etc", 3) != 0) {
    fprintf(stderr, "%s: the C library knows no change: is tzdata installed?\n", zone);
    return 1;
  }
  return n_bad == 0 ? 0 : 1;
}

/* In a child, for TZ belongs to the whole process. */
static void agrees_with_mktime(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_OF(zones); i++) {
    int status = -1;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
      setenv("TZ", zones[i], 1);
      tzset();
      _exit(compare_zone(zones[i]));
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0)
      fail_msg("%s: status %d", zones[i], status);
  }
}

static int64_t seconds_of(const char *text)
{
  struct oha__tz_civil c;

  assert_true(oha__datetime_parse(oha__span(text), &c));
  return oha__tz_seconds_of(&c);
}

static void edges_by_the_documented_rule(void **state)
{
  static const struct {
    const char *zone, *local, *utc;
  } rows[] = {
    { "UTC", "2024-03-31 02:30:00", "2024-03-31 02:30:00" },
    { "Europe/Berlin", "2024-03-31 01:59:59", "2024-03-31 00:59:59" },
    { "Europe/Berlin", "2024-03-31 02:30:00", "2024-03-31 01:30:00" }, /* skipped: shown as 03:30 */
    { "Europe/Berlin", "2024-03-31 03:00:00", "2024-03-31 01:00:00" },
    { "Europe/Berlin", "2024-10-27 01:59:59", "2024-10-26 23:59:59" },
    { "Europe/Berlin", "2024-10-27 02:30:00", "2024-10-27 00:30:00" }, /* twice: the first */
    { "Europe/Berlin", "2024-10-27 03:00:00", "2024-10-27 02:00:00" },
    { "Europe/Berlin", "2099-07-01 12:00:00", "2099-07-01 10:00:00" }, /* by the footer */
    { "America/New_York", "2024-11-03 01:30:00", "2024-11-03 05:30:00" },
    { "Europe/Dublin", "2024-03-31 01:30:00", "2024-03-31 00:30:00" }, /* skipped: winter is the DST side */
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha__tz *tz;
    int64_t utc_s;

    assert_int_equal(oha__tz_open(NULL, rows[i].zone, &tz, NULL), OHA_OK);
    utc_s = oha__tz_utc_of(tz, seconds_of(rows[i].local));
    if (utc_s != seconds_of(rows[i].utc))
      fail_msg("%s %s: %+lld s off", rows[i].zone, rows[i].local,
               (long long)(utc_s - seconds_of(rows[i].utc)));
    oha__tz_free(tz);
  }
}

/* Comparing by the text that oha__tz_local_after() gives is comparing instants. */
static void local_after_splits_local_times(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_OF(zones); i++) {
    struct oha__tz *tz;

    assert_int_equal(oha__tz_open(NULL, zones[i], &tz, NULL), OHA_OK);
    for (int64_t now_s = 1729900800; now_s < INT64_C(1730160000); now_s += 1607) {
      int64_t after_s = oha__tz_local_after(tz, now_s);

      for (int64_t local_s = now_s - 72000; local_s < now_s + 72000; local_s += 421)
        if ((local_s >= after_s) != (oha__tz_utc_of(tz, local_s) > now_s))
          fail_msg("%s: now %lld, local %lld, after %lld", zones[i], (long long)now_s, (long long)local_s,
                   (long long)after_s);
    }
    oha__tz_free(tz);
  }
}

static void names(void **state)
{
  static const struct {
    const char *name;
    enum oha_rc rc;
  } rows[] = {
    { "UTC", OHA_OK },
    { "Europe/Berlin", OHA_OK },
    { "Etc/GMT+3", OHA_OK },
    { "America/Argentina/Buenos_Aires", OHA_OK },
    { "", OHA_E_CONFIG },
    { "/etc/localtime", OHA_E_CONFIG },
    { "../../../etc/passwd", OHA_E_CONFIG },
    { "Europe/../Berlin", OHA_E_CONFIG },
    { "./Europe/Berlin", OHA_E_CONFIG },
    { "Europe//Berlin", OHA_E_CONFIG },
    { "Europe/", OHA_E_CONFIG },
    { "Europe", OHA_E_CONFIG },
    { "Europe/Berlin/x", OHA_E_CONFIG },
    { "Europe/Atlantis", OHA_E_CONFIG },
    { "zone.tab", OHA_E_CONFIG },
    { "CET-1CEST,M3.5.0,M10.5.0/3", OHA_E_CONFIG },
    { "Europe/B\xC3\xA9rlin", OHA_E_CONFIG },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha__tz *tz = NULL;
    enum oha_rc rc = oha__tz_open(NULL, rows[i].name, &tz, &err);

    if (rc != rows[i].rc || err.rc != rc || (tz != NULL) != (rc == OHA_OK) ||
        (rc != OHA_OK && strstr(err.text, "time zone '") == NULL))
      fail_msg("'%s': %s '%s'", rows[i].name, oha_rc_name(rc), err.text);
    oha__tz_free(tz);
  }
}

static void leap_second_zones_are_refused(void **state)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha__tz *tz;

  (void)state;
  if (access("/usr/share/zoneinfo/right/UTC", R_OK) != 0)
    return;
  assert_int_equal(oha__tz_open(NULL, "right/UTC", &tz, &err), OHA_E_CONFIG);
  assert_non_null(strstr(err.text, "leap seconds"));
}

static void posix_strings(void **state)
{
  static const struct {
    const char *text;
    bool good;
    int32_t std_s, dst_s;
  } rows[] = {
    { "UTC0", true, 0, 0 },
    { "<+0530>-5:30", true, 19800, 0 },
    { "CET-1CEST,M3.5.0,M10.5.0/3", true, 3600, 7200 },
    { "EST5EDT,M3.2.0,M11.1.0", true, -18000, -14400 },
    { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true, -7200, -3600 },
    { "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", true, 37800, 39600 },
    { "IST-1GMT0,M10.5.0,M3.5.0/1", true, 3600, 0 },
    { "XXX3EDT4,0/0,J365/23", true, -10800, -14400 },
    { "EET-2EEST,M3.4.4/50,M10.4.4/50", true, 7200, 10800 },
    { "AAA-24:59:59", true, 89999, 0 },
    { "", false, 0, 0 },
    { "CE-1", false, 0, 0 },
    { "CET", false, 0, 0 },
    { "CET-1CEST", false, 0, 0 },
    { "CET-1CEST,M3.5.0", false, 0, 0 },
    { "CET-1CEST,M3.5.0,M10.5.0/3x", false, 0, 0 },
    { "CET-1CEST,M13.5.0,M10.5.0", false, 0, 0 },
    { "CET-1CEST,M3.6.0,M10.5.0", false, 0, 0 },
    { "CET-1CEST,M3.5.7,M10.5.0", false, 0, 0 },
    { "CET-1CEST,J0,J365", false, 0, 0 },
    { "CET-1CEST,J366,J1", false, 0, 0 },
    { "CET-1CEST,366,1", false, 0, 0 },
    { "CET-1CEST,M3.5.0/168,M10.5.0", false, 0, 0 },
    { "CET-25", false, 0, 0 },
    { "CET-1:60", false, 0, 0 },
    { "<+1>-1", false, 0, 0 },
    { "<+01-1", false, 0, 0 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha__tz_posix z = { 0 };
    bool good = oha__tz_posix_parse(oha__span(rows[i].text), &z);

    if (good != rows[i].good ||
        (good && (z.std.offset_s != rows[i].std_s || (z.has_dst && z.dst.offset_s != rows[i].dst_s))))
      fail_msg("'%s': %d, %d s, %d s", rows[i].text, good, z.std.offset_s, z.dst.offset_s);
  }
}

static void dst_all_year_has_no_gaps(void **state)
{
  struct oha__tz_posix z;

  (void)state;
  /* RFC 8536 section 3.3.1: the rules of two years meet. */
  assert_true(oha__tz_posix_parse(OHA_SPAN("XXX3EDT4,0/0,J365/23"), &z));
  for (int64_t at_s = 1700000000; at_s < 1800000000; at_s += 1801)
    if (oha__tz_posix_at(&z, at_s).type.offset_s != -14400)
      fail_msg("standard time at %lld", (long long)at_s);
}

/* A version 1 file: one change at 1000 from +1 h to +2 h DST. */
#define V1                                                                                                   \
  "TZif\0"                                                                                                   \
  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                                                                           \
  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\4"                                                         \
  "\0\0\3\xE8\1"                                                                                             \
  "\0\0\x0E\x10\0\0\0\0\x1C\x20\1\0"                                                                         \
  "ABC\0"

static void version_1_and_damage(void **state)
{
  static const struct {
    size_t at;
    char to;
    const char *text;
  } damage[] = {
    { 0, 'X', "TZif header" }, { 4, '5', "version" },    { 4, '2', "second header" }, { 23, 1, "indicators" },
    { 31, 1, "leap" },         { 33, 1, "too many" },    { 39, 0, "types" },          { 43, 0, "types" },
    { 43, 90, "cut short" },   { 48, 7, "not there" },   { 53, 2, "bad local" },      { 54, 4, "bad local" },
    { 49, 1, "26 hours" },     { 49, 0x7f, "26 hours" },
  };
  unsigned char data[sizeof(V1) - 1];
  struct oha__tz *tz;

  (void)state;
  memcpy(data, V1, sizeof(data));
  assert_int_equal(oha__tz_parse(data, sizeof(data), &tz, NULL), OHA_OK);
  assert_int_equal(oha__tz_local_of(tz, 999), 999 + 3600);
  assert_int_equal(oha__tz_local_of(tz, 1000), 1000 + 7200);
  assert_int_equal(oha__tz_local_of(tz, INT64_C(1) << 40), (INT64_C(1) << 40) + 7200);
  oha__tz_free(tz);
  for (size_t n = 0; n < sizeof(data); n++) {
    assert_int_equal(oha__tz_parse(data, n, &tz, NULL), OHA_E_PARSE);
    assert_null(tz);
  }
  for (size_t i = 0; i < N_OF(damage); i++) {
    struct oha_error err = OHA_ERROR_INIT;

    memcpy(data, V1, sizeof(data));
    data[damage[i].at] = (unsigned char)damage[i].to;
    if (oha__tz_parse(data, sizeof(data), &tz, &err) != OHA_E_PARSE ||
        strstr(err.text, damage[i].text) == NULL)
      fail_msg("byte %zu: '%s'", damage[i].at, err.text);
  }
}

static void survives_no_memory(void **state)
{
  enum oha_rc rc = OHA_E_NOMEM;
  long n;

  (void)state;
  for (n = 0; n < 20 && rc != OHA_OK; n++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha__tz *tz = NULL;

    oha__mem_fail_at = n;
    rc = oha__tz_open(NULL, "Europe/Berlin", &tz, &err);
    oha__mem_fail_at = -1;
    assert_true(rc == OHA_OK || (rc == OHA_E_NOMEM && tz == NULL && err.rc == rc));
    oha__tz_free(tz);
  }
  assert_true(rc == OHA_OK && n > 3);
}

static void calendar(void **state)
{
  struct oha__tz_civil c;

  (void)state;
  assert_int_equal(seconds_of("1970-01-01 00:00:00"), 0);
  assert_int_equal(seconds_of("2024-02-31 00:00:00"), seconds_of("2024-03-02 00:00:00"));
  oha__tz_civil_of(-1, &c);
  assert_true(c.year == 1969 && c.month == 12 && c.day == 31 && c.hour == 23 && c.second == 59);
  oha__tz_civil_of(INT64_C(253402300799), &c);
  assert_true(c.year == 9999 && c.month == 12 && c.day == 31 && c.minute == 59);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(agrees_with_mktime),
    cmocka_unit_test(edges_by_the_documented_rule),
    cmocka_unit_test(local_after_splits_local_times),
    cmocka_unit_test(names),
    cmocka_unit_test(leap_second_zones_are_refused),
    cmocka_unit_test(posix_strings),
    cmocka_unit_test(dst_all_year_has_no_gaps),
    cmocka_unit_test(version_1_and_damage),
    cmocka_unit_test(survives_no_memory),
    cmocka_unit_test(calendar),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
