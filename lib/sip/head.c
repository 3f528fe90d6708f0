/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sip/head.h"

static bool is_line_end(char c)
{
  return c == '\r' || c == '\n';
}

static struct oha_span behind(struct oha_span a, size_t n)
{
  return (struct oha_span){ a.p + n, a.n - n };
}

struct oha_span oha__sip_skip_line_ends(struct oha_span bytes)
{
  while (bytes.n > 0 && is_line_end(bytes.p[0]))
    bytes = behind(bytes, 1);
  return bytes;
}

bool oha__sip_line(struct oha_span *rest, struct oha_span *line)
{
  if (!oha__span_cut(*rest, '\n', line, rest))
    return false;
  if (line->n > 0 && line->p[line->n - 1] == '\r')
    line->n--;
  return true;
}

static struct oha_span trim(struct oha_span a)
{
  while (a.n > 0 && (oha__is_blank(a.p[0]) || is_line_end(a.p[0])))
    a = behind(a, 1);
  while (a.n > 0 && (oha__is_blank(a.p[a.n - 1]) || is_line_end(a.p[a.n - 1])))
    a.n--;
  return a;
}

enum oha_sip_head_step oha__sip_head_next(struct oha_span *rest, struct oha_sip_header *out)
{
  struct oha_span line, whole;

  if (rest->n == 0)
    return OHA_SIP_HEAD_END;
  if (!oha__sip_line(rest, &line))
    return OHA_SIP_HEAD_BAD;
  if (line.n == 0)
    return OHA_SIP_HEAD_END;
  whole = line;
  while (rest->n > 0 && oha__is_blank(rest->p[0])) {
    if (!oha__sip_line(rest, &line))
      return OHA_SIP_HEAD_BAD;
    whole.n = (size_t)(line.p + line.n - whole.p);
  }
  if (!oha__span_cut(whole, ':', &out->name, &out->value))
    return OHA_SIP_HEAD_BAD;
  out->name = trim(out->name);
  out->value = trim(out->value);
  if (out->name.n == 0 || oha__is_blank(whole.p[0]))
    return OHA_SIP_HEAD_BAD;
  return OHA_SIP_HEAD_HEADER;
}
