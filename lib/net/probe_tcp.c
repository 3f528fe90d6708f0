/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Probes over TCP: one connection each, closed with its probe. */
#include "net/probe.h"
#include "net/sockaddr.h"
#include "sip/frame.h"
#include "base/ctx.h"
#include "base/mem.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 2048

struct oha_tcp {
  struct oha_watch watch;
  struct oha_probe *probe;
  bool is_connected;
  size_t n_sent;
  char *buf;
  size_t n, cap;
  struct oha_sip_frame frame;
};

/* The request, or what is left of it. 0 or errno. */
static int send_rest(struct oha_tcp *tcp)
{
  char request[OHA_SIP_REQUEST_SIZE];
  size_t n_all = oha__probe_request(tcp->probe, request);
  ssize_t n = send(tcp->watch.fd, request + tcp->n_sent, n_all - tcp->n_sent, MSG_NOSIGNAL);
  uint32_t events = EPOLLIN;

  if (n < 0 && errno != EAGAIN && errno != EINTR)
    return errno;
  if (n > 0)
    tcp->n_sent += (size_t)n;
  if (tcp->n_sent < n_all)
    events |= EPOLLOUT;
  else
    oha__probe_sent(tcp->probe);
  return oha__loop_rewatch(&tcp->probe->prober->loop, &tcp->watch, events);
}

/* 0 or errno. */
static int finish_connect(struct oha_tcp *tcp)
{
  int e = 0;
  socklen_t n = sizeof(e);

  if (getsockopt(tcp->watch.fd, SOL_SOCKET, SO_ERROR, &e, &n) != 0)
    return errno;
  if (e != 0)
    return e;
  tcp->is_connected = true;
  if (!oha__sockaddr_of(tcp->watch.fd, &tcp->probe->source, &tcp->probe->source_port))
    return errno;
  return 0;
}

/* Whole messages at the front of the buffer. False when that ended the probe. */
static bool take_messages(struct oha_tcp *tcp)
{
  struct oha_probe *probe = tcp->probe;
  struct oha_sip_reply reply;
  enum oha_rc rc;
  size_t n;

  while ((rc = oha__sip_frame(&tcp->frame, (struct oha_span){ tcp->buf, tcp->n }, &n, NULL)) == OHA_OK) {
    probe->saw_bytes = true;
    if (oha__sip_reply_parse((struct oha_span){ tcp->buf, n }, &reply, NULL) == OHA_OK &&
        oha__probe_owns(probe, &reply)) {
      bool is_final = reply.code >= 200;

      oha__probe_take_reply(probe, &reply);
      if (is_final)
        return false;
      probe->saw_bytes = false;
    }
    tcp->n -= n;
    memmove(tcp->buf, tcp->buf + n, tcp->n);
    tcp->frame = (struct oha_sip_frame){ 0 };
  }
  if (rc == OHA_END)
    return true;
  oha__probe_end(probe, OHA_PROBE_GARBLED, 0);
  return false;
}

static void read_some(struct oha_tcp *tcp)
{
  struct oha_probe *probe = tcp->probe;
  ssize_t n;

  if (!oha__grow((void **)&tcp->buf, &tcp->cap, tcp->n + READ_BYTES, 1)) {
    oha__probe_end_errno(probe, ENOMEM);
    return;
  }
  n = recv(tcp->watch.fd, tcp->buf + tcp->n, tcp->cap - tcp->n, 0);
  if (n > 0) {
    tcp->n += (size_t)n;
    if (take_messages(tcp) && tcp->n > 0)
      probe->saw_bytes = true;
  } else if (n == 0)
    /* closed without a reply: a host, and nobody who serves */
    oha__probe_end(probe, probe->saw_bytes ? OHA_PROBE_GARBLED : OHA_PROBE_REFUSED,
                   probe->saw_bytes ? 0 : ECONNRESET);
  else if (errno != EAGAIN && errno != EINTR)
    oha__probe_end_errno(probe, errno);
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
    oha__probe_end_errno(tcp->probe, e);
  else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
    read_some(tcp);
}

/* -1 with errno. */
static int open_fd(const struct oha_probe *probe)
{
  bool v4 = probe->target.family == 4;
  int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_storage name;
  socklen_t n_name;
  struct oha_addr any = { .family = probe->target.family };
  int on = 1, e;

  if (fd < 0 || (probe->local.family == 0 && probe->local_port == 0))
    return fd;
  /* A chosen port may still be waiting out an earlier probe; any other is found per target, not per host. */
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (probe->local_port == 0)
    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
  n_name = oha__sockaddr_from(probe->local.family == 0 ? &any : &probe->local, probe->local_port, &name);
  if (bind(fd, (struct sockaddr *)&name, n_name) == 0)
    return fd;
  e = errno;
  close(fd);
  errno = e;
  return -1;
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
  tcp->probe = probe;
  tcp->watch = (struct oha_watch){ .fd = open_fd(probe), .events = EPOLLOUT, .fn = tcp_ready };
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
  int e = open_connection(probe);

  if ((e == EMFILE || e == ENFILE) && oha__probe_starve(probe))
    return;
  oha__probe_begin(probe);
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
  oha__free(tcp->buf);
  oha__free(tcp);
}

const struct oha_probe_kind oha__probe_tcp = { .start = tcp_start, .stop = tcp_stop };
