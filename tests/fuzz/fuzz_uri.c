/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a URI lie inside its text, and its host is what the rest of the library can hold. */
#include <opensips-ha/uri.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_inside(const char *part, size_t n, const char *text, size_t size)
{
  if (n > 0 && (part < text || part + n > text + size))
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;
  struct oha_uri uri;

  if (oha_uri_parse(text, size, &uri, NULL) != OHA_OK) {
    if (uri.host != NULL || uri.n_host != 0)
      abort();
    return 0;
  }
  require_inside(uri.user, uri.n_user, text, size);
  require_inside(uri.host, uri.n_host, text, size);
  require_inside(uri.params, uri.n_params, text, size);
  if (uri.n_host == 0 || uri.n_host >= OHA_HOST_SIZE)
    abort();
  return 0;
}
