/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_IDENTITY_H
#define COMMON_IDENTITY_H
/*
 * Which node is this machine by its own word: one line in /etc/opensips-ha/node. A command that was meant for
 * another machine (a wrong ssh host, an address that moved) is recognised by it before anything is done.
 */
#include <stddef.h>

#define IDENTITY_SIZE 256

enum identity_answer {
  IDENTITY_IS = 0,
  IDENTITY_IS_NOT = 1,
  IDENTITY_UNKNOWN = 2 /* no file, unreadable or empty */
};

/** Path of the file: OPENSIPS_HA_NODE_FILE, or the installed default. */
const char *identity_path(void);

/**
 * Compare @p name with the file.
 *
 * @param found gets the name in the file, "" when there is none
 */
enum identity_answer identity_compare(const char *name, char found[IDENTITY_SIZE]);

#endif
