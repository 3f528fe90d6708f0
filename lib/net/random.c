/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/random.h"
#include "base/error.h"

#include <errno.h>
#include <sys/random.h>

enum oha_rc oha__random(void *out, size_t n, struct oha_error *err)
{
  char *p = out;

  while (n > 0) {
    ssize_t got = getrandom(p, n, 0);

    if (got < 0 && errno != EINTR)
      return oha__fail_errno(err, OHA_E_IO, errno, "getrandom");
    if (got > 0) {
      p += got;
      n -= (size_t)got;
    }
  }
  return OHA_OK;
}
