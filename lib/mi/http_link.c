/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HTTP over TCP; where replies have ids, the connection stays open for the handle's next call. */
#include "base/ctx.h"
#include "base/error.h"
#include "mi/client.h"
#include "net/sockaddr.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 16384

/*
 * What fits one segment of an Ethernet, for httpd up to 3.5 wants the whole request in one piece. Kamailio
 * reads a message into 4096 bytes (tcp_rd_buf_size).
 */
#define SEGMENT_BYTES  1460
#define KAMAILIO_BYTES 4000

static size_t http_limit(const struct oha_mi *mi)
{
  return mi->era == OHA_MI_ERA_KAMAILIO ? KAMAILIO_BYTES : SEGMENT_BYTES;
}

static void drop(struct oha_mi *mi)
{
  if (mi->fd >= 0)
    close(mi->fd);
  mi->fd = -1;
}

static enum oha_rc fail_connect(int e, struct oha_error *err)
{
  return oha__fail_errno(err, e == EACCES || e == EPERM ? OHA_E_DENIED : OHA_E_UNAVAILABLE, e, "connect");
}

static enum oha_rc connect_within(struct oha_mi *mi, struct oha_mono deadline, struct oha_error *err)
{
  struct sockaddr_storage to;
  socklen_t n = oha__sockaddr_from(&mi->address.addr, mi->address.port, &to), n_e = sizeof(int);
  int one = 1, e = 0;
  enum oha_rc rc;

  mi->fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (mi->fd < 0)
    return oha__fail_errno(err, OHA_E_IO, errno, "socket");
  setsockopt(mi->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  if (connect(mi->fd, (struct sockaddr *)&to, n) == 0)
    return OHA_OK;
  if (errno != EINPROGRESS)
    return fail_connect(errno, err);
  rc = oha__mi_wait(mi->ctx, mi->fd, POLLOUT, deadline, err);
  if (rc == OHA_OK && getsockopt(mi->fd, SOL_SOCKET, SO_ERROR, &e, &n_e) != 0)
    e = errno;
  return rc == OHA_OK && e != 0 ? fail_connect(e, err) : rc;
}

/* The server may have closed it meanwhile, or have more to say than was asked. */
static bool is_idle(int fd)
{
  char byte;

  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static enum oha_rc http_open(struct oha_mi *mi, struct oha_mono deadline, struct oha_error *err)
{
  mi->n_bytes = 0;
  memset(&mi->http, 0, sizeof(mi->http));
  mi->reused = mi->fd >= 0 && is_idle(mi->fd);
  if (mi->reused)
    return OHA_OK;
  drop(mi);
  return connect_within(mi, deadline, err);
}

static enum oha_rc http_send(struct oha_mi *mi, struct oha_span request, struct oha_mono deadline,
                             struct oha_error *err)
{
  while (request.n > 0) {
    ssize_t n = send(mi->fd, request.p, request.n, MSG_NOSIGNAL);
    enum oha_rc rc;

    if (n >= 0) {
      request = (struct oha_span){ request.p + n, request.n - (size_t)n };
      continue;
    }
    if (errno != EAGAIN && errno != EINTR)
      return oha__fail_errno(err, OHA_E_UNAVAILABLE, errno, "send");
    rc = oha__mi_wait(mi->ctx, mi->fd, POLLOUT, deadline, err);
    if (rc != OHA_OK)
      return rc;
  }
  return OHA_OK;
}

/*
 * What a status other than 200 says about the way there. Kamailio repeats the code of a JSON-RPC error in it:
 * then the body says more.
 */
static enum oha_rc judge_status(const struct oha_mi *mi, struct oha_error *err)
{
  const struct oha__http *h = &mi->http;

  if (mi->address.scheme == OHA_MI_HTTP && h->n_body > 0 && mi->bytes[h->body] == '{')
    return OHA_OK;
  switch (h->status) {
  case 200:
    return OHA_OK;
  case 401:
    return oha__fail(err, OHA_E_DENIED, "HTTP 401: %s",
                     mi->authorization == NULL ? "it wants a user and a password, from an option file"
                                               : "user or password are wrong");
  case 403:
    return oha__fail(err, OHA_E_DENIED, "HTTP 403 %s", h->reason);
  case 400:
  case 404:
  case 405:
    return oha__fail(err, OHA_E_PROTOCOL,
                     "HTTP %d %s: no management interface of this kind at %s, or a request that "
                     "it does not read",
                     h->status, h->reason, mi->address.path);
  case 500:
    return oha__fail(err, OHA_E_PROTOCOL,
                     "HTTP 500 %s: it failed, or the reply is larger than httpd's buf_size", h->reason);
  default:
    return oha__fail(err, h->status >= 500 ? OHA_E_UNAVAILABLE : OHA_E_PROTOCOL, "HTTP %d %s", h->status,
                     h->reason);
  }
}

/* What came in so far: a whole reply? OHA_END: not yet. */
static enum oha_rc look(struct oha_mi *mi, bool at_end, struct oha_span *out, struct oha_error *err)
{
  enum oha_rc rc = oha__http_feed(&mi->http, mi->bytes, mi->n_bytes, at_end, err);

  if (rc == OHA_OK)
    rc = judge_status(mi, err);
  if (rc == OHA_OK)
    *out = (struct oha_span){ mi->bytes + mi->http.body, mi->http.n_body };
  return rc;
}

/* On a connection that served before, a reply may have come late or twice: ours is behind it. */
static bool pass_over(struct oha_mi *mi)
{
  size_t n = mi->n_bytes - mi->http.at;

  if (!mi->reused || mi->http.closes)
    return false;
  memmove(mi->bytes, mi->bytes + mi->http.at, n);
  mi->n_bytes = n;
  memset(&mi->http, 0, sizeof(mi->http));
  return true;
}

static enum oha_rc http_receive(struct oha_mi *mi, struct oha_mono deadline, struct oha_span *out,
                                struct oha_error *err)
{
  enum oha_rc rc;

  if (mi->http.state == OHA_HTTP_DONE && !pass_over(mi))
    return OHA_END;
  rc = mi->n_bytes == 0 ? OHA_END : look(mi, false, out, err);
  while (rc == OHA_END) {
    ssize_t n;

    rc = oha__mi_wait(mi->ctx, mi->fd, POLLIN, deadline, err);
    if (rc == OHA_E_TIMEOUT && mi->n_bytes > 0)
      return oha__fail(err, OHA_E_PROTOCOL, "the HTTP reply did not end: %zu bytes of it came", mi->n_bytes);
    if (rc == OHA_OK)
      rc = oha__mi_room(mi, READ_BYTES, err);
    if (rc != OHA_OK)
      return rc;
    rc = OHA_END;
    n = recv(mi->fd, mi->bytes + mi->n_bytes, READ_BYTES, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      continue;
    if (n < 0 && errno != ECONNRESET)
      return oha__fail_errno(err, OHA_E_IO, errno, "receive");
    if (n <= 0 && mi->n_bytes == 0)
      return OHA_END;
    mi->n_bytes += n > 0 ? (size_t)n : 0;
    rc = look(mi, n <= 0, out, err);
  }
  return rc;
}

/* Without ids a late reply would be taken for ours: only JSON-RPC keeps its connection. */
static void http_finish(struct oha_mi *mi, bool clean)
{
  if (!clean || mi->address.scheme != OHA_MI_HTTP || mi->http.closes || mi->http.state != OHA_HTTP_DONE ||
      mi->http.at != mi->n_bytes)
    drop(mi);
}

const struct oha__mi_transport oha__mi_by_http = { http_limit, http_open, http_send, http_receive,
                                                   http_finish };
