/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mi_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
  if (is_digit(c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool mi_args_decode(char *word)
{
  char *to = word;

  for (const char *from = word; *from != '\0'; from++) {
    int high, low;

    if (*from != '%') {
      *to++ = *from;
      continue;
    }
    high = hex_digit(from[1]);
    low = high < 0 ? -1 : hex_digit(from[2]);
    if (low < 0 || (high == 0 && low == 0))
      return false;
    *to++ = (char)(high * 16 + low);
    from += 2;
  }
  *to = '\0';
  return true;
}

static size_t name_length(const char *word)
{
  size_t n = 0;

  while (is_letter(word[n]) || word[n] == '_' || (n > 0 && is_digit(word[n])))
    n++;
  return n;
}

bool mi_args_has_name(const char *word)
{
  size_t n = name_length(word);
  const char *mark = word + n;

  return n > 0 && (*mark == '=' || strncmp(mark, "[]=", 3) == 0 || strncmp(mark, ":=", 2) == 0);
}

void mi_args_parse(char *word, struct oha_mi_arg *arg)
{
  size_t n = name_length(word);
  char *mark = word + n;

  *arg = (struct oha_mi_arg){ .value = word, .kind = OHA_MI_ARG_TEXT };
  if (strncmp(mark, "[]=", 3) == 0)
    arg->kind = OHA_MI_ARG_ELEMENT;
  else if (strncmp(mark, ":=", 2) == 0)
    arg->kind = OHA_MI_ARG_NUMBER;
  else if (*mark != '=')
    return;
  arg->value = strchr(mark, '=') + 1;
  *mark = '\0';
  if (n > 0)
    arg->name = word;
}

char *mi_args_encode(const char *word)
{
  char *out = malloc(3 * strlen(word) + 1), *to = out;

  for (; out != NULL && *word != '\0'; word++) {
    if (is_letter(*word) || is_digit(*word) || strchr("._-:/@+=,[]", *word) != NULL)
      *to++ = *word;
    else
      to += snprintf(to, 4, "%%%02X", (unsigned char)*word);
  }
  if (out != NULL)
    *to = '\0';
  return out;
}
