/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A blob that decodes is the only one of its rows: encoding gives the same bytes. */
#include "base/mem.h"
#include "journal/page.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_page_row *rows;
  uint8_t *again;
  size_t n_rows, n_again;

  if (oha__page_decode(data, size, &rows, &n_rows, NULL) != OHA_OK)
    return 0;
  require(oha__page_encode(rows, n_rows, &again, &n_again, NULL) == OHA_OK);
  require(n_again == size && memcmp(again, data, size) == 0);
  oha__free(again);
  oha__free(rows);
  return 0;
}
