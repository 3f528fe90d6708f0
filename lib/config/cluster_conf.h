/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_CLUSTER_CONF_H
#define OHA_CONFIG_CLUSTER_CONF_H
/*
 * A cluster file as a tree of sections and options, each with its line; what they mean is no matter here.
 * Pure.
 *
 *   file    = { option | section }
 *   option  = WORD "=" ( value | "{" [ value { "," value } [ "," ] ] "}" )
 *   section = WORD [ value ] "{" { option | section } "}"
 *   value   = WORD | STRING
 *
 * A title and a value outside braces stand on the line of their name; otherwise lines do not matter.
 */
#include "config/arena.h"
#include "config/cluster_problem.h"

struct oha_conf_value {
  struct oha_conf_value *next;
  int line;
  const char *text;
};

struct oha_conf_opt {
  struct oha_conf_opt *next;
  int line;
  const char *key;
  bool braces;
  struct oha_conf_value *values;
  size_t n_values;
};

struct oha_conf_sec {
  struct oha_conf_sec *next;
  int line;
  const char *kind;  /* "" for the file itself */
  const char *title; /* NULL = none */
  struct oha_conf_opt *opts;
  struct oha_conf_sec *secs;
};

/*
 * Parse the text of a file. Faults become problems; a statement that holds one is left out, and of an option
 * that is set twice the second.
 *
 * @param arena holds the tree
 * @param p     without errors so far
 * @param whole set to: the tree has all that is in the file, besides options set twice
 * @return the outermost section, NULL when out of memory (arena->nomem says so)
 */
struct oha_conf_sec *oha__conf_parse(const char *text, size_t n, struct oha_arena *arena,
                                     struct oha_problems *p, bool *whole);

/* The option of that name, or NULL. */
const struct oha_conf_opt *oha__conf_opt(const struct oha_conf_sec *sec, const char *key);

/* The line of that option, else of the section. */
int oha__conf_line(const struct oha_conf_sec *sec, const char *key);

/* The first section of that kind at or behind @p from (a section, or NULL), which is a `secs` or a `next`. */
const struct oha_conf_sec *oha__conf_find(const struct oha_conf_sec *from, const char *kind);
size_t oha__conf_count(const struct oha_conf_sec *sec, const char *kind);

#endif
