/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "location/rewrite_pace.h"

#define FULL_TARGET_US  40000
#define PACED_TARGET_US 8000
#define ROWS            2000
#define ROWS_GALERA     500 /* larger pages lose certification against any writer on another node */
#define ROWS_MIN        16
#define ROWS_MAX        20000
#define REST_MAX_US     1000000

void oha__pace_init(struct oha__pace *pace, bool rests, bool galera, uint32_t rows, int64_t target_us,
                    uint64_t rate_rows_per_s)
{
  *pace = (struct oha__pace){ .rows = rows != 0 ? rows
                                      : galera  ? ROWS_GALERA
                                                : ROWS,
                              .rows_min = ROWS_MIN,
                              .rows_max = galera ? ROWS_GALERA : ROWS_MAX,
                              .target_us = target_us != 0 ? target_us
                                           : rests        ? PACED_TARGET_US
                                                          : FULL_TARGET_US,
                              .rests = rests,
                              .rate_rows_per_s = rate_rows_per_s };
  /* A page's rows are due within a second: a longer rest would outlast the lease, and make a cancel wait. */
  if (rate_rows_per_s > 0 && pace->rows > rate_rows_per_s)
    pace->rows = (uint32_t)rate_rows_per_s;
  if (rate_rows_per_s > 0 && pace->rows_max > rate_rows_per_s)
    pace->rows_max = (uint32_t)rate_rows_per_s;
  if (pace->rows_min > pace->rows)
    pace->rows_min = pace->rows;
  if (pace->rows_max < pace->rows)
    pace->rows_max = pace->rows;
}

int64_t oha__pace_done_us(struct oha__pace *pace, uint64_t n_rows, int64_t elapsed_us)
{
  int64_t rest_us = pace->rests ? elapsed_us : 0;
  int64_t by_time =
      elapsed_us <= 0 ? (int64_t)pace->rows * 2 : (int64_t)pace->rows * pace->target_us / elapsed_us;
  uint32_t next = pace->rows;

  if (by_time >= (int64_t)pace->rows * 2)
    next = pace->rows * 2;
  else if (by_time <= (int64_t)pace->rows / 2)
    next = pace->rows / 2;
  else
    next = (uint32_t)by_time;
  if (n_rows < pace->rows && next > pace->rows)
    next = pace->rows; /* a page that was not full says nothing about a larger one */
  pace->rows = next < pace->rows_min ? pace->rows_min : next > pace->rows_max ? pace->rows_max : next;

  if (pace->rate_rows_per_s > 0) {
    int64_t due_us = (int64_t)(n_rows * 1000000 / pace->rate_rows_per_s);

    if (due_us - elapsed_us > rest_us)
      rest_us = due_us - elapsed_us;
  }
  return rest_us > REST_MAX_US && pace->rate_rows_per_s == 0 ? REST_MAX_US : rest_us;
}

bool oha__pace_halve(struct oha__pace *pace)
{
  if (pace->rows <= 1)
    return false;
  pace->rows /= 2;
  if (pace->rows_max > pace->rows * 2)
    pace->rows_max = pace->rows * 2; /* creep back, but not to where it was refused */
  if (pace->rows_min > pace->rows)
    pace->rows_min = pace->rows;
  return true;
}
