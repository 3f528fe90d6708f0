/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_BASE_TIME_H
#define OHA_BASE_TIME_H
/* The only place that reads the system's clocks; everything else asks the context. */
#include <opensips-ha/ctx.h>

extern const struct oha_clock_ops oha__system_clock;

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar; month 1..12, day 1..31. */
int64_t oha__days_of(int64_t year, int month, int day);

/* The reverse. */
void oha__date_of(int64_t days, int64_t *year, int *month, int *day);

#endif
