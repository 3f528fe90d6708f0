/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_BASE_TZ_H
#define OHA_BASE_TZ_H
/*
 * Time zones without the process-wide TZ: TZif data (RFC 8536, versions 1 to 4, with the POSIX TZ footer) and
 * conversion both ways. Seconds are POSIX time: zones with leap seconds ("right/...") are refused.
 */
#include <opensips-ha/error.h>
#include "base/span.h"

#define OHA_TZ_OFFSET_MAX_S INT64_C(93600) /* 26 h: no zone is that far from UTC (RFC 8536 section 3.2) */

/* What a zone's clocks show during one stretch of time. */
struct oha__tz_type {
  int32_t offset_s; /* east of UTC */
  bool is_dst;
};

struct oha__tz_change {
  int64_t at_s;
  uint8_t type;
};

/* One change rule of a POSIX TZ string: a day of the year and a local time of day. */
struct oha__tz_rule {
  enum { OHA__TZ_JULIAN, OHA__TZ_DAY, OHA__TZ_MONTH } kind; /* Jn, n, Mm.w.d */
  int month, week, day;
  int32_t time_s; /* may be negative or above a day */
};

/* A POSIX TZ string. */
struct oha__tz_posix {
  bool has_dst;
  struct oha__tz_type std, dst;
  struct oha__tz_rule to_dst, to_std; /* in local time before the change */
};

struct oha__tz {
  struct oha__tz_type first; /* before the first change */
  struct oha__tz_type *types;
  size_t n_types;
  struct oha__tz_change *changes; /* ascending */
  size_t n_changes;
  bool has_footer;
  struct oha__tz_posix footer; /* holds from the last change on */
};

/* A stretch of time with one type: [from_s, until_s). */
struct oha__tz_span {
  int64_t from_s, until_s;
  struct oha__tz_type type;
};

/* Local time as clocks show it; no zone. */
struct oha__tz_civil {
  int64_t year;
  int month, day, hour, minute, second;
};

/*
 * Read TZif bytes (tz_parse.c). Pure.
 * Gives *out, free with oha__tz_free(). Returns OHA_OK; OHA_E_PARSE; OHA_E_NOMEM.
 */
OHA_NODISCARD enum oha_rc oha__tz_parse(const uint8_t *p, size_t n, struct oha__tz **out,
                                        struct oha_error *err);

/*
 * Read the zone of that name ("Europe/Berlin") from @p dir (tz_open.c). "UTC" needs no file.
 * @p dir NULL = /usr/share/zoneinfo. Returns OHA_OK; OHA_E_CONFIG no such zone, no zone's name, or a file
 * that is none; OHA_E_IO; OHA_E_NOMEM.
 */
OHA_NODISCARD enum oha_rc oha__tz_open(const char *dir, const char *name, struct oha__tz **out,
                                       struct oha_error *err);

void oha__tz_free(struct oha__tz *tz);

/* Read a POSIX TZ string with explicit rules, "CET-1CEST,M3.5.0,M10.5.0/3"; false when it is none
 * (tz_posix.c). */
bool oha__tz_posix_parse(struct oha_span text, struct oha__tz_posix *out);

/* The stretch of time that holds @p utc_s, by the footer alone. */
struct oha__tz_span oha__tz_posix_at(const struct oha__tz_posix *posix, int64_t utc_s);

/* The stretch of time that holds @p utc_s. Two neighbours may have the same type. */
struct oha__tz_span oha__tz_at(const struct oha__tz *tz, int64_t utc_s);

/* UTC to local: the seconds that a clock of this zone shows, counted as if they were UTC. */
int64_t oha__tz_local_of(const struct oha__tz *tz, int64_t utc_s);

/*
 * Local to UTC, as mktime(3) with tm_isdst = -1 answers in a process that converted an earlier time before:
 *   a time that clocks show twice: the first of the two;
 *   a time that clocks skip: moved by the size of the gap, into the side that is DST; where both or none is
 *   DST, forward (read with the offset from before the gap).
 */
int64_t oha__tz_utc_of(const struct oha__tz *tz, int64_t local_s);

/*
 * The smallest local time that oha__tz_utc_of() takes for an instant after @p utc_s, gaps aside: for
 * comparing stored local times with an instant by their text.
 */
int64_t oha__tz_local_after(const struct oha__tz *tz, int64_t utc_s);

/* Calendar and seconds. Days and months must be in range; day may pass the end of its month as in mktime(3).
 */
int64_t oha__tz_seconds_of(const struct oha__tz_civil *civil);
void oha__tz_civil_of(int64_t local_s, struct oha__tz_civil *out);

#endif
