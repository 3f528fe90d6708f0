/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/netlink.h"
#include "base/error.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_TIMEOUT_US (2 * OHA_US_PER_S)
#define ANSWER_BYTES      32768 /* what the kernel fills at most in one part of a dump */

static enum oha_rc rc_of_errno(int e)
{
  switch (e) {
  case EPERM:
  case EACCES:
    return OHA_E_DENIED;
  case ENODEV:
  case EADDRNOTAVAIL:
    return OHA_E_NOTFOUND;
  case EEXIST:
    return OHA_E_EXISTS;
  case ENOMEM:
    return OHA_E_NOMEM;
  case ETIMEDOUT:
    return OHA_E_TIMEOUT;
  default:
    return OHA_E_IO;
  }
}

enum oha_rc oha__netlink_open(const struct oha_ctx *ctx, struct oha__netlink *nl, struct oha_error *err)
{
  memset(nl, 0, sizeof(*nl));
  nl->ctx = ctx;
  nl->sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (nl->sock == NULL)
    return oha__fail_errno(err, OHA_E_IO, errno, "rtnetlink: socket");
  if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
    int e = errno;

    oha__netlink_close(nl);
    return oha__fail_errno(err, OHA_E_IO, e, "rtnetlink: bind");
  }
  nl->portid = mnl_socket_get_portid(nl->sock);
  return OHA_OK;
}

void oha__netlink_close(struct oha__netlink *nl)
{
  if (nl->sock != NULL)
    mnl_socket_close(nl->sock);
  nl->sock = NULL;
}

/* Send, then feed every answer to @p fn until the kernel's last word; 0, or the errno it answered. */
static int exchange(struct oha__netlink *nl, struct nlmsghdr *msg, mnl_cb_t fn, void *arg)
{
  struct oha_mono due = oha_mono_add(oha_now_mono(nl->ctx), ANSWER_TIMEOUT_US);
  struct pollfd fd = { .fd = mnl_socket_get_fd(nl->sock), .events = POLLIN };
  char answer[ANSWER_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
  int more = MNL_CB_OK;

  msg->nlmsg_seq = ++nl->seq;
  if (mnl_socket_sendto(nl->sock, msg, msg->nlmsg_len) < 0)
    return errno;
  while (more == MNL_CB_OK) {
    int wait_ms = oha_poll_ms(oha_now_mono(nl->ctx), due);
    ssize_t got;

    if (wait_ms == 0)
      return ETIMEDOUT;
    if (poll(&fd, 1, wait_ms) < 0 && errno != EINTR)
      return errno;
    got = mnl_socket_recvfrom(nl->sock, answer, sizeof(answer));
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
      continue;
    if (got < 0)
      return errno;
    more = mnl_cb_run(answer, (size_t)got, nl->seq, nl->portid, fn, arg);
  }
  return more < 0 ? errno : 0;
}

enum oha_rc oha__netlink_request(struct oha__netlink *nl, struct nlmsghdr *msg, const char *what,
                                 int expected, struct oha_error *err)
{
  int e;

  msg->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
  e = exchange(nl, msg, NULL, NULL);
  if (e == 0)
    return OHA_OK;
  return e == expected ? OHA_END : oha__fail_errno(err, rc_of_errno(e), e, "%s", what);
}

enum oha_rc oha__netlink_dump(struct oha__netlink *nl, uint16_t type, mnl_cb_t fn, void *arg,
                              bool *interrupted, struct oha_error *err)
{
  char buf[OHA_NETLINK_REQUEST_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
  struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
  struct rtgenmsg *body;
  int e;

  msg->nlmsg_type = type;
  msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  body = mnl_nlmsg_put_extra_header(msg, sizeof(*body));
  body->rtgen_family = AF_UNSPEC;
  e = exchange(nl, msg, fn, arg);
  *interrupted = e == EINTR; /* libmnl's answer to NLM_F_DUMP_INTR */
  return e == 0 || e == EINTR ? OHA_OK : oha__fail_errno(err, rc_of_errno(e), e, "rtnetlink: list");
}
