/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/curl.h"
#include "net/container.h"
#include "base/ctx.h"
#include "base/error.h"

#include <pthread.h>

static void read_done(struct oha_curl *curl)
{
  CURLMsg *msg;
  int left;

  while ((msg = curl_multi_info_read(curl->multi, &left)) != NULL) {
    CURLcode code = msg->data.result; /* copied: the message dies with its handle */
    struct oha_curl_call *call = NULL;

    if (msg->msg == CURLMSG_DONE)
      curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &call);
    if (call != NULL)
      call->done(call, code);
  }
}

static void act(struct oha_curl *curl, curl_socket_t fd, int events)
{
  int n_running;

  curl_multi_socket_action(curl->multi, fd, events, &n_running);
  read_done(curl);
}

static void socket_ready(struct oha_watch *watch, uint32_t events)
{
  struct oha_curl_watch *one = OHA_CONTAINER(watch, struct oha_curl_watch, watch);
  int bits = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
             (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

  act(one->curl, watch->fd, bits);
}

static void timer_due(struct oha_timer *timer)
{
  act(OHA_CONTAINER(timer, struct oha_curl, timer), CURL_SOCKET_TIMEOUT, 0);
}

static struct oha_curl_watch *watch_of(struct oha_curl_call *call, curl_socket_t fd)
{
  for (size_t i = 0; i < sizeof(call->watch) / sizeof(call->watch[0]); i++)
    if (call->watch[i].watch.fd == fd)
      return &call->watch[i];
  return NULL;
}

/* libcurl wants to be told about @p fd, or no more. -1 makes it give up. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
  struct oha_curl *curl = arg;
  struct oha_curl_call *call = NULL;
  struct oha_curl_watch *one;
  uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);

  (void)unused;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
  if (call == NULL)
    return -1;
  one = watch_of(call, fd);
  if (what == CURL_POLL_REMOVE) {
    if (one != NULL) {
      oha__loop_unwatch(curl->loop, &one->watch);
      one->watch.fd = -1;
    }
    return 0;
  }
  if (one != NULL)
    return oha__loop_rewatch(curl->loop, &one->watch, events) == 0 ? 0 : -1;
  one = watch_of(call, -1);
  if (one == NULL)
    return -1;
  *one = (struct oha_curl_watch){ { fd, events, socket_ready }, curl };
  if (oha__loop_watch(curl->loop, &one->watch) == 0)
    return 0;
  one->watch.fd = -1;
  return -1;
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
  struct oha_curl *curl = arg;

  (void)multi;
  if (timeout_ms < 0)
    oha__loop_clear(curl->loop, &curl->timer);
  else
    oha__loop_set(curl->loop, &curl->timer,
                  oha_mono_add(oha_now_mono(curl->loop->ctx), timeout_ms * OHA_US_PER_MS));
  return 0;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global_code;

static void init_global(void)
{
  global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum oha_rc oha__curl_open(struct oha_curl *curl, struct oha_loop *loop, struct oha_error *err)
{
  pthread_once(&once, init_global);
  *curl = (struct oha_curl){ .loop = loop, .timer.fn = timer_due };
  if (global_code == CURLE_OK)
    curl->multi = curl_multi_init();
  if (curl->multi == NULL)
    return oha__fail_nomem(err);
  curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
  curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
  return OHA_OK;
}

void oha__curl_close(struct oha_curl *curl)
{
  if (curl->multi == NULL)
    return;
  curl_multi_cleanup(curl->multi);
  oha__loop_clear(curl->loop, &curl->timer);
  curl->multi = NULL;
}

enum oha_rc oha__curl_add(struct oha_curl *curl, struct oha_curl_call *call, struct oha_error *err)
{
  call->watch[0].watch.fd = call->watch[1].watch.fd = -1;
  if (curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call) != CURLE_OK ||
      curl_multi_add_handle(curl->multi, call->easy) != CURLM_OK)
    return oha__fail_nomem(err);
  call->is_added = true;
  return OHA_OK;
}

void oha__curl_remove(struct oha_curl *curl, struct oha_curl_call *call)
{
  if (!call->is_added)
    return;
  call->is_added = false;
  curl_multi_remove_handle(curl->multi, call->easy);
}
