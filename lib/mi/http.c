/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/http.h"
#include "base/error.h"

#include <string.h>

#define HEAD_MAX_BYTES 16384

void oha__http_put_head(const struct oha__mi_address *a, const char *target, const char *type, size_t n_body,
                        const char *authorization, struct oha_sbuf *out)
{
  char host[OHA_ADDR_SIZE];
  bool v6 = a->addr.family == 6;

  oha__sbuf_printf(out, "%s %s HTTP/1.1\r\nHost: %s%s%s:%u\r\nUser-Agent: opensips-ha/%s\r\n",
                   type == NULL ? "GET" : "POST", target, v6 ? "[" : "", oha_addr_format(&a->addr, host),
                   v6 ? "]" : "", a->port, OHA_VERSION);
  if (a->scheme != OHA_MI_HTTP)
    oha__sbuf_puts(out, "Connection: close\r\n");
  if (authorization != NULL)
    oha__sbuf_printf(out, "Authorization: %s\r\n", authorization);
  if (type != NULL)
    oha__sbuf_printf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, n_body);
  oha__sbuf_puts(out, "\r\n");
}

static enum oha_rc bad(struct oha_error *err, const char *what, struct oha_span near)
{
  char safe[OHA_SAFE_SIZE];

  return oha__fail(err, OHA_E_PROTOCOL, "HTTP reply: %s: '%s'", what, oha__safe(near, safe));
}

/* Bytes with their line end up to and with the next empty line; 0 = it has not come yet. */
static size_t head_length(const char *bytes, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (bytes[i] != '\n')
      continue;
    if (i + 1 < n && bytes[i + 1] == '\n')
      return i + 2;
    if (i + 2 < n && bytes[i + 1] == '\r' && bytes[i + 2] == '\n')
      return i + 3;
  }
  return 0;
}

static bool take_line(struct oha_span *rest, struct oha_span *line)
{
  if (!oha__span_cut(*rest, '\n', line, rest))
    return false;
  if (line->n > 0 && line->p[line->n - 1] == '\r')
    line->n--;
  return true;
}

/* "HTTP/1.1 200 OK" */
static bool read_status(struct oha__http *h, struct oha_span line)
{
  struct oha_span version, rest, code, reason = { "", 0 };
  struct oha_sbuf b;
  uint32_t number;

  if (!oha__span_cut(line, ' ', &version, &rest) ||
      (!oha__span_is(version, "HTTP/1.1") && !oha__span_is(version, "HTTP/1.0")))
    return false;
  code = rest;
  oha__span_cut(rest, ' ', &code, &reason);
  if (code.n != 3 || !oha__span_u32(code, 599, &number) || number < 100)
    return false;
  h->status = (int)number;
  h->closes = oha__span_is(version, "HTTP/1.0");
  oha__sbuf_init(&b, h->reason, sizeof(h->reason));
  oha__sbuf_put_safe(&b, reason, sizeof(h->reason) - 8);
  return true;
}

static bool read_header(struct oha__http *h, struct oha_span name, struct oha_span value, bool *has_length)
{
  uint64_t length;

  if (oha__span_iis(name, "Content-Length")) {
    if (!oha__span_u64(value, SIZE_MAX / 2, &length) || (*has_length && length != h->n_left))
      return false;
    *has_length = true;
    h->n_left = (size_t)length;
  } else if (oha__span_iis(name, "Transfer-Encoding")) {
    if (!oha__span_iis(value, "chunked"))
      return false;
    h->state = OHA_HTTP_CHUNKS;
  } else if (oha__span_iis(name, "Connection")) {
    h->closes = oha__span_iis(value, "close") || (h->closes && !oha__span_iis(value, "keep-alive"));
  } else if (oha__span_iis(name, "Content-Type")) {
    h->has_type = true;
  } else if (oha__span_iis(name, "Date")) {
    if (!oha__span_copy(value, h->date, sizeof(h->date)))
      h->date[0] = '\0';
  }
  return true;
}

/*
 * RFC 9112 section 6.3. httpd announces chunks behind 202, 400 and 405 and sends none: there the status says
 * all.
 */
static void decide_body(struct oha__http *h, bool has_length)
{
  bool chunks = h->state == OHA_HTTP_CHUNKS;

  if (h->status == 204 || h->status == 304 ||
      (chunks && (h->status == 202 || h->status == 400 || h->status == 405))) {
    h->state = OHA_HTTP_DONE;
    h->closes = true;
  } else if (chunks) {
    h->n_left = 0;
  } else if (has_length) {
    h->state = h->n_left == 0 ? OHA_HTTP_DONE : OHA_HTTP_LENGTH;
  } else {
    h->state = OHA_HTTP_TO_END;
    h->closes = true;
  }
}

static enum oha_rc read_head(struct oha__http *h, const char *bytes, size_t n, struct oha_error *err)
{
  size_t length = head_length(bytes + h->at, n - h->at);
  struct oha_span rest = { bytes + h->at, length }, line, name, value;
  bool has_length = false;

  if (length == 0 && n - h->at <= HEAD_MAX_BYTES)
    return OHA_END;
  if (length == 0 || length > HEAD_MAX_BYTES)
    return bad(err, "its head does not end", (struct oha_span){ bytes + h->at, 40 });
  h->at += length;
  if (!take_line(&rest, &line) || !read_status(h, line))
    return bad(err, "no status line", line);
  if (h->status < 200) /* RFC 9110 section 15.2: an interim one */
    return OHA_OK;
  while (take_line(&rest, &line) && line.n > 0) {
    if (!oha__span_cut(line, ':', &name, &value) ||
        !read_header(h, oha__span_trim(name), oha__span_trim(value), &has_length))
      return bad(err, "a header that cannot be", line);
  }
  h->body = h->at;
  decide_body(h, has_length);
  return OHA_OK;
}

static void move_body(struct oha__http *h, char *bytes, size_t n)
{
  memmove(bytes + h->body + h->n_body, bytes + h->at, n);
  h->n_body += n;
  h->at += n;
}

/* RFC 9112 section 7.1: "SIZE[;extension]", the bytes, an empty line end; size 0 is the last. */
static enum oha_rc read_chunk(struct oha__http *h, char *bytes, size_t n, struct oha_error *err)
{
  struct oha_span rest = { bytes + h->at, n - h->at }, line, size, extension;
  size_t length = 0;

  if (h->n_left > 0) {
    size_t now = rest.n < h->n_left ? rest.n : h->n_left;

    move_body(h, bytes, now);
    h->n_left -= now;
    return now > 0 ? OHA_OK : OHA_END;
  }
  if (!take_line(&rest, &line)) {
    if (rest.n > 1024)
      return bad(err, "a chunk's size does not end", (struct oha_span){ rest.p, 40 });
    return OHA_END;
  }
  h->at = (size_t)(rest.p - bytes);
  if (line.n == 0 && h->n_body > 0)
    return OHA_OK; /* the line end behind a chunk */
  size = line;
  oha__span_cut(line, ';', &size, &extension);
  size = oha__span_trim(size);
  for (size_t i = 0; i < size.n; i++) {
    int digit = oha__hex_digit(size.p[i]);

    if (digit < 0 || length > SIZE_MAX / 64)
      return bad(err, "no size of a chunk", line);
    length = length * 16 + (size_t)digit;
  }
  if (size.n == 0)
    return bad(err, "no size of a chunk", line);
  h->n_left = length;
  if (length == 0) {
    h->state = OHA_HTTP_DONE;
    h->closes = true; /* trailers may follow: not worth reading */
  }
  return OHA_OK;
}

enum oha_rc oha__http_feed(struct oha__http *h, char *bytes, size_t n, bool at_end, struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;

  while (rc == OHA_OK && h->state != OHA_HTTP_DONE) {
    size_t there = n - h->at;

    switch (h->state) {
    case OHA_HTTP_HEAD:
      rc = read_head(h, bytes, n, err);
      break;
    case OHA_HTTP_LENGTH:
      there = there < h->n_left ? there : h->n_left;
      move_body(h, bytes, there);
      h->n_left -= there;
      if (h->n_left == 0)
        h->state = OHA_HTTP_DONE;
      else
        rc = OHA_END;
      break;
    case OHA_HTTP_CHUNKS:
      rc = read_chunk(h, bytes, n, err);
      break;
    case OHA_HTTP_TO_END:
      move_body(h, bytes, there);
      if (at_end)
        h->state = OHA_HTTP_DONE;
      else
        rc = OHA_END;
      break;
    case OHA_HTTP_DONE:
      break;
    }
  }
  if (rc == OHA_END && at_end)
    return oha__fail(err, OHA_E_PROTOCOL, "the HTTP reply was cut off after %zu bytes", n);
  return rc;
}
