/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_NAGIOS_H
#define COMMON_NAGIOS_H
/* What monitoring plugins print and are given: one line with performance data, and threshold ranges. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** "[@]start:end"; alerts outside of it, with @ inside; both ends belong to it. */
struct nagios_range {
  int64_t lo_micro, hi_micro; /* millionths; INT64_MIN and INT64_MAX = no end */
  bool inside;
};

/**
 * Parse "10" (0 to 10), "10:", "~:10", "10:20", "@10:20"; numbers may have a fraction of up to six digits.
 *
 * @return false: no such text, or start above end; *out untouched
 */
bool nagios_range_parse(const char *text, struct nagios_range *out);

bool nagios_range_alerts(const struct nagios_range *range, int64_t value_micro);

struct nagios_perf {
  const char *label;
  bool known; /* false: "U" */
  int64_t value_micro;
  const char *unit;            /* "", "s", "c" */
  const char *warn, *critical; /* range texts; NULL = none */
};

/**
 * "STATUS: text | 'label'=value[UOM];warn;crit;min ..." and a newline.
 *
 * @param status such as "WARNING"
 * @param text   made safe: no '|', no newline, no control bytes
 */
void nagios_line(FILE *to, const char *status, const char *text, const struct nagios_perf *perf, size_t n);

/** Millionths as a decimal number without trailing zeros: "0.00152". Gives back @p buf. */
char *nagios_number(int64_t micro, char buf[32]);

#endif
