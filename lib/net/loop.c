/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/loop.h"
#include "base/error.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define N_ROUNDS 16  /* of one oha__loop_process() */
#define N_TIMERS 256 /* of one round */

static const struct oha_mono never = { INT64_MAX };

static void timer_fd_ready(struct oha_watch *watch, uint32_t events)
{
  uint64_t n_times;

  (void)events;
  if (read(watch->fd, &n_times, sizeof(n_times)) < 0)
    return; /* EAGAIN: set anew since */
}

enum oha_rc oha__loop_open(struct oha_loop *loop, struct oha_ctx *ctx, struct oha_error *err)
{
  int e;

  *loop = (struct oha_loop){ .ctx = ctx, .armed = never, .timer_fd = -1 };
  loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (loop->epoll_fd < 0) {
    e = errno;
    *loop = (struct oha_loop){ 0 };
    return oha__fail_errno(err, OHA_E_IO, e, "epoll_create1");
  }
  loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  loop->timer_watch = (struct oha_watch){ .fd = loop->timer_fd, .events = EPOLLIN, .fn = timer_fd_ready };
  e = loop->timer_fd < 0 ? errno : oha__loop_watch(loop, &loop->timer_watch);
  if (e != 0) {
    oha__loop_close(loop);
    return oha__fail_errno(err, OHA_E_IO, e, "timerfd");
  }
  return OHA_OK;
}

void oha__loop_close(struct oha_loop *loop)
{
  if (loop->ctx == NULL)
    return;
  if (loop->timer_fd >= 0)
    close(loop->timer_fd);
  close(loop->epoll_fd);
  *loop = (struct oha_loop){ 0 };
}

static int control(struct oha_loop *loop, int op, struct oha_watch *watch)
{
  struct epoll_event event = { .events = watch->events, .data.ptr = watch };

  return epoll_ctl(loop->epoll_fd, op, watch->fd, &event) == 0 ? 0 : errno;
}

int oha__loop_watch(struct oha_loop *loop, struct oha_watch *watch)
{
  return control(loop, EPOLL_CTL_ADD, watch);
}

int oha__loop_rewatch(struct oha_loop *loop, struct oha_watch *watch, uint32_t events)
{
  if (watch->events == events)
    return 0;
  watch->events = events;
  return control(loop, EPOLL_CTL_MOD, watch);
}

void oha__loop_unwatch(struct oha_loop *loop, struct oha_watch *watch)
{
  control(loop, EPOLL_CTL_DEL, watch);
  /* An event of this round that is still to come would find the watch gone. */
  for (int i = 0; i < loop->n_batch; i++)
    if (loop->batch[i].data.ptr == watch)
      loop->batch[i].data.ptr = NULL;
}

static struct oha_mono first_due(const struct oha_loop *loop)
{
  return loop->timers.first == NULL ? never : loop->timers.first->due;
}

/* Relative, because the context's clock may be made up. */
static void arm(struct oha_loop *loop)
{
  struct oha_mono due = first_due(loop);
  struct itimerspec spec = { 0 };
  int64_t d_us;

  if (due.us == loop->armed.us)
    return;
  loop->armed = due;
  if (due.us != never.us) {
    d_us = oha_mono_diff_us(due, oha_now_mono(loop->ctx));
    spec.it_value.tv_sec = d_us > 0 ? d_us / OHA_US_PER_S : 0;
    spec.it_value.tv_nsec = d_us > 0 ? d_us % OHA_US_PER_S * 1000 : 1;
  }
  timerfd_settime(loop->timer_fd, 0, &spec, NULL);
}

void oha__loop_set(struct oha_loop *loop, struct oha_timer *timer, struct oha_mono due)
{
  oha__timers_set(&loop->timers, timer, due);
  if (!loop->in_process)
    arm(loop);
}

void oha__loop_clear(struct oha_loop *loop, struct oha_timer *timer)
{
  oha__timers_clear(&loop->timers, timer);
}

static enum oha_rc dispatch(struct oha_loop *loop, struct oha_error *err)
{
  int n = epoll_wait(loop->epoll_fd, loop->batch, OHA_LOOP_BATCH, 0);

  if (n < 0 && errno != EINTR)
    return oha__fail_errno(err, OHA_E_IO, errno, "epoll_wait");
  loop->n_batch = n < 0 ? 0 : n;
  for (int i = 0; i < loop->n_batch; i++) {
    struct oha_watch *watch = loop->batch[i].data.ptr;

    if (watch != NULL)
      watch->fn(watch, loop->batch[i].events);
  }
  return OHA_OK;
}

enum oha_rc oha__loop_process(struct oha_loop *loop, struct oha_mono *next, struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;
  bool more = true;

  loop->in_process = true;
  for (int round = 0; rc == OHA_OK && more && round < N_ROUNDS; round++) {
    struct oha_timer *timer;
    struct oha_mono now;

    rc = dispatch(loop, err);
    now = oha_now_mono(loop->ctx);
    for (int n = 0; n < N_TIMERS && (timer = oha__timers_take_due(&loop->timers, now)) != NULL; n++)
      timer->fn(timer);
    more = loop->n_batch > 0 || first_due(loop).us <= now.us;
    loop->n_batch = 0;
  }
  loop->in_process = false;
  /* A timerfd that ran out is not armed any more, whatever was due then. */
  loop->armed = (struct oha_mono){ INT64_MIN };
  arm(loop);
  *next = first_due(loop);
  return rc;
}
