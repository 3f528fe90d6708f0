/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_LOCATION_REWRITE_PACE_H
#define OHA_LOCATION_REWRITE_PACE_H
/* How large the next page is, and how long to rest before it. Pure. */
#include <opensips-ha/api.h>

struct oha__pace {
  uint32_t rows, rows_min, rows_max;
  int64_t target_us;        /* a page aims at this */
  bool rests;               /* rests as long as each page took */
  uint64_t rate_rows_per_s; /* 0 = no cap */
};

/* @p rows 0 = 2000, 500 with @p galera; @p target_us 0 = 40 ms, 8 ms when it rests. */
void oha__pace_init(struct oha__pace *pace, bool rests, bool galera, uint32_t rows, int64_t target_us,
                    uint64_t rate_rows_per_s);

/* A page went through: steer its size (at most twice, at least half per page). Gives how long to rest. */
int64_t oha__pace_done_us(struct oha__pace *pace, uint64_t n_rows, int64_t elapsed_us);

/* A page was refused for its size or lost a conflict: halve. False when it cannot be smaller. */
bool oha__pace_halve(struct oha__pace *pace);

#endif
