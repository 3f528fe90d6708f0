/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel is asked by rtnetlink. Connecting a UDP socket and looking at its name would tell as well, but
 * each connect(2) moves the socket between chains of the kernel's hash table, where datagrams for all sockets
 * are looked up meanwhile: with 100,000 of them in a second, one or two datagrams for another socket of ours
 * were lost now and then, counted as for a closed port (Linux 6.18); with rtnetlink none.
 */
#include "net/route.h"
#include "net/sockaddr.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

static size_t n_bytes(const struct oha_addr *addr)
{
  return addr->family == 4 ? 4 : 16;
}

/* The preferred source among a route's attributes. 0 or errno. */
static int read_route(struct nlmsghdr *head, const struct oha_addr *to, struct oha_addr *source)
{
  struct rtmsg *route = NLMSG_DATA(head);
  struct rtattr *attr = RTM_RTA(route);
  unsigned n = (unsigned)RTM_PAYLOAD(head);

  for (; RTA_OK(attr, n); attr = RTA_NEXT(attr, n))
    if (attr->rta_type == RTA_PREFSRC && RTA_PAYLOAD(attr) == n_bytes(to)) {
      *source = (struct oha_addr){ .family = to->family };
      memcpy(source->bytes, RTA_DATA(attr), n_bytes(to));
      return 0;
    }
  return EADDRNOTAVAIL;
}

/* 0 or errno; *answered tells whether that is the routing table's word. */
static int ask_netlink(int fd, const struct oha_addr *to, struct oha_addr *source, bool *answered)
{
  struct {
    struct nlmsghdr head;
    struct rtmsg route;
    struct rtattr attr;
    uint8_t dst[16];
  } q = { .head = { .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST },
          .route = { .rtm_family = to->family == 4 ? AF_INET : AF_INET6,
                     .rtm_dst_len = (unsigned char)(n_bytes(to) * 8) },
          .attr = { .rta_type = RTA_DST, .rta_len = (unsigned short)RTA_LENGTH(n_bytes(to)) } };
  union {
    struct nlmsghdr head;
    char bytes[1024];
  } a;
  ssize_t n;

  memcpy(q.dst, to->bytes, n_bytes(to));
  q.head.nlmsg_len = (unsigned)NLMSG_LENGTH(sizeof(q.route)) + RTA_ALIGN(q.attr.rta_len);
  *answered = false;
  if (send(fd, &q, q.head.nlmsg_len, 0) < 0)
    return errno;
  n = recv(fd, &a, sizeof(a), MSG_DONTWAIT); /* the kernel has answered within send(2) */
  if (n < 0)
    return errno;
  if (!NLMSG_OK(&a.head, (size_t)n))
    return EPROTO;
  *answered = true;
  if (a.head.nlmsg_type == RTM_NEWROUTE && a.head.nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)))
    return read_route(&a.head, to, source);
  if (a.head.nlmsg_type == NLMSG_ERROR && a.head.nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)))
    return -((struct nlmsgerr *)NLMSG_DATA(&a.head))->error;
  return EPROTO;
}

/* For a sandbox without netlink. 0 or errno. */
static int ask_socket(const struct oha_addr *to, struct oha_addr *source)
{
  struct sockaddr_storage name;
  socklen_t n = oha__sockaddr_from(to, 9, &name);
  int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  uint16_t port;
  int e = 0;

  if (fd < 0)
    return errno;
  if (connect(fd, (struct sockaddr *)&name, n) != 0 || !oha__sockaddr_of(fd, source, &port))
    e = errno;
  close(fd);
  return e;
}

int oha__route_source(int *fd, const struct oha_addr *to, struct oha_addr *source)
{
  bool answered = false;
  int e = 0;

  if (*fd < 0)
    *fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (*fd >= 0)
    e = ask_netlink(*fd, to, source, &answered);
  return answered ? e : ask_socket(to, source);
}
