/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peer/bound.h"

#include "base/ctx.h"
#include "base/error.h"

#include <opensips-ha/peer.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TCP_LISTEN_STATE 0x0A
#define UDP_STATE        0x07
#define LINE_MAX_BYTES   512

/* @p n hexadecimal digits at the front of @p text, cut off it. */
static bool take_hex(struct oha_span *text, size_t n, uint32_t *out)
{
  *out = 0;
  if (text->n < n)
    return false;
  for (size_t i = 0; i < n; i++) {
    int digit = oha__hex_digit(text->p[i]);

    if (digit < 0)
      return false;
    *out = *out << 4 | (uint32_t)digit;
  }
  *text = (struct oha_span){ text->p + n, text->n - n };
  return true;
}

/* The kernel prints each 32-bit word as a number of this machine's byte order. */
static bool take_addr(struct oha_span hex, struct oha_addr *out)
{
  memset(out, 0, sizeof(*out));
  if (hex.n != 8 && hex.n != 32)
    return false;
  out->family = hex.n == 8 ? 4 : 6;
  for (size_t i = 0; hex.n > 0; i += 4) {
    uint32_t word;

    if (!take_hex(&hex, 8, &word))
      return false;
    memcpy(out->bytes + i, &word, sizeof(word));
  }
  return true;
}

/* "   0: 0100007F:0CEA 00000000:0000 0A ..." */
bool oha__bound_parse(struct oha_span line, struct oha__bound *out)
{
  struct oha_span number, rest, local, remote, host, port;
  uint32_t value;

  memset(out, 0, sizeof(*out));
  line = oha__span_trim(line);
  if (!oha__span_cut(line, ':', &number, &rest) || !oha__span_u32(number, UINT32_MAX, &value))
    return false;
  rest = oha__span_trim(rest);
  if (!oha__span_cut(rest, ' ', &local, &rest) || !oha__span_cut(oha__span_trim(rest), ' ', &remote, &rest) ||
      !oha__span_cut(local, ':', &host, &port) || !take_addr(host, &out->addr) || port.n != 4 ||
      !take_hex(&port, 4, &value))
    return false;
  out->port = (uint16_t)value;
  rest = oha__span_trim(rest);
  if (!take_hex(&rest, 2, &value) || (rest.n > 0 && rest.p[0] != ' '))
    return false;
  out->listening = value == TCP_LISTEN_STATE || value == UDP_STATE;
  return true;
}

bool oha__bound_serves(const struct oha__bound *bound, const struct oha_sock *wanted)
{
  static const struct oha_addr any;

  return bound->listening && bound->port == wanted->port && bound->addr.family == wanted->addr.family &&
         (memcmp(bound->addr.bytes, any.bytes, sizeof(any.bytes)) == 0 ||
          oha_addr_equal(&bound->addr, &wanted->addr));
}

/* Read what there is behind what is left; 0 = the end. */
static ssize_t read_more(int fd, char *buf, size_t *n, size_t size)
{
  ssize_t got;

  do
    got = read(fd, buf + *n, size - *n);
  while (got < 0 && errno == EINTR);
  if (got > 0)
    *n += (size_t)got;
  return got;
}

static enum oha_rc scan_file(const char *path, const struct oha_sock *wanted, bool *bound,
                             struct oha_error *err)
{
  char buf[16384];
  size_t n = 0;
  ssize_t got = 1;
  int fd = open(path, O_RDONLY | O_CLOEXEC);

  if (fd < 0 && errno == ENOENT) /* the kernel has no such family: nothing is bound there */
    return OHA_OK;
  if (fd < 0)
    return oha__fail_errno(err, OHA_E_IO, errno, "open %s", path);
  while (!*bound && (got = read_more(fd, buf, &n, sizeof(buf))) > 0) {
    struct oha_span text = { buf, n }, line, rest;
    struct oha__bound one;

    while (!*bound && oha__span_cut(text, '\n', &line, &rest)) {
      *bound = oha__bound_parse(line, &one) && oha__bound_serves(&one, wanted);
      text = rest;
    }
    if (text.n > LINE_MAX_BYTES)
      text.n = 0; /* a line that no kernel prints */
    memmove(buf, text.p, text.n);
    n = text.n;
  }
  close(fd);
  return got < 0 ? oha__fail_errno(err, OHA_E_IO, errno, "read %s", path) : OHA_OK;
}

enum oha_rc oha_sock_is_bound(const struct oha_sock *sock, bool *bound, struct oha_error *err)
{
  bool v4;

  if (bound != NULL)
    *bound = false;
  if (sock == NULL || bound == NULL || sock->addr.family == 0 || sock->port == 0)
    return oha__fail(err, OHA_E_ARG, "oha_sock_is_bound: an address and a port are needed");
  v4 = sock->addr.family == 4;
  if (sock->proto == OHA_PROTO_UDP)
    return scan_file(v4 ? "/proc/self/net/udp" : "/proc/self/net/udp6", sock, bound, err);
  if (sock->proto == OHA_PROTO_TCP || sock->proto == OHA_PROTO_TLS || sock->proto == OHA_PROTO_WS ||
      sock->proto == OHA_PROTO_WSS)
    return scan_file(v4 ? "/proc/self/net/tcp" : "/proc/self/net/tcp6", sock, bound, err);
  return oha__fail(err, OHA_E_ARG, "oha_sock_is_bound: protocol %s is neither UDP nor TCP",
                   oha_proto_name(sock->proto));
}
