/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Probes over TCP: one connection each, closed with its probe. */
#include "net/sockaddr.h"
#include "net/stream.h"
#include "base/mem.h"

#include <errno.h>
#include <unistd.h>

struct oha_tcp {
  struct oha_watch watch;
  bool is_connected;
  struct oha_stream stream;
};

/* 0 or errno. */
static int send_rest(struct oha_tcp *tcp)
{
  char request[OHA_SIP_REQUEST_SIZE];
  struct oha_span rest = oha__stream_rest(&tcp->stream, request);
  struct oha_mono at = oha_now_mono(tcp->stream.probe->prober->ctx);
  ssize_t n = send(tcp->watch.fd, rest.p, rest.n, MSG_NOSIGNAL);

  if (n < 0)
    return errno == EAGAIN || errno == EINTR ? 0 : errno;
  return oha__loop_rewatch(&tcp->stream.probe->prober->loop, &tcp->watch,
                           oha__stream_sent(&tcp->stream, (size_t)n, at) ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

/* 0 or errno. */
static int finish_connect(struct oha_tcp *tcp)
{
  struct oha_probe *probe = tcp->stream.probe;
  int e = 0;
  socklen_t n = sizeof(e);

  if (getsockopt(tcp->watch.fd, SOL_SOCKET, SO_ERROR, &e, &n) != 0)
    return errno;
  if (e != 0)
    return e;
  tcp->is_connected = true;
  return oha__sockaddr_of(tcp->watch.fd, &probe->source, &probe->source_port) ? 0 : errno;
}

static void read_some(struct oha_tcp *tcp)
{
  size_t n_room;
  char *room = oha__stream_room(&tcp->stream, &n_room);
  ssize_t n;

  if (room == NULL) {
    oha__probe_end_errno(tcp->stream.probe, ENOMEM);
    return;
  }
  n = recv(tcp->watch.fd, room, n_room, 0);
  if (n > 0)
    (void)oha__stream_took(&tcp->stream, (size_t)n);
  else if (n == 0)
    oha__stream_closed(&tcp->stream);
  else if (errno != EAGAIN && errno != EINTR)
    oha__probe_end_errno(tcp->stream.probe, errno);
}

static void tcp_ready(struct oha_watch *watch, uint32_t events)
{
  struct oha_tcp *tcp = OHA_CONTAINER(watch, struct oha_tcp, watch);
  int e = 0;

  if (!tcp->is_connected)
    e = finish_connect(tcp);
  if (e == 0 && (events & EPOLLOUT))
    e = send_rest(tcp);
  if (e != 0)
    oha__probe_end_errno(tcp->stream.probe, e);
  else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
    read_some(tcp);
}

/* 0 or errno. */
static int open_connection(struct oha_probe *probe)
{
  struct oha_prober *prober = probe->prober;
  struct sockaddr_storage to;
  socklen_t n_to = oha__sockaddr_from(&probe->target, probe->target_port, &to);
  struct oha_tcp *tcp = oha__calloc(1, sizeof(*tcp));
  int e;

  if (tcp == NULL)
    return ENOMEM;
  tcp->stream.probe = probe;
  tcp->watch = (struct oha_watch){ .fd = oha__stream_socket(probe), .events = EPOLLOUT, .fn = tcp_ready };
  if (tcp->watch.fd < 0)
    e = errno;
  else if (connect(tcp->watch.fd, (struct sockaddr *)&to, n_to) != 0 && errno != EINPROGRESS)
    e = errno;
  else
    e = oha__loop_watch(&prober->loop, &tcp->watch);
  if (e == 0) {
    probe->tcp = tcp;
    prober->n_connections++;
    return 0;
  }
  if (tcp->watch.fd >= 0)
    close(tcp->watch.fd);
  oha__free(tcp);
  return e;
}

static void tcp_start(struct oha_probe *probe)
{
  struct oha_mono at = oha_now_mono(probe->prober->ctx);
  int e = open_connection(probe);

  if ((e == EMFILE || e == ENFILE) && oha__probe_starve(probe))
    return;
  oha__probe_begin(probe, at);
  if (e != 0)
    oha__probe_end_errno(probe, e);
}

static void tcp_stop(struct oha_probe *probe)
{
  struct oha_tcp *tcp = probe->tcp;

  if (tcp == NULL)
    return;
  oha__loop_unwatch(&probe->prober->loop, &tcp->watch);
  close(tcp->watch.fd);
  probe->prober->n_connections--;
  oha__stream_clear(&tcp->stream);
  oha__free(tcp);
}

const struct oha_probe_kind oha__probe_tcp = { .start = tcp_start, .stop = tcp_stop };
