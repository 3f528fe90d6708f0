/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/timer.h"

static struct oha_timer *meld(struct oha_timer *a, struct oha_timer *b)
{
  if (a == NULL || b == NULL)
    return a == NULL ? b : a;
  if (b->due.us < a->due.us) {
    struct oha_timer *later = a;

    a = b;
    b = later;
  }
  b->prev = a;
  b->next = a->child;
  if (b->next != NULL)
    b->next->prev = b;
  a->child = b;
  a->next = a->prev = NULL;
  return a;
}

/* The two passes of the pairing heap, over a list of siblings. */
static struct oha_timer *meld_siblings(struct oha_timer *list)
{
  struct oha_timer *pairs = NULL, *all = NULL;

  while (list != NULL) {
    struct oha_timer *a = list, *b = list->next;

    list = b == NULL ? NULL : b->next;
    a->next = a->prev = NULL;
    if (b != NULL)
      b->next = b->prev = NULL;
    a = meld(a, b);
    a->next = pairs;
    pairs = a;
  }
  while (pairs != NULL) {
    struct oha_timer *one = pairs;

    pairs = pairs->next;
    one->next = NULL;
    all = meld(all, one);
  }
  return all;
}

void oha__timers_clear(struct oha_timers *timers, struct oha_timer *timer)
{
  struct oha_timer *below;

  if (!timer->is_set)
    return;
  below = meld_siblings(timer->child);
  if (timer == timers->first)
    timers->first = below;
  else {
    if (timer->prev->child == timer)
      timer->prev->child = timer->next;
    else
      timer->prev->next = timer->next;
    if (timer->next != NULL)
      timer->next->prev = timer->prev;
    timers->first = meld(timers->first, below);
  }
  timer->child = timer->next = timer->prev = NULL;
  timer->is_set = false;
}

void oha__timers_set(struct oha_timers *timers, struct oha_timer *timer, struct oha_mono due)
{
  oha__timers_clear(timers, timer);
  timer->due = due;
  timer->is_set = true;
  timers->first = meld(timers->first, timer);
}

struct oha_timer *oha__timers_take_due(struct oha_timers *timers, struct oha_mono now)
{
  struct oha_timer *timer = timers->first;

  if (timer == NULL || timer->due.us > now.us)
    return NULL;
  oha__timers_clear(timers, timer);
  return timer;
}
