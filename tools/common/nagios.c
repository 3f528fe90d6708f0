/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nagios.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define MICRO      INT64_C(1000000)
#define WHOLE_MAX  (INT64_MAX / MICRO - 1)
#define LINE_BYTES 1024

/* A decimal number, ending where @p end says. Not strtod(3): its point depends on the locale. */
static bool parse_number(const char *p, const char *end, int64_t *out)
{
  int64_t whole = 0, part = 0, unit = MICRO / 10;
  bool minus = p < end && *p == '-';
  const char *digits;

  p += minus;
  digits = p;
  for (; p < end && *p >= '0' && *p <= '9'; p++) {
    if (whole > (WHOLE_MAX - (*p - '0')) / 10)
      return false;
    whole = 10 * whole + (*p - '0');
  }
  if (p == digits)
    return false;
  if (p < end && *p == '.') {
    digits = ++p;
    for (; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
      part += unit * (*p - '0');
    if (p == digits || p - digits > 6)
      return false;
  }
  *out = (whole * MICRO + part) * (minus ? -1 : 1);
  return p == end;
}

bool nagios_range_parse(const char *text, struct nagios_range *out)
{
  struct nagios_range range = { 0, INT64_MAX, text[0] == '@' };
  const char *start = text + range.inside, *end = text + strlen(text), *colon = strchr(start, ':');

  if (colon == NULL) {
    if (!parse_number(start, end, &range.hi_micro))
      return false;
  } else {
    if (colon - start == 1 && *start == '~')
      range.lo_micro = INT64_MIN;
    else if (colon > start && !parse_number(start, colon, &range.lo_micro))
      return false;
    if (colon + 1 < end && !parse_number(colon + 1, end, &range.hi_micro))
      return false;
  }
  if (range.lo_micro > range.hi_micro)
    return false;
  *out = range;
  return true;
}

bool nagios_range_alerts(const struct nagios_range *range, int64_t value_micro)
{
  bool within = value_micro >= range->lo_micro && value_micro <= range->hi_micro;

  return within == range->inside;
}

char *nagios_number(int64_t micro, char buf[32])
{
  uint64_t abs = micro < 0 ? (uint64_t)0 - (uint64_t)micro : (uint64_t)micro;
  int n = snprintf(buf, 32, "%s%" PRIu64 ".%06" PRIu64, micro < 0 ? "-" : "", abs / (uint64_t)MICRO,
                   abs % (uint64_t)MICRO);

  while (n > 0 && buf[n - 1] == '0')
    buf[--n] = '\0';
  if (n > 0 && buf[n - 1] == '.')
    buf[n - 1] = '\0';
  return buf;
}

/* Quotes are doubled, '=' is not allowed at all. */
static void put_label(FILE *to, const char *label)
{
  putc('\'', to);
  for (; *label != '\0'; label++) {
    if (*label == '\'')
      putc('\'', to);
    putc(*label == '=' || (unsigned char)*label < ' ' ? '_' : *label, to);
  }
  putc('\'', to);
}

void nagios_line(FILE *to, const char *status, const char *text, const struct nagios_perf *perf, size_t n)
{
  char safe[LINE_BYTES], number[32];

  text_safe(text, strlen(text), safe, sizeof(safe));
  for (char *p = safe; *p != '\0'; p++)
    if (*p == '|')
      *p = '/';
  fprintf(to, "%s: %s", status, safe);
  for (size_t i = 0; i < n; i++) {
    fputs(i == 0 ? " | " : " ", to);
    put_label(to, perf[i].label);
    if (!perf[i].known) {
      fputs("=U", to);
      continue;
    }
    fprintf(to, "=%s%s;%s;%s;0", nagios_number(perf[i].value_micro, number), perf[i].unit,
            perf[i].warn != NULL ? perf[i].warn : "", perf[i].critical != NULL ? perf[i].critical : "");
  }
  putc('\n', to);
}
