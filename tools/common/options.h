/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H
/*
 * One table of options: it feeds getopt_long(3), the help texts and the test of the manual. Each verb says
 * which of them it accepts. A name or letter means the same in every verb.
 */
#include "out.h"

#include <stdbool.h>
#include <stdint.h>

// clang-format off
/** id, long name, letter (0 = none), argument, what it does. Arguments: DUR and N are checked, a|b is a choice. */
#define OPTION_LIST(FLAG, ARG)                                                                               \
  FLAG(ADOPT, "adopt", 0, "as if the target took over the adoptable addresses of the other node")            \
  ARG(AS, "as", 0, "keepalived|cron", "answer as this caller needs it")                                      \
  ARG(CLASS, "class", 0, "CLASS,...", "only bindings of these reachability classes")                         \
  ARG(CONFIG, "config", 'c', "FILE", "read this cluster file")                                               \
  ARG(CRITICAL, "critical", 0, "RANGE", "critical when the slowest answer, in seconds, is outside")          \
  ARG(DEEP, "deep", 0, "AOR", "register this test address of record, look it up, remove it")                 \
  FLAG(DRY_RUN, "dry-run", 'n', "show what would be done, change nothing")                                   \
  FLAG(ENCODED, "encoded", 0, "the command's arguments are percent-encoded")                                 \
  FLAG(EXPIRED, "expired", 0, "bindings that have run out, too")                                             \
  ARG(FALL, "fall", 0, "N", "failures in a row before keepalived is told")                                   \
  ARG(FORCE, "force", 0, "GATE,...", "override these gates, by name")                                        \
  ARG(FROM, "from", 0, "NODE", "the node that gives up the service")                                         \
  FLAG(HELP, "help", 'h', "show this help")                                                                  \
  ARG(INTERFACE, "interface", 0, "IF", "the network interface of the address")                               \
  FLAG(JSON, "json", 'j', "answer as one JSON object (--output json)")                                       \
  ARG(KIND, "kind", 0, "node|vip|witness|carrier|database|matrix", "only this kind")                         \
  ARG(LIMIT, "limit", 0, "N", "at most so many; 0 = all")                                                    \
  ARG(LIST, "list", 0, "CLASS,...", "list the bindings of these reachability classes")                       \
  FLAG(LOCAL, "local", 0, "this machine")                                                                    \
  ARG(NODE, "node", 0, "NAME", "this machine is node NAME: refused if its identity file says otherwise")     \
  ARG(ONLY, "only", 0, "adopt", "only this part")                                                            \
  ARG(OUTPUT, "output", 0, "text|json|nagios|openmetrics", "form of the answer")                             \
  ARG(PEER, "peer", 0, "NAME", "only peers of this name")                                                    \
  FLAG(PRINT, "print", 0, "print the statements, run none")                                                  \
  FLAG(QUICK, "quick", 0, "addresses and SIP only, no database")                                             \
  FLAG(QUIET, "quiet", 'q', "errors only on standard error")                                                 \
  ARG(RATE, "rate", 0, "N", "rows per second at most")                                                       \
  ARG(REASON, "reason", 0, "TEXT", "why, for the journal")                                                   \
  ARG(SOCKET, "socket", 0, "SOCKET", "only bindings with exactly this stored socket")                        \
  ARG(SPEED, "speed", 0, "full|paced", "whether the rewrite makes room for the registrars")                  \
  FLAG(TAKEOVER, "takeover", 0, "could this machine take over now?")                                         \
  ARG(TEXTFILE, "textfile", 0, "FILE", "write metrics to this file, replaced at once")                       \
  ARG(TIMEOUT, "timeout", 'T', "DUR", "limit of each exchange with a peer or database, such as 250ms")       \
  ARG(TO, "to", 0, "NODE", "the node that takes over the service")                                           \
  FLAG(VERBOSE, "verbose", 'v', "more columns, and what the library logs; twice for more")                   \
  FLAG(VERSION, "version", 'V', "show the version")                                                          \
  ARG(WARNING, "warning", 0, "RANGE", "a warning when the slowest answer, in seconds, is outside")           \
  FLAG(WATCH, "watch", 0, "go on, and say what changes")                                                     \
  ARG(WITHOUT, "without", 0, "database", "do without it: local lock and log")                                \
  FLAG(YES, "yes", 'y', "do not ask; overrides no gate")
// clang-format on

#define OPTION_ID_FLAG(id, name, letter, text)     OPT_##id,
#define OPTION_ID_ARG(id, name, letter, arg, text) OPT_##id,
enum option_id { OPTION_LIST(OPTION_ID_FLAG, OPTION_ID_ARG) OPT_N };
#undef OPTION_ID_FLAG
#undef OPTION_ID_ARG

#define OPT_BIT(id) (UINT64_C(1) << OPT_##id)

struct option_row {
  const char *name;
  char letter;
  const char *argument; /* NULL = a flag */
  const char *text;
};

extern const struct option_row option_rows[OPT_N];

struct options {
  uint64_t given; /* bits of OPT_BIT() */
  const char *value[OPT_N];
  int64_t number[OPT_N]; /* DUR in microseconds, N; flags: how often */
  enum out_form form;
  char problem[256]; /* "" or the first thing wrong with the command line */
};

/**
 * Read the command line, options and words in any order, until "--". Abbreviated names are wrong: they would
 * change their meaning with the next release.
 *
 * @param argv permuted: the words are argv[*first] and on
 * @return false: see problem; the form is right nevertheless
 */
bool options_parse(struct options *o, int argc, char **argv, int *first);

static inline bool option_has(const struct options *o, enum option_id id)
{
  return (o->given >> id & 1) != 0;
}

/** The first option that was given and is not among @p accepted; OPT_N = none. */
enum option_id options_stray(const struct options *o, uint64_t accepted);

/** One line of help for each option of @p accepted. */
void options_help(FILE *to, uint64_t accepted);

#endif
