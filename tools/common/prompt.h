/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_PROMPT_H
#define COMMON_PROMPT_H
/* Asking the operator. A typed name, not "y": a habit cannot type the name of the wrong node. */
#include <stdbool.h>

enum prompt_answer {
  PROMPT_YES = 0,   /* the word was typed */
  PROMPT_NO = 1,    /* something else, or end of input */
  PROMPT_NOBODY = 2 /* standard input is no terminal: nobody to ask */
};

/**
 * Ask on stderr for @p word to be typed; reads one line of stdin.
 *
 * @param question such as "This takes the service from sip1."
 * @param word     what must be typed, such as the node's name
 */
enum prompt_answer prompt_word(const char *question, const char *word);

#endif
