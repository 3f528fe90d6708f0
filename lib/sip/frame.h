/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_SIP_FRAME_H
#define OHA_SIP_FRAME_H
/* Finding the end of a SIP message in a stream (RFC 3261 section 18.3). */
#include <opensips-ha/error.h>
#include "base/span.h"

#define OHA_SIP_HEAD_MAX_BYTES    16384
#define OHA_SIP_MESSAGE_MAX_BYTES 65535

/* How far a message has been looked at; zeroed for each new one. */
struct oha_sip_frame {
  size_t n_scanned;
  size_t n_message; /* once the head is complete */
};

/*
 * @p bytes is all that has come and was not cut off yet; call again with more of the same. A message without
 * Content-Length is taken to have no body.
 *
 * OHA_OK: the first *n_bytes of them are one message (empty lines in front included); OHA_END: more is
 * needed; OHA_E_PARSE; OHA_E_TOO_BIG
 */
OHA_NODISCARD enum oha_rc oha__sip_frame(struct oha_sip_frame *frame, struct oha_span bytes, size_t *n_bytes,
                                         struct oha_error *err);

#endif
