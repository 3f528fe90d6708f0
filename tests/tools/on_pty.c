/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * on_pty COMMAND [ARGUMENT]...: runs it on a terminal of its own and plays the operator. Lines of standard
 * input:
 *
 *   <TEXT     wait until the terminal has shown TEXT, behind what was waited for before
 *   >TEXT     type TEXT; \r \t \n \\ and \xHH are what they are in C
 *   ~NUMBER   wait for so many milliseconds
 *   !NUMBER   send this signal to the command alone
 *
 * Then it waits for the command's end. Everything that was shown goes to standard output. It leaves with the
 * command's exit code, 128 and the number of the signal that ended it, or 99 when something did not come
 * within ten seconds.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 10000

static char shown[1024 * 1024];
static size_t n_shown, n_seen;
static int terminal = -1;

static long now_ms(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

/* Some more of what is shown. @return false: nothing came until then, or nothing will */
static bool read_more(long until_ms)
{
  struct pollfd p = { .fd = terminal, .events = POLLIN };
  long left_ms = until_ms - now_ms();
  ssize_t got;

  if (left_ms <= 0 || n_shown + 1 >= sizeof(shown) || poll(&p, 1, (int)left_ms) <= 0)
    return false;
  got = read(terminal, shown + n_shown, sizeof(shown) - n_shown - 1);
  if (got <= 0)
    return false;
  n_shown += (size_t)got;
  return true;
}

static bool await(const char *text)
{
  long until_ms = now_ms() + WAIT_MS;

  do {
    const char *found = memmem(shown + n_seen, n_shown - n_seen, text, strlen(text));

    if (found != NULL) {
      n_seen = (size_t)(found - shown) + strlen(text);
      return true;
    }
  } while (read_more(until_ms));
  fprintf(stderr, "on_pty: never shown: %s\n", text);
  return false;
}

static size_t unescape(char *text)
{
  char *to = text;

  for (const char *p = text; *p != '\0'; p++) {
    char hex[3] = "";

    if (*p != '\\') {
      *to++ = *p;
      continue;
    }
    p++;
    if (*p == 'x') {
      memcpy(hex, p + 1, 2);
      *to++ = (char)strtol(hex, NULL, 16);
      p += 2;
    } else {
      *to++ = (char)(*p == 'r' ? '\r' : *p == 't' ? '\t' : *p == 'n' ? '\n' : *p);
    }
  }
  return (size_t)(to - text);
}

static bool play(pid_t pid, char *line)
{
  line[strcspn(line, "\n")] = '\0';
  switch (line[0]) {
  case '<':
    return await(line + 1);
  case '>': {
    size_t n = unescape(line + 1);

    return write(terminal, line + 1, n) == (ssize_t)n;
  }
  case '~':
    return poll(NULL, 0, (int)strtol(line + 1, NULL, 10)) == 0;
  case '!':
    return kill(pid, (int)strtol(line + 1, NULL, 10)) == 0;
  default:
    return line[0] == '\0';
  }
}

static int end_of(pid_t pid)
{
  long until_ms = now_ms() + WAIT_MS;
  int status = 0;
  pid_t got;

  while (read_more(until_ms))
    ;
  /* Nothing more is shown: it has ended, or it hangs. */
  while ((got = waitpid(pid, &status, WNOHANG)) == 0 && now_ms() < until_ms)
    poll(NULL, 0, 10);
  if (got == 0) {
    fputs("on_pty: it does not end\n", stderr);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return 99;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
  struct winsize size = { .ws_row = 24, .ws_col = 200 };
  char line[4096];
  bool good = true;
  pid_t pid;
  int code;

  if (argc < 2)
    return 64;
  pid = forkpty(&terminal, NULL, NULL, &size);
  if (pid == 0) {
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  if (pid < 0) {
    fprintf(stderr, "on_pty: %s\n", strerrordesc_np(errno));
    return 77;
  }
  while (good && fgets(line, sizeof(line), stdin) != NULL)
    good = play(pid, line);
  if (!good)
    kill(pid, SIGKILL);
  code = end_of(pid);
  fwrite(shown, 1, n_shown, stdout);
  return good ? code : 99;
}
