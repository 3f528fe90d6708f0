/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_COMPLETE_H
#define HA_CTL_COMPLETE_H
/* What may come next on an unfinished command line. Pure: a line, tables and names in, candidates out. */
#include "app.h"
#include "words.h"

/** What the last word is, as far as it is typed. */
struct complete_point {
  const struct verb *verb; /* NULL = none is complete yet */
  int n_words;             /* before the last, and behind the verb if there is one */
  const char *word;        /* the first of them; NULL = there is none */
  enum option_id value_of; /* the last word is this option's value; OPT_N = it is not */
  bool only_words;         /* behind -- */
  uint64_t given;          /* options on the line already */
  const char *config;      /* value of --config; NULL = not given */
  const char *part;        /* what is to be completed: the last word, or what follows its last = or , */
};

enum complete_kind {
  COMPLETE_WORD = 0, /* a candidate is a whole word */
  COMPLETE_LIST = 1, /* a comma and more may follow it */
  COMPLETE_FILE = 2  /* the name of a file: no candidates from here */
};

/**
 * Look where a line ends.
 *
 * @param line     lends its words to @p at; the line up to the cursor, as words_split() left it
 * @param table    the verbs
 * @param at       set
 */
void complete_look(const struct words *line, const struct verb *table, struct complete_point *at);

typedef void complete_fn(void *arg, const char *candidate);

/**
 * @p fn is called for each candidate that begins with the part typed.
 *
 * @param k        where names come from; NULL = there are none
 * @param commands NULL-terminated: what the shell understands besides the verbs
 */
enum complete_kind complete_each(const struct complete_point *at, const struct verb *table,
                                 const struct oha_cluster *k, const char *const *commands, complete_fn *fn,
                                 void *arg);

#endif
