/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_CURL_H
#define OHA_NET_CURL_H
/* libcurl's sockets and timer in our loop (curl_multi_socket_action(3)). */
#include "net/loop.h"

#include <curl/curl.h>

struct oha_curl {
  struct oha_loop *loop;
  CURLM *multi; /* NULL = not open */
  struct oha_timer timer;
};

struct oha_curl_watch {
  struct oha_watch watch; /* fd -1 = free */
  struct oha_curl *curl;
};

/* One transfer. The caller makes and frees the easy handle; CURLOPT_PRIVATE is ours. */
struct oha_curl_call {
  CURL *easy;
  void (*done)(struct oha_curl_call *call, CURLcode code); /* may remove and free the call */
  bool is_added;
  struct oha_curl_watch watch[2]; /* libcurl tries up to two addresses at a time (RFC 8305) */
};

/* The first call in a process also initialises libcurl. OHA_OK; OHA_E_NOMEM */
OHA_NODISCARD enum oha_rc oha__curl_open(struct oha_curl *curl, struct oha_loop *loop, struct oha_error *err);
void oha__curl_close(struct oha_curl *curl); /* after its calls were removed; zeroed memory is fine */

/* OHA_OK; OHA_E_NOMEM */
OHA_NODISCARD enum oha_rc oha__curl_add(struct oha_curl *curl, struct oha_curl_call *call,
                                        struct oha_error *err);
void oha__curl_remove(struct oha_curl *curl, struct oha_curl_call *call);

#endif
