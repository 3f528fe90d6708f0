/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_MI_FAKE_H
#define OHA_TESTS_MI_FAKE_H
/*
 * Made-up management interfaces, each in a process of its own: they take requests as real servers do, and
 * answer as a test says. What they are told to do wrong, real servers have been seen to do, or anybody could.
 */
#include "base/span.h"

#include <sys/types.h>

enum fake_carrier { FAKE_UNIX, FAKE_UDP, FAKE_FIFO, FAKE_TCP, FAKE_TCP6 };

struct fake;

/* Runs in the server's process, from one request to the next; returning waits for the next. */
typedef void fake_fn(struct fake *fake, const void *arg);

#define FAKE_BYTES 70000

struct fake {
  enum fake_carrier carrier;
  char dir[64];
  char address[256]; /* for oha_mi_opts, without options */
  pid_t pid;
  /* in the server's process: */
  int fd, connection; /* -1 = none */
  int reply;          /* open reply FIFO */
  struct {
    char bytes[128];
    unsigned n;
  } peer;                       /* of a datagram */
  char request[FAKE_BYTES];     /* NUL-terminated; of TCP: head and body */
  size_t n_request, n_first;    /* n_first: bytes of its first piece */
  char id[64], reply_name[128]; /* as the request has them, "" = none */
  unsigned n_requests;
};

/* Start a server. @p arg must outlive it. False (and errno) when this machine cannot, such as without IPv6.
 */
bool fake_start(struct fake *fake, enum fake_carrier carrier, fake_fn *fn, const void *arg);
void fake_stop(struct fake *fake);

/* ---- in the server's process ---- */

/* Raw bytes to whoever asked: a datagram, into the reply FIFO, onto the connection. */
void fake_send(struct fake *fake, const void *bytes, size_t n);

/* Text in which "@ID@" stands for the request's id; over TCP an HTTP head goes in front. */
void fake_answer(struct fake *fake, const char *text);

/* The same text, without a head. Gives back its length. */
size_t fake_fill(const struct fake *fake, const char *text, char *out, size_t size);

/* End the reply: close the reply FIFO or the connection. */
void fake_end(struct fake *fake);

void fake_pause(int ms);

#endif
