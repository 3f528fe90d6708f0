/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_ROUTE_H
#define OHA_NET_ROUTE_H
#include <opensips-ha/sock.h>

/*
 * Which of our addresses would a datagram to @p to leave from? 0 or errno (ENETUNREACH, EHOSTUNREACH, ...).
 *
 * @param fd the routing socket (rtnetlink(7)), kept by the caller for the next question; -1 = none yet
 */
int oha__route_source(int *fd, const struct oha_addr *to, struct oha_addr *source);

#endif
