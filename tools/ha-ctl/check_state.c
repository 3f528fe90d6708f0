/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES 1024

static const char *state_dir(void)
{
  const char *dir = getenv("OPENSIPS_HA_STATE_DIR");

  return dir != NULL && *dir != '\0' ? dir : OHA_STATEDIR;
}

/* "1 LEVEL FAILS SINCE_US IDS\n"; anything else is as good as nothing. */
static void read_memory(int fd, struct check_memory *out)
{
  char text[FILE_BYTES];
  ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
  char *end = text, *ids;
  long level;
  unsigned long fails;

  memset(out, 0, sizeof(*out));
  if (got <= 2 || text[got - 1] != '\n' || text[0] != '1' || text[1] != ' ')
    return;
  text[got - 1] = '\0';
  level = strtol(text + 2, &end, 10);
  fails = strtoul(end, &end, 10);
  out->since.us = strtoll(end, &ids, 10);
  if (level < OHA_HEALTH_OK || level > OHA_HEALTH_UNKNOWN || ids == end || *ids != ' ')
    return;
  out->level = (enum oha_health)level;
  out->n_fails = fails > UINT32_MAX ? UINT32_MAX : (uint32_t)fails;
  snprintf(out->ids, sizeof(out->ids), "%s", ids + 1);
  out->known = true;
}

enum check_opened check_state_open(struct app *app, const char *purpose, const char *who,
                                   struct check_state *state)
{
  char path[4096];

  (void)app;
  memset(state, 0, sizeof(*state));
  state->fd = -1;
  if (mkdir(state_dir(), 0755) != 0 && errno != EEXIST)
    return CHECK_FAILED;
  if ((size_t)snprintf(path, sizeof(path), "%s/check.%s.%s", state_dir(), purpose, who) >= sizeof(path)) {
    errno = ENAMETOOLONG;
    return CHECK_FAILED;
  }
  state->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (state->fd < 0)
    return CHECK_FAILED;
  if (flock(state->fd, LOCK_EX | LOCK_NB) != 0) {
    int saved = errno;

    check_state_close(state);
    errno = saved;
    return saved == EWOULDBLOCK ? CHECK_BUSY : CHECK_FAILED;
  }
  read_memory(state->fd, &state->before);
  return CHECK_OPENED;
}

static void join_ids(const struct report *r, char *buf, size_t size)
{
  size_t used = 0;

  buf[0] = '\0';
  for (size_t i = 0; i < r->n_findings && i < REPORT_FINDINGS && used < size; i++)
    used += (size_t)snprintf(buf + used, size - used, "%s%s", i > 0 ? "," : "", r->findings[i].id);
}

/* Less than a block, written at once: a crash leaves the old text or a beginning, which is no use and taken
 * so. */
static bool write_memory(int fd, const struct check_memory *m)
{
  char text[FILE_BYTES];
  int n = snprintf(text, sizeof(text), "1 %d %" PRIu32 " %" PRId64 " %s\n", (int)m->level, m->n_fails,
                   m->since.us, m->ids);

  return fd >= 0 && n > 0 && (size_t)n < sizeof(text) && pwrite(fd, text, (size_t)n, 0) == n &&
         ftruncate(fd, n) == 0;
}

bool check_state_turn(struct app *app, struct check_state *state, const struct report *r,
                      struct check_memory *now, bool *changed)
{
  const struct check_memory *before = &state->before;

  *now = (struct check_memory){ .known = true, .level = r->level };
  join_ids(r, now->ids, sizeof(now->ids));
  now->n_fails = r->local_critical ? before->n_fails + (before->n_fails < UINT32_MAX) : 0;
  *changed = before->known ? before->level != now->level || strcmp(before->ids, now->ids) != 0
                           : now->level != OHA_HEALTH_OK;
  now->since = *changed || !before->known ? oha_now_wall(app->ctx) : before->since;
  return write_memory(state->fd, now);
}

void check_state_close(struct check_state *state)
{
  if (state->fd >= 0)
    close(state->fd);
  state->fd = -1;
}
