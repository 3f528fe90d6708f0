/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_WORDS_H
#define HA_CTL_WORDS_H
/*
 * A line typed into the shell becomes the words of a command line. Quoting is that of POSIX (XCU 2.2): '...',
 * "..." and \; # at the front of a word begins a comment. Nothing is ever expanded: $, *, ~ and ` are
 * characters like others. What would join commands or redirect them must be quoted, so that a line which
 * works here means the same in sh(1).
 */
#include <stdbool.h>
#include <stddef.h>

#define WORDS_LINE_BYTES 8192
#define WORDS_MAX        256

struct words {
  int n;
  char *word[WORDS_MAX + 1]; /* NULL behind the last; they lie in text */
  bool open;                 /* the last word ends where the line does: more of it may follow */
  bool comment;              /* the line ends in a comment */
  char text[WORDS_LINE_BYTES];
};

/**
 * @param line    borrows; one line without its end, any bytes
 * @param problem gets one sentence about what is wrong; "" otherwise
 * @return false: it cannot be run. Its words are there as far as they go, so an unfinished line can be
 * completed.
 */
bool words_split(struct words *w, const char *line, size_t n, char problem[96]);

#endif
