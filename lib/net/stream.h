/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_STREAM_H
#define OHA_NET_STREAM_H
/* What probes over a connection have in common, encrypted or not: the request out, whole messages in. */
#include "net/probe.h"
#include "sip/frame.h"

#define OHA_STREAM_READ_BYTES 2048

struct oha_stream {
  struct oha_probe *probe;
  size_t n_sent; /* of the request */
  char *buf;
  size_t n, cap;
  struct oha_sip_frame frame;
};

void oha__stream_clear(struct oha_stream *stream);

/* A socket of the target's family, bound if the probe says where. -1 with errno. */
int oha__stream_socket(const struct oha_probe *probe);

/* What is left of the request; built anew each time, in @p buf. */
struct oha_span oha__stream_rest(const struct oha_stream *stream, char buf[OHA_SIP_REQUEST_SIZE]);

/* So much of it has left, by a system call begun at @p at. True when that was the last. */
bool oha__stream_sent(struct oha_stream *stream, size_t n, struct oha_mono at);

/* Room to read into; NULL when out of memory. */
char *oha__stream_room(struct oha_stream *stream, size_t *n_room);

/* So much was read. False when that ended the probe. */
bool oha__stream_took(struct oha_stream *stream, size_t n);

/* The other side closed without a final reply: ends the probe. */
void oha__stream_closed(struct oha_stream *stream);

#endif
