/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shell: one command line after the other. On a terminal lines are edited, completed and remembered by
 * readline or libedit (--with-shell); from anything else, and without either, they are just read.
 */
#include "complete.h"
#include "shell_child.h"
#include "shell_history.h"
#include "verbs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(OHA_SHELL_READLINE)
#  include <readline/history.h>
#  include <readline/readline.h>
#  define OHA_SHELL_EDITS 1
#elif defined(OHA_SHELL_EDITLINE)
#  include <editline/readline.h>
#  define OHA_SHELL_EDITS 1
#endif

#define PROMPT "ha-ctl> "

enum input { INPUT_LINE = 0, INPUT_INTERRUPTED = 1, INPUT_END = 2, INPUT_FAILED = 3 };

struct shell {
  struct app *app;
  bool is_interactive;
  int code; /* of the last command that failed; 0 = none did */
  char history[4096];
  char line[WORDS_LINE_BYTES + 1]; /* full = it is too long */
};

#ifdef OHA_SHELL_EDITS
static const char *const own_commands[] = { "exit", "quit", NULL };

/* What readline's callbacks have no argument for. */
static struct {
  struct oha_ctx *ctx; /* logs nothing: there is a line being edited */
  char *line;          /* taken from readline; NULL with is_done = end of input */
  bool is_done;
  char **match;
  size_t n_matches, room;
  size_t n_prefix; /* bytes of the text in front of the part that is completed */
  const char *text;
} edit;

static void add_match(void *arg, const char *candidate)
{
  size_t size = edit.n_prefix + strlen(candidate) + 1;
  char *match;

  (void)arg;
  if (edit.n_matches + 1 >= edit.room || (match = malloc(size)) == NULL)
    return;
  memcpy(match, edit.text, edit.n_prefix);
  memcpy(match + edit.n_prefix, candidate, size - edit.n_prefix);
  edit.match[edit.n_matches++] = match;
}

/* The cluster file may change while the shell runs, so it is read for each question. */
static struct oha_cluster *names(const struct complete_point *at)
{
  const char *path = at->config != NULL ? at->config : getenv("OPENSIPS_HA_CONFIG");
  struct oha_cluster *k = NULL;

  if (edit.ctx == NULL ||
      oha_cluster_load(edit.ctx, path != NULL && *path != '\0' ? path : NULL, NULL, NULL, &k, NULL) != OHA_OK)
    return NULL;
  return k;
}

/* readline wants one match after the other; they are gathered when it asks for the first. */
static char *next_match(const char *text, int state)
{
  static size_t next;

  (void)text;
  if (state == 0)
    next = 0;
  return next < edit.n_matches ? edit.match[next++] : NULL;
}

static char **complete(const char *text, int start, int end)
{
  static struct words words;
  char *room[256], problem[96];
  struct complete_point at;
  struct oha_cluster *k;
  enum complete_kind kind;
  char **found = NULL;
  size_t n = strlen(text);

  (void)start;
  rl_attempted_completion_over = 1; /* no file names, except where one is wanted */
  (void)words_split(&words, rl_line_buffer, (size_t)end, problem);
  if (words.comment)
    return NULL;
  complete_look(&words, verbs, &at);
  edit.text = text;
  edit.n_prefix = n > strlen(at.part) ? n - strlen(at.part) : 0;
  edit.match = room;
  edit.room = sizeof(room) / sizeof(room[0]);
  edit.n_matches = 0;
  k = names(&at);
  kind = complete_each(&at, verbs, k, own_commands, add_match, NULL);
  oha_cluster_free(k);
  if (kind == COMPLETE_FILE)
    rl_attempted_completion_over = 0;
  else if (edit.n_matches > 0)
    found = rl_completion_matches(text, next_match);
  rl_completion_suppress_append = kind == COMPLETE_LIST;
  edit.match = NULL;
  return found;
}

static void take_line(char *line)
{
  edit.line = line;
  edit.is_done = true;
  rl_callback_handler_remove();
}

static void remember(void *arg, const char *line)
{
  (void)arg;
  add_history(line);
}

static void edit_begin(struct shell *shell)
{
  static char breaks[] = " \t\n,=";
  struct oha_ctx_opts o = { .size = sizeof(o) };

  if (!shell->is_interactive)
    return;
  if (oha_ctx_new(&o, &edit.ctx, NULL) != OHA_OK)
    edit.ctx = NULL;
  rl_readline_name = "ha-ctl";
  rl_instream = stdin;
  rl_outstream = stderr; /* standard output is for answers */
  rl_catch_signals = 0;
  rl_initialize();
  rl_attempted_completion_function = complete;
  rl_completer_word_break_characters = breaks;
  rl_completer_quote_characters = "'\"";
#  ifdef OHA_SHELL_READLINE
  rl_completion_query_items = -1; /* a question would wait for a key where no signal comes through */
  rl_variable_bind("page-completions", "off");
#  endif
  using_history();
  stifle_history(SHELL_HISTORY_LINES);
  if (shell_history_path(getenv("HOME"), shell->history, sizeof(shell->history)) > 0)
    shell_history_read(shell->history, remember, NULL);
}

static void edit_end(void)
{
  oha_ctx_free(edit.ctx);
  edit.ctx = NULL;
}

static void edit_give_up(void)
{
  rl_free_line_state();
#  ifdef OHA_SHELL_READLINE
  rl_callback_sigcleanup();
#  endif
  rl_cleanup_after_signal();
  rl_callback_handler_remove();
}

static enum input edit_line(struct shell *shell, size_t *n)
{
  edit.is_done = false;
  edit.line = NULL;
  rl_callback_handler_install(PROMPT, take_line);
  while (!edit.is_done) {
    if (shell_wait_input()) {
      rl_callback_read_char();
    } else if (shell_must_end()) {
      edit_give_up();
      return INPUT_END;
    } else if (shell_was_interrupted()) {
      edit_give_up();
      fputs("^C\n", stderr);
      return INPUT_INTERRUPTED;
    }
  }
  if (edit.line == NULL) {
    fputc('\n', stderr);
    return INPUT_END;
  }
  *n = strlen(edit.line);
  if (*n > sizeof(shell->line))
    *n = sizeof(shell->line);
  memcpy(shell->line, edit.line, *n);
  free(edit.line);
  return INPUT_LINE;
}

/* A line that begins with a blank is not kept, nor is one that was just there. */
static void keep_line(struct shell *shell, const char *line)
{
  static char before[WORDS_LINE_BYTES + 1];

  if (!shell->is_interactive || *line == '\0' || *line == ' ' || strcmp(line, before) == 0)
    return;
  snprintf(before, sizeof(before), "%s", line);
  add_history(line);
  shell_history_add(shell->history, line);
}
#endif

/* Bytes up to the end of the line, no further: a command may want what follows. */
static enum input read_line(struct shell *shell, size_t *n)
{
  *n = 0;
  for (;;) {
    ssize_t got;
    char c;

    if (!shell_wait_input()) {
      if (shell_must_end())
        return INPUT_END;
      if (shell_was_interrupted())
        return INPUT_INTERRUPTED;
      continue;
    }
    got = read(STDIN_FILENO, &c, 1);
    if (got < 0)
      return INPUT_FAILED;
    if (got == 0)
      return *n > 0 ? INPUT_LINE : INPUT_END;
    if (c == '\n')
      return INPUT_LINE;
    if (*n < sizeof(shell->line))
      shell->line[(*n)++] = c;
  }
}

static enum input next_line(struct shell *shell, size_t *n)
{
  enum input got;

#ifdef OHA_SHELL_EDITS
  if (shell->is_interactive)
    return edit_line(shell, n);
#endif
  if (shell->is_interactive)
    fputs(PROMPT, stderr);
  got = read_line(shell, n);
  if (shell->is_interactive && (got == INPUT_INTERRUPTED || got == INPUT_END))
    fputc('\n', stderr);
  return got;
}

/* @return false: this was the last line */
static bool run_words(struct shell *shell, struct words *w)
{
  static char name[] = "ha-ctl";
  char *argv[WORDS_MAX + 2];
  int skip = strcmp(w->word[0], name) == 0 ? 1 : 0; /* pasted from a manual */
  int argc = w->n - skip + 1, code;

  if (argc == 2 && (strcmp(w->word[skip], "exit") == 0 || strcmp(w->word[skip], "quit") == 0))
    return false;
  argv[0] = name;
  memcpy(argv + 1, w->word + skip, (size_t)argc * sizeof(argv[0]));
  code = shell_child_run(argc, argv);
  if (code != 0)
    shell->code = code;
  return !shell_must_end();
}

static bool run_line(struct shell *shell, const char *line, size_t n)
{
  static struct words words;
  char problem[96];

  if (!words_split(&words, line, n, problem)) {
    fprintf(stderr, "ha-ctl: OHA-USAGE: %s\nha-ctl: exit code %d %s\n", problem, HA_EXIT_USAGE,
            exit_name(VERB_READS, HA_EXIT_USAGE));
    shell->code = HA_EXIT_USAGE;
    return true;
  }
  return words.n == 0 || run_words(shell, &words);
}

/* What was pasted may be several lines. */
static bool run_lines(struct shell *shell, char *line, size_t n)
{
  for (char *end = line + n; line <= end;) {
    char *next = memchr(line, '\n', (size_t)(end - line));
    size_t len = (size_t)((next != NULL ? next : end) - line);

#ifdef OHA_SHELL_EDITS
    if (len < WORDS_LINE_BYTES) {
      line[len] = '\0';
      keep_line(shell, line);
    }
#endif
    if (!run_line(shell, line, len))
      return false;
    line += len + 1;
  }
  return true;
}

static enum input run_all(struct shell *shell)
{
  enum input got;
  size_t n;

  do {
    got = next_line(shell, &n);
    if (got == INPUT_LINE && !run_lines(shell, shell->line, n))
      return INPUT_END;
    /* On a terminal ^C ends the line or the command; in a script, the script. */
    if ((shell_was_interrupted() || got == INPUT_INTERRUPTED) && !shell->is_interactive) {
      if (shell->code == 0)
        shell->code = 128 + SIGINT;
      return INPUT_END;
    }
  } while (got != INPUT_END && got != INPUT_FAILED);
  return got;
}

int cmd_shell(struct app *app)
{
  static struct shell shell;
  enum input end;

  if (shell_is_child())
    return app_usage(app, "this is a shell already");
  if (option_has(&app->opt, OPT_CONFIG) && setenv("OPENSIPS_HA_CONFIG", app->opt.value[OPT_CONFIG], 1) != 0) {
    out_fail(&app->out, "OHA-MEMORY", "", "--config: %s", strerrordesc_np(errno));
    return HA_EXIT_UNAVAILABLE;
  }
  shell.app = app;
  shell.is_interactive = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
  if (shell.is_interactive && !option_has(&app->opt, OPT_QUIET))
    fprintf(stderr, "ha-ctl %s. `help` lists the verbs, `help VERB` one's options; ^D leaves.\n",
            OHA_VERSION);
  shell_signals_begin(shell.is_interactive);
#ifdef OHA_SHELL_EDITS
  edit_begin(&shell);
#endif
  end = run_all(&shell);
#ifdef OHA_SHELL_EDITS
  edit_end();
#endif
  shell_signals_end();
  if (end == INPUT_FAILED) {
    out_fail(&app->out, "OHA-IO", "", "standard input: %s", strerrordesc_np(errno));
    return HA_EXIT_UNAVAILABLE;
  }
  return shell.is_interactive ? HA_EXIT_OK : shell.code;
}
