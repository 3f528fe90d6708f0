/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ha-ctl: the verb table, and what happens around every verb. */
#include "app.h"
#include "common/identity.h"
#include "common/nagios.h"
#include "common/text.h"
#include "mi_args.h"
#include "verbs.h"
#include "vip_target.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define O(id)    OPT_BIT(id)
#define COMMON   (O(HELP) | O(JSON) | O(OUTPUT) | O(QUIET) | O(VERBOSE) | O(VERSION))
#define CLUSTER  (COMMON | O(CONFIG) | O(NODE) | O(TIMEOUT))
#define MOVE     (CLUSTER | O(FROM) | O(TO) | O(ADOPT))
#define PLAN     (CLUSTER | O(DRY_RUN) | O(YES) | O(WITHOUT))
#define BINDINGS (MOVE | O(CLASS) | O(SOCKET) | O(EXPIRED) | O(LIMIT))

// clang-format off
const struct verb verbs[] = {
  { "status", "", "the cluster at a glance (also without a verb)", 0, 0,
    VERB_READS, false, CLUSTER, cmd_status },
  { "nodes", "", "the nodes, their listeners and whether they answer", 0, 0,
    VERB_READS, false, CLUSTER, cmd_nodes },
  { "locations", "", "the bindings, with their class for a move when --to is given", 0, 0,
    VERB_READS, false, BINDINGS, cmd_locations },
  { "locate", "AOR", "where one address is registered", 1, 1,
    VERB_READS, false, MOVE | O(EXPIRED), cmd_locate },
  { "sockets", "", "the sockets that the table names, and whose they are", 0, 0,
    VERB_READS, false, CLUSTER, cmd_sockets },
  { "reach", "", "who could still be called after a move to --to NODE", 0, 0,
    VERB_READS, false, MOVE | O(LIST), cmd_reach },
  { "failover", "", "move the service to --to NODE: the active is dead, or is stopped", 0, 0,
    VERB_ACTS, false, PLAN | O(FROM) | O(TO) | O(FORCE) | O(REASON) | O(RATE) | O(SPEED) | O(CLASS), cmd_failover },
  { "rewrite", "", "write sockets of --to NODE into rows that name those of --from NODE", 0, 0,
    VERB_ACTS, false, (PLAN & ~O(WITHOUT)) | O(FROM) | O(TO) | O(FORCE) | O(REASON) | O(RATE) | O(SPEED) | O(CLASS),
    cmd_rewrite },
  { "resume", "[OPERATION]", "finish an operation that was begun; the newest open one", 0, 1,
    VERB_ACTS, false, PLAN, cmd_resume },
  { "undo", "[OPERATION]", "take an operation back; the newest open one", 0, 1,
    VERB_ACTS, false, PLAN | O(ONLY), cmd_undo },
  { "history", "[OPERATION]", "what was done, newest first; or the steps of one operation", 0, 1,
    VERB_READS, false, CLUSTER | O(LIMIT), cmd_history },
  { "vip show", "[NAME|ADDRESS]...", "which machine holds which virtual address", 0, VIP_WORDS_MAX,
    VERB_READS, true, CLUSTER, cmd_vip_show },
  { "vip add", "NAME|ADDRESS[/PREFIX]...", "take addresses on this machine", 1, VIP_WORDS_MAX,
    VERB_ACTS, true, CLUSTER | O(INTERFACE) | O(DRY_RUN) | O(YES), cmd_vip_add },
  { "vip del", "NAME|ADDRESS[/PREFIX]...", "drop addresses from this machine", 1, VIP_WORDS_MAX,
    VERB_ACTS, true, CLUSTER | O(INTERFACE) | O(DRY_RUN) | O(YES), cmd_vip_del },
  { "probe", "SOCKET...", "does a SIP server answer there?", 1, 64,
    VERB_JUDGES, true, CLUSTER, cmd_probe },
  { "check", "[NODE]", "one verdict: is this node well, could it take over?", 0, 1,
    VERB_JUDGES, true,
    CLUSTER | O(LOCAL) | O(QUICK) | O(DEEP) | O(TAKEOVER) | O(AS) | O(FALL) | O(TEXTFILE) | O(WARNING) | O(CRITICAL),
    cmd_check },
  { "health", "", "all that the cluster depends on: who is alive, who reaches whom", 0, 0,
    VERB_JUDGES, false,
    CLUSTER | O(KIND) | O(PEER) | O(WATCH) | O(TEXTFILE) | O(WARNING) | O(CRITICAL), cmd_health },
  { "mi", "NODE|ADDRESS COMMAND [ARGUMENT]...", "run a management command on a SIP server", 2, 2 + MI_ARGS_MAX,
    VERB_ACTS, true, CLUSTER | O(ENCODED) | O(FORCE), cmd_mi },
  { "config check", "", "every problem of the cluster file", 0, 0,
    VERB_READS, false, CLUSTER, cmd_config_check },
  { "config show", "", "the cluster file as it was understood, defaults filled in", 0, 0,
    VERB_READS, false, CLUSTER, cmd_config_show },
  { "tables create", "", "make what is missing of our tables", 0, 0,
    VERB_ACTS, false, CLUSTER | O(PRINT) | O(YES), cmd_tables_create },
  { "shell", "", "type commands one after the other; they are completed and remembered", 0, 0,
    VERB_READS, false, O(CONFIG) | O(HELP) | O(QUIET) | O(VERSION), cmd_shell },
  { "exit-codes", "", "the exit codes and their meaning", 0, 0,
    VERB_READS, false, COMMON, cmd_exit_codes },
  { "help", "[VERB]", "the verbs, or the options of one", 0, 2,
    VERB_READS, false, COMMON, cmd_help },
  { NULL, NULL, NULL, 0, 0, VERB_READS, false, 0, NULL },
};
// clang-format on

/* The signal handler's way to the context: set for verbs that act, while they run. */
static struct oha_ctx *volatile interrupted_ctx;

static void on_signal(int signal_number)
{
  (void)signal_number;
  if (interrupted_ctx != NULL)
    oha_ctx_cancel(interrupted_ctx);
}

/*
 * A verb that acts ends at a safe point, takes its current step back and says so; neither ^C nor a reader
 * that went away may cut it short. A verb that reads just ends.
 */
static void catch_signals(struct app *app)
{
  struct sigaction action = { .sa_handler = on_signal };

  signal(SIGCHLD, SIG_DFL); /* a parent may have left it ignored: how commands end would be lost */
  if (app->verb->kind != VERB_ACTS)
    return;
  interrupted_ctx = app->ctx;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
  if (app->opt.form == OUT_TEXT) /* each line of a plan can be read when it happens */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

/* Say which verbs begin with the first word, when there are any. */
static int unknown_verb(struct app *app, const char *word, const char *second)
{
  char known[128] = "";
  size_t n = strlen(word), used = 0;

  for (const struct verb *v = verbs; v->name != NULL && used < sizeof(known); v++)
    if (strncmp(v->name, word, n) == 0 && v->name[n] == ' ')
      used +=
          (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", used > 0 ? ", " : "", v->name + n + 1);
  if (used == 0)
    return app_usage(app, "unknown verb '%s'", word);
  if (second == NULL)
    return app_usage(app, "%s: which of %s?", word, known);
  return app_usage(app, "unknown verb '%s %s'; %s has %s", word, second, word, known);
}

/* Is this the machine that --node names? Compared before anything else is read or done. */
static int check_identity(struct app *app)
{
  const char *name = app->opt.value[OPT_NODE];
  bool must = app->verb->remote || app->verb->kind == VERB_ACTS;
  char found[IDENTITY_SIZE];
  enum identity_answer answer;

  if (name == NULL)
    return 0;
  answer = identity_compare(name, found);
  if (answer == IDENTITY_IS || (answer == IDENTITY_UNKNOWN && !must))
    return 0;
  if (answer == IDENTITY_UNKNOWN)
    out_fail(&app->out, "OHA-NODE-IDENTITY", "write the node's name into that file, alone on its first line",
             "--node %s: this machine has no identity: %s is missing, empty or unreadable", name,
             identity_path());
  else
    out_fail(&app->out, "OHA-NODE-IDENTITY",
             "the command reached the wrong machine: check the remote_command",
             "--node %s: this machine is %s, says %s", name, found, identity_path());
  return HA_EXIT_REFUSED;
}

static void log_line(void *arg, enum oha_log_level level, const char *module, const char *line)
{
  static const char *const names[] = { "error", "warning", "info", "debug" };

  out_talk(arg, "%s: %s: %s", names[level], module, line);
}

static int run_verb(struct app *app)
{
  struct oha_error err = OHA_ERROR_INIT;
  int64_t verbose = app->opt.number[OPT_VERBOSE];
  struct oha_ctx_opts o = {
    .size = sizeof(o),
    .log = log_line,
    .log_arg = &app->out,
    .log_level = verbose > 1                        ? OHA_LOG_DEBUG
                 : verbose > 0                      ? OHA_LOG_INFO
                 : option_has(&app->opt, OPT_QUIET) ? OHA_LOG_ERR
                                                    : OHA_LOG_WARN,
  };
  int code = check_identity(app);

  if (code != 0)
    return code;
  if (oha_ctx_new(&o, &app->ctx, &err) != OHA_OK)
    return app_fail(app, &err);
  catch_signals(app);
  code = app->verb->run(app);
  interrupted_ctx = NULL;
  oha_cluster_free(app->cluster);
  oha_ctx_free(app->ctx);
  return code;
}

/* Find the verb and check that options and words fit it. */
static int choose_verb(struct app *app, int argc, char **argv, bool understood)
{
  static char status[] = "status";
  static char *bare[] = { status, NULL };
  enum option_id stray;
  int n_used = 0;

  if (argc == 0) {
    argv = bare;
    argc = 1;
  }
  app->verb = verb_find(verbs, argc, argv, &n_used);
  out_command(&app->out, app->verb != NULL ? app->verb->name : NULL);
  if (!understood)
    return app_usage(app, "%s", app->opt.problem);
  if (app->verb == NULL)
    return unknown_verb(app, argv[0], argc > 1 ? argv[1] : NULL);
  stray = options_stray(&app->opt, app->verb->options);
  if (stray != OPT_N)
    return app_usage(app, "%s has no option --%s", app->verb->name, option_rows[stray].name);
  if (app->opt.form > OUT_JSON && (app->verb->options & O(TEXTFILE)) == 0)
    return app_usage(app, "%s has no output form %s", app->verb->name, app->opt.value[OPT_OUTPUT]);
  app->n_words = argc - n_used;
  app->words = argv + n_used;
  if (app->n_words < app->verb->min_words)
    return app_usage(app, "%s needs %s", app->verb->name, app->verb->arguments);
  if (app->n_words > app->verb->max_words)
    return app_usage(app, "%s: '%s' is too much", app->verb->name, app->words[app->verb->max_words]);
  return 0;
}

/* --help and --version answer by themselves. @return they did */
static bool answer_help(struct app *app, int argc, char **argv)
{
  const struct verb *verb = NULL;
  int n_used;

  if (option_has(&app->opt, OPT_VERSION)) {
    fprintf(app->out.to, "ha-ctl %s (library %s)\n", OHA_VERSION, oha_version());
    return true;
  }
  if (!option_has(&app->opt, OPT_HELP))
    return false;
  if (argc > 0)
    verb = verb_find(verbs, argc, argv, &n_used);
  if (argc > 0 && verb == NULL)
    return false;
  if (verb != NULL)
    print_verb_help(app->out.to, verb);
  else
    print_help(app->out.to);
  return true;
}

/*
 * keepalived drops the VIP when its script does not leave by 0. A wrong command line, a wrong --node and our
 * own trouble are no reason to.
 */
static int for_keepalived(const struct app *app, int code)
{
  const char *as = app->opt.value[OPT_AS];

  return as != NULL && strcmp(as, "keepalived") == 0 && code != HA_JUDGE_CRITICAL ? (int)HA_JUDGE_OK : code;
}

static int finish(struct app *app, int code)
{
  enum verb_kind kind = app->verb != NULL ? app->verb->kind : VERB_READS;

  /* A poller reads standard output alone: there must be a line, also when nothing could be found out. */
  if (app->out.form == OUT_NAGIOS && app->out.n_errors > 0)
    nagios_line(app->out.to, "UNKNOWN", app->out.errors[0].text, NULL, 0);
  if (out_close(&app->out, code, exit_name(kind, code)))
    return code;
  /* What was done is done: only a whole success is no longer one when nobody could be told. */
  out_fail(&app->out, "OHA-OUTPUT", "", "the answer could not be written: %m");
  if (code != 0)
    return code;
  return kind == VERB_JUDGES ? (int)HA_JUDGE_UNKNOWN
         : kind == VERB_ACTS ? (int)HA_EXIT_DEGRADED
                             : HA_EXIT_UNAVAILABLE;
}

int command_run(int argc, char **argv, enum verb_kind *kind)
{
  struct app *app = calloc(1, sizeof(*app));
  int first, code;
  bool understood;

  *kind = VERB_READS;
  if (app == NULL) {
    fputs("ha-ctl: OHA-MEMORY: out of memory\n", stderr);
    return HA_EXIT_UNAVAILABLE;
  }
  understood = options_parse(&app->opt, argc, argv, &first);
  if (understood && (option_has(&app->opt, OPT_HELP) || option_has(&app->opt, OPT_VERSION)))
    app->opt.form = OUT_TEXT;
  out_open(&app->out, stdout, app->opt.form, "ha-ctl");
  if (understood && answer_help(app, argc - first, argv + first)) {
    code = finish(app, 0);
  } else {
    code = choose_verb(app, argc - first, argv + first, understood);
    if (code == 0)
      code = run_verb(app);
    code = for_keepalived(app, finish(app, for_keepalived(app, code)));
  }
  if (app->verb != NULL)
    *kind = app->verb->kind;
  free(app);
  return code;
}

int main(int argc, char **argv)
{
  enum verb_kind kind;

  return command_run(argc, argv, &kind);
}
