/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/stream.h"
#include "net/sockaddr.h"
#include "base/mem.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

void oha__stream_clear(struct oha_stream *stream)
{
  oha__free(stream->buf);
  *stream = (struct oha_stream){ 0 };
}

int oha__stream_socket(const struct oha_probe *probe)
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

struct oha_span oha__stream_rest(const struct oha_stream *stream, char buf[OHA_SIP_REQUEST_SIZE])
{
  size_t n = oha__probe_request(stream->probe, buf);

  return (struct oha_span){ buf + stream->n_sent, n - stream->n_sent };
}

bool oha__stream_sent(struct oha_stream *stream, size_t n, struct oha_mono at)
{
  char request[OHA_SIP_REQUEST_SIZE];

  stream->n_sent += n;
  if (oha__stream_rest(stream, request).n > 0)
    return false;
  oha__probe_sent(stream->probe, at);
  return true;
}

char *oha__stream_room(struct oha_stream *stream, size_t *n_room)
{
  if (!oha__grow((void **)&stream->buf, &stream->cap, stream->n + OHA_STREAM_READ_BYTES, 1))
    return NULL;
  *n_room = stream->cap - stream->n;
  return stream->buf + stream->n;
}

bool oha__stream_took(struct oha_stream *stream, size_t n)
{
  struct oha_probe *probe = stream->probe;
  struct oha_sip_reply reply;
  enum oha_rc rc;

  stream->n += n;
  while ((rc = oha__sip_frame(&stream->frame, (struct oha_span){ stream->buf, stream->n }, &n, NULL)) ==
         OHA_OK) {
    probe->saw_bytes = true;
    if (oha__sip_reply_parse((struct oha_span){ stream->buf, n }, &reply, NULL) == OHA_OK &&
        oha__probe_owns(probe, &reply)) {
      bool is_final = reply.code >= 200;

      oha__probe_take_reply(probe, &reply);
      if (is_final)
        return false;
      probe->saw_bytes = false;
    }
    stream->n -= n;
    memmove(stream->buf, stream->buf + n, stream->n);
    stream->frame = (struct oha_sip_frame){ 0 };
  }
  if (rc == OHA_END) {
    probe->saw_bytes = probe->saw_bytes || stream->n > 0;
    return true;
  }
  oha__probe_end(probe, OHA_PROBE_GARBLED, 0);
  return false;
}

void oha__stream_closed(struct oha_stream *stream)
{
  if (stream->probe->saw_bytes)
    oha__probe_end(stream->probe, OHA_PROBE_GARBLED, 0);
  else
    oha__probe_end(stream->probe, OHA_PROBE_REFUSED, ECONNRESET);
}
