/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "prompt.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum prompt_answer prompt_word(const char *question, const char *word)
{
  char line[256];

  if (isatty(STDIN_FILENO) != 1)
    return PROMPT_NOBODY;
  fprintf(stderr, "%s\nType %s to go on: ", question, word);
  fflush(stderr);
  if (fgets(line, sizeof(line), stdin) == NULL)
    return PROMPT_NO;
  line[strcspn(line, "\r\n")] = '\0';
  return strcmp(line, word) == 0 ? PROMPT_YES : PROMPT_NO;
}
