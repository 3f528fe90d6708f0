/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "words.h"

#include <stdio.h>
#include <string.h>

struct splitter {
  struct words *w;
  const char *p, *end;
  size_t used;
  char *problem;
};

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_one_of(char c, const char *set)
{
  return c != '\0' && strchr(set, c) != NULL;
}

static bool fail(struct splitter *s, const char *text)
{
  snprintf(s->problem, 96, "%s", text);
  return false;
}

static bool fail_at(struct splitter *s, char c)
{
  snprintf(s->problem, 96, "'%c' does nothing here: quote it if it belongs to a word", c);
  return false;
}

/* There is room for all: a word takes at most its own bytes, and its NUL the place of what ends it. */
static void put(struct splitter *s, char c)
{
  s->w->text[s->used++] = c;
}

/* Behind the opening quote. In "..." a backslash is one only before these (XCU 2.2.3). */
static bool take_quoted(struct splitter *s, char quote)
{
  for (; s->p < s->end; s->p++) {
    if (*s->p == quote) {
      s->p++;
      return true;
    }
    if (quote == '"' && *s->p == '\\' && s->p + 1 < s->end && is_one_of(s->p[1], "$`\"\\"))
      s->p++;
    put(s, *s->p);
  }
  return fail(s, quote == '"' ? "the quote \" is not closed" : "the quote ' is not closed");
}

static bool take_word(struct splitter *s)
{
  while (s->p < s->end && !is_blank(*s->p)) {
    char c = *s->p;

    if (is_one_of(c, "|&;<>()"))
      return fail_at(s, c);
    s->p++;
    if (c == '\'' || c == '"') {
      if (!take_quoted(s, c))
        return false;
    } else if (c == '\\') {
      if (s->p == s->end)
        return fail(s, "nothing follows the last backslash");
      put(s, *s->p++);
    } else {
      put(s, c);
    }
  }
  return true;
}

bool words_split(struct words *w, const char *line, size_t n, char problem[96])
{
  struct splitter s = { .w = w, .p = line, .end = line + n, .problem = problem };
  bool good = true;

  w->n = 0;
  w->word[0] = NULL;
  w->open = w->comment = false;
  problem[0] = '\0';
  if (n >= sizeof(w->text))
    return fail(&s, "the line is too long");
  if (memchr(line, '\0', n) != NULL)
    return fail(&s, "the line has a NUL byte");
  while (good) {
    while (s.p < s.end && is_blank(*s.p))
      s.p++;
    if (s.p == s.end)
      break;
    if (*s.p == '#') {
      w->comment = true;
      break;
    }
    if (w->n == WORDS_MAX)
      return fail(&s, "the line has too many words");
    w->word[w->n++] = w->text + s.used;
    w->word[w->n] = NULL;
    good = take_word(&s);
    w->open = s.p == s.end;
    put(&s, '\0');
  }
  return good;
}
