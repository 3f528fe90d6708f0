/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_NET_BED_H
#define OHA_TESTS_NET_BED_H
/*
 * What the prober's tests stand on: a context with a clock that can be moved, made-up servers on loopback
 * that run in the test's own loop, and a way to make sendto(2) fail.
 */
#include "cm.h"

#include <opensips-ha/probe.h>

#include <sys/socket.h>

struct bed;

/* One read of a server's socket: @p request is a NUL-terminated datagram, or what a connection has sent. */
typedef void serve_fn(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                      unsigned n_from);

struct server {
  int fd, connection; /* -1 = none */
  struct oha_sock sock;
  serve_fn *serve;
  int n_requests;
};

struct bed {
  int64_t skew_us; /* added to the real clock */
  struct oha_ctx *ctx;
  struct oha_prober *prober;
  struct server server[8];
  size_t n_servers;
  int n_results;
  struct oha_probe_result last;
};

extern int bed_sendto_errno;   /* what the next calls fail with */
extern int bed_sendto_n_fails; /* that many */
extern int64_t bed_sendto_takes_us;

int bed_open(void **state);
int bed_close(void **state);

/* A server on 127.0.0.1 or ::1, on a port of the kernel's choice. NULL when the family is not there. */
struct server *bed_serve(struct bed *bed, enum oha_proto proto, int family, serve_fn *serve);

/* A port of 127.0.0.1 where nobody listens. */
struct oha_sock bed_dead(enum oha_proto proto);

/* A probe whose result lands in bed->last. */
void bed_probe(struct bed *bed, const struct oha_probe_opts *opts);

/* Let servers and prober work until nothing is under way; at most two seconds. */
void bed_run(struct bed *bed);

/* The same, but without waiting for anything: what is ready now, and what is due after @p d_us more. */
void bed_step(struct bed *bed, int64_t d_us);

/* "SIP/2.0 STATUS" with the headers that a reply copies from its request. Gives back @p buf. */
const char *reply_to(const char *request, const char *status, const char *more, char buf[4096]);

void send_reply(int fd, const char *text, const struct sockaddr *to, unsigned n_to);

/* Serving: status, headers and body fixed. */
void serve_200(struct bed *bed, int fd, const char *request, const struct sockaddr *from, unsigned n_from);
void serve_nothing(struct bed *bed, int fd, const char *request, const struct sockaddr *from,
                   unsigned n_from);

#endif
