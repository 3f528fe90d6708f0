/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_SHELL_HISTORY_H
#define HA_CTL_SHELL_HISTORY_H
/*
 * Lines typed into the shell, kept in .ha-ctl_history of the home directory: mode 0600, the newest lines
 * only. It is a convenience: where the file cannot be read or written there is no history, and no complaint.
 */
#include <stddef.h>

#define SHELL_HISTORY_LINES 500
#define SHELL_HISTORY_BYTES ((size_t)256 * 1024)

/**
 * @param home borrows; NULL, not absolute or not ours = there is no history
 * @return bytes of the path, "" and 0 when there is none
 */
size_t shell_history_path(const char *home, char *path, size_t size);

typedef void shell_history_fn(void *arg, const char *line);

/** Each line, oldest first. A file that has grown too long is cut to its newest lines. */
void shell_history_read(const char *path, shell_history_fn *fn, void *arg);

/** Add a line; "" as @p path does nothing. */
void shell_history_add(const char *path, const char *line);

#endif
