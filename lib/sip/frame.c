/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sip/frame.h"
#include "sip/head.h"
#include "base/error.h"

#include <string.h>

/* Bytes up to the end of the empty line; 0 = it has not come. Looks at each byte once over all calls. */
static size_t head_length(struct oha_sip_frame *frame, struct oha_span bytes)
{
  size_t n_front = bytes.n - oha__sip_skip_line_ends(bytes).n;
  size_t at = frame->n_scanned > n_front ? frame->n_scanned : n_front;
  const char *end;

  while (at < bytes.n && (end = memchr(bytes.p + at, '\n', bytes.n - at)) != NULL) {
    size_t next = (size_t)(end - bytes.p) + 1;

    frame->n_scanned = next - 1;
    if (next < bytes.n && bytes.p[next] == '\n')
      return next + 1;
    if (next + 1 < bytes.n && bytes.p[next] == '\r' && bytes.p[next + 1] == '\n')
      return next + 2;
    if (next == bytes.n || (next + 1 == bytes.n && bytes.p[next] == '\r'))
      return 0;
    at = next;
  }
  frame->n_scanned = bytes.n;
  return 0;
}

/* Several that say the same are one; RFC 3261 section 20.14 knows no other form than digits. */
static enum oha_rc read_content_length(struct oha_span head, size_t *out, struct oha_error *err)
{
  struct oha_sip_header header;
  struct oha_span line;
  enum oha_sip_head_step step;
  uint32_t n = 0;
  bool found = false;

  head = oha__sip_skip_line_ends(head);
  if (!oha__sip_line(&head, &line))
    return oha__fail(err, OHA_E_PARSE, "SIP message: no first line");
  while ((step = oha__sip_head_next(&head, &header)) == OHA_SIP_HEAD_HEADER) {
    uint32_t one;

    if (!oha__span_iis(header.name, "content-length") && !oha__span_iis(header.name, "l"))
      continue;
    if (!oha__span_u32(header.value, UINT32_MAX, &one) || (found && one != n))
      return oha__fail(err, OHA_E_PARSE, "SIP message: bad Content-Length");
    n = one;
    found = true;
  }
  if (step == OHA_SIP_HEAD_BAD)
    return oha__fail(err, OHA_E_PARSE, "SIP message: a line that is no header");
  *out = n;
  return OHA_OK;
}

enum oha_rc oha__sip_frame(struct oha_sip_frame *frame, struct oha_span bytes, size_t *n_bytes,
                           struct oha_error *err)
{
  size_t n_head, n_body = 0;
  enum oha_rc rc;

  *n_bytes = 0;
  if (frame->n_message == 0) {
    n_head = head_length(frame, bytes);
    if (n_head > OHA_SIP_HEAD_MAX_BYTES || (n_head == 0 && bytes.n > OHA_SIP_HEAD_MAX_BYTES))
      return oha__fail(err, OHA_E_TOO_BIG, "SIP message: head over %d bytes", OHA_SIP_HEAD_MAX_BYTES);
    if (n_head == 0)
      return OHA_END;
    rc = read_content_length((struct oha_span){ bytes.p, n_head }, &n_body, err);
    if (rc != OHA_OK)
      return rc;
    if (n_body > OHA_SIP_MESSAGE_MAX_BYTES - n_head)
      return oha__fail(err, OHA_E_TOO_BIG, "SIP message: %zu bytes of body", n_body);
    frame->n_message = n_head + n_body;
  }
  if (bytes.n < frame->n_message)
    return OHA_END;
  *n_bytes = frame->n_message;
  return OHA_OK;
}
