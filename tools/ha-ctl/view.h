/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_VIEW_H
#define HA_CTL_VIEW_H
/* Who holds which virtual address: by this machine's kernel, and by the other nodes' where they answer. */
#include "app.h"

#define VIEW_NODES 32
#define VIEW_VIPS  32

enum view_here { VIEW_NO = 0, VIEW_YES = 1, VIEW_NOT_KNOWN = 2 };
enum view_reach { VIEW_SELF = 0, VIEW_ANSWERS = 1, VIEW_SILENT = 2, VIEW_NO_COMMAND = 3 };

struct view {
  size_t n_nodes, n_vips; /* of the cluster; more than there is room for is not known */
  enum view_here here[VIEW_NODES][VIEW_VIPS];
  enum view_reach reach[VIEW_NODES];
  char why[VIEW_NODES][512]; /* "" or why the node did not answer */
};

/** Ask all; a node that does not answer once is not asked again. Blocks: up to the timeout for each node. */
void view_gather(struct app *app, struct view *view);

/** The only holder of a virtual address: its node's index, or -1: nobody, several, or not known. */
int view_owner(const struct view *view, size_t vip);

/**
 * How many nodes hold it.
 *
 * @param known set to whether every node was asked with success
 */
unsigned view_n_owners(const struct view *view, size_t vip, bool *known);

#endif
