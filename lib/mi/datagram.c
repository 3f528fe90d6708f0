/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Datagrams by UDP and by a UNIX socket. */
#include "base/ctx.h"
#include "base/error.h"
#include "mi/client.h"
#include "net/sockaddr.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define DATAGRAM_BYTES 65457 /* the largest that mi_datagram reads */
#define READ_BYTES     65536

static size_t datagram_limit(const struct oha_mi *mi)
{
  (void)mi;
  return DATAGRAM_BYTES;
}

static enum oha_rc fail_errno(int e, const char *what, struct oha_error *err)
{
  bool nobody = e == ECONNREFUSED || e == ENOENT || e == EHOSTUNREACH || e == ENETUNREACH || e == ENETDOWN ||
                e == EHOSTDOWN || e == ENOTDIR || e == EADDRNOTAVAIL;

  return oha__fail_errno(err,
                         e == EACCES || e == EPERM ? OHA_E_DENIED
                         : nobody                  ? OHA_E_UNAVAILABLE
                                                   : OHA_E_IO,
                         e, "%s", what);
}

static enum oha_rc open_udp(struct oha_mi *mi, struct oha_error *err)
{
  struct sockaddr_storage to;
  socklen_t n = oha__sockaddr_from(&mi->address.addr, mi->address.port, &to);

  mi->fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (mi->fd < 0)
    return oha__fail_errno(err, OHA_E_IO, errno, "socket");
  /* Connected: nobody else's datagrams get in, and ICMP errors do. */
  return connect(mi->fd, (struct sockaddr *)&to, n) == 0 ? OHA_OK : fail_errno(errno, "connect", err);
}

/*
 * The kernel gives it a name in the abstract space (unix(7), autobind): the reply can reach it whatever user
 * the server runs as, and no file is left behind. It cannot be connected, for mi_datagram replies from
 * another socket than it reads.
 */
static enum oha_rc open_unix(struct oha_mi *mi, struct oha_error *err)
{
  struct sockaddr_un none = { .sun_family = AF_UNIX };

  mi->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (mi->fd < 0 || bind(mi->fd, (struct sockaddr *)&none, sizeof(none.sun_family)) != 0)
    return oha__fail_errno(err, OHA_E_IO, errno, "socket");
  return OHA_OK;
}

/* A new socket for each call: what comes late for the last one never gets into this one. */
static enum oha_rc datagram_open(struct oha_mi *mi, struct oha_mono deadline, struct oha_error *err)
{
  (void)deadline;
  return mi->address.scheme == OHA_MI_UDP ? open_udp(mi, err) : open_unix(mi, err);
}

/* While the queue of a UNIX socket is full, poll(2) does not say when there is room: the kernel must wait. */
static enum oha_rc set_send_limit(int fd, int64_t left_us, struct oha_error *err)
{
  struct timeval limit = { .tv_sec = left_us / OHA_US_PER_S, .tv_usec = left_us % OHA_US_PER_S };

  if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0)
    return oha__fail_errno(err, OHA_E_IO, errno, "setsockopt");
  return OHA_OK;
}

static enum oha_rc datagram_send(struct oha_mi *mi, struct oha_span request, struct oha_mono deadline,
                                 struct oha_error *err)
{
  struct sockaddr_un to = { .sun_family = AF_UNIX };
  bool is_unix = mi->address.scheme == OHA_MI_UNIX;

  memcpy(to.sun_path, mi->address.path, sizeof(to.sun_path));
  for (;;) {
    int64_t left_us = oha_mono_diff_us(deadline, oha_now_mono(mi->ctx));
    enum oha_rc rc;
    ssize_t n;

    if (left_us <= 0)
      return OHA_E_TIMEOUT;
    if (oha__cancelled(mi->ctx))
      return oha__fail(err, OHA_E_CANCELLED, "cancelled");
    rc = set_send_limit(mi->fd, left_us, err);
    if (rc != OHA_OK)
      return rc;
    n = sendto(mi->fd, request.p, request.n, MSG_NOSIGNAL, is_unix ? (const struct sockaddr *)&to : NULL,
               is_unix ? sizeof(to) : 0);
    if (n == (ssize_t)request.n)
      return OHA_OK;
    if (n >= 0 || (errno != EAGAIN && errno != EINTR))
      return fail_errno(n >= 0 ? EIO : errno, "send", err);
  }
}

static enum oha_rc datagram_receive(struct oha_mi *mi, struct oha_mono deadline, struct oha_span *out,
                                    struct oha_error *err)
{
  for (;;) {
    enum oha_rc rc = oha__mi_wait(mi->ctx, mi->fd, POLLIN, deadline, err);
    ssize_t n;

    mi->n_bytes = 0;
    if (rc == OHA_OK)
      rc = oha__mi_room(mi, READ_BYTES, err);
    if (rc != OHA_OK)
      return rc;
    n = recv(mi->fd, mi->bytes, READ_BYTES, MSG_TRUNC | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
      return fail_errno(errno, "receive", err);
    if (n > READ_BYTES)
      return oha__fail(err, OHA_E_PROTOCOL, "a datagram of %zd bytes", n);
    if (n < 0)
      continue;
    mi->n_bytes = (size_t)n;
    *out = (struct oha_span){ mi->bytes, mi->n_bytes };
    return OHA_OK;
  }
}

static void datagram_finish(struct oha_mi *mi, bool clean)
{
  (void)clean;
  if (mi->fd >= 0)
    close(mi->fd);
  mi->fd = -1;
}

const struct oha__mi_transport oha__mi_by_datagram = { datagram_limit, datagram_open, datagram_send,
                                                       datagram_receive, datagram_finish };
