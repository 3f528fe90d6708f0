/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_SHELL_CHILD_H
#define HA_CTL_SHELL_CHILD_H
/*
 * The shell's signals, and the process in which each command line runs: a verb finds there what it finds when
 * it is started from a command line, and leaves nothing behind for the next one.
 */
#include <stdbool.h>

/** Catch what would end the shell. */
void shell_signals_begin(bool is_interactive);

/** As it was before; when a signal asked the shell to end, it ends here, by that signal. */
void shell_signals_end(void);

/** Was there a ^C since the last time? */
bool shell_was_interrupted(void);

/** Did a signal ask the shell to end? */
bool shell_must_end(void);

/**
 * Wait until standard input can be read. Signals arrive only here and while a command runs.
 *
 * @return false: a signal came first
 */
bool shell_wait_input(void);

/**
 * Run one command line and wait for it. A code other than 0 is said on stderr.
 *
 * @return its exit code; 128 and the number of the signal that ended it
 */
int shell_child_run(int argc, char **argv);

/** Is this process such a command? */
bool shell_is_child(void);

#endif
