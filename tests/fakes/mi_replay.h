/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_MI_REPLAY_H
#define OHA_TESTS_MI_REPLAY_H
/* Recorded exchanges with real servers, of tests/data/mi, as calls that can be made again. */
#include "mi_fake.h"
#include "mi_tree.h"

#define REPLAY_ARGS_MAX 8

/* One recorded exchange, and the call that it stands for. */
struct replay {
  struct mi_capture capture;
  char transport[16]; /* the first word of its file's name */
  bool is_text_era;
  struct oha_mi_reply *request; /* JSON */
  char command[64];
  char text[2048]; /* the values of the arguments, where they need memory */
  struct oha_mi_arg args[REPLAY_ARGS_MAX];
  size_t n_args;
};

/*
 * @p file such as "http-uptime.txt". False for one that is not to be replayed; aborts on one that is none.
 */
bool replay_load(const char *version, const char *file, struct replay *out);
void replay_free(struct replay *r);

/* Did a server get the request that was recorded, but for ids, names of FIFOs and headers? */
bool replay_matches(const struct replay *r, const struct fake *f);

#endif
