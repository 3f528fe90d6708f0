/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_OPENMETRICS_H
#define COMMON_OPENMETRICS_H
/*
 * Metrics as text that both OpenMetrics 1.0 and the Prometheus text format accept: gauges, one HELP and TYPE
 * for each family, samples of a family together, "# EOF" last. As a file, such as the textfile collector of
 * node_exporter reads: written beside it, synced, renamed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct openmetrics {
  FILE *to;
  const char *path; /* NULL = no file */
  char temp[4096];
};

/** Write to @p path (textfile), or with NULL to @p to. @return false: errno */
bool openmetrics_open(struct openmetrics *m, const char *path, FILE *to);

/** Start a family of gauges; @p name such as "opensips_ha_probe_seconds". */
void openmetrics_family(struct openmetrics *m, const char *name, const char *help);

/** A sample of that family. @p labels: name, value, name, value, ..., NULL; NULL = none. */
void openmetrics_sample(struct openmetrics *m, const char *name, const char *const *labels,
                        int64_t value_micro);

/** The end; the file takes its place. @return false: errno; then the file is as it was */
bool openmetrics_close(struct openmetrics *m);

#endif
