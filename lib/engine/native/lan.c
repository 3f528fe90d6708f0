/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/lan.h"
#include "base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

/* A busy media server gets thousands of IPv6 packets a second: the kernel drops all but adverts. */
static int filter_adverts(int fd)
{
  // clang-format off
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, OHA_ETHER_BYTES + 6),       /* IPv6 next header */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 58, 0, 3),                 /* ICMPv6 */
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, OHA_ETHER_BYTES + 40),      /* its type */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 136, 0, 1),                /* RFC 4861 section 4.4 */
    BPF_STMT(BPF_RET | BPF_K, OHA_ETHER_FRAME_BYTES),
    BPF_STMT(BPF_RET | BPF_K, 0),
  };
  // clang-format on
  struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

enum oha_rc oha__lan_open(const struct oha__link *link, enum oha__lan_hear hear, struct oha__lan *lan,
                          struct oha_error *err)
{
  struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_ifindex = link->index };

  memcpy(lan->name, link->name, sizeof(lan->name));
  /* Protocol 0 hears nothing, so nothing of other interfaces comes in before bind(2). */
  lan->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (lan->fd < 0 && (errno == EPERM || errno == EACCES))
    return oha__fail_errno(err, OHA_E_DENIED, errno, "%s: packet socket (needs CAP_NET_RAW)", link->name);
  if (lan->fd < 0)
    return oha__fail_errno(err, OHA_E_IO, errno, "%s: packet socket", link->name);
  if (hear == OHA_LAN_ARP)
    at.sll_protocol = htons(OHA_ETHER_TYPE_ARP);
  else if (hear == OHA_LAN_ADVERTS)
    at.sll_protocol = htons(OHA_ETHER_TYPE_IP6);
  if ((hear == OHA_LAN_ADVERTS && filter_adverts(lan->fd) != 0) ||
      bind(lan->fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
    int e = errno;

    oha__lan_close(lan);
    return oha__fail_errno(err, OHA_E_IO, e, "%s: packet socket", link->name);
  }
  return OHA_OK;
}

void oha__lan_close(struct oha__lan *lan)
{
  if (lan->fd >= 0)
    close(lan->fd);
  lan->fd = -1;
}

enum oha_rc oha__lan_send(const struct oha__lan *lan, const uint8_t *frame, size_t n, struct oha_error *err)
{
  ssize_t sent = send(lan->fd, frame, n, 0);

  if (sent == (ssize_t)n)
    return OHA_OK;
  return oha__fail_errno(err, OHA_E_IO, sent < 0 ? errno : EMSGSIZE, "%s: send", lan->name);
}

enum oha_rc oha__lan_recv(const struct oha__lan *lan, uint8_t frame[OHA_ETHER_FRAME_BYTES], size_t *n,
                          struct oha_error *err)
{
  for (;;) {
    struct sockaddr_ll from = { 0 };
    socklen_t n_from = sizeof(from);
    ssize_t got = recvfrom(lan->fd, frame, OHA_ETHER_FRAME_BYTES, 0, (struct sockaddr *)&from, &n_from);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
      return OHA_END;
    if (got < 0)
      return oha__fail_errno(err, OHA_E_IO, errno, "%s: receive", lan->name);
    if (from.sll_pkttype == PACKET_OUTGOING)
      continue;
    *n = (size_t)got;
    return OHA_OK;
  }
}
