/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_SIP_HEAD_H
#define OHA_SIP_HEAD_H
/* Walking the lines of a SIP message (RFC 3261 section 7.3.1): CRLF or LF, folded or not; nothing is copied.
 */
#include "base/span.h"

/* Cut the first line off @p rest, without its end. False, nothing changed, when it has no end. */
bool oha__sip_line(struct oha_span *rest, struct oha_span *line);

struct oha_sip_header {
  struct oha_span name;
  struct oha_span value; /* trimmed; a folded one holds its line ends */
};

enum oha_sip_head_step {
  OHA_SIP_HEAD_HEADER, /* one more */
  OHA_SIP_HEAD_END,    /* the empty line, now cut off as well, or the end of the bytes */
  OHA_SIP_HEAD_BAD     /* no "name:", or a line without an end */
};

/* Cut the next header, with its continuation lines, off @p rest. */
enum oha_sip_head_step oha__sip_head_next(struct oha_span *rest, struct oha_sip_header *out);

/* Without CR and LF at the front: keep-alives (RFC 5626) and the empty lines of RFC 3261 section 7.5. */
struct oha_span oha__sip_skip_line_ends(struct oha_span bytes);

#endif
