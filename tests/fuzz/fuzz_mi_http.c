/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An HTTP reply must come out the same whether it came in one piece or in two. */
#include "mi/http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha__http once = { .state = OHA_HTTP_HEAD }, twice = { .state = OHA_HTTP_HEAD };
  char *a = malloc(size + 1), *b = malloc(size + 1);
  enum oha_rc rc, again;

  if (a == NULL || b == NULL)
    abort();
  memcpy(a, data, size);
  memcpy(b, data, size);
  rc = oha__http_feed(&once, a, size, true, NULL);
  again = oha__http_feed(&twice, b, size / 2, false, NULL);
  if (again == OHA_END)
    again = oha__http_feed(&twice, b, size, true, NULL);
  if (rc == OHA_END || again == OHA_END || once.body + once.n_body > size)
    abort();
  /* What is behind a whole reply may be anything; two heads in pieces may be told apart sooner. */
  if (rc == OHA_OK && again == OHA_OK &&
      (once.status != twice.status || once.n_body != twice.n_body ||
       memcmp(a + once.body, b + twice.body, once.n_body) != 0))
    abort();
  free(a);
  free(b);
  return 0;
}
