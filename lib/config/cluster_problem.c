/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cluster_problem.h"

#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE      512
#define PATH_SHOWN_MAX 160 /* bytes of the path in an error text, so that the reason fits behind it */

void oha__problem_add(struct oha_problems *p, enum oha_problem_level level, int line, const char *fmt, ...)
{
  char text[TEXT_SIZE];
  char *copy;
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  if (level == OHA_PROBLEM_ERROR)
    p->n_errors++;
  copy = oha__strdup(text);
  if (copy == NULL || !oha__grow((void **)&p->all, &p->cap, p->n, sizeof(*p->all))) {
    oha__free(copy);
    p->nomem = true;
    return;
  }
  p->all[p->n] = (struct oha_problem){ level, line, p->n, copy };
  p->n++;
}

static int by_line(const void *va, const void *vb)
{
  const struct oha_problem *a = va, *b = vb;

  if (a->line != b->line)
    return a->line < b->line ? -1 : 1;
  return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void fail_with(struct oha_error *err, const char *path, const struct oha_problem *first)
{
  size_t n = strlen(path);
  const char *tail = n > PATH_SHOWN_MAX ? path + n - PATH_SHOWN_MAX : path;
  const char *dots = tail == path ? "" : "...";

  if (first->line > 0)
    oha__fail(err, OHA_E_CONFIG, "%s%s:%d: %s", dots, tail, first->line, first->text);
  else
    oha__fail(err, OHA_E_CONFIG, "%s%s: %s", dots, tail, first->text);
}

enum oha_rc oha__problems_tell(struct oha_problems *p, const struct oha_ctx *ctx, const char *path,
                               oha_cluster_problem_fn *fn, void *arg, struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;

  if (p->nomem)
    rc = oha__fail_nomem(err);
  else if (p->n > 0)
    qsort(p->all, p->n, sizeof(*p->all), by_line);
  for (size_t i = 0; rc != OHA_E_NOMEM && i < p->n; i++) {
    const struct oha_problem *one = &p->all[i];

    if (one->level == OHA_PROBLEM_ERROR && rc == OHA_OK) {
      rc = OHA_E_CONFIG;
      fail_with(err, path, one);
    }
    if (fn != NULL)
      fn(arg, one->level, path, one->line, one->text);
    else if (one->level != OHA_PROBLEM_ERROR)
      oha__log(ctx, one->level == OHA_PROBLEM_WARNING ? OHA_LOG_WARN : OHA_LOG_INFO, "config", "%s:%d: %s",
               path, one->line, one->text);
  }
  oha__problems_clear(p);
  return rc;
}

void oha__problems_clear(struct oha_problems *p)
{
  for (size_t i = 0; i < p->n; i++)
    oha__free(p->all[i].text);
  oha__free(p->all);
  memset(p, 0, sizeof(*p));
}
