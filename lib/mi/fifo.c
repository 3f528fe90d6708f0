/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/fifo.h"
#include "base/ctx.h"
#include "base/error.h"
#include "mi/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 8192

enum oha_rc oha__fifo_open(const char *path, int *fd, struct stat *st, struct oha_error *err)
{
  int e;

  /* Never O_CREAT: fs.protected_fifos refuses that for another user's FIFO in a sticky directory. */
  *fd = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
  if (*fd < 0) {
    e = errno;
    if (e == ENXIO)
      return oha__fail_errno(err, OHA_E_UNAVAILABLE, e, "nobody reads this FIFO");
    if (e == ELOOP)
      return oha__fail(err, OHA_E_CONFIG, "a symbolic link, not a FIFO");
    return oha__fail_errno(err, e == EACCES || e == EPERM ? OHA_E_DENIED : OHA_E_UNAVAILABLE, e, "open");
  }
  if (fstat(*fd, st) == 0 && S_ISFIFO(st->st_mode))
    return OHA_OK;
  close(*fd);
  *fd = -1;
  return oha__fail(err, OHA_E_CONFIG, "not a FIFO");
}

/* write(2) without SIGPIPE, whose disposition is the caller's. */
static ssize_t write_quietly(int fd, struct oha_span bytes)
{
  const struct timespec now = { 0, 0 };
  sigset_t pipe_signal, pending, before;
  bool was_pending;
  ssize_t n;
  int e;

  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
  if (pthread_sigmask(SIG_BLOCK, &pipe_signal, &before) != 0)
    return -1;
  n = write(fd, bytes.p, bytes.n);
  e = errno;
  if (n < 0 && e == EPIPE && !was_pending)
    while (sigtimedwait(&pipe_signal, NULL, &now) < 0 && errno == EINTR)
      continue;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = e;
  return n;
}

enum oha_rc oha__fifo_write(struct oha_ctx *ctx, int fd, struct oha_span request, struct oha_mono deadline,
                            struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;

  while (rc == OHA_OK) {
    ssize_t n = write_quietly(fd, request);

    if (n == (ssize_t)request.n)
      return OHA_OK;
    if (n < 0 && errno == EPIPE)
      return oha__fail(err, OHA_E_UNAVAILABLE, "nobody reads this FIFO any more");
    if (n >= 0 || (errno != EAGAIN && errno != EINTR))
      return oha__fail_errno(err, OHA_E_IO, n >= 0 ? EIO : errno, "write");
    rc = oha__mi_wait(ctx, fd, POLLOUT, deadline, err);
  }
  return rc;
}

static size_t fifo_limit(const struct oha_mi *mi)
{
  (void)mi;
  return OHA_FIFO_REQUEST_MAX;
}

static enum oha_rc fifo_open(struct oha_mi *mi, struct oha_mono deadline, struct oha_error *err)
{
  struct stat st;
  enum oha_rc rc = oha__fifo_open(mi->address.path, &mi->fd, &st, err);

  (void)deadline;
  if (rc != OHA_OK)
    return rc;
  if (!mi->swept)
    oha__reply_fifo_sweep(mi->address.reply_dir, oha_now_wall(mi->ctx).us / OHA_US_PER_S);
  mi->swept = true;
  mi->n_bytes = 0;
  return oha__reply_fifo_make(&mi->reply_fifo, mi->address.reply_dir, &st, err);
}

static enum oha_rc fifo_send(struct oha_mi *mi, struct oha_span request, struct oha_mono deadline,
                             struct oha_error *err)
{
  return oha__fifo_write(mi->ctx, mi->fd, request, deadline, err);
}

/* The server opens, writes and closes: all until then is the message. A second one ends the call. */
static enum oha_rc fifo_receive(struct oha_mi *mi, struct oha_mono deadline, struct oha_span *out,
                                struct oha_error *err)
{
  if (mi->n_bytes > 0)
    return OHA_END;
  for (;;) {
    enum oha_rc rc = oha__mi_wait(mi->ctx, mi->reply_fifo.fd, POLLIN, deadline, err);
    ssize_t n;

    if (rc == OHA_E_TIMEOUT && mi->n_bytes > 0)
      return oha__fail(err, OHA_E_PROTOCOL, "the reply did not end: %zu bytes of it came", mi->n_bytes);
    if (rc == OHA_OK)
      rc = oha__mi_room(mi, READ_BYTES, err);
    if (rc != OHA_OK)
      return rc;
    n = read(mi->reply_fifo.fd, mi->bytes + mi->n_bytes, READ_BYTES);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
      return oha__fail_errno(err, OHA_E_IO, errno, "read the reply");
    if (n == 0) {
      *out = (struct oha_span){ mi->bytes, mi->n_bytes };
      return mi->n_bytes > 0 ? OHA_OK : OHA_END;
    }
    if (n > 0)
      mi->n_bytes += (size_t)n;
  }
}

static void fifo_finish(struct oha_mi *mi, bool clean)
{
  (void)clean;
  oha__reply_fifo_remove(&mi->reply_fifo);
  if (mi->fd >= 0)
    close(mi->fd);
  mi->fd = -1;
}

const struct oha__mi_transport oha__mi_by_fifo = { fifo_limit, fifo_open, fifo_send, fifo_receive,
                                                   fifo_finish };
