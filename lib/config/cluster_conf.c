/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cluster_conf.h"

#include "base/sbuf.h"
#include "config/cluster_lex.h"

#include <string.h>

#define DEPTH_MAX  16
#define FAULTS_MAX 50    /* then a file is hopeless */
#define PARTS_MAX  10000 /* sections, options and values: names are compared each with each */

struct parser {
  struct oha_lexer lexer;
  struct oha_token now;
  struct oha_arena *arena;
  struct oha_problems *problems;
  size_t n_parts, n_repeated;
  unsigned depth;
};

static void advance(struct parser *ps)
{
  ps->now = oha__lex(&ps->lexer);
}

/* Nothing more is read: what has been found is enough. */
static void give_up(struct parser *ps, const char *why)
{
  oha__problem_add(ps->problems, OHA_PROBLEM_ERROR, ps->now.line, "%s", why);
  ps->lexer.rest.n = 0;
  advance(ps);
}

static bool may_go_on(struct parser *ps)
{
  if (ps->now.kind == OHA_TOKEN_END || ps->arena->nomem)
    return false;
  if (ps->problems->n_errors >= FAULTS_MAX)
    give_up(ps, "too many errors; the rest of the file was not read");
  else if (++ps->n_parts > PARTS_MAX)
    give_up(ps, "this file is larger than any cluster; the rest was not read");
  return ps->now.kind != OHA_TOKEN_END;
}

static const char *token_name(const struct oha_token *t, char buf[OHA_SAFE_SIZE])
{
  return t->kind == OHA_TOKEN_END ? "the end of the file" : oha__safe(t->text, buf);
}

/* "... expected, not X"; a token that was reported already is not reported twice. */
static void unexpected(struct parser *ps, const char *expected)
{
  char shown[OHA_SAFE_SIZE];

  if (ps->now.kind != OHA_TOKEN_BAD)
    oha__problem_add(ps->problems, OHA_PROBLEM_ERROR, ps->now.line, "%s expected, not %s", expected,
                     token_name(&ps->now, shown));
}

/*
 * After a fault: to the end of @p line, over whole { } pairs, but not out of this section; from inside @p
 * open braces: behind the last of them.
 */
static void skip_statement(struct parser *ps, int line, unsigned open)
{
  while (ps->now.kind != OHA_TOKEN_END && (open > 0 || ps->now.line == line)) {
    if (ps->now.kind == OHA_TOKEN_OPEN)
      open++;
    else if (ps->now.kind == OHA_TOKEN_CLOSE && open == 0)
      return;
    else if (ps->now.kind == OHA_TOKEN_CLOSE && --open == 0)
      line = ps->now.line;
    advance(ps);
  }
}

static bool is_value(const struct oha_token *t)
{
  return t->kind == OHA_TOKEN_WORD || t->kind == OHA_TOKEN_STRING;
}

static const char *token_text(struct parser *ps)
{
  char *copy;

  if (ps->now.kind != OHA_TOKEN_STRING)
    return oha__arena_span(ps->arena, ps->now.text);
  copy = oha__arena_alloc(ps->arena, ps->now.text.n + 1, 1);
  if (copy == NULL)
    return "";
  oha__lex_unescape(ps->now.text, copy);
  return copy;
}

static struct oha_conf_value *value(struct parser *ps)
{
  struct oha_conf_value *v;

  if (!is_value(&ps->now)) {
    unexpected(ps, "a value");
    return NULL;
  }
  v = oha__arena_alloc(ps->arena, 1, sizeof(*v));
  if (v == NULL)
    return NULL;
  v->line = ps->now.line;
  v->text = token_text(ps);
  advance(ps);
  return v;
}

/* The values between braces; the opening one has been read. */
static bool list(struct parser *ps, struct oha_conf_opt *opt)
{
  struct oha_conf_value **end = &opt->values;

  opt->braces = true;
  while (ps->now.kind != OHA_TOKEN_CLOSE) {
    *end = value(ps);
    if (*end == NULL || !may_go_on(ps))
      return false;
    end = &(*end)->next;
    opt->n_values++;
    if (ps->now.kind == OHA_TOKEN_COMMA)
      advance(ps);
    else if (ps->now.kind != OHA_TOKEN_CLOSE) {
      unexpected(ps, "',' or '}'");
      return false;
    }
  }
  advance(ps);
  return true;
}

static bool option_values(struct parser *ps, struct oha_conf_opt *opt)
{
  if (ps->now.kind == OHA_TOKEN_OPEN) {
    advance(ps);
    if (list(ps, opt))
      return true;
    skip_statement(ps, ps->now.line, 1);
    return false;
  }
  if (ps->now.line != opt->line)
    oha__problem_add(ps->problems, OHA_PROBLEM_ERROR, opt->line, "a value is missing behind %s =", opt->key);
  else
    opt->values = value(ps);
  opt->n_values = 1;
  if (opt->values != NULL)
    return true;
  skip_statement(ps, opt->line, 0);
  return false;
}

/* key = ...; the key and the sign have been read. */
static void option(struct parser *ps, struct oha_conf_sec *sec, const struct oha_token *key)
{
  struct oha_conf_opt **end = &sec->opts;
  struct oha_conf_opt *opt = oha__arena_alloc(ps->arena, 1, sizeof(*opt));

  if (opt == NULL)
    return;
  opt->line = key->line;
  opt->key = oha__arena_span(ps->arena, key->text);
  if (!option_values(ps, opt))
    return;
  while (*end != NULL && strcmp((*end)->key, opt->key) != 0)
    end = &(*end)->next;
  if (*end == NULL) {
    *end = opt;
    return;
  }
  oha__problem_add(ps->problems, OHA_PROBLEM_ERROR, opt->line, "%s is set twice; first on line %d", opt->key,
                   (*end)->line);
  ps->n_repeated++;
}

static void statements(struct parser *ps, struct oha_conf_sec *sec);

/* kind "title" { ... }; all before the opening brace has been read. */
static void section(struct parser *ps, struct oha_conf_sec *parent, const struct oha_token *kind,
                    const char *title)
{
  struct oha_conf_sec **end = &parent->secs;
  struct oha_conf_sec *sec = oha__arena_alloc(ps->arena, 1, sizeof(*sec));

  if (sec == NULL)
    return;
  sec->line = kind->line;
  sec->kind = oha__arena_span(ps->arena, kind->text);
  sec->title = title;
  while (*end != NULL)
    end = &(*end)->next;
  *end = sec;
  if (ps->depth == DEPTH_MAX) {
    give_up(ps, "sections nested too deeply; the rest of the file was not read");
    return;
  }
  advance(ps);
  ps->depth++;
  statements(ps, sec);
  ps->depth--;
  if (ps->now.kind == OHA_TOKEN_CLOSE)
    advance(ps);
  else if (ps->problems->n_errors == 0)
    oha__problem_add(ps->problems, OHA_PROBLEM_ERROR, sec->line, "section %s is never closed: '}' is missing",
                     sec->kind);
}

/* A name that neither '=' nor a section's '{' follows. */
static void no_statement(struct parser *ps, const struct oha_token *name, const char *title)
{
  char shown[OHA_SAFE_SIZE], titled[OHA_SAFE_SIZE];

  if (ps->now.kind == OHA_TOKEN_BAD)
    return;
  oha__safe(name->text, shown);
  if (title == NULL)
    oha__problem_add(ps->problems, OHA_PROBLEM_ERROR, name->line, "'=' or '{' expected behind %s", shown);
  else
    oha__problem_add(ps->problems, OHA_PROBLEM_ERROR, name->line,
                     "'{' expected behind %s %s, or '=' between them", shown,
                     oha__safe(oha__span(title), titled));
}

static void statement(struct parser *ps, struct oha_conf_sec *sec)
{
  struct oha_token name = ps->now;
  const char *title = NULL;

  if (name.kind != OHA_TOKEN_WORD) {
    unexpected(ps, "the name of an option or section");
    skip_statement(ps, name.line, 0);
    return;
  }
  advance(ps);
  if (ps->now.kind == OHA_TOKEN_ASSIGN) {
    advance(ps);
    option(ps, sec, &name);
    return;
  }
  if (is_value(&ps->now) && ps->now.line == name.line) {
    title = token_text(ps);
    advance(ps);
  }
  if (ps->now.kind == OHA_TOKEN_OPEN) {
    section(ps, sec, &name, title);
    return;
  }
  no_statement(ps, &name, title);
  skip_statement(ps, name.line, 0);
}

/* Until the closing brace of the section that they are in, or the end of the file. */
static void statements(struct parser *ps, struct oha_conf_sec *sec)
{
  while (ps->now.kind != OHA_TOKEN_CLOSE && may_go_on(ps))
    statement(ps, sec);
}

struct oha_conf_sec *oha__conf_parse(const char *text, size_t n, struct oha_arena *arena,
                                     struct oha_problems *p, bool *whole)
{
  struct parser ps = { .lexer = { { text, n }, 1, p }, .arena = arena, .problems = p };
  struct oha_conf_sec *root = oha__arena_alloc(arena, 1, sizeof(*root));

  if (root == NULL)
    return NULL;
  root->line = 1;
  root->kind = "";
  advance(&ps);
  statements(&ps, root);
  while (ps.now.kind == OHA_TOKEN_CLOSE && may_go_on(&ps)) {
    oha__problem_add(p, OHA_PROBLEM_ERROR, ps.now.line, "'}' without a '{' before it");
    advance(&ps);
    statements(&ps, root);
  }
  *whole = p->n_errors == ps.n_repeated;
  return arena->nomem ? NULL : root;
}

const struct oha_conf_opt *oha__conf_opt(const struct oha_conf_sec *sec, const char *key)
{
  const struct oha_conf_opt *opt = sec->opts;

  while (opt != NULL && strcmp(opt->key, key) != 0)
    opt = opt->next;
  return opt;
}

int oha__conf_line(const struct oha_conf_sec *sec, const char *key)
{
  const struct oha_conf_opt *opt = oha__conf_opt(sec, key);

  return opt != NULL ? opt->line : sec->line;
}

const struct oha_conf_sec *oha__conf_find(const struct oha_conf_sec *from, const char *kind)
{
  while (from != NULL && strcmp(from->kind, kind) != 0)
    from = from->next;
  return from;
}

size_t oha__conf_count(const struct oha_conf_sec *sec, const char *kind)
{
  size_t n = 0;

  for (const struct oha_conf_sec *s = oha__conf_find(sec->secs, kind); s != NULL;
       s = oha__conf_find(s->next, kind))
    n++;
  return n;
}
