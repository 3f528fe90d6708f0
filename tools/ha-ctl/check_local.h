/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_CHECK_LOCAL_H
#define HA_CTL_CHECK_LOCAL_H
/* This machine, looked at from itself: its addresses, its SIP server, the database. */
#include "report.h"

/**
 * Look at the addresses and ask the SIP server at the sockets that customers use: the node's own, and those
 * of each VIP that the kernel has.
 *
 * @param held set to whether the kernel has every VIP of the cluster
 */
OHA_NODISCARD enum oha_rc check_service(struct app *app, const struct oha_node *node, struct report *r,
                                        bool *held, struct oha_error *err);

#define DATABASE_HOSTS 16

struct database_look {
  size_t n;
  struct oha_db_health hosts[DATABASE_HOSTS];
};

/** Write to each database host. What is wrong with the database is wrong for all nodes alike: not local. */
OHA_NODISCARD enum oha_rc check_database(struct app *app, const char *node, struct report *r,
                                         struct database_look *look, struct oha_error *err);

/**
 * Could this machine, which does not have the VIP, take it over now? Its server must be bound to addresses
 * that are not here yet, and the other nodes must be within reach for a clean hand-over.
 */
OHA_NODISCARD enum oha_rc check_takeover(struct app *app, const struct oha_node *node, struct report *r,
                                         struct oha_error *err);

/**
 * Is what the registrar confirms also stored? Register a contact of ours for @p aor at the first UDP socket
 * that this machine serves (a VIP's where it is here), look it up in the table, remove it. Nothing is sent
 * when the address of record has other bindings: a registrar that keeps one contact would drop a phone.
 */
OHA_NODISCARD enum oha_rc check_deep(struct app *app, const struct oha_node *node, const char *aor, bool held,
                                     struct report *r, struct oha_error *err);

#endif
