/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cluster file of any bytes: read or refused with a reason, and every cluster that comes out can be moved.
 */
#include "config/cluster_load.h"

#include <opensips-ha/move.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *arg, enum oha_problem_level level, const char *path, int line, const char *text)
{
  size_t *n_errors = arg;

  if (line < 0 || text[0] == '\0' || strchr(text, '\n') != NULL || path[0] != 'f')
    abort();
  *n_errors += level == OHA_PROBLEM_ERROR;
}

/* Every listener of a good file is somebody's, on the way to every node. */
static void move_about(const struct oha_cluster *k)
{
  for (size_t to = 0; to < k->n_nodes && to < 4; to++) {
    const char *from = k->n_nodes > 1 ? k->nodes[(to + 1) % k->n_nodes].name : NULL;
    struct oha_move m;

    if (oha_move_init(k, from, k->nodes[to].name, true, &m, NULL) != OHA_OK)
      abort();
    for (size_t i = 0; i < m.n_sockets && i < 64; i++) {
      if (oha_move_socket_of(&m, &m.sockets[i].listen) == NULL)
        abort();
      (void)oha_move_target_of(&m, &m.sockets[i].listen);
    }
    oha_move_clear(&m);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_cluster *k = NULL;
  size_t n_errors = 0;
  enum oha_rc rc;

  rc = oha__cluster_of_text(NULL, "f", (const char *)data, size, NULL, count, &n_errors, &k, &err);
  if ((rc == OHA_OK) != (k != NULL) || (rc == OHA_OK) != (n_errors == 0) || err.rc != rc)
    abort();
  if (k != NULL)
    move_about(k);
  oha_cluster_free(k);
  return 0;
}
