/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_SIP_REPLY_H
#define OHA_SIP_REPLY_H
/* Replies to requests of ours, as far as telling whose they are needs (RFC 3261 sections 7.2, 8.1.3.3). */
#include <opensips-ha/error.h>
#include "base/span.h"

/* Spans point into the parsed bytes. */
struct oha_sip_reply {
  uint16_t code; /* 100 ... 699 */
  struct oha_span reason;
  struct oha_span branch; /* of the top Via */
  struct oha_span call_id;
  uint32_t cseq;
  struct oha_span cseq_method;
  struct oha_span server; /* n = 0 when there is none */
};

/*
 * Tolerated, because it does not make the sender less alive: LF for CRLF, folding, empty lines in front, a
 * missing empty line or body at the end, no blank behind the code, headers that we do not read in any form.
 * The first of a header counts. @p out is zeroed on failure.
 *
 * OHA_OK; OHA_E_PARSE: no reply, or without Via branch, Call-ID or CSeq.
 */
OHA_NODISCARD enum oha_rc oha__sip_reply_parse(struct oha_span bytes, struct oha_sip_reply *out,
                                               struct oha_error *err);

/* A header value as one line of safe text, cut to fit; folds become a blank. @p size is at least 16. */
void oha__sip_value_text(struct oha_span value, char *buf, size_t size);

#endif
