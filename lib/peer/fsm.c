/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peer/fsm.h"

#include "base/ctx.h"
#include "base/error.h"

#define FALL_PENALTY 1000

// clang-format off
#define DRAINS   [OHA_PEER_DRAIN] = { OHA_PEER_DRAINED, OHA__PEER_ALWAYS, OHA_PEER_DRAINED }
#define STAYS(s) [OHA_PEER_RESUME] = { s, OHA__PEER_ALWAYS, s }

const struct oha__peer_edge oha__peer_edges[OHA__PEER_N_STATES][OHA__PEER_N_EVENTS] = {
  [OHA_PEER_UNKNOWN] = {
    [OHA_PEER_OK]     = { OHA_PEER_UP,      OHA__PEER_FIRST,  OHA_PEER_DAMPED },
    [OHA_PEER_FAIL]   = { OHA_PEER_DOWN,    OHA__PEER_FALLEN, OHA_PEER_UNKNOWN },
    DRAINS, STAYS(OHA_PEER_UNKNOWN),
  },
  [OHA_PEER_UP] = {
    [OHA_PEER_OK]     = { OHA_PEER_UP,      OHA__PEER_ALWAYS, OHA_PEER_UP },
    [OHA_PEER_FAIL]   = { OHA_PEER_DOWN,    OHA__PEER_FALLEN, OHA_PEER_SUSPECT },
    DRAINS, STAYS(OHA_PEER_UP),
  },
  [OHA_PEER_SUSPECT] = {
    [OHA_PEER_OK]     = { OHA_PEER_UP,      OHA__PEER_ALWAYS, OHA_PEER_UP },
    [OHA_PEER_FAIL]   = { OHA_PEER_DOWN,    OHA__PEER_FALLEN, OHA_PEER_SUSPECT },
    DRAINS, STAYS(OHA_PEER_SUSPECT),
  },
  [OHA_PEER_DOWN] = {
    [OHA_PEER_OK]     = { OHA_PEER_UP,      OHA__PEER_RISEN,  OHA_PEER_RISING },
    [OHA_PEER_FAIL]   = { OHA_PEER_DOWN,    OHA__PEER_ALWAYS, OHA_PEER_DOWN },
    DRAINS, STAYS(OHA_PEER_DOWN),
  },
  [OHA_PEER_RISING] = {
    [OHA_PEER_OK]     = { OHA_PEER_UP,      OHA__PEER_RISEN,  OHA_PEER_RISING },
    [OHA_PEER_FAIL]   = { OHA_PEER_DOWN,    OHA__PEER_ALWAYS, OHA_PEER_DOWN },
    DRAINS, STAYS(OHA_PEER_RISING),
  },
  [OHA_PEER_DAMPED] = {
    [OHA_PEER_OK]     = { OHA_PEER_UP,      OHA__PEER_CALM,   OHA_PEER_DAMPED },
    [OHA_PEER_FAIL]   = { OHA_PEER_DOWN,    OHA__PEER_FALLEN, OHA_PEER_DAMPED },
    DRAINS, STAYS(OHA_PEER_DAMPED),
  },
  [OHA_PEER_DRAINED] = {
    [OHA_PEER_OK]     = { OHA_PEER_DRAINED, OHA__PEER_ALWAYS, OHA_PEER_DRAINED },
    [OHA_PEER_FAIL]   = { OHA_PEER_DRAINED, OHA__PEER_ALWAYS, OHA_PEER_DRAINED },
    [OHA_PEER_DRAIN]  = { OHA_PEER_DRAINED, OHA__PEER_ALWAYS, OHA_PEER_DRAINED },
    [OHA_PEER_RESUME] = { OHA_PEER_UNKNOWN, OHA__PEER_ALWAYS, OHA_PEER_UNKNOWN },
  },
};
// clang-format on

const char *oha_peer_state_name(enum oha_peer_state state)
{
  switch (state) {
  case OHA_PEER_UNKNOWN:
    return "unknown";
  case OHA_PEER_UP:
    return "up";
  case OHA_PEER_SUSPECT:
    return "suspect";
  case OHA_PEER_DOWN:
    return "down";
  case OHA_PEER_RISING:
    return "rising";
  case OHA_PEER_DAMPED:
    return "damped";
  case OHA_PEER_DRAINED:
    return "drained";
  }
  return "?";
}

bool oha_peer_is_usable(enum oha_peer_state state)
{
  return state == OHA_PEER_UP || state == OHA_PEER_SUSPECT;
}

static void default_to(int64_t *value, int64_t otherwise)
{
  if (*value == 0)
    *value = otherwise;
}

static void default_u32(uint32_t *value, uint32_t otherwise)
{
  if (*value == 0)
    *value = otherwise;
}

enum oha_rc oha_peer_rule_init(struct oha_peer_rule *rule, struct oha_error *err)
{
  if (rule == NULL || rule->size != sizeof(*rule))
    return oha__fail(err, OHA_E_ARG, "oha_peer_rule_init: the rule has not the size of this version's");
  default_u32(&rule->rise, 2);
  default_u32(&rule->fall, 3);
  default_to(&rule->every_us, 10 * OHA_US_PER_S);
  default_to(&rule->retry_us, OHA_US_PER_S);
  default_u32(&rule->suppress, 2500);
  default_u32(&rule->reuse, 750);
  default_to(&rule->half_life_us, 300 * OHA_US_PER_S);
  default_to(&rule->hold_max_us, 1200 * OHA_US_PER_S);
  if (rule->every_us < 0 || rule->retry_us < 0 || rule->half_life_us < 0 || rule->hold_max_us < 0)
    return oha__fail(err, OHA_E_ARG, "oha_peer_rule_init: a duration is negative");
  if (rule->reuse >= rule->suppress)
    return oha__fail(err, OHA_E_ARG, "oha_peer_rule_init: reuse %u must be below suppress %u", rule->reuse,
                     rule->suppress);
  return OHA_OK;
}

void oha_peer_track_init(struct oha_peer_track *track, struct oha_mono now)
{
  *track = (struct oha_peer_track){ .state = OHA_PEER_UNKNOWN, .since = now, .penalty_at = now, .due = now };
}

/* Whole half-lives by shifting; within one, the straight line between its ends is near enough (+6 %). */
uint32_t oha_peer_penalty(const struct oha_peer_track *track, const struct oha_peer_rule *rule,
                          struct oha_mono now)
{
  int64_t age_us = oha_mono_diff_us(now, track->penalty_at);
  uint64_t value = track->penalty;
  int64_t halves;

  if (age_us <= 0)
    return track->penalty;
  halves = age_us / rule->half_life_us;
  if (halves >= 32)
    return 0;
  value >>= halves;
  age_us %= rule->half_life_us;
  /* In parts of 1/1024, so that no product overflows, however long the half-life is. */
  value -= value * (uint64_t)(age_us / (rule->half_life_us / 1024 + 1)) / 2048;
  return (uint32_t)value;
}

static void count(struct oha_peer_track *track, enum oha_peer_event event)
{
  if (event == OHA_PEER_OK) {
    track->n_fail = 0;
    if (track->n_ok < UINT32_MAX)
      track->n_ok++;
  } else if (event == OHA_PEER_FAIL) {
    track->n_ok = 0;
    if (track->n_fail < UINT32_MAX)
      track->n_fail++;
  } else if (event == OHA_PEER_RESUME && track->state == OHA_PEER_DRAINED) {
    track->n_ok = track->n_fail = 0;
  }
}

/* Once held it stays held until it has calmed down, also through falls; before that, suppress decides. */
static bool is_calm(const struct oha_peer_track *track, const struct oha_peer_rule *rule, struct oha_mono now)
{
  if (rule->suppress == UINT32_MAX)
    return true;
  if (!track->held)
    return oha_peer_penalty(track, rule, now) < rule->suppress;
  return oha_peer_penalty(track, rule, now) < rule->reuse ||
         oha_mono_diff_us(now, track->held_since) >= rule->hold_max_us;
}

static enum oha_peer_state follow(const struct oha__peer_edge *edge, const struct oha_peer_track *track,
                                  const struct oha_peer_rule *rule, struct oha_mono now)
{
  switch ((enum oha__peer_need)edge->need) {
  case OHA__PEER_ALWAYS:
    return edge->to;
  case OHA__PEER_FALLEN:
    return track->n_fail >= rule->fall ? edge->to : edge->otherwise;
  case OHA__PEER_RISEN:
    if (track->n_ok < rule->rise)
      return edge->otherwise;
    return is_calm(track, rule, now) ? edge->to : OHA_PEER_DAMPED;
  case OHA__PEER_FIRST:
  case OHA__PEER_CALM:
    return is_calm(track, rule, now) ? edge->to : edge->otherwise;
  }
  return edge->otherwise;
}

/* A fall from use, or from being held, is a flap; one from a state that nobody relied on is none. */
static void punish(struct oha_peer_track *track, const struct oha_peer_rule *rule, struct oha_mono now)
{
  uint32_t penalty = oha_peer_penalty(track, rule, now);

  track->penalty = penalty > UINT32_MAX - FALL_PENALTY ? UINT32_MAX : penalty + FALL_PENALTY;
  track->penalty_at = now;
}

bool oha_peer_step(struct oha_peer_track *track, const struct oha_peer_rule *rule, enum oha_peer_event event,
                   struct oha_mono now)
{
  enum oha_peer_state was = track->state, is;

  if ((unsigned)event >= OHA__PEER_N_EVENTS || (unsigned)was >= OHA__PEER_N_STATES || was == 0)
    return false;
  if (oha_mono_diff_us(now, track->since) < 0)
    now = track->since;
  if (oha_mono_diff_us(now, track->penalty_at) < 0)
    now = track->penalty_at;
  count(track, event);
  is = follow(&oha__peer_edges[was][event], track, rule, now);
  if (is == OHA_PEER_DOWN && (oha_peer_is_usable(was) || was == OHA_PEER_DAMPED))
    punish(track, rule, now);
  /* Falling again while it is held does not begin the hold anew: hold_max_us bounds it as a whole. */
  if (is == OHA_PEER_DAMPED && !track->held)
    track->held_since = now;
  track->held = is != OHA_PEER_UP && (is == OHA_PEER_DAMPED || track->held);
  if (event == OHA_PEER_OK || event == OHA_PEER_FAIL)
    track->due =
        oha_mono_add(now, is == OHA_PEER_SUSPECT || is == OHA_PEER_RISING ? rule->retry_us : rule->every_us);
  else if (is != was)
    track->due = now;
  if (is == was)
    return false;
  track->state = is;
  track->since = now;
  return true;
}
