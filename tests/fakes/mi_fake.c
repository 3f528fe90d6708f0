/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mi_fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(bool holds, const char *what)
{
  if (holds)
    return;
  fprintf(stderr, "fake: %s: %s\n", what, strerrordesc_np(errno));
  _exit(1);
}

/* An address of the kernel's choice. */
static bool bind_inet(struct fake *f, int type, bool v6)
{
  struct sockaddr_in6 any6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  struct sockaddr *addr = v6 ? (struct sockaddr *)&any6 : (struct sockaddr *)&any;
  socklen_t n = v6 ? sizeof(any6) : sizeof(any);
  unsigned port;

  f->fd = socket(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
  if (f->fd < 0 || bind(f->fd, addr, n) != 0 || getsockname(f->fd, addr, &n) != 0)
    return false;
  port = ntohs(v6 ? any6.sin6_port : any.sin_port);
  if (type == SOCK_DGRAM)
    snprintf(f->address, sizeof(f->address), "udp:127.0.0.1:%u", port);
  else
    snprintf(f->address, sizeof(f->address), "http://%s:%u/mi", v6 ? "[::1]" : "127.0.0.1", port);
  return type == SOCK_DGRAM || listen(f->fd, 8) == 0;
}

static bool bind_unix(struct fake *f)
{
  struct sockaddr_un addr = { .sun_family = AF_UNIX };

  snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/mi.sock", f->dir);
  snprintf(f->address, sizeof(f->address), "unix:%s", addr.sun_path);
  f->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return f->fd >= 0 && bind(f->fd, (struct sockaddr *)&addr, sizeof(addr)) == 0;
}

/* Open for both directions, so that it never ends when a client closes it. */
static bool make_fifo(struct fake *f)
{
  char path[128];

  snprintf(path, sizeof(path), "%s/mi.fifo", f->dir);
  snprintf(f->address, sizeof(f->address), "fifo:%s?reply_dir=%s", path, f->dir);
  if (mkfifo(path, 0600) != 0)
    return false;
  f->fd = open(path, O_RDWR | O_CLOEXEC);
  return f->fd >= 0;
}

static bool make_endpoint(struct fake *f)
{
  switch (f->carrier) {
  case FAKE_UNIX:
    return bind_unix(f);
  case FAKE_UDP:
    return bind_inet(f, SOCK_DGRAM, false);
  case FAKE_FIFO:
    return make_fifo(f);
  case FAKE_TCP:
    return bind_inet(f, SOCK_STREAM, false);
  case FAKE_TCP6:
    return bind_inet(f, SOCK_STREAM, true);
  }
  return false;
}

static void take_word(const char *text, const char *before, const char *ends, char *out, size_t size)
{
  const char *at = strstr(text, before);
  size_t n = at == NULL ? 0 : strcspn(at + strlen(before), ends);

  out[0] = '\0';
  if (at != NULL && n < size) {
    memcpy(out, at + strlen(before), n);
    out[n] = '\0';
  }
}

/* ":NAME:{...}" of OpenSIPS 3.0 and later, "reply_name" of Kamailio, ":COMMAND:NAME" up to 2.4. */
static void take_names(struct fake *f)
{
  take_word(f->request, "\"id\":\"", "\"", f->id, sizeof(f->id));
  take_word(f->request, "\"reply_name\":\"", "\"", f->reply_name, sizeof(f->reply_name));
  if (f->carrier != FAKE_FIFO || f->request[0] != ':')
    return;
  take_word(f->request, ":", ":", f->reply_name, sizeof(f->reply_name));
  if (strstr(f->request, ":{") == NULL)
    take_word(f->request + 1, ":", "\n", f->reply_name, sizeof(f->reply_name));
}

static bool has_all(const struct fake *f)
{
  const char *body = strstr(f->request, "\r\n\r\n"), *length = strstr(f->request, "Content-Length: ");

  if (f->carrier != FAKE_TCP && f->carrier != FAKE_TCP6)
    return true;
  if (body == NULL)
    return false;
  return length == NULL || f->n_request >= (size_t)(body + 4 - f->request) + strtoul(length + 16, NULL, 10);
}

/* False: the connection was closed, try again. */
static bool take_request(struct fake *f)
{
  socklen_t n_peer = sizeof(f->peer.bytes);
  bool is_tcp = f->carrier == FAKE_TCP || f->carrier == FAKE_TCP6;
  ssize_t n;

  f->n_request = f->n_first = 0;
  if (is_tcp && f->connection < 0) {
    f->connection = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC);
    must(f->connection >= 0, "accept");
  }
  do {
    char *to = f->request + f->n_request;
    size_t room = sizeof(f->request) - 1 - f->n_request;

    if (is_tcp)
      n = recv(f->connection, to, room, 0);
    else if (f->carrier == FAKE_FIFO)
      n = read(f->fd, to, room);
    else
      n = recvfrom(f->fd, to, room, 0, (struct sockaddr *)f->peer.bytes, &n_peer);
    if (n <= 0) {
      must(is_tcp, "receive");
      fake_end(f);
      return false;
    }
    if (f->n_first == 0)
      f->n_first = (size_t)n;
    f->n_request += (size_t)n;
    f->request[f->n_request] = '\0';
  } while (!has_all(f));
  f->peer.n = n_peer;
  f->n_requests++;
  take_names(f);
  return true;
}

static void serve(struct fake *f, fake_fn *fn, const void *arg)
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  for (;;)
    if (take_request(f))
      fn(f, arg);
}

bool fake_start(struct fake *f, enum fake_carrier carrier, fake_fn *fn, const void *arg)
{
  const char *tmp = getenv("TMPDIR");

  memset(f, 0, sizeof(*f));
  f->carrier = carrier;
  f->fd = f->connection = f->reply = -1;
  snprintf(f->dir, sizeof(f->dir), "%.40s/oha-fake-XXXXXX", tmp == NULL ? "/tmp" : tmp);
  if (mkdtemp(f->dir) == NULL)
    return false;
  if (make_endpoint(f))
    f->pid = fork();
  if (f->pid == 0 && f->fd >= 0)
    serve(f, fn, arg);
  if (f->fd >= 0)
    close(f->fd);
  if (f->pid > 0)
    return true;
  fake_stop(f);
  return false;
}

void fake_stop(struct fake *f)
{
  char path[128];

  if (f->pid > 0) {
    kill(f->pid, SIGKILL);
    waitpid(f->pid, NULL, 0);
  }
  snprintf(path, sizeof(path), "%s/mi.sock", f->dir);
  unlink(path);
  snprintf(path, sizeof(path), "%s/mi.fifo", f->dir);
  unlink(path);
  rmdir(f->dir);
}

/* As servers do: without blocking, and only if a reader is there. */
static void open_reply(struct fake *f)
{
  char path[256];

  snprintf(path, sizeof(path), "%s/%s", f->dir, f->reply_name);
  f->reply = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (f->reply >= 0)
    fcntl(f->reply, F_SETFL, 0);
}

void fake_send(struct fake *f, const void *bytes, size_t n)
{
  const char *p = bytes;
  int fd = f->connection;

  if (f->carrier == FAKE_UNIX || f->carrier == FAKE_UDP) {
    /* mi_datagram answers from another socket than it reads; over UDP from the same port. */
    int other = f->carrier == FAKE_UNIX ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : dup(f->fd);

    must(other >= 0, "socket");
    (void)!sendto(other, bytes, n, 0, (struct sockaddr *)f->peer.bytes, f->peer.n);
    close(other);
    return;
  }
  if (f->carrier == FAKE_FIFO) {
    if (f->reply < 0)
      open_reply(f);
    fd = f->reply;
  }
  while (n > 0) {
    ssize_t now = fd < 0 ? -1 : write(fd, p, n);

    if (now <= 0)
      return;
    p += now;
    n -= (size_t)now;
  }
}

size_t fake_fill(const struct fake *f, const char *text, char *out, size_t size)
{
  size_t n = 0;

  while (*text != '\0' && n + sizeof(f->id) < size) {
    if (strncmp(text, "@ID@", 4) == 0) {
      n += (size_t)snprintf(out + n, size - n, "%s", f->id);
      text += 4;
    } else {
      out[n++] = *text++;
    }
  }
  out[n] = '\0';
  return n;
}

void fake_answer(struct fake *f, const char *text)
{
  static char body[FAKE_BYTES], whole[FAKE_BYTES + 256];
  size_t n = fake_fill(f, text, body, sizeof(body));

  if (f->carrier != FAKE_TCP && f->carrier != FAKE_TCP6) {
    fake_send(f, body, n);
    return;
  }
  n = (size_t)snprintf(
      whole, sizeof(whole),
      "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 07:19:52 GMT\r\nContent-Type: application/json\r\n"
      "Content-Length: %zu\r\n\r\n%s",
      n, body);
  fake_send(f, whole, n);
}

void fake_end(struct fake *f)
{
  if (f->reply >= 0)
    close(f->reply);
  if (f->connection >= 0)
    close(f->connection);
  f->reply = f->connection = -1;
}

void fake_pause(int ms)
{
  poll(NULL, 0, ms);
}
