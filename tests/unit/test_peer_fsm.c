/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The up/down state machine: every cell of its table, at made-up instants, and rules that always hold. */
#include "cm.h"

#include "peer/fsm.h"

#include <stdlib.h>
#include <time.h>

#define S OHA_US_PER_S

static struct oha_mono at(int64_t us)
{
  return (struct oha_mono){ us };
}

static struct oha_peer_rule rule_of(uint32_t rise, uint32_t fall)
{
  struct oha_peer_rule rule = { .size = sizeof(rule), .rise = rise, .fall = fall };

  assert_int_equal(oha_peer_rule_init(&rule, NULL), OHA_OK);
  return rule;
}

/* Every cell leads to a state, and only these. */
static void every_cell_is_filled(void **state)
{
  (void)state;
  for (int s = OHA_PEER_UNKNOWN; s <= OHA_PEER_DRAINED; s++)
    for (int e = OHA_PEER_OK; e <= OHA_PEER_RESUME; e++) {
      const struct oha__peer_edge *edge = &oha__peer_edges[s][e];

      if (edge->to == 0 || edge->to > OHA_PEER_DRAINED || edge->otherwise == 0 ||
          edge->otherwise > OHA_PEER_DRAINED)
        fail_msg("hole at state %s, event %d", oha_peer_state_name((enum oha_peer_state)s), e);
    }
}

/* One step from each state: what comes before it (n_ok, n_fail, flap counter, held), and what comes of it. */
static void every_cell_is_walked(void **state)
{
  enum { U = 1, UP, SU, DO, RI, DA, DR };
  static const struct {
    uint8_t from, event;
    uint32_t n_ok, n_fail, penalty;
    bool held;
    uint8_t to;
  } rows[] = {
    { U, OHA_PEER_OK, 0, 0, 0, false, UP },
    { U, OHA_PEER_OK, 0, 2, 0, false, UP },
    { U, OHA_PEER_OK, 0, 0, 2500, false, DA },
    { U, OHA_PEER_FAIL, 0, 0, 0, false, U },
    { U, OHA_PEER_FAIL, 0, 2, 0, false, DO },
    { U, OHA_PEER_DRAIN, 0, 0, 0, false, DR },
    { U, OHA_PEER_RESUME, 0, 0, 0, false, U },
    { UP, OHA_PEER_OK, 9, 0, 0, false, UP },
    { UP, OHA_PEER_FAIL, 9, 0, 0, false, SU },
    { UP, OHA_PEER_FAIL, 0, 2, 0, false, DO },
    { UP, OHA_PEER_DRAIN, 9, 0, 0, false, DR },
    { UP, OHA_PEER_RESUME, 9, 0, 0, false, UP },
    { SU, OHA_PEER_OK, 0, 1, 0, false, UP },
    { SU, OHA_PEER_FAIL, 0, 1, 0, false, SU },
    { SU, OHA_PEER_FAIL, 0, 2, 0, false, DO },
    { SU, OHA_PEER_DRAIN, 0, 1, 0, false, DR },
    { SU, OHA_PEER_RESUME, 0, 1, 0, false, SU },
    { DO, OHA_PEER_OK, 0, 5, 0, false, RI },
    { DO, OHA_PEER_OK, 1, 0, 0, false, UP },
    { DO, OHA_PEER_FAIL, 0, 5, 0, false, DO },
    { DO, OHA_PEER_FAIL, 0, UINT32_MAX, 0, false, DO },
    { DO, OHA_PEER_DRAIN, 0, 5, 0, false, DR },
    { DO, OHA_PEER_RESUME, 0, 5, 0, false, DO },
    { RI, OHA_PEER_OK, 1, 0, 0, false, UP },
    { RI, OHA_PEER_OK, 0, 0, 0, false, RI },
    { RI, OHA_PEER_OK, 1, 0, 2499, false, UP },
    { RI, OHA_PEER_OK, 1, 0, 2500, false, DA },
    { RI, OHA_PEER_OK, 1, 0, 750, true, DA },
    { RI, OHA_PEER_OK, 1, 0, 749, true, UP },
    { RI, OHA_PEER_FAIL, 1, 0, 0, false, DO },
    { RI, OHA_PEER_DRAIN, 1, 0, 0, false, DR },
    { RI, OHA_PEER_RESUME, 1, 0, 0, false, RI },
    { DA, OHA_PEER_OK, 5, 0, 750, true, DA },
    { DA, OHA_PEER_OK, 5, 0, 749, true, UP },
    { DA, OHA_PEER_FAIL, 5, 0, 2500, true, DA },
    { DA, OHA_PEER_FAIL, 0, 2, 2500, true, DO },
    { DA, OHA_PEER_DRAIN, 5, 0, 2500, true, DR },
    { DA, OHA_PEER_RESUME, 5, 0, 2500, true, DA },
    { DR, OHA_PEER_OK, 5, 0, 0, false, DR },
    { DR, OHA_PEER_FAIL, 0, 9, 0, false, DR },
    { DR, OHA_PEER_DRAIN, 0, 0, 0, false, DR },
    { DR, OHA_PEER_RESUME, 0, 9, 0, false, U },
  };
  const struct oha_peer_rule rule = rule_of(2, 3);
  bool walked[OHA__PEER_N_STATES][OHA__PEER_N_EVENTS] = { { false } };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_peer_track t;
    bool changed;

    oha_peer_track_init(&t, at(100 * S));
    t.state = (enum oha_peer_state)rows[i].from;
    t.n_ok = rows[i].n_ok;
    t.n_fail = rows[i].n_fail;
    t.penalty = rows[i].penalty;
    t.held = rows[i].held;
    t.held_since = at(100 * S);
    changed = oha_peer_step(&t, &rule, (enum oha_peer_event)rows[i].event, at(100 * S));
    if ((int)t.state != rows[i].to || changed != (rows[i].to != rows[i].from))
      fail_msg("row %zu: %s, event %d, led to %s", i, oha_peer_state_name((enum oha_peer_state)rows[i].from),
               rows[i].event, oha_peer_state_name(t.state));
    walked[rows[i].from][rows[i].event] = true;
  }
  for (int s = OHA_PEER_UNKNOWN; s <= OHA_PEER_DRAINED; s++)
    for (int e = OHA_PEER_OK; e <= OHA_PEER_RESUME; e++)
      if (!walked[s][e])
        fail_msg("no row for state %s, event %d", oha_peer_state_name((enum oha_peer_state)s), e);
}

/* '+' answered, '-' not, 'd' drain, 'r' resume; a second apart. The letters of the states after each. */
static void strings_of_events(void **state)
{
  static const struct {
    uint32_t rise, fall;
    const char *events, *states;
  } rows[] = {
    { 2, 3, "++-+---++d", "uususs.^ux" }, { 2, 3, "--+", "??u" },     { 2, 3, "---++", "??.^u" },
    { 1, 1, "+-+-+", "u.u.u" },           { 1, 1, "-+", ".u" },       { 3, 2, "+--++-+++", "us.^^.^^u" },
    { 2, 3, "+d+-r+", "uxxx?u" },         { 2, 3, "---r+", "??..^" },
  };
  static const char letters[] = { '!', '?', 'u', 's', '.', '^', '#', 'x' };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    const struct oha_peer_rule rule = rule_of(rows[i].rise, rows[i].fall);
    struct oha_peer_track t;
    char got[32] = "";

    oha_peer_track_init(&t, at(0));
    for (size_t k = 0; rows[i].events[k] != '\0'; k++) {
      char c = rows[i].events[k];

      oha_peer_step(&t, &rule,
                    c == '+'   ? OHA_PEER_OK
                    : c == '-' ? OHA_PEER_FAIL
                    : c == 'd' ? OHA_PEER_DRAIN
                               : OHA_PEER_RESUME,
                    at((int64_t)(k + 1) * S));
      got[k] = letters[t.state];
    }
    assert_string_equal(got, rows[i].states);
  }
}

static void flaps_are_damped(void **state)
{
  struct oha_peer_rule rule = rule_of(1, 1);
  struct oha_peer_track t;
  int64_t now = 0;

  (void)state;
  oha_peer_track_init(&t, at(0));
  oha_peer_step(&t, &rule, OHA_PEER_OK, at(now));
  for (int i = 0; i < 2; i++) {
    oha_peer_step(&t, &rule, OHA_PEER_FAIL, at(now += S));
    oha_peer_step(&t, &rule, OHA_PEER_OK, at(now += S));
    assert_int_equal(t.state, OHA_PEER_UP);
  }
  oha_peer_step(&t, &rule, OHA_PEER_FAIL, at(now += S));
  oha_peer_step(&t, &rule, OHA_PEER_OK, at(now += S));
  assert_int_equal(t.state, OHA_PEER_DAMPED);
  assert_false(oha_peer_is_usable(t.state));
  /* Not quite 3000 at the third fall; below 750 after about two half-lives. */
  oha_peer_step(&t, &rule, OHA_PEER_OK, at(now + 590 * S));
  assert_int_equal(t.state, OHA_PEER_DAMPED);
  oha_peer_step(&t, &rule, OHA_PEER_OK, at(now + 610 * S));
  assert_int_equal(t.state, OHA_PEER_UP);
  /* Held no longer than hold_max, although it keeps falling. */
  rule.hold_max_us = 60 * S;
  now += 20000 * S;
  oha_peer_track_init(&t, at(now));
  oha_peer_step(&t, &rule, OHA_PEER_OK, at(now));
  for (int i = 0; i < 27; i++) {
    oha_peer_step(&t, &rule, OHA_PEER_FAIL, at(now += S));
    oha_peer_step(&t, &rule, OHA_PEER_OK, at(now += S));
  }
  assert_int_equal(t.state, OHA_PEER_DAMPED);
  oha_peer_step(&t, &rule, OHA_PEER_OK, at(t.held_since.us + 60 * S - 1));
  assert_int_equal(t.state, OHA_PEER_DAMPED);
  oha_peer_step(&t, &rule, OHA_PEER_OK, at(t.held_since.us + 60 * S));
  assert_int_equal(t.state, OHA_PEER_UP);
}

static void penalty_halves(void **state)
{
  struct oha_peer_rule rule = rule_of(1, 1);
  struct oha_peer_track t;

  (void)state;
  oha_peer_track_init(&t, at(0));
  t.penalty = 4000;
  assert_int_equal(oha_peer_penalty(&t, &rule, at(0)), 4000);
  assert_int_equal(oha_peer_penalty(&t, &rule, at(-5)), 4000);
  assert_int_equal(oha_peer_penalty(&t, &rule, at(300 * S)), 2000);
  assert_int_equal(oha_peer_penalty(&t, &rule, at(600 * S)), 1000);
  assert_in_range(oha_peer_penalty(&t, &rule, at(150 * S)), 2828, 3010);
  assert_int_equal(oha_peer_penalty(&t, &rule, at(INT64_MAX)), 0);
  rule.half_life_us = INT64_MAX;
  t.penalty = UINT32_MAX;
  assert_in_range(oha_peer_penalty(&t, &rule, at(INT64_MAX - 1)), UINT32_MAX / 2, UINT32_MAX / 2 + 8388608);
}

static void suspects_are_asked_sooner(void **state)
{
  const struct oha_peer_rule rule = rule_of(2, 3);
  struct oha_peer_track t;

  (void)state;
  oha_peer_track_init(&t, at(5));
  assert_int_equal(t.due.us, 5);
  oha_peer_step(&t, &rule, OHA_PEER_OK, at(5));
  assert_int_equal(t.due.us, 5 + 10 * S);
  oha_peer_step(&t, &rule, OHA_PEER_FAIL, at(10 * S));
  assert_int_equal(t.due.us, 11 * S);
  assert_int_equal(t.since.us, 10 * S);
  oha_peer_step(&t, &rule, OHA_PEER_FAIL, at(3)); /* a clock that went back is none */
  assert_int_equal(t.due.us, 11 * S);
  assert_int_equal(t.state, OHA_PEER_SUSPECT);
}

static void rules_are_checked(void **state)
{
  struct oha_peer_rule rule = { .size = sizeof(rule), .retry_us = -1 };
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  assert_int_equal(oha_peer_rule_init(&rule, &err), OHA_E_ARG);
  rule = (struct oha_peer_rule){ .size = sizeof(rule), .suppress = 10, .reuse = 10 };
  assert_int_equal(oha_peer_rule_init(&rule, NULL), OHA_E_ARG);
  rule = (struct oha_peer_rule){ .size = 3 };
  assert_int_equal(oha_peer_rule_init(&rule, NULL), OHA_E_ARG);
  assert_int_equal(oha_peer_rule_init(NULL, NULL), OHA_E_ARG);
  assert_string_equal(oha_peer_state_name((enum oha_peer_state)0), "?");
  assert_string_equal(oha_peer_state_name(OHA_PEER_DAMPED), "damped");
}

/*
 * Whatever comes: no change to UP but on an answer, none to DOWN but on a failure, DRAINED is left by RESUME
 * alone, a peer in use is not dropped before fall failures in a row, and due never lies before now.
 */
static void random_strings_keep_the_rules(void **state)
{
  const char *wanted = getenv("OHA_SEED");
  unsigned long seed = wanted != NULL ? strtoul(wanted, NULL, 10) : (unsigned long)time(NULL);
  uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;

  (void)state;
  print_message("OHA_SEED=%lu\n", seed);
  for (int round = 0; round < 300; round++) {
    struct oha_peer_rule rule = rule_of(1 + (uint32_t)(round % 4), 1 + (uint32_t)(round / 4 % 4));
    struct oha_peer_track t;
    int64_t now = 0;

    oha_peer_track_init(&t, at(0));
    for (int i = 0; i < 400; i++) {
      enum oha_peer_state was = t.state;
      enum oha_peer_event event;
      bool changed;

      x ^= x << 13;
      x ^= x >> 7;
      x ^= x << 17;
      now += (int64_t)(x >> 20) % (20 * S);
      event = x % 40 == 0   ? OHA_PEER_DRAIN
              : x % 40 == 1 ? OHA_PEER_RESUME
              : x % 3 == 0  ? OHA_PEER_FAIL
                            : OHA_PEER_OK;
      changed = oha_peer_step(&t, &rule, event, at(now));
      if (changed != (t.state != was) || t.state < OHA_PEER_UNKNOWN || t.state > OHA_PEER_DRAINED ||
          (changed && t.state == OHA_PEER_UP && event != OHA_PEER_OK) ||
          (changed && t.state == OHA_PEER_DOWN && event != OHA_PEER_FAIL) ||
          (was == OHA_PEER_DRAINED && changed && event != OHA_PEER_RESUME) ||
          (oha_peer_is_usable(was) && t.state == OHA_PEER_DOWN && t.n_fail < rule.fall) ||
          (was == OHA_PEER_DOWN && t.state == OHA_PEER_UP && t.n_ok < rule.rise) ||
          (event <= OHA_PEER_FAIL && t.due.us <= now) || (changed && t.since.us != now))
        fail_msg("OHA_SEED=%lu round %d step %d: event %d from %s to %s", seed, round, i, event,
                 oha_peer_state_name(was), oha_peer_state_name(t.state));
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_cell_is_filled), cmocka_unit_test(every_cell_is_walked),
    cmocka_unit_test(strings_of_events),    cmocka_unit_test(flaps_are_damped),
    cmocka_unit_test(penalty_halves),       cmocka_unit_test(suspects_are_asked_sooner),
    cmocka_unit_test(rules_are_checked),    cmocka_unit_test(random_strings_keep_the_rules),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
