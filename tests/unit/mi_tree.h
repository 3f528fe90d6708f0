/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_MI_TREE_H
#define OHA_TESTS_MI_TREE_H
/* Trees of replies as text, to be compared; and recorded exchanges with real servers. */
#include "mi/value.h"

/* JSON without blanks, members of one name all written; malloc()ed. Aborts on a tree that is not as promised.
 */
char *mi_tree_text(const struct oha_mi_value *value);

/* The same without the values of the members named in @p passed_over, a list that ends in NULL. */
char *mi_tree_text_without(const struct oha_mi_value *value, const char *const *passed_over);

/* A file of tests/data/mi. */
struct mi_capture {
  char *file; /* malloc()ed, the two spans lie in it */
  struct oha_span request, response;
};

/* @p name such as "3.6/http-uptime.txt". False when there is no such file; aborts on one that is no capture.
 */
bool mi_capture_load(const char *name, struct mi_capture *out);

#endif
