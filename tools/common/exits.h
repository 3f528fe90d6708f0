/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_EXITS_H
#define COMMON_EXITS_H
/* Exit codes: one table for the tools, `ha-ctl exit-codes` and the manual. Names and numbers never change. */
#include <opensips-ha/error.h>

/** name, number, what it says */
#define HA_EXIT_LIST(X)                                                                                      \
  X(OK, 0, "the goal was observed; a reading verb answered")                                                 \
  X(FAILED, 1, "nothing was changed, or all of it was undone")                                               \
  X(INCOMPLETE, 2, "the state is mixed: resume or undo it")                                                  \
  X(DEGRADED, 3, "the goal was reached, a proof stayed below its threshold")                                 \
  X(USAGE, 64, "wrong command line: unknown verb, option, node or value")                                    \
  X(UNAVAILABLE, 69, "the database or another machine does not serve")                                       \
  X(BUG, 70, "a state that must not happen; please report it")                                               \
  X(BUSY, 75, "another operation is at it; try again later")                                                 \
  X(PERMISSION, 77, "a right, grant or capability is missing")                                               \
  X(CONFIG, 78, "the cluster file or a table is not as it must be")                                          \
  X(NO_QUORUM, 106, "the database cluster or the peers have no majority")                                    \
  X(REFUSED, 107, "a gate or rule forbids it; the text names it")                                            \
  X(CANCELLED, 108, "the operator said no, or asked to stop")                                                \
  X(TIMEOUT, 124, "the deadline passed; the state is not known")

/** Verbs that judge (`probe`) answer as monitoring plugins do. */
#define HA_JUDGE_LIST(X)                                                                                     \
  X(OK, 0, "all is well")                                                                                    \
  X(WARNING, 1, "something will need attention")                                                             \
  X(CRITICAL, 2, "what was asked for does not work")                                                         \
  X(UNKNOWN, 3, "wrong command line, or it could not be found out")

#define HA_EXIT_ENUM(name, number, text)  HA_EXIT_##name = number,
#define HA_JUDGE_ENUM(name, number, text) HA_JUDGE_##name = number,
enum ha_exit { HA_EXIT_LIST(HA_EXIT_ENUM) };
enum ha_judge { HA_JUDGE_LIST(HA_JUDGE_ENUM) };
#undef HA_EXIT_ENUM
#undef HA_JUDGE_ENUM

/** What a verb does decides which exit codes it has. */
enum verb_kind { VERB_READS = 0, VERB_ACTS = 1, VERB_JUDGES = 2 };

/** "REFUSED"; "?" for a number that is none. Static text. */
const char *exit_name(enum verb_kind kind, int code);

/** The exit code of a failed library call. */
int exit_of_rc(enum verb_kind kind, enum oha_rc rc);

/** Stable id of a failed library call, such as "OHA-DB"; static text. */
const char *error_id_of_rc(enum oha_rc rc);

/** What to do about it, in general; static text, "" where there is nothing to say. */
const char *error_hint_of_rc(enum oha_rc rc);

typedef void exit_row_fn(void *arg, enum verb_kind kind, int code, const char *name, const char *text);

/** All rows: those of verbs that act or read, then (kind VERB_JUDGES) those of verbs that judge. */
void exit_each(exit_row_fn *fn, void *arg);

#endif
