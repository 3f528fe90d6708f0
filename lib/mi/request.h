/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_REQUEST_H
#define OHA_MI_REQUEST_H
/* One command on its way to a server, and what its reply must show. */
#include <opensips-ha/mi.h>

#define OHA_MI_ID_SIZE    33 /* 128 random bits in hex */
#define OHA_MI_REPLY_SIZE 64 /* name of a reply FIFO */

struct oha__mi_request {
  const char *method;
  const struct oha_mi_arg *args;
  size_t n_args;
  char id[OHA_MI_ID_SIZE];
  const char *reply_name; /* of the reply FIFO; NULL = another transport */
};

/* Are they elements of one array? @p b stands behind @p a. */
bool oha__mi_is_same_array(const struct oha_mi_arg *a, const struct oha_mi_arg *b);

#endif
