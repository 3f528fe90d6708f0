/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cluster_load.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/tz.h"
#include "config/cluster_model.h"
#include "config/cluster_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define DEFAULT_PATH   OHA_SYSCONFDIR "/opensips-ha.conf"
#define FILE_MAX_BYTES 1048576

/* The programs that the file names run as whoever uses it, so who may write to it matters. */
static void check_file(const struct stat *st, struct oha_problems *p)
{
  if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
    oha__problem_add(
        p, OHA_PROBLEM_WARNING, 0,
        "mode %04o: others than its owner can write to this file, and so choose the programs that "
        "it runs; chmod go-w",
        (unsigned)(st->st_mode & 07777));
  if (st->st_uid != 0 && st->st_uid != geteuid())
    oha__problem_add(
        p, OHA_PROBLEM_WARNING, 0,
        "its owner, uid %u, is neither root nor the user that runs this, but chooses the programs "
        "that it runs",
        (unsigned)st->st_uid);
}

/* Does the machine know each node's time zone? OHA_E_NOMEM is all that can go wrong. */
static enum oha_rc check_zones(const struct oha_cluster *k, const struct oha_conf_sec *root,
                               struct oha_problems *p, struct oha_error *err)
{
  const struct oha_conf_sec *sec = oha__conf_find(root->secs, "node");

  for (size_t i = 0; i < k->n_nodes; i++, sec = oha__conf_find(sec->next, "node")) {
    struct oha_error e = OHA_ERROR_INIT;
    struct oha__tz *tz = NULL;
    enum oha_rc rc = oha__tz_open(NULL, k->nodes[i].time_zone, &tz, &e);

    oha__tz_free(tz);
    if (rc == OHA_E_NOMEM)
      return oha__fail_nomem(err);
    if (rc != OHA_OK)
      oha__problem_add(p, OHA_PROBLEM_ERROR, oha__conf_line(sec, "time_zone"), "node \"%s\": %s",
                       k->nodes[i].name, e.text);
  }
  return OHA_OK;
}

static enum oha_rc read_text(struct oha_model *m, const char *text, size_t n, struct oha_arena *tree,
                             struct oha_problems *p, struct oha_error *err)
{
  bool whole = false;
  const struct oha_conf_sec *root = oha__conf_parse(text, n, tree, p, &whole);

  if (root == NULL)
    return oha__fail_nomem(err);
  if (!whole) /* what is missing from the tree would only be reported as missing from the file */
    return OHA_OK;
  oha__schema_check(root, p);
  oha__model_build(m, root, p);
  if (m->arena.nomem)
    return oha__fail_nomem(err);
  oha__model_check(m, root, p);
  return m->arena.nomem ? oha__fail_nomem(err) : check_zones(&m->cluster, root, p, err);
}

enum oha_rc oha__cluster_of_text(struct oha_ctx *ctx, const char *path, const char *text, size_t n,
                                 const struct stat *st, oha_cluster_problem_fn *problem, void *arg,
                                 struct oha_cluster **out, struct oha_error *err)
{
  struct oha_problems p = { 0 };
  struct oha_arena tree = { 0 };
  struct oha_model *m = oha__calloc(1, sizeof(*m));
  enum oha_rc rc;

  *out = NULL;
  if (m == NULL)
    return oha__fail_nomem(err);
  m->cluster.path = oha__arena_str(&m->arena, path);
  rc = read_text(m, text, n, &tree, &p, err);
  if (st != NULL)
    check_file(st, &p);
  if (rc == OHA_OK)
    rc = oha__problems_tell(&p, ctx, path, problem, arg, err);
  oha__problems_clear(&p);
  oha__arena_clear(&tree);
  if (rc != OHA_OK) {
    oha_cluster_free(&m->cluster);
    return rc;
  }
  *out = &m->cluster;
  return OHA_OK;
}

static enum oha_rc fail_open(const char *path, int e, struct oha_error *err)
{
  return oha__fail_errno(err,
                         e == ENOENT || e == ENOTDIR ? OHA_E_NOTFOUND
                         : e == EACCES || e == EPERM ? OHA_E_DENIED
                                                     : OHA_E_IO,
                         e, "%s", path);
}

/* The whole file; *text is from oha__calloc(). */
static enum oha_rc read_file(int fd, const char *path, struct stat *st, char **text, size_t *n,
                             struct oha_error *err)
{
  size_t size;

  if (fstat(fd, st) != 0)
    return oha__fail_errno(err, OHA_E_IO, errno, "%s", path);
  if (!S_ISREG(st->st_mode))
    return oha__fail(err, OHA_E_CONFIG, "%s: is no regular file", path);
  if (st->st_size > FILE_MAX_BYTES)
    return oha__fail(err, OHA_E_CONFIG, "%s: has %lld bytes, more than any cluster file (%d)", path,
                     (long long)st->st_size, FILE_MAX_BYTES);
  size = (size_t)st->st_size;
  *text = oha__calloc(size + 1, 1);
  if (*text == NULL)
    return oha__fail_nomem(err);
  while (*n < size) {
    ssize_t got = read(fd, *text + *n, size - *n);

    if (got < 0 && errno != EINTR)
      return oha__fail_errno(err, OHA_E_IO, errno, "%s", path);
    if (got == 0)
      break;
    if (got > 0)
      *n += (size_t)got;
  }
  return OHA_OK;
}

enum oha_rc oha_cluster_load(struct oha_ctx *ctx, const char *path, oha_cluster_problem_fn *problem,
                             void *arg, struct oha_cluster **out, struct oha_error *err)
{
  const char *from = path == NULL ? DEFAULT_PATH : path;
  char *text = NULL;
  struct stat st;
  size_t n = 0;
  enum oha_rc rc;
  int fd;

  if (out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_cluster_load: out is NULL");
  *out = NULL;
  fd = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO must not hold us up */
  if (fd < 0)
    return fail_open(from, errno, err);
  rc = read_file(fd, from, &st, &text, &n, err);
  close(fd);
  if (rc == OHA_OK)
    rc = oha__cluster_of_text(ctx, from, text, n, &st, problem, arg, out, err);
  oha__free(text);
  return rc;
}
