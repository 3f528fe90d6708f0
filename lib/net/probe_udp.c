/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Probes over UDP share one socket per family, local address and local port. What comes in finds its probe by
 * the branch of its Via; ICMP errors come by the socket's error queue (ip(7), IP_RECVERR), which names the
 * address that was asked.
 */
#include "net/probe.h"
#include "net/route.h"
#include "net/sockaddr.h"
#include "base/ctx.h"
#include "base/mem.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define RECEIVE_BUFFER_BYTES (8 * 1024 * 1024)
#define N_RECEIVE            256 /* datagrams taken before other sockets have their turn */
#define N_SEND_TRIES         4
#define FULL_QUEUE_US        (5 * OHA_US_PER_MS) /* until a full device queue is tried again */
#define STALL_US             OHA_US_PER_S        /* without a datagram leaving */

struct oha_udp {
  struct oha_watch watch;
  struct oha_prober *prober;
  TAILQ_ENTRY(oha_udp) link;
  struct oha_addr local;
  uint16_t local_port, bound_port;
  uint8_t family;
  size_t n_users;
  struct oha_probe_list blocked; /* the kernel has no room for their first request */
  struct oha_timer timer;        /* while is_blocked */
  struct oha_mono progress;      /* when one left last, or could not first */
  bool is_blocked;
};

static void unblock(struct oha_udp *udp)
{
  udp->is_blocked = false;
  oha__loop_clear(&udp->prober->loop, &udp->timer);
  (void)oha__loop_rewatch(&udp->prober->loop, &udp->watch, EPOLLIN);
}

/* EAGAIN: epoll tells when there is room. ENOBUFS: nobody does. */
static void block(struct oha_udp *udp, int why)
{
  struct oha_mono now = oha_now_mono(udp->prober->ctx), due;

  if (!udp->is_blocked)
    udp->progress = now;
  udp->is_blocked = true;
  due = oha_mono_add(udp->progress, STALL_US);
  if (why == ENOBUFS && oha_mono_diff_us(due, now) > FULL_QUEUE_US)
    due = oha_mono_add(now, FULL_QUEUE_US);
  (void)oha__loop_rewatch(&udp->prober->loop, &udp->watch, why == ENOBUFS ? EPOLLIN : EPOLLIN | EPOLLOUT);
  oha__loop_set(&udp->prober->loop, &udp->timer, due);
}

/* 0 or errno. An ICMP error of an earlier datagram is told by the next call, whatever that sends: try again.
 */
static int send_request(struct oha_udp *udp, const struct oha_probe *probe)
{
  char request[OHA_SIP_REQUEST_SIZE];
  size_t n = oha__probe_request(probe, request);
  struct sockaddr_storage to;
  socklen_t n_to = oha__sockaddr_from(&probe->target, probe->target_port, &to);
  int e = 0;

  for (int i = 0; i < N_SEND_TRIES; i++) {
    if (sendto(udp->watch.fd, request, n, 0, (struct sockaddr *)&to, n_to) >= 0)
      return 0;
    e = errno;
    if (e == EAGAIN || e == ENOBUFS)
      return e;
  }
  return e;
}

/* False when the kernel has no room for it now; else it is on its way, or has ended. */
static bool send_first(struct oha_udp *udp, struct oha_probe *probe)
{
  struct oha_mono at = oha_now_mono(udp->prober->ctx);
  int e = send_request(udp, probe);

  if (e == EAGAIN || e == ENOBUFS) {
    block(udp, e);
    return false;
  }
  oha__probe_begin(probe, at);
  udp->progress = at;
  if (e == 0)
    oha__probe_sent(probe, at);
  else
    oha__probe_end_errno(probe, e);
  return true;
}

static void flush_blocked(struct oha_udp *udp)
{
  struct oha_probe *probe;

  while ((probe = TAILQ_FIRST(&udp->blocked)) != NULL) {
    oha__probe_move(probe, &udp->prober->running);
    if (!send_first(udp, probe)) {
      TAILQ_REMOVE(&udp->prober->running, probe, link);
      TAILQ_INSERT_HEAD(&udp->blocked, probe, link);
      probe->list = &udp->blocked;
      return;
    }
  }
  unblock(udp);
}

static void blocked_timer(struct oha_timer *timer)
{
  struct oha_udp *udp = OHA_CONTAINER(timer, struct oha_udp, timer);
  struct oha_mono now = oha_now_mono(udp->prober->ctx);
  struct oha_probe *probe;

  flush_blocked(udp);
  if (oha_mono_diff_us(now, udp->progress) < STALL_US)
    return;
  while ((probe = TAILQ_FIRST(&udp->blocked)) != NULL)
    oha__probe_end(probe, OHA_PROBE_UNREACHABLE, EAGAIN);
  unblock(udp);
}

static void udp_resend(struct oha_probe *probe)
{
  struct oha_mono at = oha_now_mono(probe->prober->ctx);
  int e = send_request(probe->udp, probe);

  if (e != 0 && e != EAGAIN && e != ENOBUFS) {
    oha__probe_end_errno(probe, e);
    return;
  }
  oha__probe_sent(probe, e == 0 ? at : probe->last_sent); /* no room: this one is skipped */
}

/* Every probe of that socket to that address and port. */
static void end_target(struct oha_udp *udp, const struct oha_addr *addr, uint16_t port, int sys_errno)
{
  struct oha_index_node *node = oha__index_find(&udp->prober->by_target, oha__probe_target_hash(addr, port));

  while (node != NULL) {
    struct oha_probe *probe = OHA_CONTAINER(node, struct oha_probe, by_target);

    node = oha__index_more(node);
    if (probe->udp == udp && probe->target_port == port && oha_addr_equal(&probe->target, addr))
      oha__probe_end_errno(probe, sys_errno);
  }
}

/* 0 = no error in there. */
static int error_of(struct msghdr *msg)
{
  struct sock_extended_err ee;

  for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
    if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
        (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
      memcpy(&ee, CMSG_DATA(c), sizeof(ee));
      return (int)ee.ee_errno;
    }
  return 0;
}

static void read_errors(struct oha_udp *udp)
{
  for (int i = 0; i < N_RECEIVE; i++) {
    struct sockaddr_storage asked = { 0 };
    char payload[1], control[512];
    struct iovec iov = { payload, sizeof(payload) };
    struct msghdr msg = { .msg_name = &asked,
                          .msg_namelen = sizeof(asked),
                          .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control,
                          .msg_controllen = sizeof(control) };
    struct oha_addr addr;
    uint16_t port;
    int e;

    if (recvmsg(udp->watch.fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
      return;
    e = error_of(&msg);
    /* EMSGSIZE: the kernel has learnt the path's size, and fragments from now on. */
    if (e != 0 && e != EMSGSIZE && oha__sockaddr_to(&asked, &addr, &port))
      end_target(udp, &addr, port, e);
  }
}

static struct oha_probe *probe_of(struct oha_prober *prober, const struct oha_sip_reply *reply)
{
  uint8_t branch[16];
  struct oha_index_node *node = NULL;

  if (oha__sip_branch_read(reply->branch.p, reply->branch.n, branch))
    node = oha__index_find(&prober->by_branch, oha__probe_branch_hash(branch));
  for (; node != NULL; node = oha__index_more(node)) {
    struct oha_probe *probe = OHA_CONTAINER(node, struct oha_probe, by_branch);

    if (oha__probe_owns(probe, reply))
      return probe;
  }
  return NULL;
}

/* Nothing to us, but whoever sent it is there: a probe to it that hears no more ends as garbled. */
static void note_garbage(struct oha_udp *udp, const struct sockaddr_storage *from)
{
  struct oha_addr addr;
  uint16_t port;
  struct oha_index_node *node;

  if (!oha__sockaddr_to(from, &addr, &port))
    return;
  node = oha__index_find(&udp->prober->by_target, oha__probe_target_hash(&addr, port));
  for (; node != NULL; node = oha__index_more(node)) {
    struct oha_probe *probe = OHA_CONTAINER(node, struct oha_probe, by_target);

    if (probe->udp == udp && probe->target_port == port && oha_addr_equal(&probe->target, &addr))
      probe->saw_bytes = true;
  }
}

static void take_datagram(struct oha_udp *udp, struct oha_span bytes, const struct sockaddr_storage *from)
{
  struct oha_sip_reply reply;
  struct oha_probe *probe;
  uint8_t branch[16];

  if (oha__sip_reply_parse(bytes, &reply, NULL) != OHA_OK) {
    note_garbage(udp, from);
    return;
  }
  probe = probe_of(udp->prober, &reply);
  if (probe != NULL)
    oha__probe_take_reply(probe, &reply);
  else if (!oha__sip_branch_read(reply.branch.p, reply.branch.n, branch))
    note_garbage(udp, from); /* with a branch of ours it is a late or second reply to a probe that ended */
}

static void udp_ready(struct oha_watch *watch, uint32_t events)
{
  struct oha_udp *udp = OHA_CONTAINER(watch, struct oha_udp, watch);

  if (events & EPOLLERR)
    read_errors(udp);
  for (int i = 0; i < N_RECEIVE; i++) {
    struct sockaddr_storage from = { 0 };
    socklen_t n_from = sizeof(from);
    ssize_t n = recvfrom(watch->fd, udp->prober->bytes, sizeof(udp->prober->bytes), MSG_DONTWAIT,
                         (struct sockaddr *)&from, &n_from);

    if (n >= 0)
      take_datagram(udp, (struct oha_span){ udp->prober->bytes, (size_t)n }, &from);
    else if (errno == EAGAIN)
      break; /* other errors are those of the queue, told once more */
  }
  if (events & EPOLLOUT)
    flush_blocked(udp);
}

static void set_option(int fd, int level, int name, int value)
{
  /* each of them only makes things better: a kernel without it is no reason to stop */
  (void)setsockopt(fd, level, name, &value, sizeof(value));
}

static int open_fd(const struct oha_probe *probe)
{
  bool v4 = probe->target.family == 4;
  int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct oha_addr any = { .family = probe->target.family };
  struct sockaddr_storage name;
  socklen_t n_name;
  int e;

  if (fd < 0)
    return -1;
  set_option(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, 1);
  if (!v4)
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  set_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
  set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
  n_name = oha__sockaddr_from(probe->local.family == 0 ? &any : &probe->local, probe->local_port, &name);
  if (bind(fd, (struct sockaddr *)&name, n_name) == 0)
    return fd;
  e = errno;
  close(fd);
  errno = e;
  return -1;
}

/* The socket that it can share, or a new one; NULL with errno. */
static struct oha_udp *udp_for(const struct oha_probe *probe)
{
  struct oha_prober *prober = probe->prober;
  struct oha_udp *udp;
  struct oha_addr bound;
  int e;

  for (udp = TAILQ_FIRST(&prober->udps); udp != NULL; udp = TAILQ_NEXT(udp, link))
    if (udp->family == probe->target.family && udp->local_port == probe->local_port &&
        oha_addr_equal(&udp->local, &probe->local))
      return udp;
  udp = oha__calloc(1, sizeof(*udp));
  if (udp == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  udp->prober = prober;
  udp->family = probe->target.family;
  udp->local = probe->local;
  udp->local_port = probe->local_port;
  udp->timer.fn = blocked_timer;
  TAILQ_INIT(&udp->blocked);
  udp->watch = (struct oha_watch){ .fd = open_fd(probe), .events = EPOLLIN, .fn = udp_ready };
  if (udp->watch.fd >= 0 && oha__sockaddr_of(udp->watch.fd, &bound, &udp->bound_port)) {
    e = oha__loop_watch(&prober->loop, &udp->watch);
    if (e == 0) {
      TAILQ_INSERT_TAIL(&prober->udps, udp, link);
      return udp;
    }
  } else
    e = errno;
  if (udp->watch.fd >= 0)
    close(udp->watch.fd);
  oha__free(udp);
  errno = e;
  return NULL;
}

void oha__udp_sweep(struct oha_prober *prober)
{
  struct oha_udp *udp = TAILQ_FIRST(&prober->udps), *next;

  for (; udp != NULL; udp = next) {
    next = TAILQ_NEXT(udp, link);
    if (udp->n_users > 0)
      continue;
    TAILQ_REMOVE(&prober->udps, udp, link);
    oha__loop_clear(&prober->loop, &udp->timer);
    oha__loop_unwatch(&prober->loop, &udp->watch);
    close(udp->watch.fd);
    oha__free(udp);
  }
}

void oha__udp_close(struct oha_prober *prober)
{
  struct oha_udp *udp;

  for (udp = TAILQ_FIRST(&prober->udps); udp != NULL; udp = TAILQ_NEXT(udp, link))
    oha__probe_forget_all(&udp->blocked);
  oha__udp_sweep(prober);
}

static void udp_start(struct oha_probe *probe)
{
  struct oha_prober *prober = probe->prober;
  int e = 0;

  probe->udp = udp_for(probe);
  if (probe->udp == NULL) {
    e = errno;
    if (e != EMFILE || !oha__probe_starve(probe))
      oha__probe_end_errno(probe, e);
    return;
  }
  probe->udp->n_users++;
  probe->source = probe->local;
  probe->source_port = probe->udp->bound_port;
  if (probe->local.family == 0)
    e = oha__route_source(&prober->route_fd, &probe->target, &probe->source);
  if (e != 0) {
    oha__probe_end_errno(probe, e);
    return;
  }
  oha__index_add(&prober->by_branch, &probe->by_branch, oha__probe_branch_hash(probe->ids.branch));
  oha__index_add(&prober->by_target, &probe->by_target,
                 oha__probe_target_hash(&probe->target, probe->target_port));
  if (!TAILQ_EMPTY(&probe->udp->blocked))
    oha__probe_move(probe, &probe->udp->blocked);
  else if (!send_first(probe->udp, probe))
    oha__probe_move(probe, &probe->udp->blocked);
}

static void udp_stop(struct oha_probe *probe)
{
  if (probe->udp != NULL)
    probe->udp->n_users--;
}

const struct oha_probe_kind oha__probe_udp = { .start = udp_start, .resend = udp_resend, .stop = udp_stop };
