/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/optfile.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE_BYTES 16384

/* As ssh(1) does with a private key: what others can read is no secret. */
static enum oha_rc check_owner(int fd, const char *path, struct oha_error *err)
{
  struct stat st;

  if (fstat(fd, &st) != 0)
    return oha__fail_errno(err, OHA_E_CONFIG, errno, "%s", path);
  if (!S_ISREG(st.st_mode))
    return oha__fail(err, OHA_E_CONFIG, "%s: not a regular file", path);
  if ((st.st_mode & 077) != 0)
    return oha__fail(err, OHA_E_CONFIG, "%s: mode %04o lets others in; HINT: chmod 600 %s", path,
                     (unsigned)st.st_mode & 07777u, path);
  if (st.st_uid != geteuid() && st.st_uid != 0)
    return oha__fail(err, OHA_E_CONFIG, "%s: belongs to user %u, must belong to user %u or to root", path,
                     (unsigned)st.st_uid, (unsigned)geteuid());
  return OHA_OK;
}

static enum oha_rc read_whole(int fd, const char *path, char *buf, size_t size, size_t *n,
                              struct oha_error *err)
{
  *n = 0;
  for (;;) {
    ssize_t got = read(fd, buf + *n, size - *n);

    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return oha__fail_errno(err, OHA_E_CONFIG, errno, "%s", path);
    if (got == 0)
      return OHA_OK;
    *n += (size_t)got;
    if (*n == size)
      return oha__fail(err, OHA_E_CONFIG, "%s: larger than %zu bytes", path, size - 1);
  }
}

enum oha_rc oha__db_login_read(const char *path, const char *group, struct oha__db_login *out,
                               struct oha_error *err)
{
  char text[MAX_FILE_BYTES + 1];
  size_t n = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO must not hang us */
  enum oha_rc rc;

  memset(out, 0, sizeof(*out));
  if (fd < 0)
    return oha__fail_errno(err, OHA_E_CONFIG, errno, "%s", path);
  rc = check_owner(fd, path, err);
  if (rc == OHA_OK)
    rc = read_whole(fd, path, text, sizeof(text), &n, err);
  close(fd);
  if (rc == OHA_OK)
    rc = oha__db_login_parse((struct oha_span){ text, n }, path, group, out, err);
  explicit_bzero(text, sizeof(text));
  return rc;
}
