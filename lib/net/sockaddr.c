/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/sockaddr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

socklen_t oha__sockaddr_from(const struct oha_addr *addr, uint16_t port, struct sockaddr_storage *out)
{
  struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
  struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

  memset(out, 0, sizeof(*out));
  if (addr->family == 4) {
    memcpy(&v4.sin_addr, addr->bytes, sizeof(v4.sin_addr));
    memcpy(out, &v4, sizeof(v4));
    return sizeof(v4);
  }
  if (addr->family == 6) {
    memcpy(&v6.sin6_addr, addr->bytes, sizeof(v6.sin6_addr));
    memcpy(out, &v6, sizeof(v6));
    return sizeof(v6);
  }
  out->ss_family = AF_UNSPEC;
  return sizeof(out->ss_family);
}

bool oha__sockaddr_to(const struct sockaddr_storage *from, struct oha_addr *addr, uint16_t *port)
{
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;

  *addr = (struct oha_addr){ 0 };
  *port = 0;
  if (from->ss_family == AF_INET) {
    memcpy(&v4, from, sizeof(v4));
    addr->family = 4;
    memcpy(addr->bytes, &v4.sin_addr, sizeof(v4.sin_addr));
    *port = ntohs(v4.sin_port);
  } else if (from->ss_family == AF_INET6) {
    memcpy(&v6, from, sizeof(v6));
    addr->family = 6;
    memcpy(addr->bytes, &v6.sin6_addr, sizeof(v6.sin6_addr));
    *port = ntohs(v6.sin6_port);
  }
  return addr->family != 0;
}

bool oha__sockaddr_of(int fd, struct oha_addr *addr, uint16_t *port)
{
  struct sockaddr_storage name;
  socklen_t n = sizeof(name);

  memset(&name, 0, sizeof(name));
  if (getsockname(fd, (struct sockaddr *)&name, &n) != 0)
    return false;
  if (!oha__sockaddr_to(&name, addr, port)) {
    errno = EAFNOSUPPORT;
    return false;
  }
  return true;
}
