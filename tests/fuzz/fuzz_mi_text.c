/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text reply gives a tree as promised, or an error; by FIFO and by datagram. */
#include "mi/text.h"
#include "mi_tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_span bytes = { (const char *)data, size };
  struct oha_mi_reply *reply = oha__mi_reply_new();

  if (oha__text_read(bytes, size % 2 == 0, reply, NULL) == OHA_OK)
    free(mi_tree_text(oha_mi_reply_value(reply)));
  oha_mi_reply_free(reply);
  return 0;
}
