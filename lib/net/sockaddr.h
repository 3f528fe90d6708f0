/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_SOCKADDR_H
#define OHA_NET_SOCKADDR_H
#include <opensips-ha/sock.h>

#include <sys/socket.h>

/* Gives back its length; family 0 gives AF_UNSPEC. */
socklen_t oha__sockaddr_from(const struct oha_addr *addr, uint16_t port, struct sockaddr_storage *out);

/* False, and zeros, for what is neither IPv4 nor IPv6. */
bool oha__sockaddr_to(const struct sockaddr_storage *from, struct oha_addr *addr, uint16_t *port);

/* Where a socket is bound; false with errno set. */
bool oha__sockaddr_of(int fd, struct oha_addr *addr, uint16_t *port);

#endif
