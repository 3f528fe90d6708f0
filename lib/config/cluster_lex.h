/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_CLUSTER_LEX_H
#define OHA_CONFIG_CLUSTER_LEX_H
/*
 * The words of a cluster file. The syntax is the common one of braces: `key = value`, `key = { a, b }`,
 * `kind "title" { ... }`; comments by #, // and slash-star. Strings stand in either kind of quotes and end on
 * their line; a backslash in them protects the quote and itself; nothing is ever put in from outside. Pure.
 */
#include "base/span.h"
#include "config/cluster_problem.h"

enum oha_token_kind {
  OHA_TOKEN_END = 0, /* of the text; stays so */
  OHA_TOKEN_BAD,     /* reported already; the text goes on behind it */
  OHA_TOKEN_WORD,
  OHA_TOKEN_STRING,
  OHA_TOKEN_OPEN,  /* { */
  OHA_TOKEN_CLOSE, /* } */
  OHA_TOKEN_ASSIGN,
  OHA_TOKEN_COMMA
};

struct oha_token {
  enum oha_token_kind kind;
  int line;
  struct oha_span text; /* of a string: without its quotes, escapes as they stand in the file */
};

struct oha_lexer {
  struct oha_span rest;
  int line;
  struct oha_problems *problems;
};

struct oha_token oha__lex(struct oha_lexer *lx);

/* A string's text with its escapes resolved; @p out has room for text.n bytes. Gives back how many it took.
 */
size_t oha__lex_unescape(struct oha_span text, char *out);

#endif
