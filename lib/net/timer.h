/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_TIMER_H
#define OHA_NET_TIMER_H
/*
 * Deadlines, earliest first: an intrusive pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986), so that
 * setting and clearing one never needs memory and cannot fail. Pure: instants come from the caller.
 */
#include <opensips-ha/time.h>

struct oha_timer {
  void (*fn)(struct oha_timer *timer); /* called once, cleared before */
  struct oha_mono due;
  bool is_set;
  struct oha_timer *child, *next, *prev; /* prev: elder sibling, or parent of the first child */
};

struct oha_timers {
  struct oha_timer *first;
};

/* Sets it, or moves it when it is set. */
void oha__timers_set(struct oha_timers *timers, struct oha_timer *timer, struct oha_mono due);
void oha__timers_clear(struct oha_timers *timers, struct oha_timer *timer);

/* Take off the earliest one if it is due; NULL when none is. */
struct oha_timer *oha__timers_take_due(struct oha_timers *timers, struct oha_mono now);

#endif
