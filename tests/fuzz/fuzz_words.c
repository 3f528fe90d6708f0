/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a line, quoted again, are the same words; and a line is as short as it looks. */
#include "ha-ctl/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct words first, second;
static char line[6 * WORDS_LINE_BYTES];

static size_t quote(const struct words *w)
{
  size_t n = 0;

  for (int i = 0; i < w->n; i++) {
    line[n++] = ' ';
    line[n++] = '\'';
    for (const char *p = w->word[i]; *p != '\0'; p++) {
      if (*p == '\'') {
        line[n++] = '\'';
        line[n++] = '\\';
        line[n++] = '\'';
      }
      line[n++] = *p;
    }
    line[n++] = '\'';
  }
  return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char problem[96];
  bool good = words_split(&first, (const char *)data, size, problem);
  size_t n, bytes = 0;

  if (good != (problem[0] == '\0') || first.n < 0 || first.n > WORDS_MAX || first.word[first.n] != NULL)
    abort();
  for (int i = 0; i < first.n; i++)
    bytes += strlen(first.word[i]) + 1;
  if (bytes > size + 1 || bytes > sizeof(first.text))
    abort();
  if (!good)
    return 0;
  n = quote(&first);
  if (n >= sizeof(second.text))
    return 0;
  if (!words_split(&second, line, n, problem) || second.n != first.n)
    abort();
  for (int i = 0; i < first.n; i++)
    if (strcmp(first.word[i], second.word[i]) != 0)
      abort();
  return 0;
}
