// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "sip_link.h"

int64_t now_us(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void make_token(char out[TOKEN_TEXT])
{
  uint64_t r = 0;

  if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
    r = (uint64_t)now_us();
  snprintf(out, TOKEN_TEXT, "%016llx", (unsigned long long)r);
}

bool addr_parse(const char *text, struct addr *out)
{
  struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM };
  struct addrinfo *found;
  char host[ADDR_TEXT];
  const char *end = text[0] == '[' ? strchr(text, ']') : strrchr(text, ':');
  const char *start = text[0] == '[' ? text + 1 : text;
  const char *port = "5060";
  int n = (int)(end != NULL ? (size_t)(end - start) : strlen(start));

  if (text[0] == '[' && end == NULL)
    return false;
  if (end != NULL && text[0] == '[')
    end++;
  if (end != NULL && *end == ':')
    port = end + 1;
  snprintf(host, sizeof(host), "%.*s", n, start);
  if (getaddrinfo(host, port, &hints, &found) != 0)
    return false;
  memcpy(&out->ss, found->ai_addr, found->ai_addrlen);
  out->n = found->ai_addrlen;
  freeaddrinfo(found);
  return true;
}

void addr_format_host(const struct addr *a, char out[ADDR_TEXT])
{
  char host[48] = "?";
  bool v6 = a->ss.ss_family == AF_INET6;

  (void)getnameinfo((const struct sockaddr *)&a->ss, a->n, host, sizeof(host), NULL, 0, NI_NUMERICHOST);
  snprintf(out, ADDR_TEXT, "%s%s%s", v6 ? "[" : "", host, v6 ? "]" : "");
}

void addr_format(const struct addr *a, char out[ADDR_TEXT])
{
  char host[ADDR_TEXT], port[8] = "?";

  addr_format_host(a, host);
  (void)getnameinfo((const struct sockaddr *)&a->ss, a->n, NULL, 0, port, sizeof(port), NI_NUMERICSERV);
  snprintf(out, ADDR_TEXT, "%.54s:%s", host, port);
}

/* ---- the link ---- */

static bool connect_within(int fd, const struct addr *peer, int wait_ms)
{
  struct pollfd p = { .fd = fd, .events = POLLOUT };
  int err = 0;
  socklen_t n = sizeof(err);

  if (connect(fd, (const struct sockaddr *)&peer->ss, peer->n) == 0)
    return true;
  if (errno != EINPROGRESS)
    return false;
  if (poll(&p, 1, wait_ms) != 1) {
    errno = ETIMEDOUT;
    return false;
  }
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n) != 0 || err == 0)
    return err == 0;
  errno = err;
  return false;
}

bool link_open(struct link *l, bool tcp, const struct addr *local, const struct addr *peer, int wait_ms)
{
  int one = 1;

  l->tcp = tcp;
  l->n_in = 0;
  l->peer = *peer;
  l->fd = socket(peer->ss.ss_family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (l->fd < 0)
    return false;
  (void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  if (tcp)
    (void)setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  if ((local != NULL && bind(l->fd, (const struct sockaddr *)&local->ss, local->n) != 0) ||
      (tcp && !connect_within(l->fd, peer, wait_ms))) {
    link_close(l);
    return false;
  }
  if (local == NULL && !tcp) {
    /* which address and port would be used: connect, look, and let go again */
    struct sockaddr none = { .sa_family = AF_UNSPEC };

    (void)connect(l->fd, (const struct sockaddr *)&peer->ss, peer->n);
    l->local.n = sizeof(l->local.ss);
    (void)getsockname(l->fd, (struct sockaddr *)&l->local.ss, &l->local.n);
    (void)connect(l->fd, &none, sizeof(none));
    return link_open(l, false, &l->local, peer, wait_ms);
  }
  l->local.n = sizeof(l->local.ss);
  return getsockname(l->fd, (struct sockaddr *)&l->local.ss, &l->local.n) == 0;
}

void link_close(struct link *l)
{
  int keep = errno;

  if (l->fd >= 0)
    close(l->fd);
  l->fd = -1;
  errno = keep;
}

bool link_send(struct link *l, const struct sip_out *out, const struct addr *to)
{
  const struct addr *a = to != NULL ? to : &l->peer;
  ssize_t n;

  if (l->fd < 0 || out->full)
    return false;
  if (l->tcp)
    n = send(l->fd, out->text, out->n, MSG_NOSIGNAL);
  else
    n = sendto(l->fd, out->text, out->n, MSG_NOSIGNAL, (const struct sockaddr *)&a->ss, a->n);
  return n == (ssize_t)out->n;
}

/* The length of the first whole message in the TCP buffer, 0 when it is not there yet. */
static size_t whole_message(const struct link *l)
{
  const char *end = memmem(l->in, l->n_in, "\r\n\r\n", 4);
  const char *body = "content-length:";
  size_t n;

  if (end == NULL)
    return 0;
  n = (size_t)(end + 4 - l->in);
  for (const char *p = l->in; p < end; p++) {
    if (strncasecmp(p, body, strlen(body)) == 0)
      n += strtoul(p + strlen(body), NULL, 10);
  }
  return n <= l->n_in ? n : 0;
}

static void read_start_line(struct sip_msg *m)
{
  char cseq[64] = "";

  m->code = strncmp(m->text, "SIP/2.0 ", 8) == 0 ? (int)strtol(m->text + 8, NULL, 10) : 0;
  m->method[0] = '\0';
  if (m->code == 0)
    snprintf(m->method, sizeof(m->method), "%.*s", (int)strcspn(m->text, " "), m->text);
  else if (sip_header(m, "CSeq", 0, cseq, sizeof(cseq)))
    snprintf(m->method, sizeof(m->method), "%s", cseq + strcspn(cseq, " ") + (strchr(cseq, ' ') != NULL));
}

static enum link_got take_from_stream(struct link *l, struct sip_msg *m)
{
  size_t skip = 0, n;

  while (skip < l->n_in && (l->in[skip] == '\r' || l->in[skip] == '\n'))
    skip++; /* keep-alives of RFC 5626 3.5.1 */
  memmove(l->in, l->in + skip, l->n_in - skip);
  l->n_in -= skip;
  n = whole_message(l);
  if (n == 0)
    return LINK_NOTHING;
  memcpy(m->text, l->in, n);
  m->n = n;
  memmove(l->in, l->in + n, l->n_in - n);
  l->n_in -= n;
  return LINK_MESSAGE;
}

enum link_got link_receive(struct link *l, struct sip_msg *m)
{
  ssize_t n;

  if (l->fd < 0)
    return LINK_CLOSED;
  m->from = l->peer;
  if (l->tcp) {
    n = recv(l->fd, l->in + l->n_in, sizeof(l->in) - 1 - l->n_in, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
      return LINK_CLOSED;
    l->n_in += n > 0 ? (size_t)n : 0;
    if (take_from_stream(l, m) == LINK_NOTHING)
      return LINK_NOTHING;
  } else {
    m->from.n = sizeof(m->from.ss);
    n = recvfrom(l->fd, m->text, sizeof(m->text) - 1, 0, (struct sockaddr *)&m->from.ss, &m->from.n);
    if (n < 16)
      return LINK_NOTHING; /* nothing there, an ICMP error, or a NAT keep-alive */
    m->n = (size_t)n;
  }
  m->text[m->n] = '\0';
  read_start_line(m);
  return LINK_MESSAGE;
}

/* ---- SIP text ---- */

void sip_put(struct sip_out *out, const char *fmt, ...)
{
  va_list ap;
  int n;

  va_start(ap, fmt);
  n = vsnprintf(out->text + out->n, sizeof(out->text) - out->n, fmt, ap);
  va_end(ap);
  if (n < 0 || (size_t)n >= sizeof(out->text) - out->n)
    out->full = true;
  else
    out->n += (size_t)n;
}

static bool is_header(const char *line, const char *name)
{
  static const struct {
    const char *name, *compact;
  } compact[] = { { "Via", "v" }, { "From", "f" }, { "To", "t" }, { "Call-ID", "i" }, { "Contact", "m" } };
  size_t n = strlen(name);

  if (strncasecmp(line, name, n) == 0 && line[n + strspn(line + n, " \t")] == ':')
    return true;
  for (size_t i = 0; i < sizeof(compact) / sizeof(compact[0]); i++) {
    if (strcmp(compact[i].name, name) == 0 && strncasecmp(line, compact[i].compact, 1) == 0)
      return line[1 + strspn(line + 1, " \t")] == ':';
  }
  return false;
}

/* The nth header line of that name and its length without CRLF; NULL when there is none. */
static const char *find_header(const struct sip_msg *m, const char *name, int nth, size_t *n)
{
  const char *line = strstr(m->text, "\r\n");

  while (line != NULL && strncmp(line, "\r\n\r\n", 4) != 0) {
    const char *end = strstr(line + 2, "\r\n");

    line += 2;
    if (end == NULL)
      return NULL;
    if (is_header(line, name) && nth-- == 0) {
      *n = (size_t)(end - line);
      return line;
    }
    line = end;
  }
  return NULL;
}

bool sip_header(const struct sip_msg *m, const char *name, int nth, char *out, size_t size)
{
  size_t n = 0;
  const char *line = find_header(m, name, nth, &n), *value;

  out[0] = '\0';
  if (line == NULL)
    return false;
  value = memchr(line, ':', n);
  value += 1 + strspn(value + 1, " \t");
  n -= (size_t)(value - line);
  snprintf(out, size, "%.*s", (int)n, value);
  return n < size;
}

void sip_copy(struct sip_out *out, const struct sip_msg *m, const char *name)
{
  size_t n = 0;
  const char *line;

  for (int i = 0; (line = find_header(m, name, i, &n)) != NULL; i++)
    sip_put(out, "%.*s\r\n", (int)n, line);
}

void sip_begin_reply(struct sip_out *out, const struct sip_msg *m, const char *status, const char *tag)
{
  char to[512];

  out->n = 0;
  out->full = false;
  sip_put(out, "SIP/2.0 %s\r\n", status);
  sip_copy(out, m, "Via");
  sip_copy(out, m, "Record-Route");
  sip_copy(out, m, "From");
  (void)sip_header(m, "To", 0, to, sizeof(to));
  sip_put(out, "To: %s", to);
  if (strstr(to, ";tag=") == NULL)
    sip_put(out, ";tag=%s", tag);
  sip_put(out, "\r\n");
  sip_copy(out, m, "Call-ID");
  sip_copy(out, m, "CSeq");
}

void sip_end(struct sip_out *out)
{
  sip_put(out, "User-Agent: lab-phone\r\nContent-Length: 0\r\n\r\n");
}
