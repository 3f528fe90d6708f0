/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/run.h"
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_US (10 * OHA_US_PER_S)
#define DEFAULT_CAP_BYTES  ((size_t)1024 * 1024)
#define REAP_EVERY_US      (10 * OHA_US_PER_MS)

extern char **environ;

struct capture {
  int fd; /* -1 once at end of file */
  char *p;
  size_t n, cap, limit;
  bool truncated;
};

static void capture_close(struct capture *c)
{
  if (c->fd >= 0)
    close(c->fd);
  c->fd = -1;
}

/* Read what is there; over the limit it is dropped, so that the program does not block on a full pipe. */
static enum oha_rc capture_read(struct capture *c, struct oha_error *err)
{
  char chunk[4096];
  ssize_t got = read(c->fd, chunk, sizeof(chunk));
  size_t keep;

  if (got < 0)
    return errno == EAGAIN || errno == EINTR ? OHA_OK
                                             : oha__fail_errno(err, OHA_E_IO, errno, "read from program");
  if (got == 0) {
    capture_close(c);
    return OHA_OK;
  }
  keep = (size_t)got < c->limit - c->n ? (size_t)got : c->limit - c->n;
  c->truncated = c->truncated || keep < (size_t)got;
  if (!oha__grow((void **)&c->p, &c->cap, c->n + keep, 1))
    return oha__fail_nomem(err);
  memcpy(c->p + c->n, chunk, keep);
  c->n += keep;
  c->p[c->n] = '\0';
  return OHA_OK;
}

static enum oha_rc spawn(const char *const *argv, const int out[2], const int err_out[2], pid_t *pid,
                         struct oha_error *err)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attr;
  sigset_t none, defaults;
  int e;

  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attr);
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGINT);
  sigaddset(&defaults, SIGCHLD);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err_out[1], STDERR_FILENO);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attr, 0);
  posix_spawnattr_setsigmask(&attr, &none);
  posix_spawnattr_setsigdefault(&attr, &defaults);
  e = posix_spawnp(pid, argv[0], &actions, &attr, (char *const *)(uintptr_t)argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attr);
  if (e == 0)
    return OHA_OK;
  return oha__fail_errno(err,
                         e == ENOENT   ? OHA_E_NOTFOUND
                         : e == EACCES ? OHA_E_DENIED
                                       : OHA_E_IO,
                         e, "run '%s'", argv[0]);
}

static enum oha_rc read_both(const struct oha_ctx *ctx, struct oha_mono due, struct capture *a,
                             struct capture *b, struct oha_error *err)
{
  while (a->fd >= 0 || b->fd >= 0) {
    struct pollfd fds[2] = { { .fd = a->fd, .events = POLLIN }, { .fd = b->fd, .events = POLLIN } };
    enum oha_rc rc = OHA_OK;
    int wait_ms = oha_poll_ms(oha_now_mono(ctx), due);

    if (wait_ms == 0)
      return OHA_E_TIMEOUT;
    if (poll(fds, 2, wait_ms) < 0 && errno != EINTR)
      return oha__fail_errno(err, OHA_E_IO, errno, "poll");
    if (a->fd >= 0 && fds[0].revents != 0)
      rc = capture_read(a, err);
    if (rc == OHA_OK && b->fd >= 0 && fds[1].revents != 0)
      rc = capture_read(b, err);
    if (rc != OHA_OK)
      return rc;
  }
  return OHA_OK;
}

/*
 * Wait for the program itself: it may have closed its output and go on. *gone: there is nothing to wait for
 * any more. Where SIGCHLD is ignored, or somebody else waited for it, nobody knows how it ended (waitpid(2),
 * ECHILD): that is no success.
 */
static enum oha_rc reap(const struct oha_ctx *ctx, pid_t pid, struct oha_mono due, int *status, bool *gone,
                        struct oha_error *err)
{
  for (;;) {
    pid_t got = waitpid(pid, status, WNOHANG);

    *gone = got == pid || (got < 0 && errno != EINTR);
    if (got == pid)
      return OHA_OK;
    if (*gone)
      return oha__fail_errno(err, OHA_E_IO, errno, "how a program ended is not known: is SIGCHLD ignored?");
    if (oha_mono_diff_us(due, oha_now_mono(ctx)) <= 0)
      return OHA_E_TIMEOUT;
    oha__sleep(ctx, REAP_EVERY_US);
  }
}

static enum oha_rc run_program(const struct oha_ctx *ctx, const struct oha_run_opts *opts,
                               struct oha_mono due, struct capture cap[2], struct oha_run_result *result,
                               struct oha_error *err)
{
  int out[2] = { -1, -1 }, err_out[2] = { -1, -1 };
  pid_t pid = -1;
  int status = 0;
  bool gone = false;
  enum oha_rc rc;

  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err_out, O_CLOEXEC) != 0)
    rc = oha__fail_errno(err, OHA_E_IO, errno, "pipe");
  else
    rc = spawn(opts->argv, out, err_out, &pid, err);
  cap[0].fd = out[0];
  cap[1].fd = err_out[0];
  if (out[1] >= 0)
    close(out[1]);
  if (err_out[1] >= 0)
    close(err_out[1]);
  if (rc != OHA_OK)
    return rc;

  rc = read_both(ctx, due, &cap[0], &cap[1], err);
  if (rc == OHA_OK)
    rc = reap(ctx, pid, due, &status, &gone, err);
  if (rc != OHA_OK && !gone) {
    kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
      continue;
  }
  result->exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (rc == OHA_E_TIMEOUT) {
    result->timed_out = true;
    rc = oha__fail(err, OHA_E_TIMEOUT, "'%s' did not end in time and was killed", opts->argv[0]);
  }
  return rc;
}

enum oha_rc oha__run_spawn(void *arg, const struct oha_run_opts *opts, struct oha_run_result *result,
                           struct oha_error *err)
{
  const struct oha_ctx *ctx = arg;
  int64_t timeout_us = opts->timeout_us > 0 ? opts->timeout_us : DEFAULT_TIMEOUT_US;
  size_t limit = opts->output_cap_bytes > 0 ? opts->output_cap_bytes : DEFAULT_CAP_BYTES;
  struct capture cap[2] = { { .fd = -1, .limit = limit }, { .fd = -1, .limit = limit } };
  enum oha_rc rc = OHA_OK;

  for (int i = 0; i < 2; i++)
    if (!oha__grow((void **)&cap[i].p, &cap[i].cap, 0, 1))
      rc = oha__fail_nomem(err);
  if (rc == OHA_OK)
    rc = run_program(ctx, opts, oha_mono_add(oha_now_mono(ctx), timeout_us), cap, result, err);
  capture_close(&cap[0]);
  capture_close(&cap[1]);
  result->out = cap[0].p;
  result->n_out = cap[0].n;
  result->err_out = cap[1].p;
  result->n_err_out = cap[1].n;
  result->truncated = cap[0].truncated || cap[1].truncated;
  return rc;
}

enum oha_rc oha_run(struct oha_ctx *ctx, const struct oha_run_opts *opts, struct oha_run_result *result,
                    struct oha_error *err)
{
  struct oha_run_opts o;
  enum oha_rc rc;

  if (ctx == NULL || opts == NULL || result == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_run: NULL");
  memset(result, 0, sizeof(*result));
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc != OHA_OK)
    return rc;
  if (o.argv == NULL || o.argv[0] == NULL || o.argv[0][0] == '\0')
    return oha__fail(err, OHA_E_ARG, "oha_run: empty argv");
  rc = ctx->run(ctx->run_arg, &o, result, err);
  if (rc != OHA_OK && rc != OHA_E_TIMEOUT)
    oha_run_result_clear(result);
  return rc;
}

void oha_run_result_clear(struct oha_run_result *result)
{
  if (result == NULL)
    return;
  oha__free(result->out);
  oha__free(result->err_out);
  memset(result, 0, sizeof(*result));
}
