/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell_history.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

size_t shell_history_path(const char *home, char *path, size_t size)
{
  struct stat st;
  int n = 0;

  /* Not that of another user: sudo(8) may keep it. */
  if (home != NULL && home[0] == '/' && stat(home, &st) == 0 && st.st_uid == geteuid())
    n = snprintf(path, size, "%s/.ha-ctl_history", home);
  if (n <= 0 || (size_t)n >= size) {
    path[0] = '\0';
    return 0;
  }
  return (size_t)n;
}

/* Ours, a plain file, and reached by no link: root's shell may run with somebody else's home directory. */
static int open_own(const char *path, int flags)
{
  int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  struct stat st;

  if (fd < 0)
    return -1;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_nlink == 1 &&
      ((st.st_mode & 077) == 0 || fchmod(fd, 0600) == 0))
    return fd;
  close(fd);
  return -1;
}

static bool write_all(int fd, const char *p, size_t n)
{
  while (n > 0) {
    ssize_t got = write(fd, p, n);

    if (got <= 0)
      return false;
    p += got;
    n -= (size_t)got;
  }
  return true;
}

/* Another shell that adds a line at this very moment loses it. */
static void rewrite(const char *path, const char *text, size_t n)
{
  char fresh[4096];
  int fd;

  if (snprintf(fresh, sizeof(fresh), "%s.%ld", path, (long)getpid()) >= (int)sizeof(fresh))
    return;
  fd = open_own(fresh, O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0)
    return;
  if (!write_all(fd, text, n) || rename(fresh, path) != 0)
    unlink(fresh);
  close(fd);
}

/* The last bytes of the file, from the beginning of a line. @return how many */
static size_t read_tail(int fd, char *text, size_t size, bool *cut)
{
  off_t end = lseek(fd, 0, SEEK_END);
  size_t n = 0;
  ssize_t got;
  char *line;

  *cut = end > (off_t)size;
  if (end < 0 || lseek(fd, *cut ? end - (off_t)size : 0, SEEK_SET) < 0)
    return 0;
  while (n < size && (got = read(fd, text + n, size - n)) > 0)
    n += (size_t)got;
  if (!*cut)
    return n;
  line = memchr(text, '\n', n);
  if (line == NULL)
    return 0;
  n -= (size_t)(line + 1 - text);
  memmove(text, line + 1, n);
  return n;
}

/* Where the newest lines begin. */
static size_t newest(const char *text, size_t n)
{
  size_t at = n, n_lines = 0;

  while (at > 0) {
    if (text[at - 1] == '\n' && at < n && ++n_lines == SHELL_HISTORY_LINES)
      return at;
    at--;
  }
  return 0;
}

void shell_history_read(const char *path, shell_history_fn *fn, void *arg)
{
  static char text[SHELL_HISTORY_BYTES + 1];
  int fd = *path != '\0' ? open_own(path, O_RDONLY) : -1;
  size_t n, from;
  bool cut;

  if (fd < 0)
    return;
  n = read_tail(fd, text, SHELL_HISTORY_BYTES, &cut);
  close(fd);
  from = newest(text, n);
  if (cut || from > 0)
    rewrite(path, text + from, n - from);
  for (char *line = text + from; line < text + n;) {
    char *end = memchr(line, '\n', (size_t)(text + n - line));

    if (end == NULL)
      end = text + n;
    *end = '\0';
    if (*line != '\0')
      fn(arg, line);
    line = end + 1;
  }
}

void shell_history_add(const char *path, const char *line)
{
  int fd = *path != '\0' ? open_own(path, O_WRONLY | O_CREAT | O_APPEND) : -1;
  char text[8192 + 2];
  int n;

  if (fd < 0)
    return;
  n = snprintf(text, sizeof(text), "%s\n", line);
  if (n > 0 && (size_t)n < sizeof(text))
    (void)!write_all(fd, text, (size_t)n);
  close(fd);
}
