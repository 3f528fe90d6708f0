/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of /proc/net: whatever is accepted has an address of a family, and serves itself if it listens. */
#include "peer/bound.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  struct oha__bound bound;
  struct oha_sock sock = { .proto = OHA_PROTO_TCP };

  if (!oha__bound_parse((struct oha_span){ (const char *)data, n }, &bound))
    return 0;
  if (bound.addr.family != 4 && bound.addr.family != 6)
    abort();
  sock.addr = bound.addr;
  sock.port = bound.port;
  if (oha__bound_serves(&bound, &sock) != bound.listening)
    abort();
  return 0;
}
