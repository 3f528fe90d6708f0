/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/reply_fifo.h"
#include "base/error.h"
#include "base/sbuf.h"
#include "net/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PREFIX        "oha-mi-" /* servers forbid '.', '/' and '\\' */
#define OLD_S         60
#define SWEEP_ENTRIES 10000

enum oha_rc oha__reply_fifo_name(struct oha__reply_fifo *fifo, const char *dir, struct oha_error *err)
{
  uint8_t bits[16];
  struct oha_sbuf b;
  enum oha_rc rc = oha__random(bits, sizeof(bits), err);

  if (rc != OHA_OK)
    return rc;
  oha__sbuf_init(&b, fifo->name, sizeof(fifo->name));
  oha__sbuf_puts(&b, PREFIX);
  for (size_t i = 0; i < sizeof(bits); i++)
    oha__sbuf_printf(&b, "%02x", bits[i]);
  if (strlen(dir) + 1 + b.n >= sizeof(fifo->path))
    return oha__fail(err, OHA_E_ARG, "reply_dir '%s' is too long", dir);
  return OHA_OK;
}

/*
 * The server may run as another user, who must be able to write. Its FIFO tells which: made by the server
 * itself, it belongs to that user, unless it was made before root's rights were dropped. There the name is
 * what protects the reply, besides the id that a JSON-RPC reply must show.
 */
static bool let_in(int fd, const struct stat *server)
{
  if (server->st_uid != 0 && server->st_uid == geteuid())
    return true;
  if (server->st_uid != 0 && fchown(fd, server->st_uid, (gid_t)-1) == 0)
    return true;
  if (server->st_gid != 0 && (server->st_mode & S_IWGRP) != 0 && fchown(fd, (uid_t)-1, server->st_gid) == 0)
    return fchmod(fd, S_IRUSR | S_IWUSR | S_IWGRP) == 0;
  return fchmod(fd, S_IRUSR | S_IWUSR | S_IWGRP | S_IWOTH) == 0;
}

static enum oha_rc open_made(struct oha__reply_fifo *fifo, const struct stat *server, struct oha_error *err)
{
  struct stat st;

  fifo->fd = open(fifo->path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fifo->fd < 0 || fstat(fifo->fd, &st) != 0)
    return oha__fail_errno(err, OHA_E_IO, errno, "%s", fifo->path);
  if (!S_ISFIFO(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
    return oha__fail(err, OHA_E_IO, "%s: somebody put something else in the place of our FIFO", fifo->path);
  if (!let_in(fifo->fd, server))
    return oha__fail_errno(err, OHA_E_IO, errno, "%s: let the server write to it", fifo->path);
  return OHA_OK;
}

enum oha_rc oha__reply_fifo_make(struct oha__reply_fifo *fifo, const char *dir, const struct stat *server,
                                 struct oha_error *err)
{
  struct oha_sbuf b;
  enum oha_rc rc;

  oha__sbuf_init(&b, fifo->path, sizeof(fifo->path));
  oha__sbuf_printf(&b, "%s/%s", dir, fifo->name);
  fifo->fd = -1;
  if (mkfifo(fifo->path, S_IRUSR | S_IWUSR) != 0) {
    int e = errno;

    rc = oha__fail_errno(err, e == EACCES || e == EPERM || e == EROFS ? OHA_E_DENIED : OHA_E_IO, e,
                         "make a reply FIFO in '%s' (the reply_dir)", dir);
    fifo->path[0] = '\0';
    return rc;
  }
  rc = open_made(fifo, server, err);
  if (rc != OHA_OK)
    oha__reply_fifo_remove(fifo);
  return rc;
}

void oha__reply_fifo_remove(struct oha__reply_fifo *fifo)
{
  if (fifo->path[0] == '\0')
    return;
  unlink(fifo->path);
  if (fifo->fd >= 0)
    close(fifo->fd);
  fifo->fd = -1;
  fifo->path[0] = '\0';
}

/* Opening for writing without a reader fails with ENXIO: its client is gone. */
static bool is_abandoned(int dir_fd, const char *name, int64_t now_s)
{
  struct stat st;
  int fd;

  if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISFIFO(st.st_mode) ||
      st.st_uid != geteuid() || now_s - (int64_t)st.st_ctim.tv_sec < OLD_S)
    return false;
  fd = openat(dir_fd, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0)
    close(fd);
  return fd < 0 && errno == ENXIO;
}

void oha__reply_fifo_sweep(const char *dir, int64_t now_s)
{
  DIR *d = opendir(dir);
  const struct dirent *entry;

  if (d == NULL)
    return;
  for (int i = 0; i < SWEEP_ENTRIES && (entry = readdir(d)) != NULL; i++)
    if (strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) == 0 &&
        is_abandoned(dirfd(d), entry->d_name, now_s))
      unlinkat(dirfd(d), entry->d_name, 0);
  closedir(d);
}
