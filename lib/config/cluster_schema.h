/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_CLUSTER_SCHEMA_H
#define OHA_CONFIG_CLUSTER_SCHEMA_H
/* Which sections and options there are, and the shape of each: see opensips-ha.conf(5). Pure. */
#include "config/cluster_conf.h"

/*
 * Report what does not belong where it stands: unknown names (with the one that was probably meant), titles
 * missing or too many, sections given twice, lists where one value belongs. Sections that only a later
 * version uses are noted and not looked into.
 */
void oha__schema_check(const struct oha_conf_sec *root, struct oha_problems *p);

#endif
