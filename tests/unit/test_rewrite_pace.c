/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include "location/rewrite_pace.h"

static void pages_follow_their_target(void **state)
{
  struct oha__pace pace;

  (void)state;
  oha__pace_init(&pace, false, false, 0, 0, 0);
  assert_int_equal(pace.rows, 2000);
  assert_int_equal(oha__pace_done_us(&pace, 2000, 10000), 0); /* four times faster than 40 ms: only doubled */
  assert_int_equal(pace.rows, 4000);
  assert_int_equal(oha__pace_done_us(&pace, 4000, 50000), 0);
  assert_int_equal(pace.rows, 3200);
  assert_int_equal(oha__pace_done_us(&pace, 3200, 4000000), 0); /* a stall: only halved */
  assert_int_equal(pace.rows, 1600);
  for (int i = 0; i < 20; i++)
    oha__pace_done_us(&pace, pace.rows, 4000000);
  assert_int_equal(pace.rows, 16);
  for (int i = 0; i < 20; i++)
    oha__pace_done_us(&pace, pace.rows, 1);
  assert_int_equal(pace.rows, 20000);
}

static void a_page_that_was_not_full_does_not_grow_the_next(void **state)
{
  struct oha__pace pace;

  (void)state;
  oha__pace_init(&pace, false, false, 1000, 0, 0);
  oha__pace_done_us(&pace, 10, 1);
  assert_int_equal(pace.rows, 1000);
}

static void resting_takes_as_long_as_the_page(void **state)
{
  struct oha__pace pace;

  (void)state;
  oha__pace_init(&pace, true, false, 0, 0, 0);
  assert_int_equal(oha__pace_done_us(&pace, 2000, 8000), 8000);
  assert_int_equal(pace.rows, 2000);
  assert_int_equal(oha__pace_done_us(&pace, 2000, 30000000),
                   1000000); /* a stalled server is not waited for as long */
}

static void a_rate_is_kept(void **state)
{
  struct oha__pace pace;

  (void)state;
  oha__pace_init(&pace, false, false, 1000, 0, 10000);
  assert_int_equal(oha__pace_done_us(&pace, 1000, 20000), 80000); /* 1000 rows at 10 000/s are 100 ms */
  assert_int_equal(oha__pace_done_us(&pace, 500, 200000), 0);     /* slower than the rate by itself */
}

static void a_low_rate_makes_small_pages(void **state)
{
  struct oha__pace pace;

  (void)state;
  oha__pace_init(&pace, true, false, 0, 0, 1);
  assert_int_equal(pace.rows, 1);
  assert_int_equal(oha__pace_done_us(&pace, 1, 1000), 999000); /* not 2000 s after one page */
  assert_int_equal(pace.rows, 1);
  oha__pace_init(&pace, false, false, 0, 0, 100);
  for (int i = 0; i < 10; i++)
    assert_true(oha__pace_done_us(&pace, pace.rows, 1000) <= 1000000);
  assert_int_equal(pace.rows, 100);
}

static void galera_pages_stay_small(void **state)
{
  struct oha__pace pace;

  (void)state;
  oha__pace_init(&pace, false, true, 0, 0, 0);
  for (int i = 0; i < 10; i++)
    oha__pace_done_us(&pace, pace.rows, 1);
  assert_int_equal(pace.rows, 500);
}

static void what_was_refused_is_not_tried_again(void **state)
{
  struct oha__pace pace;

  (void)state;
  oha__pace_init(&pace, false, false, 8000, 0, 0);
  assert_true(oha__pace_halve(&pace));
  assert_true(oha__pace_halve(&pace));
  assert_int_equal(pace.rows, 2000);
  for (int i = 0; i < 20; i++)
    oha__pace_done_us(&pace, pace.rows, 1);
  assert_int_equal(pace.rows, 4000);
  while (oha__pace_halve(&pace))
    continue;
  assert_int_equal(pace.rows, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(pages_follow_their_target),
    cmocka_unit_test(a_page_that_was_not_full_does_not_grow_the_next),
    cmocka_unit_test(resting_takes_as_long_as_the_page),
    cmocka_unit_test(a_rate_is_kept),
    cmocka_unit_test(a_low_rate_makes_small_pages),
    cmocka_unit_test(galera_pages_stay_small),
    cmocka_unit_test(what_was_refused_is_not_tried_again),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
