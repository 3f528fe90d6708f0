/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/utf8.h"

static bool is_tail(unsigned char c)
{
  return (c & 0xC0) == 0x80;
}

size_t oha__utf8_len(const char *text, size_t n)
{
  const unsigned char *p = (const unsigned char *)text;

  if (n == 0)
    return 0;
  if (p[0] < 0x80)
    return 1;
  if (p[0] >= 0xC2 && p[0] <= 0xDF)
    return n >= 2 && is_tail(p[1]) ? 2 : 0;
  if ((p[0] & 0xF0) == 0xE0) {
    if (n < 3 || !is_tail(p[1]) || !is_tail(p[2]))
      return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F))
      return 0; /* over-long; surrogate */
    return 3;
  }
  if (p[0] >= 0xF0 && p[0] <= 0xF4) {
    if (n < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
      return 0;
    if ((p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
      return 0; /* over-long; above U+10FFFF */
    return 4;
  }
  return 0;
}
