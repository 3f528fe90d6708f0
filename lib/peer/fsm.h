/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_PEER_FSM_H
#define OHA_PEER_FSM_H
/* The table behind oha_peer_step(). Pure. */
#include <opensips-ha/peer.h>

#define OHA__PEER_N_STATES (OHA_PEER_DRAINED + 1) /* row 0 is no state */
#define OHA__PEER_N_EVENTS (OHA_PEER_RESUME + 1)

/* What must hold for an edge to lead to `to`; else it leads to `otherwise`. */
enum oha__peer_need {
  OHA__PEER_ALWAYS = 0,
  OHA__PEER_FALLEN, /* rule->fall failures in a row */
  OHA__PEER_RISEN,  /* rule->rise answers in a row; where it has flapped too often, then to DAMPED */
  OHA__PEER_FIRST,  /* the first answer of one that never fell is enough, unless it has flapped before */
  OHA__PEER_CALM    /* the flap counter is below rule->reuse, or it was held for rule->hold_max_us */
};

struct oha__peer_edge {
  uint8_t to; /* a hole would be 0, which is no state */
  uint8_t need;
  uint8_t otherwise;
};

extern const struct oha__peer_edge oha__peer_edges[OHA__PEER_N_STATES][OHA__PEER_N_EVENTS];

#endif
