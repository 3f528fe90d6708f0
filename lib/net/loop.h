/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_LOOP_H
#define OHA_NET_LOOP_H
/*
 * One epoll(7) descriptor that holds sockets and a timerfd for the earliest timer, so that a caller can put
 * it into a loop of its own. Callbacks run inside oha__loop_process() only.
 */
#include <opensips-ha/ctx.h>
#include "net/timer.h"

#include <sys/epoll.h>

struct oha_watch {
  int fd;
  uint32_t events; /* EPOLLIN, EPOLLOUT; level-triggered */
  void (*fn)(struct oha_watch *watch, uint32_t events);
};

#define OHA_LOOP_BATCH 64

struct oha_loop {
  struct oha_ctx *ctx;
  int epoll_fd, timer_fd;
  struct oha_watch timer_watch;
  struct oha_timers timers;
  struct oha_mono armed; /* INT64_MAX = the timerfd is not set */
  bool in_process;
  struct epoll_event batch[OHA_LOOP_BATCH];
  int n_batch;
};

OHA_NODISCARD enum oha_rc oha__loop_open(struct oha_loop *loop, struct oha_ctx *ctx, struct oha_error *err);
void oha__loop_close(struct oha_loop *loop); /* zeroed memory is fine */

/* 0 or errno. The watch stays where it is until oha__loop_unwatch(), which must come before close(fd). */
int oha__loop_watch(struct oha_loop *loop, struct oha_watch *watch);
int oha__loop_rewatch(struct oha_loop *loop, struct oha_watch *watch, uint32_t events);
void oha__loop_unwatch(struct oha_loop *loop, struct oha_watch *watch);

void oha__loop_set(struct oha_loop *loop, struct oha_timer *timer, struct oha_mono due);
void oha__loop_clear(struct oha_loop *loop, struct oha_timer *timer);

/*
 * What is ready or due, without blocking; bounded, so that other work of the caller is not starved. @p next
 * is when to come again at the latest (INT64_MAX = only when the descriptor is readable).
 */
OHA_NODISCARD enum oha_rc oha__loop_process(struct oha_loop *loop, struct oha_mono *next,
                                            struct oha_error *err);

#endif
