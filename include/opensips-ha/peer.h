/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_PEER_H
#define OHA_PEER_H
/*
 * From single answers to a state that one can act on: up, suspect, down, coming up, held down because it
 * flaps, drained by an operator. Decides only: the caller probes, and hands in each result with the instant
 * of it. Threads: any; one per struct oha_peer_track.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/error.h>
#include <opensips-ha/time.h>

OHA_BEGIN_DECLS

enum oha_peer_state {
  OHA_PEER_UNKNOWN = 1, /* neither enough answers nor enough silence yet */
  OHA_PEER_UP = 2,
  OHA_PEER_SUSPECT = 3, /* was up and failed; not often enough to be called down: still used */
  OHA_PEER_DOWN = 4,
  OHA_PEER_RISING = 5, /* was down and answered; not often enough to be called up */
  OHA_PEER_DAMPED = 6, /* answers, but went down too often lately: held back until it has calmed down */
  OHA_PEER_DRAINED = 7 /* taken out by an operator; probed, but whatever it answers it stays out */
};

enum oha_peer_event {
  OHA_PEER_OK = 0,    /* a probe was answered */
  OHA_PEER_FAIL = 1,  /* a probe was not */
  OHA_PEER_DRAIN = 2, /* an operator takes it out */
  OHA_PEER_RESUME = 3 /* ... and lets it in again: all that was known is forgotten, but not its flaps */
};

/**
 * When a state is left. The flap counter works as in RFC 2439: each fall from up to down adds 1000, time
 * halves it, and a peer that comes up with suppress or more is held until it is below reuse.
 */
struct oha_peer_rule {
  size_t size;
  uint32_t rise;        /* answers in a row that make it up; 0 = 2 */
  uint32_t fall;        /* failures in a row that make it down; 0 = 3 */
  int64_t every_us;     /* between probes; 0 = 10 s */
  int64_t retry_us;     /* between probes of a suspect or rising one; 0 = 1 s */
  uint32_t suppress;    /* 0 = 2500: the third fall in a short time; UINT32_MAX = never held */
  uint32_t reuse;       /* 0 = 750; below suppress */
  int64_t half_life_us; /* 0 = 5 min */
  int64_t hold_max_us;  /* held no longer than this, however often it fell; 0 = 20 min */
};

/** What is remembered of one peer. A value: copy it as you like. Read it, change it by the calls below. */
struct oha_peer_track {
  enum oha_peer_state state;
  uint32_t n_ok, n_fail;      /* in a row, up to now */
  uint32_t penalty;           /* at penalty_at */
  struct oha_mono since;      /* of this state */
  struct oha_mono penalty_at; /* last change of penalty */
  bool held;                  /* was DAMPED and not UP since: held until it is calm, also through falls */
  struct oha_mono held_since;
  struct oha_mono due; /* of the next probe */
};

/** "unknown", "up", "suspect", "down", "rising", "damped", "drained"; "?" for a number that is none. */
OHA_API const char *oha_peer_state_name(enum oha_peer_state state);

/** Should new calls go there? UP and SUSPECT. */
OHA_API bool oha_peer_is_usable(enum oha_peer_state state);

/**
 * Fill in the defaults of a rule, and check it.
 *
 * @param rule its size as the caller knows it; zeros become the documented defaults
 * @return OHA_OK; OHA_E_ARG a negative duration, or reuse not below suppress
 */
OHA_API OHA_NODISCARD enum oha_rc oha_peer_rule_init(struct oha_peer_rule *rule, struct oha_error *err);

/** A peer that nothing is known about; due at once. */
OHA_API void oha_peer_track_init(struct oha_peer_track *track, struct oha_mono now);

/**
 * Take one event in.
 *
 * @param rule by oha_peer_rule_init()
 * @param now  of the event; one before the last event's counts as that one's
 * @return true: the state is another one now (track->since)
 */
OHA_API bool oha_peer_step(struct oha_peer_track *track, const struct oha_peer_rule *rule,
                           enum oha_peer_event event, struct oha_mono now);

/** The flap counter as it is at @p now. */
OHA_API uint32_t oha_peer_penalty(const struct oha_peer_track *track, const struct oha_peer_rule *rule,
                                  struct oha_mono now);

OHA_END_DECLS
#endif
