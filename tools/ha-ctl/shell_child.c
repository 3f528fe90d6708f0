/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell_child.h"
#include "app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const int caught[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
#define N_CAUGHT (sizeof(caught) / sizeof(caught[0]))

static struct sigaction action_before[N_CAUGHT];
static sigset_t mask_before;
static volatile sig_atomic_t interrupted, end_by;
static volatile pid_t child; /* 0 = none */
static bool is_child;

static void on_signal(int number)
{
  int saved = errno;

  if (number == SIGINT) {
    interrupted = 1;
  } else {
    end_by = number;
    if (child > 0) /* a terminal tells all its processes; kill(1) told only this one */
      kill(child, number);
  }
  errno = saved;
}

void shell_signals_begin(bool is_interactive)
{
  struct sigaction action = { .sa_handler = on_signal };
  sigset_t set;

  sigemptyset(&set);
  for (size_t i = 0; i < N_CAUGHT; i++) {
    sigaction(caught[i], NULL, &action_before[i]);
    if (action_before[i].sa_handler == SIG_IGN || (caught[i] == SIGQUIT && !is_interactive))
      continue; /* as nohup(1) wants it */
    action.sa_handler = caught[i] == SIGQUIT ? SIG_IGN : on_signal;
    sigaction(caught[i], &action, NULL);
    if (caught[i] != SIGQUIT)
      sigaddset(&set, caught[i]);
  }
  sigprocmask(SIG_BLOCK, &set, &mask_before);
}

static void put_signals_back(void)
{
  for (size_t i = 0; i < N_CAUGHT; i++)
    sigaction(caught[i], &action_before[i], NULL);
  sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

void shell_signals_end(void)
{
  sigprocmask(SIG_SETMASK, &mask_before, NULL); /* a late ^C ends nothing any more */
  put_signals_back();
  if (end_by != 0)
    raise(end_by);
}

bool shell_was_interrupted(void)
{
  bool was = interrupted != 0;

  interrupted = 0;
  return was;
}

bool shell_must_end(void)
{
  return end_by != 0;
}

bool shell_wait_input(void)
{
  struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
  sigset_t blocked;

  /* First what came meanwhile: ppoll(2) lets no signal in while there is input. */
  sigprocmask(SIG_SETMASK, &mask_before, &blocked);
  sigprocmask(SIG_SETMASK, &blocked, NULL);
  return interrupted == 0 && end_by == 0 && ppoll(&input, 1, NULL, &mask_before) > 0;
}

static void __attribute__((noreturn)) run_in_child(int argc, char **argv)
{
  enum verb_kind kind;
  int code;

  is_child = true;
  child = 0;
  put_signals_back();
  setvbuf(stdin, NULL, _IONBF, 0); /* a question reads one line, not the commands behind it */
  code = command_run(argc, argv, &kind);
  if (code != 0)
    fprintf(stderr, "ha-ctl: exit code %d %s\n", code, exit_name(kind, code));
  exit(code);
}

static int wait_for(pid_t pid)
{
  int status = 0, saved;
  sigset_t blocked;
  pid_t got;

  child = pid;
  sigprocmask(SIG_SETMASK, &mask_before, &blocked);
  while ((got = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
    ;
  saved = errno;
  sigprocmask(SIG_SETMASK, &blocked, NULL);
  child = 0;
  if (got < 0) {
    fprintf(stderr, "ha-ctl: OHA-UNKNOWN: waiting for the command: %s\n", strerrordesc_np(saved));
    return HA_EXIT_BUG;
  }
  if (!WIFSIGNALED(status))
    return WEXITSTATUS(status);
  if (WTERMSIG(status) == SIGINT) {
    interrupted = 1;
    fputc('\n', stderr); /* the terminal shows ^C, and stays in that line */
  } else {
    fprintf(stderr, "ha-ctl: the command was ended by a signal: %s\n", sigdescr_np(WTERMSIG(status)));
  }
  return 128 + WTERMSIG(status);
}

int shell_child_run(int argc, char **argv)
{
  pid_t pid;

  fflush(stdout);
  fflush(stderr);
  pid = fork();
  if (pid == 0)
    run_in_child(argc, argv);
  if (pid > 0)
    return wait_for(pid);
  fprintf(stderr, "ha-ctl: OHA-UNAVAILABLE: no process for the command: %s\n", strerrordesc_np(errno));
  return HA_EXIT_UNAVAILABLE;
}

bool shell_is_child(void)
{
  return is_child;
}
