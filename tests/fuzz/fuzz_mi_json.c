/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What JSON is read must read the same when it is written again; mi_json's replies are JSON, too. */
#include "mi/json.h"
#include "mi/mijson.h"
#include "mi_tree.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct oha_mi_reply *read_json(struct oha_span text)
{
  struct oha_mi_reply *reply = oha__mi_reply_new();

  if (oha__json_read(&text, reply, &reply->value, NULL) == OHA_OK)
    return reply;
  oha_mi_reply_free(reply);
  return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_span bytes = { (const char *)data, size };
  struct oha_mi_reply *reply = read_json(bytes), *again;
  char *text, *twice;

  if (reply != NULL) {
    text = mi_tree_text(oha_mi_reply_value(reply));
    again = read_json(oha__span(text));
    if (again == NULL)
      abort();
    twice = mi_tree_text(oha_mi_reply_value(again));
    if (strcmp(text, twice) != 0)
      abort();
    free(text);
    free(twice);
    oha_mi_reply_free(again);
    oha_mi_reply_free(reply);
  }
  reply = oha__mi_reply_new();
  if (oha__mijson_read(bytes, size % 2 == 0, reply, NULL) == OHA_OK)
    free(mi_tree_text(oha_mi_reply_value(reply)));
  oha_mi_reply_free(reply);
  return 0;
}
