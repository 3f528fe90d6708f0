/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_REPORT_H
#define HA_CTL_REPORT_H
/* What a verb that judges has found and measured, and how that is said in each form. */
#include "app.h"

#include <opensips-ha/peer.h>

#define REPORT_FINDINGS 48
#define REPORT_METRICS  1200

struct report_finding {
  enum oha_health level;
  bool local; /* a fault of this machine, which moving the service away from it would mend */
  const char *id;
  char text[448];
  const char *hint;
};

/** Families of metrics; see report.c for their names. */
enum report_family {
  REPORT_PROBE = 0,
  REPORT_DB_WRITE,
  REPORT_REACHABLE,
  REPORT_VIP_HERE,
  REPORT_N_FAMILIES
};

struct report_metric {
  enum report_family family;
  char label[96]; /* of performance data, unique */
  char subject[96];
  bool known;
  int64_t value_micro; /* seconds and counts, in millionths */
};

struct report {
  enum oha_health level; /* the worst of all */
  bool local_critical;
  size_t n_findings, n_metrics; /* also those that there was no room for */
  struct report_finding findings[REPORT_FINDINGS];
  struct report_metric metrics[REPORT_METRICS];
  char good[160]; /* what to say when nothing is wrong */
  char who[96];   /* whom it is about: a node, or the cluster */
};

void report_find(struct report *r, enum oha_health level, bool local, const char *id, const char *hint,
                 const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/** A finding of the library; @p local as in report_find(). */
void report_take(struct report *r, const struct oha_finding *finding, bool local);

/** Something measured. @p kind stands before the subject in performance data. */
void report_measure(struct report *r, enum report_family family, const char *kind, const char *subject,
                    bool known, int64_t value_micro);

/** "CRITICAL OHA-SIP-DEAD: ..." of the worst finding, and how many more there are; or what is good. */
void report_line(const struct report *r, char *buf, size_t size);

/** Judge by --warning and --critical: the slowest answer in seconds. @return 0, or the exit code, reported */
int report_ranges(struct app *app, struct report *r);

/** In the forms for monitoring: say it all. @return false: another form, or it could not be written */
bool report_monitor(struct app *app, const struct report *r);

/** Text and JSON: the array `findings`. */
void report_findings(struct app *app, const struct report *r);

#endif
