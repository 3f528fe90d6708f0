/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/tz.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZONE_DIR       "/usr/share/zoneinfo"
#define ZONE_MAX_BYTES 262144 /* the largest known zone has under 4 KiB */

/* "Europe/Berlin", "Etc/GMT+3": letters, digits, "_+-." and single inner slashes; no part starts with a dot.
 */
static bool is_name(struct oha_span name)
{
  char last = '/';

  if (name.n == 0 || name.n > 255)
    return false;
  for (size_t i = 0; i < name.n; i++) {
    char c = name.p[i];
    bool word = oha__is_alpha(c) || oha__is_digit(c) || c == '_' || c == '+' || c == '-';

    if (!word && ((c != '/' && c != '.') || last == '/'))
      return false;
    last = c;
  }
  return last != '/';
}

static enum oha_rc read_all(int fd, uint8_t *buf, size_t size, size_t *n)
{
  *n = 0;
  while (*n < size) {
    ssize_t got = read(fd, buf + *n, size - *n);

    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return OHA_E_IO;
    if (got == 0)
      return OHA_OK;
    *n += (size_t)got;
  }
  return OHA_OK;
}

static enum oha_rc open_file(const char *path, const char *name, struct oha__tz **out, struct oha_error *err)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  uint8_t *data = NULL;
  struct stat st;
  size_t n;
  enum oha_rc rc;

  if (fd < 0)
    return oha__fail_errno(err, errno == ENOENT || errno == ENOTDIR ? OHA_E_CONFIG : OHA_E_IO, errno,
                           "time zone '%s': %s", name, path);
  if (fstat(fd, &st) != 0) {
    rc = oha__fail_errno(err, OHA_E_IO, errno, "time zone '%s': %s", name, path);
    goto out;
  }
  if (!S_ISREG(st.st_mode) || st.st_size > ZONE_MAX_BYTES) {
    rc = oha__fail(err, OHA_E_CONFIG, "time zone '%s': %s is no time zone file", name, path);
    goto out;
  }
  if ((data = oha__calloc(ZONE_MAX_BYTES, 1)) == NULL) {
    rc = oha__fail_nomem(err);
    goto out;
  }
  if ((rc = read_all(fd, data, ZONE_MAX_BYTES, &n)) != OHA_OK) {
    rc = oha__fail_errno(err, rc, errno, "time zone '%s': %s", name, path);
    goto out;
  }
  rc = oha__tz_parse(data, n, out, err);
  oha__prefix(err, "time zone '%s': ", name);
  if (rc == OHA_E_PARSE) {
    rc = OHA_E_CONFIG;
    if (err != NULL)
      err->rc = rc;
  }
out:
  oha__free(data);
  close(fd);
  return rc;
}

enum oha_rc oha__tz_open(const char *dir, const char *name, struct oha__tz **out, struct oha_error *err)
{
  char path[512], safe[OHA_SAFE_SIZE];
  struct oha_sbuf b;

  *out = NULL;
  if (!is_name(oha__span(name)))
    return oha__fail(err, OHA_E_CONFIG,
                     "time zone '%s': must be a name of the time zone database, such as Europe/Berlin",
                     oha__safe(oha__span(name), safe));
  if (oha__span_is(OHA_SPAN("UTC"), name)) {
    *out = oha__calloc(1, sizeof(**out)); /* no changes, offset 0 */
    return *out == NULL ? oha__fail_nomem(err) : OHA_OK;
  }
  oha__sbuf_init(&b, path, sizeof(path));
  oha__sbuf_printf(&b, "%s/%s", dir == NULL ? ZONE_DIR : dir, name);
  if (oha__sbuf_done(&b) != OHA_OK)
    return oha__fail(err, OHA_E_NOSPACE, "time zone '%s': path too long", name);
  return open_file(path, name, out, err);
}
