/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TZif data: whatever parses must answer for every instant, and local times must come back. */
#include <stdlib.h>

#include "base/tz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const int64_t instants[] = {
    INT64_C(-62000000000), -1, 0, 1, 1729989000, 1795332014, INT64_C(4260000000), INT64_C(250000000000),
  };
  struct oha__tz *tz;

  if (oha__tz_parse(data, size, &tz, NULL) != OHA_OK)
    return 0;
  for (size_t i = 0; i < sizeof(instants) / sizeof(instants[0]); i++) {
    struct oha__tz_span span = oha__tz_at(tz, instants[i]);
    int64_t local_s = oha__tz_local_of(tz, instants[i]);
    int64_t utc_s = oha__tz_utc_of(tz, local_s);

    /* A local time that exists comes back as itself, or as the earlier instant that showed it. */
    if (span.from_s > instants[i] || span.until_s <= instants[i] || utc_s > instants[i] ||
        oha__tz_local_of(tz, utc_s) != local_s || oha__tz_local_after(tz, instants[i]) <= local_s)
      abort();
  }
  oha__tz_free(tz);
  return 0;
}
