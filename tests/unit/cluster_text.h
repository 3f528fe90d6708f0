/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_CLUSTER_TEXT_H
#define OHA_TESTS_CLUSTER_TEXT_H
/* Reading cluster files from text and from the tree. Include after "cm.h". */
#include "config/cluster_load.h"

#include <stdlib.h>

/* Remarks as lines "E3 text", "W0 text", "N7 text". */
struct remarks {
  char text[8192];
  size_t n;
};

static inline void note_remark(void *arg, enum oha_problem_level level, const char *path, int line,
                               const char *text)
{
  struct remarks *r = arg;
  int n = snprintf(r->text + r->n, sizeof(r->text) - r->n, "%s%c%d %s", r->n > 0 ? "\n" : "", "EWN"[level],
                   line, text);

  assert_string_equal(path, "f");
  assert_true(n > 0 && (size_t)n < sizeof(r->text) - r->n);
  r->n += (size_t)n;
}

static inline enum oha_rc load_text(const char *text, size_t n, struct remarks *r, struct oha_cluster **out,
                                    struct oha_error *err)
{
  r->n = 0;
  r->text[0] = '\0';
  return oha__cluster_of_text(NULL, "f", text, n, NULL, note_remark, r, out, err);
}

static inline const char *tree_path(const char *name, char *buf, size_t size)
{
  const char *top = getenv("top_srcdir");

  assert_true(snprintf(buf, size, "%s/%s", top == NULL ? "." : top, name) < (int)size);
  return buf;
}

static inline char *slurp(const char *name, size_t *n)
{
  static char text[65536];
  char path[4096];
  FILE *f = fopen(tree_path(name, path, sizeof(path)), "r");

  if (f == NULL)
    fail_msg("%s: cannot be opened", path);
  *n = fread(text, 1, sizeof(text) - 1, f);
  text[*n] = '\0';
  fclose(f);
  return text;
}

#endif
