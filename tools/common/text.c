/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text.h"

#include <string.h>

size_t text_char(const char *p, size_t n, uint32_t *c)
{
  unsigned char first = (unsigned char)p[0];
  size_t len = first < 0x80   ? 1
               : first < 0xC2 ? 0
               : first < 0xE0 ? 2
               : first < 0xF0 ? 3
               : first < 0xF5 ? 4
                              : 0;
  uint32_t code;

  *c = TEXT_REPLACEMENT;
  if (len == 0 || len > n)
    return 1;
  code = len == 1 ? first : first & (0xFFu >> (len + 1));
  for (size_t i = 1; i < len; i++) {
    unsigned char tail = (unsigned char)p[i];

    if ((tail & 0xC0) != 0x80)
      return 1;
    code = code << 6 | (tail & 0x3Fu);
  }
  if ((len == 3 && code < 0x800) || (len == 4 && code < 0x10000) || code > 0x10FFFF ||
      (code >= 0xD800 && code <= 0xDFFF))
    return 1; /* over-long, beyond Unicode, or half of a surrogate pair */
  *c = code;
  return len;
}

bool text_is_unsafe(uint32_t c)
{
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || /* C0, DEL, C1 */
         c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || /* direction marks and overrides */
         c == 0x2028 || c == 0x2029;     /* line and paragraph separators */
}

size_t text_safe(const char *p, size_t n, char *buf, size_t size)
{
  size_t used = 0;

  for (size_t i = 0, len; i < n; i += len) {
    uint32_t c;
    char one[12];
    size_t n_one;

    len = text_char(p + i, n - i, &c);
    if (c == '\n' || c == '\r' || c == '\t')
      n_one = (size_t)snprintf(one, sizeof(one), "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    else if (text_is_unsafe(c))
      n_one = (size_t)snprintf(one, sizeof(one), c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    else if (c == TEXT_REPLACEMENT)
      n_one = (size_t)snprintf(one, sizeof(one), "\xEF\xBF\xBD");
    else {
      memcpy(one, p + i, len);
      n_one = len;
    }
    if (used + n_one >= size)
      break;
    memcpy(buf + used, one, n_one);
    used += n_one;
  }
  buf[used] = '\0';
  return used;
}

size_t text_columns(const char *p, size_t n)
{
  size_t columns = 0;

  for (size_t i = 0; i < n; i++)
    if (((unsigned char)p[i] & 0xC0) != 0x80)
      columns++;
  return columns;
}

/* Bytes at the front that JSON takes as they are. */
static size_t plain_run(const char *p, size_t n)
{
  size_t i = 0;

  while (i < n && p[i] >= 0x20 && p[i] < 0x7F && p[i] != '"' && p[i] != '\\')
    i++;
  return i;
}

void text_json(FILE *to, const char *p, size_t n)
{
  putc('"', to);
  for (size_t i = 0, len; i < n; i += len) {
    uint32_t c;

    len = plain_run(p + i, n - i);
    if (len > 0) {
      fwrite(p + i, 1, len, to);
      continue;
    }
    len = text_char(p + i, n - i, &c);
    if (c == '"' || c == '\\')
      fprintf(to, "\\%c", (char)c);
    else if (text_is_unsafe(c))
      fprintf(to, "\\u%04x", c); /* all of them are below U+10000 */
    else if (c == TEXT_REPLACEMENT)
      fputs("\xEF\xBF\xBD", to);
    else
      fwrite(p + i, 1, len, to);
  }
  putc('"', to);
}
