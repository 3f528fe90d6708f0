/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An XML-RPC reply gives a tree as promised, or an error; of the text era and later. */
#include "mi/xmlrpc.h"
#include "mi_tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_span bytes = { (const char *)data, size };
  struct oha_mi_reply *reply = oha__mi_reply_new();

  if (oha__xmlrpc_read(bytes, size % 2 == 0 ? OHA_MI_ERA_TEXT : OHA_MI_ERA_JSONRPC, reply, NULL) == OHA_OK)
    free(mi_tree_text(oha_mi_reply_value(reply)));
  oha_mi_reply_free(reply);
  return 0;
}
