/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_APP_H
#define HA_CTL_APP_H
/* What every verb is handed, and the few things that most verbs do first. */
#include "common/options.h"
#include "common/out.h"

#include <opensips-ha/cluster.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/db.h>
#include <opensips-ha/error.h>
#include <opensips-ha/journal.h>
#include <opensips-ha/session.h>

struct app;

struct verb {
  const char *name;      /* one word or two: "vip show" */
  const char *arguments; /* "" or such as "AOR" */
  const char *text;      /* one line of help */
  int min_words, max_words;
  enum verb_kind kind;
  bool remote; /* run by other machines: with --node, the identity file must be there and agree */
  uint64_t options;
  int (*run)(struct app *app);
};

struct app {
  struct options opt;
  struct out out;
  const struct verb *verb;
  int n_words; /* arguments behind the verb */
  char **words;
  struct oha_ctx *ctx;
  struct oha_cluster *cluster; /* by app_cluster() */
  const struct oha_node *self; /* this machine's node; NULL = it is none */
};

/** All verbs, in the order of the help; ends with name NULL. */
extern const struct verb verbs[];

/**
 * The verb whose words stand at the front of the line.
 *
 * @param table  such as verbs
 * @param argc   at least 1
 * @param n_used set to the number of its words when there is one
 * @return NULL: none does
 */
const struct verb *verb_find(const struct verb *table, int argc, char *const *argv, int *n_used);

/**
 * Run one command line. Standard output is closed at its end: one line for each process.
 *
 * @param argv its words behind argv[0], which is not looked at; permuted
 * @param kind set to that of its verb; VERB_READS when none was understood
 * @return the exit code
 */
int command_run(int argc, char **argv, enum verb_kind *kind);

/** What people get for `ha-ctl --help` and `ha-ctl help VERB`. */
void print_help(FILE *to);
void print_verb_help(FILE *to, const struct verb *verb);

/** Report a failed library call. @return the exit code */
int app_fail(struct app *app, const struct oha_error *err);

/** The same with an id and a hint that say more than the code; NULL = those of the code. */
int app_fail_as(struct app *app, const char *id, const char *hint, const struct oha_error *err);

/** Report a wrong command line. @return the exit code */
int app_usage(struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Path of the cluster file: --config, OPENSIPS_HA_CONFIG, or NULL for the installed default. */
const char *app_config_path(const struct app *app);

/** Load the cluster file and find this machine in it. @return 0, or the exit code of the failure, reported */
int app_cluster(struct app *app);

/** The node of that name, reported as a wrong command line when there is none (*out NULL). */
int app_node(struct app *app, enum option_id option, const struct oha_node **out);

/** --timeout, or @p otherwise_us. */
int64_t app_timeout_us(const struct app *app, int64_t otherwise_us);

/** How the command line and the environment want handles to be opened. */
struct oha_session_opts app_session(const struct app *app, enum oha_db_need need);

/**
 * Open the journal with the database, or, where that is away or has no tables of ours, the local log alone
 * (said on stderr and by the answer's `local_only`).
 *
 * @param db      gives; NULL when it is away
 * @param journal gives
 * @return 0, or the exit code of the failure, reported
 */
int app_journal(struct app *app, struct oha_db **db, struct oha_journal **journal);

#endif
