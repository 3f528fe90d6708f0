/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of a reply lie inside its bytes; a stream is framed the same in one piece and in two; texts made
 * of parts are short and safe.
 */
#include "sip/frame.h"
#include "sip/options.h"
#include "sip/reply.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds)
    abort();
}

static void require_inside(struct oha_span part, struct oha_span whole)
{
  require(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void frame_in_two_pieces(struct oha_span bytes)
{
  struct oha_sip_frame one = { 0 }, two = { 0 };
  size_t n_one, n_two;
  enum oha_rc rc_one = oha__sip_frame(&one, bytes, &n_one, NULL);
  enum oha_rc rc_two = oha__sip_frame(&two, (struct oha_span){ bytes.p, bytes.n / 2 }, &n_two, NULL);

  if (rc_two == OHA_END)
    rc_two = oha__sip_frame(&two, bytes, &n_two, NULL);
  require(rc_one == rc_two && n_one == n_two && n_one <= bytes.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_span bytes = { (const char *)data, size };
  struct oha_sip_reply reply;
  uint8_t branch[16];
  char text[64];

  frame_in_two_pieces(bytes);
  if (oha__sip_reply_parse(bytes, &reply, NULL) != OHA_OK) {
    require(reply.code == 0 && reply.branch.n == 0);
    return 0;
  }
  require(reply.code >= 100 && reply.code <= 699);
  require(reply.branch.n > 0 && reply.call_id.n > 0 && reply.cseq_method.n > 0);
  require_inside(reply.reason, bytes);
  require_inside(reply.branch, bytes);
  require_inside(reply.call_id, bytes);
  require_inside(reply.cseq_method, bytes);
  require_inside(reply.server, bytes);
  (void)oha__sip_branch_read(reply.branch.p, reply.branch.n, branch);
  oha__sip_value_text(reply.server, text, sizeof(text));
  require(strlen(text) < sizeof(text) && strpbrk(text, "\r\n\x1b") == NULL);
  return 0;
}
