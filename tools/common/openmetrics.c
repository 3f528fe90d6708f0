/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "openmetrics.h"
#include "nagios.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool openmetrics_open(struct openmetrics *m, const char *path, FILE *to)
{
  int fd, n;

  memset(m, 0, sizeof(*m));
  m->to = to;
  if (path == NULL)
    return true;
  n = snprintf(m->temp, sizeof(m->temp), "%s.XXXXXX", path);
  if (n < 0 || (size_t)n >= sizeof(m->temp)) {
    errno = ENAMETOOLONG;
    return false;
  }
  fd = mkostemp(m->temp, O_CLOEXEC);
  if (fd < 0)
    return false;
  m->to = fdopen(fd, "w");
  if (m->to == NULL) {
    close(fd);
    unlink(m->temp);
    return false;
  }
  m->path = path;
  return true;
}

void openmetrics_family(struct openmetrics *m, const char *name, const char *help)
{
  fprintf(m->to, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_label(FILE *to, const char *value)
{
  for (; *value != '\0'; value++) {
    if (*value == '\\' || *value == '"')
      putc('\\', to);
    if (*value == '\n')
      fputs("\\n", to);
    else
      putc(*value, to);
  }
}

void openmetrics_sample(struct openmetrics *m, const char *name, const char *const *labels,
                        int64_t value_micro)
{
  char number[32];

  fputs(name, m->to);
  for (size_t i = 0; labels != NULL && labels[i] != NULL; i += 2) {
    fprintf(m->to, "%c%s=\"", i == 0 ? '{' : ',', labels[i]);
    put_label(m->to, labels[i + 1]);
    putc('"', m->to);
  }
  fprintf(m->to, "%s %s\n", labels != NULL && labels[0] != NULL ? "}" : "",
          nagios_number(value_micro, number));
}

bool openmetrics_close(struct openmetrics *m)
{
  bool good;
  int saved;

  fputs("# EOF\n", m->to);
  if (m->path == NULL)
    return true; /* the caller's stream: it looks for errors itself */
  errno = 0;
  good = fflush(m->to) == 0 && ferror(m->to) == 0 && fchmod(fileno(m->to), 0644) == 0 &&
         fsync(fileno(m->to)) == 0;
  saved = errno != 0 ? errno : EIO;
  if (fclose(m->to) != 0 && good) {
    good = false;
    saved = errno;
  }
  if (good && rename(m->temp, m->path) == 0)
    return true;
  saved = good ? errno : saved;
  unlink(m->temp);
  errno = saved;
  return false;
}
