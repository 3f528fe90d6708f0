/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/local.h"
#include "journal/text.h"
#include "base/error.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define OPS           "ops"
#define SUFFIX        ".jsonl"
#define MAX_LOG_BYTES (16L * 1024 * 1024)

enum oha_rc oha__local_rc_of_errno(int e)
{
  switch (e) {
  case ENOENT:
  case ENOTDIR:
    return OHA_E_NOTFOUND;
  case EACCES:
  case EPERM:
  case EROFS:
    return OHA_E_DENIED;
  default:
    return OHA_E_IO;
  }
}

bool oha__local_path(const struct oha_journal *journal, char path[OHA__PATH_SIZE], const char *name,
                     const char *more)
{
  int n = snprintf(path, OHA__PATH_SIZE, "%s/%s%s%s", journal->state_dir, name, more == NULL ? "" : "/",
                   more == NULL ? "" : more);

  return n > 0 && n < OHA__PATH_SIZE;
}

static enum oha_rc log_path(const struct oha_journal *journal, char path[OHA__PATH_SIZE], const char *op_id,
                            struct oha_error *err)
{
  char name[OHA_OP_ID_SIZE + sizeof(SUFFIX)];

  if (!oha__op_id_is_valid(oha__span(op_id)))
    return oha__fail(err, OHA_E_ARG, "an operation's id must be a UUID in lower case");
  snprintf(name, sizeof(name), "%s%s", op_id, SUFFIX);
  if (!oha__local_path(journal, path, OPS, name))
    return oha__fail(err, OHA_E_ARG, "%s: the path is too long", journal->state_dir);
  return OHA_OK;
}

enum oha_rc oha__local_make_dirs(const struct oha_journal *journal, struct oha_error *err)
{
  char path[OHA__PATH_SIZE];

  if (!oha__local_path(journal, path, OPS, NULL))
    return oha__fail(err, OHA_E_ARG, "%s: the path is too long", journal->state_dir);
  if (mkdir(path, 0750) == 0 || errno == EEXIST)
    return OHA_OK;
  if (errno == ENOENT && (mkdir(journal->state_dir, 0750) == 0 || errno == EEXIST) &&
      (mkdir(path, 0750) == 0 || errno == EEXIST))
    return OHA_OK;
  return oha__fail_errno(err, oha__local_rc_of_errno(errno) == OHA_E_DENIED ? OHA_E_DENIED : OHA_E_IO, errno,
                         "%s", path);
}

/* A new name in a directory is safe only when the directory is synced. */
static int sync_dir(const struct oha_journal *journal)
{
  char path[OHA__PATH_SIZE];
  int fd, failed;

  if (!oha__local_path(journal, path, OPS, NULL))
    return -1;
  fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  failed = fsync(fd);
  close(fd);
  return failed;
}

/* A line that a crash cut off is ended, so that it does not spoil the next one. */
static int append(int fd, const char *line)
{
  struct stat st;
  struct iovec parts[2] = { { (char *)(uintptr_t) "\n", 1 }, { (char *)(uintptr_t)line, strlen(line) } };
  char last = '\n';
  int first = 1;

  if (fstat(fd, &st) != 0 || (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) != 1))
    return -1;
  if (last != '\n')
    first = 0;
  if (writev(fd, parts + first, 2 - first) != (ssize_t)parts[1].iov_len + (first == 0))
    return -1;
  return fdatasync(fd);
}

enum oha_rc oha__local_append(const struct oha_journal *journal, const char *op_id, const char *line,
                              struct oha_error *err)
{
  const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  char path[OHA__PATH_SIZE];
  enum oha_rc rc = log_path(journal, path, op_id, err);
  int fd;

  if (rc != OHA_OK)
    return rc;
  errno = 0;
  fd = open(path, flags);
  if (fd < 0 && errno == ENOENT) {
    rc = oha__local_make_dirs(journal, err);
    if (rc != OHA_OK)
      return rc;
    fd = open(path, flags | O_CREAT, 0640);
    if (fd >= 0 && sync_dir(journal) != 0) {
      close(fd);
      fd = -1;
    }
  }
  if (fd < 0)
    return oha__fail_errno(err, oha__local_rc_of_errno(errno) == OHA_E_DENIED ? OHA_E_DENIED : OHA_E_IO,
                           errno, "%s", path);
  if (append(fd, line) != 0)
    rc = oha__fail_errno(err, OHA_E_IO, errno == 0 ? ENOSPC : errno, "%s", path);
  close(fd);
  return rc;
}

static enum oha_rc read_file(int fd, const char *path, char **text, size_t *n, struct oha_error *err)
{
  struct stat st;
  size_t size;

  *text = NULL;
  *n = 0;
  if (fstat(fd, &st) != 0)
    return oha__fail_errno(err, OHA_E_IO, errno, "%s", path);
  if (!S_ISREG(st.st_mode) || st.st_size > MAX_LOG_BYTES)
    return oha__fail(err, OHA_E_IO, "%s: not a file of at most %ld bytes", path, MAX_LOG_BYTES);
  size = (size_t)st.st_size;
  *text = oha__calloc(size + 1, 1);
  if (*text == NULL)
    return oha__fail_nomem(err);
  while (*n < size) {
    ssize_t got = read(fd, *text + *n, size - *n);

    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return oha__fail_errno(err, OHA_E_IO, errno, "%s", path);
    if (got == 0)
      break;
    *n += (size_t)got;
  }
  return OHA_OK;
}

enum oha_rc oha__local_read(const struct oha_journal *journal, const char *op_id, struct oha__log *out,
                            struct oha_error *err)
{
  char path[OHA__PATH_SIZE], *text = NULL;
  enum oha_rc rc = log_path(journal, path, op_id, err);
  size_t n = 0;
  int fd;

  memset(out, 0, sizeof(*out));
  if (rc != OHA_OK)
    return rc;
  fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0)
    return oha__fail_errno(err, oha__local_rc_of_errno(errno), errno, "%s", path);
  rc = read_file(fd, path, &text, &n, err);
  close(fd);
  if (rc == OHA_OK)
    rc = oha__log_parse((struct oha_span){ text, n }, out, err);
  oha__free(text);
  if (rc == OHA_OK && out->n_bad > 0)
    oha__log(journal->ctx, OHA_LOG_WARN, "journal", "%s: %u lines cannot be read", path, out->n_bad);
  return rc;
}

/* The operation that a directory entry stands for. */
static bool op_of_name(const char *name, char op_id[OHA_OP_ID_SIZE])
{
  size_t n = strlen(name);

  if (n != OHA_OP_ID_SIZE - 1 + strlen(SUFFIX) || strcmp(name + OHA_OP_ID_SIZE - 1, SUFFIX) != 0)
    return false;
  memcpy(op_id, name, OHA_OP_ID_SIZE - 1);
  op_id[OHA_OP_ID_SIZE - 1] = '\0';
  return oha__op_id_is_valid(oha__span(op_id));
}

enum oha_rc oha__local_each(const struct oha_journal *journal, oha__local_fn *fn, void *arg,
                            struct oha_error *err)
{
  char path[OHA__PATH_SIZE], op_id[OHA_OP_ID_SIZE];
  enum oha_rc rc = OHA_OK;
  struct dirent *entry;
  DIR *dir;

  if (!oha__local_path(journal, path, OPS, NULL))
    return oha__fail(err, OHA_E_ARG, "%s: the path is too long", journal->state_dir);
  dir = opendir(path);
  if (dir == NULL && oha__local_rc_of_errno(errno) != OHA_E_IO) /* not there, or not for us: empty */
    return OHA_OK;
  if (dir == NULL)
    return oha__fail_errno(err, OHA_E_IO, errno, "%s", path);
  while (rc == OHA_OK && (entry = readdir(dir)) != NULL) {
    struct oha__log log;

    if (!op_of_name(entry->d_name, op_id))
      continue;
    rc = oha__local_read(journal, op_id, &log, err);
    if (rc == OHA_E_NOTFOUND || rc == OHA_E_DENIED) { /* pruned meanwhile, or not for us */
      oha_error_clear(err);
      rc = OHA_OK;
    } else if (rc == OHA_OK && log.has_op && strcmp(log.op.op_id, op_id) == 0 &&
               strcmp(log.op.cluster, journal->cluster) == 0) {
      rc = fn(arg, &log, err);
    }
    oha__log_clear(&log);
  }
  closedir(dir);
  return rc == OHA_END ? OHA_OK : rc;
}

struct finished {
  char op_id[OHA_OP_ID_SIZE];
  int64_t began_us;
};

struct finished_list {
  struct finished *all;
  size_t n, cap;
};

static enum oha_rc list_finished(void *arg, const struct oha__log *log, struct oha_error *err)
{
  struct finished_list *list = arg;

  if (oha__op_is_open(log->op.state))
    return OHA_OK;
  if (!oha__grow((void **)&list->all, &list->cap, list->n, sizeof(*list->all)))
    return oha__fail_nomem(err);
  memcpy(list->all[list->n].op_id, log->op.op_id, OHA_OP_ID_SIZE);
  list->all[list->n++].began_us = log->op.began_at.us;
  return OHA_OK;
}

static int newest_first(const void *a, const void *b)
{
  const struct finished *x = a, *y = b;

  return x->began_us > y->began_us ? -1 : x->began_us < y->began_us;
}

void oha__local_prune(const struct oha_journal *journal, unsigned n_keep)
{
  struct finished_list list = { 0 };
  char path[OHA__PATH_SIZE];

  if (oha__local_each(journal, list_finished, &list, NULL) == OHA_OK && list.n > n_keep) {
    qsort(list.all, list.n, sizeof(*list.all), newest_first);
    for (size_t i = n_keep; i < list.n; i++)
      if (log_path(journal, path, list.all[i].op_id, NULL) == OHA_OK)
        unlink(path);
  }
  oha__free(list.all);
}
