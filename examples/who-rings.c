/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * who-rings CLUSTER_FILE FROM TO: when node FROM dies and TO takes over, which phones still ring?
 *
 *   cc -o who-rings who-rings.c $(pkg-config --cflags --libs opensips-ha)
 *
 * The line for people, then one line for each binding that will not ring at once. Reads only.
 */
#include <stdio.h>
#include <stdlib.h>

#include <opensips-ha/cluster.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/location.h>
#include <opensips-ha/move.h>
#include <opensips-ha/session.h>

/* Strings of a binding are lent for this call only. */
static enum oha_rc print_binding(void *arg, const struct oha_binding *binding, enum oha_reach reach,
                                 bool never)
{
  enum oha_reach_group group = oha_reach_group_of(reach);
  (void)arg;

  if (group == OHA_REACH_AT_ONCE || group == OHA_REACH_GONE)
    return OHA_OK;
  printf("%s@%s: %s%s\n", binding->username != NULL ? binding->username : "?",
         binding->domain != NULL ? binding->domain : "", oha_reach_name(reach),
         never ? ", and does not return by itself" : "");
  return OHA_OK;
}

static enum oha_rc print_reach(struct oha_location *location, const struct oha_move *move,
                               struct oha_error *err)
{
  struct oha_location_filter all = { .size = sizeof(all) };
  struct oha_reach_sum sum = { 0 };
  char line[OHA_REACH_LINE_SIZE];
  enum oha_rc rc = oha_reach_scan(location, move, &all, NULL, NULL, &sum, err);

  if (rc != OHA_OK)
    return rc;
  printf("%s to %s: %s\n", move->from, move->to, oha_reach_line(&sum, line));
  return oha_reach_scan(location, move, &all, print_binding, NULL, &sum, err);
}

int main(int argc, char **argv)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_ctx *ctx = NULL;
  struct oha_cluster *cluster = NULL;
  struct oha_db *db = NULL;
  struct oha_location *location = NULL;
  struct oha_move move = { 0 };
  enum oha_rc rc;

  if (argc != 4) {
    fprintf(stderr, "usage: who-rings CLUSTER_FILE FROM TO\n");
    return 64;
  }
  rc = oha_ctx_new(NULL, &ctx, &err);
  if (rc == OHA_OK)
    rc = oha_cluster_load(ctx, argv[1], NULL, NULL, &cluster, &err);
  if (rc == OHA_OK)
    rc = oha_move_init(cluster, argv[2], argv[3], false, &move, &err);
  if (rc == OHA_OK)
    rc = oha_session_open_db(ctx, cluster, NULL, &db, &err);
  if (rc == OHA_OK)
    rc = oha_session_open_location(db, cluster, &location, &err);
  if (rc == OHA_OK)
    rc = print_reach(location, &move, &err);
  if (rc != OHA_OK)
    fprintf(stderr, "who-rings: %s (%s)\n", err.text, oha_rc_name(rc));

  /* Closing NULL is fine; what borrows goes before what it borrows from. */
  oha_location_close(location);
  oha_db_close(db);
  oha_move_clear(&move);
  oha_cluster_free(cluster);
  oha_ctx_free(ctx);
  return rc == OHA_OK ? 0 : 1;
}
