/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cluster_lex.h"

#include "base/utf8.h"

#include <string.h>

#define WORD_ENDS_BEFORE " \t\n\r#\"'{}()=+,*"

static void complain(struct oha_lexer *lx, int line, const char *what)
{
  oha__problem_add(lx->problems, OHA_PROBLEM_ERROR, line, "%s", what);
}

static void complain_byte(struct oha_lexer *lx, char byte, const char *what)
{
  oha__problem_add(lx->problems, OHA_PROBLEM_ERROR, lx->line, "byte 0x%02x %s", (unsigned char)byte, what);
}

static void eat(struct oha_lexer *lx, size_t n)
{
  for (size_t i = 0; i < n; i++)
    lx->line += lx->rest.p[i] == '\n';
  lx->rest.p += n;
  lx->rest.n -= n;
}

/* Bytes before the first '\n', or all. */
static size_t to_end_of_line(struct oha_span s)
{
  const char *nl = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;

  return nl == NULL ? s.n : (size_t)(nl - s.p);
}

static void block_comment(struct oha_lexer *lx)
{
  const char *end = memmem(lx->rest.p + 2, lx->rest.n - 2, "*/", 2);

  if (end == NULL)
    complain(lx, lx->line, "this comment is never closed: \"*/\" is missing");
  eat(lx, end == NULL ? lx->rest.n : (size_t)(end - lx->rest.p) + 2);
}

static void blanks_and_comments(struct oha_lexer *lx)
{
  while (lx->rest.n > 0) {
    char c = lx->rest.p[0];

    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
      eat(lx, 1);
    else if (c == '#' || oha__span_starts(lx->rest, "//"))
      eat(lx, to_end_of_line(lx->rest));
    else if (oha__span_starts(lx->rest, "/*"))
      block_comment(lx);
    else
      return;
  }
}

/* What is wrong at s.p[at] of a string, or NULL; *n is set to the bytes that belong together there. */
static const char *string_fault(struct oha_span s, size_t at, char quote, size_t *n)
{
  unsigned char c = (unsigned char)s.p[at];

  *n = 1;
  if (c == '\\') {
    *n = 2;
    if (at + 1 < s.n && (s.p[at + 1] == '\\' || s.p[at + 1] == quote))
      return NULL;
    return "in a string may only stand before the string's quote or another backslash";
  }
  if (c == '$' && at + 1 < s.n && s.p[at + 1] == '{')
    return "begins \"${\", which is refused: the environment has no say in a cluster file";
  if (c < 0x20 || c == 0x7f)
    return "in a string is a control character";
  *n = oha__utf8_len(s.p + at, s.n - at);
  return *n == 0 ? "in a string is not UTF-8" : NULL;
}

static struct oha_token string(struct oha_lexer *lx)
{
  char quote = lx->rest.p[0];
  struct oha_span in = { lx->rest.p + 1, lx->rest.n - 1 };
  struct oha_token t = { OHA_TOKEN_STRING, lx->line, { in.p, 0 } };

  while (t.text.n < in.n && in.p[t.text.n] != quote && in.p[t.text.n] != '\n') {
    size_t n;
    const char *fault = string_fault(in, t.text.n, quote, &n);

    if (fault != NULL) {
      complain_byte(lx, in.p[t.text.n], fault);
      t.kind = OHA_TOKEN_BAD;
      break;
    }
    t.text.n += n;
  }
  if (t.kind == OHA_TOKEN_STRING && (t.text.n == in.n || in.p[t.text.n] == '\n')) {
    complain(lx, lx->line, "this string does not end on its line");
    t.kind = OHA_TOKEN_BAD;
  }
  eat(lx, t.kind == OHA_TOKEN_BAD ? to_end_of_line(lx->rest) : t.text.n + 2);
  return t;
}

static struct oha_token word(struct oha_lexer *lx)
{
  struct oha_token t = { OHA_TOKEN_WORD, lx->line, { lx->rest.p, 0 } };

  while (t.text.n < lx->rest.n) {
    char c = lx->rest.p[t.text.n];

    if (c == '\0' || c == '\x7f' || (unsigned char)c < 0x20 || (unsigned char)c > 0x7f ||
        strchr(WORD_ENDS_BEFORE, c) != NULL)
      break;
    t.text.n++;
  }
  if (t.text.n > 0 && t.text.n < lx->rest.n && lx->rest.p[t.text.n - 1] == '$' &&
      lx->rest.p[t.text.n] == '{') {
    complain(lx, lx->line, "\"${\" is refused: the environment has no say in a cluster file");
    t.kind = OHA_TOKEN_BAD;
  } else if (t.text.n == 0) {
    complain_byte(lx, lx->rest.p[0], "has no meaning here; a value that holds it goes in quotes");
    t.kind = OHA_TOKEN_BAD;
  }
  eat(lx, t.kind == OHA_TOKEN_BAD ? to_end_of_line(lx->rest) : t.text.n);
  return t;
}

struct oha_token oha__lex(struct oha_lexer *lx)
{
  static const char marks[] = "{}=,";
  static const enum oha_token_kind kinds[] = { OHA_TOKEN_OPEN, OHA_TOKEN_CLOSE, OHA_TOKEN_ASSIGN,
                                               OHA_TOKEN_COMMA };
  struct oha_token t;
  const char *mark;

  blanks_and_comments(lx);
  t = (struct oha_token){ OHA_TOKEN_END, lx->line, { lx->rest.p, 1 } };
  if (lx->rest.n == 0) {
    t.text.n = 0;
    return t;
  }
  if (lx->rest.p[0] == '"' || lx->rest.p[0] == '\'')
    return string(lx);
  mark = memchr(marks, lx->rest.p[0], sizeof(marks) - 1);
  if (mark == NULL)
    return word(lx);
  t.kind = kinds[mark - marks];
  eat(lx, 1);
  return t;
}

size_t oha__lex_unescape(struct oha_span text, char *out)
{
  size_t n = 0;

  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '\\' && i + 1 < text.n)
      i++;
    out[n++] = text.p[i];
  }
  return n;
}
