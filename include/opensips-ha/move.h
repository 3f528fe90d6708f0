/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MOVE_H
#define OHA_MOVE_H
/*
 * A move of the service from node A to node B, as the lower layers see it: which sockets B will hold, which
 * are others', what is known about phones' networks. Self-contained: nothing points into a cluster.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/cluster.h>
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>

OHA_BEGIN_DECLS

/** Whose a configured socket will be once the move is done. */
enum oha_socket_fate {
  OHA_FATE_TARGET = 0,  /* B's own listener */
  OHA_FATE_SHARED = 1,  /* comes with the VIP, or a name that A and B both advertise */
  OHA_FATE_ADOPTED = 2, /* A's, taken over by B */
  OHA_FATE_OTHER = 3,   /* another live node's */
  OHA_FATE_SOURCE = 4   /* A's, and gone with it */
};

struct oha_move_socket {
  enum oha_socket_fate fate;
  struct oha_sock listen;
  bool has_advertised; /* not on A's where B answers to the name as well: it does not go with A */
  struct oha_sock advertised;
  bool clients_use_address;
  char role[64]; /* "" for a VIP's listener */
  char node[64]; /* "" for a VIP's listener */
};

struct oha_move {
  char from[64], to[64]; /* from "" = the cluster is only looked at as it stands on `to` */
  enum oha_answer contact_rewriting;
  char nat_flag[64];
  uint32_t nat_flag_mask;
  struct oha_move_socket *sockets;
  size_t n_sockets;
  struct oha_network *networks; /* of B */
  size_t n_networks;
};

OHA_API const char *oha_socket_fate_name(enum oha_socket_fate fate); /* "target", "shared", ... */

/**
 * Work out a move.
 *
 * @param from  name of A, or NULL/"" for "nobody dies"
 * @param to    name of B
 * @param adopt B takes over A's adoptable service addresses
 * @param out   the caller's; clear with oha_move_clear(); zeroed on failure
 * @return OHA_OK; OHA_E_NOTFOUND a name is no node; OHA_E_ARG from equals to; OHA_E_NOMEM
 */
OHA_API OHA_NODISCARD enum oha_rc oha_move_init(const struct oha_cluster *cluster, const char *from,
                                                const char *to, bool adopt, struct oha_move *out,
                                                struct oha_error *err);

OHA_API void oha_move_clear(struct oha_move *move);

/**
 * Whose is a stored socket? By oha_sock_matches() over all configured ones; where several match, the lowest
 * fate: a name that A and B both advertise is B's. Allocates nothing.
 *
 * @return the configured socket (lends, until oha_move_clear()), or NULL: no configured node's
 */
OHA_API const struct oha_move_socket *oha_move_socket_of(const struct oha_move *move,
                                                         const struct oha_sock *stored);

/**
 * B's own socket that should replace @p stored: same role, protocol and family; NULL when there is none, or
 * when @p stored is no socket that goes away with A.
 */
OHA_API const struct oha_move_socket *oha_move_target_of(const struct oha_move *move,
                                                         const struct oha_sock *stored);

OHA_END_DECLS
#endif
