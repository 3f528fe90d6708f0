/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net_bed.h"

#include "net/sockaddr.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int bed_sendto_errno, bed_sendto_n_fails;
int64_t bed_sendto_takes_us;
static struct bed *current;

/* In the place of libc's. NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t sendto(int fd, const void *bytes, size_t n, int flags, const struct sockaddr *to, socklen_t n_to)
{
  if (bed_sendto_n_fails > 0) {
    bed_sendto_n_fails--;
    errno = bed_sendto_errno;
    return -1;
  }
  current->skew_us += bed_sendto_takes_us;
  return syscall(SYS_sendto, fd, bytes, n, flags, to, n_to);
}

static struct oha_mono bed_mono(void *arg)
{
  const struct bed *bed = arg;
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (struct oha_mono){ now.tv_sec * OHA_US_PER_S + now.tv_nsec / 1000 + bed->skew_us };
}

static struct oha_wall bed_wall(void *arg)
{
  return (struct oha_wall){ bed_mono(arg).us };
}

static void bed_sleep(void *arg, int64_t d_us)
{
  ((struct bed *)arg)->skew_us += d_us;
}

int bed_open(void **state)
{
  struct bed *bed = calloc(1, sizeof(*bed));
  const struct oha_clock_ops clock = {
    .size = sizeof(clock), .mono = bed_mono, .wall = bed_wall, .sleep = bed_sleep, .arg = bed
  };
  const struct oha_ctx_opts opts = { .size = sizeof(opts), .clock = &clock };

  bed_sendto_n_fails = 0;
  bed_sendto_takes_us = 0;
  *state = current = bed;
  if (bed == NULL || oha_ctx_new(&opts, &bed->ctx, NULL) != OHA_OK)
    return -1;
  return oha_prober_new(bed->ctx, &bed->prober, NULL) == OHA_OK ? 0 : -1;
}

int bed_close(void **state)
{
  struct bed *bed = *state;

  oha_prober_free(bed->prober);
  oha_ctx_free(bed->ctx);
  for (size_t i = 0; i < bed->n_servers; i++) {
    close(bed->server[i].fd);
    if (bed->server[i].connection >= 0)
      close(bed->server[i].connection);
  }
  free(bed);
  return 0;
}

static int bind_loopback(enum oha_proto proto, int family, struct oha_sock *out)
{
  struct oha_addr addr = { .family = (uint8_t)family };
  int fd = socket(family == 4 ? AF_INET : AF_INET6,
                  (proto == OHA_PROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_storage name;
  socklen_t n;

  if (family == 4)
    memcpy(addr.bytes, (const uint8_t[]){ 127, 0, 0, 1 }, 4);
  else
    addr.bytes[15] = 1;
  n = oha__sockaddr_from(&addr, 0, &name);
  if (fd < 0 || bind(fd, (struct sockaddr *)&name, n) != 0) {
    close(fd);
    return -1;
  }
  out->proto = proto;
  assert_true(oha__sockaddr_of(fd, &out->addr, &out->port));
  return fd;
}

struct server *bed_serve(struct bed *bed, enum oha_proto proto, int family, serve_fn *serve)
{
  struct server *server = &bed->server[bed->n_servers];

  server->connection = -1;
  server->serve = serve;
  server->fd = bind_loopback(proto, family, &server->sock);
  if (server->fd < 0)
    return NULL;
  bed->n_servers++;
  if (proto != OHA_PROTO_UDP)
    assert_int_equal(listen(server->fd, 100), 0);
  return server;
}

struct oha_sock bed_dead(enum oha_proto proto)
{
  struct oha_sock sock = { 0 };
  int fd = bind_loopback(proto, 4, &sock);

  assert_true(fd >= 0);
  close(fd);
  return sock;
}

static void take_result(void *arg, const struct oha_probe_result *result)
{
  struct bed *bed = arg;

  bed->n_results++;
  bed->last = *result;
}

void bed_probe(struct bed *bed, const struct oha_probe_opts *opts)
{
  struct oha_error err = OHA_ERROR_INIT;

  if (oha_prober_add(bed->prober, opts, take_result, bed, &err) != OHA_OK)
    fail_msg("oha_prober_add: %s", err.text);
}

static void serve_connection(struct bed *bed, struct server *server)
{
  char request[4096];
  ssize_t n;

  if (server->connection < 0)
    server->connection = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK);
  if (server->connection < 0)
    return;
  n = recv(server->connection, request, sizeof(request) - 1, 0);
  if (n > 0) {
    request[n] = '\0';
    server->n_requests++;
    server->serve(bed, server->connection, request, NULL, 0);
  } else if (n == 0) {
    close(server->connection);
    server->connection = -1;
  }
}

static void serve_datagrams(struct bed *bed, struct server *server)
{
  struct sockaddr_storage from;
  socklen_t n_from = sizeof(from);
  char request[4096];
  ssize_t n;

  while ((n = recvfrom(server->fd, request, sizeof(request) - 1, 0, (struct sockaddr *)&from, &n_from)) >=
         0) {
    request[n] = '\0';
    server->n_requests++;
    server->serve(bed, server->fd, request, (struct sockaddr *)&from, n_from);
  }
}

static void turn(struct bed *bed, int wait_ms)
{
  struct pollfd fds[1 + 2 * N_OF(bed->server)] = { { oha_prober_fd(bed->prober), POLLIN, 0 } };
  struct oha_mono next;
  struct oha_error err = OHA_ERROR_INIT;
  nfds_t n = 1;

  for (size_t i = 0; i < bed->n_servers; i++) {
    fds[n++] = (struct pollfd){ bed->server[i].fd, POLLIN, 0 };
    fds[n++] = (struct pollfd){ bed->server[i].connection, POLLIN, 0 };
  }
  poll(fds, n, wait_ms);
  for (size_t i = 0; i < bed->n_servers; i++) {
    if (bed->server[i].sock.proto == OHA_PROTO_UDP)
      serve_datagrams(bed, &bed->server[i]);
    else
      serve_connection(bed, &bed->server[i]);
  }
  if (oha_prober_process(bed->prober, &next, &err) != OHA_OK)
    fail_msg("oha_prober_process: %s", err.text);
}

void bed_run(struct bed *bed)
{
  for (int n = 0; oha_prober_pending(bed->prober) > 0; n++) {
    if (n == 20000)
      fail_msg("%zu probes never end", oha_prober_pending(bed->prober));
    turn(bed, 2000);
  }
}

void bed_step(struct bed *bed, int64_t d_us)
{
  bed->skew_us += d_us;
  for (int i = 0; i < 4; i++)
    turn(bed, 0);
}

static size_t copy_header(const char *request, const char *name, char *buf)
{
  const char *at = strstr(request, name);
  const char *end = at == NULL ? NULL : strchr(at, '\n');
  size_t n = end == NULL ? 0 : (size_t)(end - at) + 1;

  if (n > 0)
    memcpy(buf, at, n);
  return n;
}

const char *reply_to(const char *request, const char *status, const char *more, char buf[4096])
{
  static const char *const copied[] = { "Via:", "From:", "To:", "Call-ID:", "CSeq:" };
  size_t n = (size_t)snprintf(buf, 4096, "SIP/2.0 %s\r\n", status);

  for (size_t i = 0; i < N_OF(copied); i++)
    n += copy_header(request, copied[i], buf + n);
  snprintf(buf + n, 4096 - n, "%sContent-Length: 0\r\n\r\n", more);
  return buf;
}

void send_reply(int fd, const char *text, const struct sockaddr *to, unsigned n_to)
{
  syscall(SYS_sendto, fd, text, strlen(text), MSG_NOSIGNAL, to, n_to);
}

void serve_200(struct bed *bed, int fd, const char *request, const struct sockaddr *from, unsigned n_from)
{
  char buf[4096];

  (void)bed;
  send_reply(fd, reply_to(request, "200 OK", "Server: made up (1.0)\r\n", buf), from, n_from);
}

void serve_nothing(struct bed *bed, int fd, const char *request, const struct sockaddr *from, unsigned n_from)
{
  (void)bed;
  (void)fd;
  (void)request;
  (void)from;
  (void)n_from;
}
