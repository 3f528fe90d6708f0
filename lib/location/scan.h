/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_LOCATION_SCAN_H
#define OHA_LOCATION_SCAN_H
/* One run of oha_location_each(). */
#include "location/location.h"

struct oha__scan {
  struct oha_location *location;
  struct oha_location_filter filter;
  struct oha_wall now;
  oha_binding_fn *fn;
  void *arg;
  struct oha__row_layout layout; /* set by oha__scan_select() */
  uint64_t n_rows;               /* that the server sent, expired and bad ones, too */
};

/* "SELECT ... WHERE [socket condition AND ]": one more condition must follow. */
void oha__scan_select(struct oha__scan *scan, struct oha__sql *q);

/* Run the statement and hand its bindings on. */
OHA_NODISCARD enum oha_rc oha__scan_run(struct oha__scan *scan, struct oha__sql *q, struct oha_error *err);

/* The bindings of filter.aor (lookup.c). */
OHA_NODISCARD enum oha_rc oha__lookup(struct oha__scan *scan, struct oha_error *err);

#endif
