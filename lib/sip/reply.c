/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sip/reply.h"
#include "sip/head.h"
#include "base/error.h"
#include "base/sbuf.h"

#include <string.h>

static bool is_space(char c)
{
  return oha__is_blank(c) || c == '\r' || c == '\n';
}

static struct oha_span behind(struct oha_span a, size_t n)
{
  return (struct oha_span){ a.p + n, a.n - n };
}

static struct oha_span skip_space(struct oha_span a)
{
  while (a.n > 0 && is_space(a.p[0]))
    a = behind(a, 1);
  return a;
}

/* "SIP/2.0 200 OK"; the version in any case (RFC 3261 section 7.1). */
static bool read_status_line(struct oha_span line, struct oha_sip_reply *out)
{
  uint32_t code;

  if (line.n < 11 || !oha__span_ieq((struct oha_span){ line.p, 8 }, OHA_SPAN("SIP/2.0 ")))
    return false;
  line = behind(line, 8);
  if (!oha__span_u32((struct oha_span){ line.p, 3 }, 699, &code) || code < 100)
    return false;
  line = behind(line, 3);
  if (line.n > 0 && line.p[0] != ' ')
    return false;
  out->code = (uint16_t)code;
  out->reason = oha__span_trim(line);
  return true;
}

/* A quoted string, its quotes included; all that is left when it does not end. */
static size_t quoted_length(struct oha_span a)
{
  for (size_t i = 1; i < a.n; i++) {
    if (a.p[i] == '\\')
      i++;
    else if (a.p[i] == '"')
      return i + 1;
  }
  return a.n;
}

static bool is_one_of(char c, const char *stops)
{
  for (; *stops != '\0'; stops++)
    if (c == *stops)
      return true;
  return false;
}

/* Bytes up to one of @p stops outside quotes. */
static struct oha_span take_until(struct oha_span *a, const char *stops)
{
  struct oha_span head = { a->p, 0 };

  while (head.n < a->n && !is_one_of(a->p[head.n], stops))
    head.n += a->p[head.n] == '"' ? quoted_length(behind(*a, head.n)) : 1;
  *a = behind(*a, head.n);
  while (head.n > 0 && is_space(head.p[head.n - 1]))
    head.n--;
  return head;
}

/* Of the first of the Via values in @p via (RFC 3261 section 20.42); empty when it has none. */
static struct oha_span branch_of(struct oha_span via)
{
  take_until(&via, ";,");
  while (via.n > 0 && via.p[0] == ';') {
    struct oha_span name, value = { 0 };

    via = skip_space(behind(via, 1));
    name = take_until(&via, "=;,");
    if (via.n > 0 && via.p[0] == '=') {
      via = skip_space(behind(via, 1));
      value = take_until(&via, ";,");
    }
    if (oha__span_iis(name, "branch"))
      return value;
  }
  return (struct oha_span){ 0 };
}

static bool read_cseq(struct oha_span value, struct oha_sip_reply *out)
{
  size_t n = 0;

  while (n < value.n && !is_space(value.p[n]))
    n++;
  if (!oha__span_u32((struct oha_span){ value.p, n }, UINT32_MAX, &out->cseq))
    return false;
  out->cseq_method = skip_space(behind(value, n));
  return out->cseq_method.n > 0;
}

static bool is_header(const struct oha_sip_header *header, const char *name, const char *compact)
{
  return oha__span_iis(header->name, name) || (compact != NULL && oha__span_iis(header->name, compact));
}

static const char *read_reply(struct oha_span rest, struct oha_sip_reply *out)
{
  bool has_via = false;
  enum oha_sip_head_step step;
  struct oha_sip_header header;
  struct oha_span line;

  rest = oha__sip_skip_line_ends(rest);
  if (!oha__sip_line(&rest, &line) || !read_status_line(line, out))
    return "no status line";
  while ((step = oha__sip_head_next(&rest, &header)) == OHA_SIP_HEAD_HEADER) {
    if (!has_via && is_header(&header, "via", "v")) {
      has_via = true;
      out->branch = branch_of(header.value);
    } else if (out->call_id.n == 0 && is_header(&header, "call-id", "i"))
      out->call_id = header.value;
    else if (out->server.n == 0 && is_header(&header, "server", NULL))
      out->server = header.value;
    else if (out->cseq_method.n == 0 && is_header(&header, "cseq", NULL) && !read_cseq(header.value, out))
      return "bad CSeq";
  }
  if (step == OHA_SIP_HEAD_BAD)
    return "a line that is no header";
  if (out->branch.n == 0)
    return "no branch in the first Via";
  if (out->call_id.n == 0)
    return "no Call-ID";
  return out->cseq_method.n == 0 ? "no CSeq" : NULL;
}

enum oha_rc oha__sip_reply_parse(struct oha_span bytes, struct oha_sip_reply *out, struct oha_error *err)
{
  const char *why;
  char safe[OHA_SAFE_SIZE];

  memset(out, 0, sizeof(*out));
  why = read_reply(bytes, out);
  if (why == NULL)
    return OHA_OK;
  memset(out, 0, sizeof(*out));
  return oha__fail(err, OHA_E_PARSE, "SIP reply '%s': %s", oha__safe(bytes, safe), why);
}

void oha__sip_value_text(struct oha_span value, char *buf, size_t size)
{
  char flat[256];
  size_t n = 0;
  struct oha_sbuf b;

  while (value.n > 0 && n < sizeof(flat)) {
    struct oha_span after = skip_space(value);
    bool folded = after.n < value.n && (memchr(value.p, '\n', value.n - after.n) != NULL ||
                                        memchr(value.p, '\r', value.n - after.n) != NULL);

    flat[n++] = folded ? ' ' : value.p[0];
    value = folded ? after : behind(value, 1);
  }
  oha__sbuf_init(&b, buf, size);
  oha__sbuf_put_safe(&b, (struct oha_span){ flat, n }, size - 1);
}
