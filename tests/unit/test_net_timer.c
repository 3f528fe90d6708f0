/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include "base/mem.h"
#include "net/index.h"
#include "net/timer.h"

#define N_TIMERS 500

static uint64_t next_random(uint64_t *state)
{
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 33;
}

/* Set, moved and cleared at random, against the plain search for the earliest. */
static void timers_come_in_order(void **state)
{
  static struct oha_timer timer[N_TIMERS];
  struct oha_timers timers = { 0 };
  uint64_t seed = 20261122;
  int64_t now = 0;

  (void)state;
  for (int step = 0; step < 20000; step++) {
    struct oha_timer *one = &timer[next_random(&seed) % N_TIMERS], *earliest = NULL, *due;
    uint64_t what = next_random(&seed) % 10;

    if (what < 6)
      oha__timers_set(&timers, one, (struct oha_mono){ now + (int64_t)(next_random(&seed) % 1000) });
    else if (what < 8)
      oha__timers_clear(&timers, one);
    else
      now += (int64_t)(next_random(&seed) % 20);
    for (size_t i = 0; i < N_TIMERS; i++)
      if (timer[i].is_set && (earliest == NULL || timer[i].due.us < earliest->due.us))
        earliest = &timer[i];
    if (earliest != NULL && earliest->due.us > now)
      earliest = NULL;
    due = oha__timers_take_due(&timers, (struct oha_mono){ now });
    if ((due == NULL) != (earliest == NULL) || (due != NULL && due->due.us != earliest->due.us))
      fail_msg("step %d of seed 20261122: not the earliest", step);
    assert_true(due == NULL || !due->is_set);
  }
}

static void many_timers_run_down(void **state)
{
  static struct oha_timer timer[10000];
  struct oha_timers timers = { 0 };
  int64_t last = -1;
  struct oha_timer *due;
  size_t n = 0;

  (void)state;
  for (size_t i = 0; i < N_OF(timer); i++)
    oha__timers_set(&timers, &timer[i], (struct oha_mono){ (int64_t)(i * 7919 % 10007) });
  while ((due = oha__timers_take_due(&timers, (struct oha_mono){ 20000 })) != NULL) {
    assert_true(due->due.us >= last);
    last = due->due.us;
    n++;
  }
  assert_int_equal(n, N_OF(timer));
  assert_null(timers.first);
}

static void index_finds_all_of_a_hash(void **state)
{
  static struct oha_index_node node[1000];
  struct oha_index index;
  size_t n = 0;

  (void)state;
  assert_true(oha__index_init(&index));
  for (size_t i = 0; i < N_OF(node); i++)
    oha__index_add(&index, &node[i], i % 250);
  assert_true(index.n_buckets >= N_OF(node));
  for (size_t i = 0; i < N_OF(node); i += 2)
    oha__index_remove(&index, &node[i]);
  oha__index_remove(&index, &node[0]); /* not in it: nothing happens */
  assert_int_equal(index.n, N_OF(node) / 2);
  for (struct oha_index_node *at = oha__index_find(&index, 7); at != NULL; at = oha__index_more(at)) {
    assert_int_equal((at - node) % 250, 7);
    n++;
  }
  assert_int_equal(n, 4);
  assert_null(oha__index_find(&index, 8));
  assert_null(oha__index_find(&index, 1000));
  oha__index_clear(&index);
}

static void index_without_memory_only_gets_slower(void **state)
{
  static struct oha_index_node node[200];
  struct oha_index index;

  (void)state;
  oha__mem_fail_at = 0;
  assert_false(oha__index_init(&index));
  oha__index_clear(&index);
  oha__mem_fail_at = -1;
  assert_true(oha__index_init(&index));
  for (size_t i = 0; i < N_OF(node); i++) {
    oha__mem_fail_at = 0;
    oha__index_add(&index, &node[i], i);
  }
  oha__mem_fail_at = -1;
  assert_int_equal(index.n_buckets, 64);
  for (size_t i = 0; i < N_OF(node); i++)
    assert_ptr_equal(oha__index_find(&index, i), &node[i]);
  oha__index_clear(&index);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(timers_come_in_order),
    cmocka_unit_test(many_timers_run_down),
    cmocka_unit_test(index_finds_all_of_a_hash),
    cmocka_unit_test(index_without_memory_only_gets_slower),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
