/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_TIME_H
#define OHA_TIME_H
/*
 * Instants and durations. A monotonic instant is for waiting and measuring, a wall instant (Unix, UTC) for
 * people, protocols and the database; the two types do not mix. Durations are int64_t microseconds, `_us`.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/error.h>

OHA_BEGIN_DECLS

#define OHA_US_PER_MS INT64_C(1000)
#define OHA_US_PER_S  INT64_C(1000000)

struct oha_mono {
  int64_t us; /* CLOCK_MONOTONIC */
};

struct oha_wall {
  int64_t us; /* since 1970-01-01T00:00:00Z */
};

/** @p at plus @p d_us, saturating. */
OHA_API struct oha_mono oha_mono_add(struct oha_mono at, int64_t d_us);

/** @p later minus @p earlier. */
OHA_API int64_t oha_mono_diff_us(struct oha_mono later, struct oha_mono earlier);

/** Milliseconds for poll(2) from @p now until @p due: 0 when due, else rounded up, at most one minute. */
OHA_API int oha_poll_ms(struct oha_mono now, struct oha_mono due);

#define OHA_RFC3339_SIZE 32 /* "2026-11-22T07:20:14.123456Z" and its NUL */

/** Format @p at per RFC 3339 in UTC; fractional digits only when there are any. Gives back @p buf. */
OHA_API char *oha_wall_format(struct oha_wall at, char buf[OHA_RFC3339_SIZE]);

/**
 * Parse a duration as options and the cluster file write it: "250ms", "5s", "2m", "1h", "3d", "40us".
 *
 * @param text borrows
 * @return OHA_OK; OHA_E_PARSE: no number, no unit, unknown unit, negative, or over 100 years
 */
OHA_API OHA_NODISCARD enum oha_rc oha_duration_parse(const char *text, int64_t *d_us, struct oha_error *err);

#define OHA_DURATION_SIZE 32

/** Format a duration for people: "1.520 ms", "4.2 s", "3 min". Gives back @p buf. */
OHA_API char *oha_duration_format(int64_t d_us, char buf[OHA_DURATION_SIZE]);

OHA_END_DECLS
#endif
