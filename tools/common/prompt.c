/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "prompt.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * Ask, and wait for a line. A signal that arrives as soon as the question can be seen is an answer, too: it
 * is let in only while ppoll(2) waits. @return false: it came
 */
static bool ask(const char *question, const char *word)
{
  struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
  sigset_t signals, before;
  int got;

  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &signals, &before);
  fprintf(stderr, "%s\nType %s to go on: ", question, word);
  fflush(stderr);
  got = ppoll(&input, 1, NULL, &before);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return got > 0;
}

enum prompt_answer prompt_word(const char *question, const char *word)
{
  char line[256];

  if (isatty(STDIN_FILENO) != 1)
    return PROMPT_NOBODY;
  if (!ask(question, word) || fgets(line, sizeof(line), stdin) == NULL)
    return PROMPT_NO;
  line[strcspn(line, "\r\n")] = '\0';
  return strcmp(line, word) == 0 ? PROMPT_YES : PROMPT_NO;
}
