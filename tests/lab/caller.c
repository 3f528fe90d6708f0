// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The calling side of the lab's phone:
 *
 *   phone call TO --via ADDRESS [--deadline S]
 *       One call: INVITE with retransmission, ACK, BYE. Prints `CODE MICROSECONDS bye=CODE`; 0 when none
 * came. Exit 0 only when the call was answered 200. phone dark TO --via ADDRESS [--every MS] [--method
 * INVITE|OPTIONS] [--deadline S] A fresh request every MS milliseconds (20) until the first 200. Prints
 *       `dark_us=N sent=N lost=N`: how long after the start the request was answered; exit 0 when one was.
 *   phone gap TO --via ADDRESS [--every MS] [--deadline S]
 *       OPTIONS every MS milliseconds (1) until the deadline or SIGTERM. Prints
 *       `gap_us=N sent=N answered=N silent_us=N`: the longest time between two answered requests that follow
 *       each other, and that from the last answered one to the last one sent.
 *
 * All take --local ADDRESS and --tcp (call only). The deadline is 10 s unless told.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "sip_link.h"

enum { T1_US = 500000, LINGER_US = 200000, MAX_ROUTES = 8, CONNECT_MS = 3000 };

struct caller {
  const char *to, *method;
  bool tcp, has_local, has_via;
  struct addr local, via;
  int64_t every_us, deadline_us;
  struct link link;
  int signals, ticks;
  char token[TOKEN_TEXT]; /* From tag; with the number of the request also its Call-ID */
};

static void begin(struct sip_out *out)
{
  out->n = 0;
  out->full = false;
}

static void put_head(struct caller *c, struct sip_out *out, const char *method, const char *uri,
                     const char *branch)
{
  char local[ADDR_TEXT];

  addr_format(&c->link.local, local);
  begin(out);
  sip_put(out, "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=z9hG4bK%s;rport\r\nMax-Forwards: 70\r\n", method,
          uri, c->tcp ? "TCP" : "UDP", local, branch);
}

static void put_dialog(struct caller *c, struct sip_out *out, unsigned long number, int cseq,
                       const char *method, const char *to_header)
{
  char local[ADDR_TEXT], host[ADDR_TEXT];

  addr_format(&c->link.local, local);
  addr_format_host(&c->link.local, host);
  sip_put(out, "From: <sip:lab@%s>;tag=%s\r\nTo: %s\r\nCall-ID: %s-%lu\r\nCSeq: %d %s\r\n", host, c->token,
          to_header, c->token, number, cseq, method);
  if (strcmp(method, "INVITE") == 0)
    sip_put(out, "Contact: <sip:lab@%s%s>\r\n", local, c->tcp ? ";transport=tcp" : "");
}

/* A request outside a dialog; its number is in its Call-ID, so that the answer names it. */
static void make_request(struct caller *c, struct sip_out *out, const char *method, unsigned long number)
{
  char uri[256], to[300], branch[64];

  snprintf(uri, sizeof(uri), "sip:%s", c->to);
  snprintf(to, sizeof(to), "<%s>", uri);
  snprintf(branch, sizeof(branch), "%s-%lu", c->token, number);
  put_head(c, out, method, uri, branch);
  put_dialog(c, out, number, 1, method, to);
  sip_end(out);
}

/* The number of the request that m answers; false: not one of ours. */
static bool number_of(const struct caller *c, const struct sip_msg *m, unsigned long *number)
{
  char call_id[128];
  size_t n = strlen(c->token);

  if (m->code == 0 || !sip_header(m, "Call-ID", 0, call_id, sizeof(call_id)) ||
      strncmp(call_id, c->token, n) != 0 || call_id[n] != '-')
    return false;
  *number = strtoul(call_id + n + 1, NULL, 10);
  return true;
}

/* ACK of a 2xx, or BYE, along the route the dialog has recorded (RFC 3261 12.2.1.1). */
static void make_in_dialog(struct caller *c, struct sip_out *out, const struct sip_msg *ok,
                           const char *method, unsigned long number, int cseq)
{
  char contact[256], uri[256], to[300], branch[TOKEN_TEXT], route[256];
  const char *start;
  int n_routes = 0;

  (void)sip_header(ok, "Contact", 0, contact, sizeof(contact));
  (void)sip_header(ok, "To", 0, to, sizeof(to));
  start = contact + strcspn(contact, "<");
  start += *start == '<';
  snprintf(uri, sizeof(uri), "%.*s", (int)strcspn(start, ">"), start);
  make_token(branch);
  put_head(c, out, method, uri, branch);
  while (n_routes < MAX_ROUTES && sip_header(ok, "Record-Route", n_routes, route, sizeof(route)))
    n_routes++;
  while (n_routes-- > 0) {
    (void)sip_header(ok, "Record-Route", n_routes, route, sizeof(route));
    sip_put(out, "Route: %s\r\n", route);
  }
  put_dialog(c, out, number, cseq, method, to);
  sip_end(out);
}

/* ACK of a refusal: the same transaction, so the same branch and request URI (RFC 3261 17.1.1.3). */
static void send_refusal_ack(struct caller *c, const struct sip_msg *refusal, unsigned long number)
{
  static struct sip_out out;
  char uri[256], to[300], branch[64];

  snprintf(uri, sizeof(uri), "sip:%s", c->to);
  snprintf(branch, sizeof(branch), "%s-%lu", c->token, number);
  (void)sip_header(refusal, "To", 0, to, sizeof(to));
  put_head(c, &out, "ACK", uri, branch);
  put_dialog(c, &out, number, 1, "ACK", to);
  sip_end(&out);
  (void)link_send(&c->link, &out, NULL);
}

enum woken { WOKEN_MESSAGE, WOKEN_TICK, WOKEN_SIGNAL, WOKEN_TIME };

static enum woken wait_for(struct caller *c, struct sip_msg *m, int64_t due_us)
{
  for (;;) {
    struct pollfd p[3] = { { .fd = c->link.fd, .events = POLLIN },
                           { .fd = c->signals, .events = POLLIN },
                           { .fd = c->ticks, .events = POLLIN } };
    int64_t left_us = due_us - now_us();
    uint64_t missed;

    if (left_us <= 0)
      return WOKEN_TIME;
    if (poll(p, 3, (int)((left_us + 999) / 1000)) < 0 && errno != EINTR)
      return WOKEN_TIME;
    if (p[1].revents != 0)
      return WOKEN_SIGNAL;
    if (p[0].revents != 0) {
      enum link_got got = link_receive(&c->link, m);

      if (got == LINK_MESSAGE)
        return WOKEN_MESSAGE;
      if (got == LINK_CLOSED)
        link_close(&c->link); /* poll() ignores it from now on */
    }
    if (p[2].revents != 0 && read(c->ticks, &missed, sizeof(missed)) == (ssize_t)sizeof(missed))
      return WOKEN_TICK;
  }
}

/* Sends a request over and over as RFC 3261 17.1.1.2 does, until a final answer; its code, or 0. */
static int ask(struct caller *c, const struct sip_out *out, struct sip_msg *m, const char *method,
               int64_t end_us)
{
  int64_t step_us = T1_US, next_us = now_us() + T1_US;
  unsigned long number;

  (void)link_send(&c->link, out, NULL);
  if (c->tcp)
    next_us = end_us;
  for (;;) {
    switch (wait_for(c, m, next_us < end_us ? next_us : end_us)) {
    case WOKEN_MESSAGE:
      if (!number_of(c, m, &number) || strcmp(m->method, method) != 0)
        break;
      if (m->code >= 200)
        return m->code;
      next_us = end_us; /* it is being worked on */
      break;
    case WOKEN_TIME:
      if (now_us() >= end_us)
        return 0;
      (void)link_send(&c->link, out, NULL);
      step_us *= 2;
      next_us = now_us() + step_us;
      break;
    case WOKEN_SIGNAL:
      return 0;
    case WOKEN_TICK:
    default:
      break;
    }
  }
}

/* ACK, then BYE; gives the BYE's code. */
static int finish_call(struct caller *c, const struct sip_msg *ok, unsigned long number, int64_t end_us)
{
  static struct sip_out out;
  static struct sip_msg m;

  make_in_dialog(c, &out, ok, "ACK", number, 1);
  (void)link_send(&c->link, &out, NULL);
  make_in_dialog(c, &out, ok, "BYE", number, 2);
  return ask(c, &out, &m, "BYE", end_us);
}

static int call(struct caller *c)
{
  static struct sip_out out;
  static struct sip_msg m;
  int64_t start = now_us(), end = start + c->deadline_us;
  int code, bye = 0;
  long long took;

  make_request(c, &out, "INVITE", 0);
  code = ask(c, &out, &m, "INVITE", end);
  took = now_us() - start;
  if (code == 200)
    bye = finish_call(c, &m, 0, end);
  else if (code != 0)
    send_refusal_ack(c, &m, 0);
  printf("%d %lld bye=%d\n", code, took, bye);
  return code == 200 ? 0 : 1;
}

static bool start_ticks(struct caller *c)
{
  struct itimerspec t = { .it_value.tv_nsec = 1 };

  t.it_interval.tv_sec = c->every_us / 1000000;
  t.it_interval.tv_nsec = (long)(c->every_us % 1000000) * 1000;
  c->ticks = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  return c->ticks >= 0 && timerfd_settime(c->ticks, 0, &t, NULL) == 0;
}

static int dark(struct caller *c)
{
  static struct sip_out out;
  static struct sip_msg m;
  int64_t start = now_us(), end = start + c->deadline_us;
  unsigned long sent = 0, number;

  for (;;) {
    switch (wait_for(c, &m, end)) {
    case WOKEN_TICK:
      make_request(c, &out, c->method, sent++);
      (void)link_send(&c->link, &out, NULL);
      break;
    case WOKEN_MESSAGE:
      if (!number_of(c, &m, &number) || m.code < 200)
        break;
      if (m.code == 200) {
        printf("dark_us=%lld sent=%lu lost=%lu\n", (long long)(now_us() - start), sent, number);
        if (strcmp(c->method, "INVITE") == 0)
          (void)finish_call(c, &m, number, now_us() + 2 * LINGER_US);
        return 0;
      }
      if (strcmp(m.method, "INVITE") == 0)
        send_refusal_ack(c, &m, number);
      break;
    case WOKEN_TIME:
    case WOKEN_SIGNAL:
    default:
      printf("dark_us=%lld sent=%lu lost=%lu\n", (long long)(now_us() - start), sent, sent);
      return 1;
    }
  }
}

static int gap(struct caller *c)
{
  static struct sip_out out;
  static struct sip_msg m;
  static int64_t
      sent_at[1 << 16]; /* by number: when; a gap may span the whole ring, about a minute at 1 ms */
  const unsigned long ring = sizeof(sent_at) / sizeof(sent_at[0]);
  int64_t end = now_us() + c->deadline_us, last_us = 0, longest = 0;
  unsigned long sent = 0, answered = 0, number, last = 0;
  bool sending = true;
  enum woken woken;

  while ((woken = wait_for(c, &m, end)) != WOKEN_TIME || sending) {
    if (woken == WOKEN_TIME || woken == WOKEN_SIGNAL) {
      sending = false; /* let what is under way come in */
      end = now_us() + LINGER_US;
      close(c->signals);
      c->signals = -1;
    } else if (woken == WOKEN_TICK && sending) {
      make_request(c, &out, c->method, sent);
      sent_at[sent++ % ring] = now_us();
      (void)link_send(&c->link, &out, NULL);
    } else if (woken == WOKEN_MESSAGE && number_of(c, &m, &number) && m.code == 200 && number >= last) {
      if (answered++ > 0 && sent_at[number % ring] - last_us > longest)
        longest = sent_at[number % ring] - last_us;
      last = number;
      last_us = sent_at[number % ring];
    }
  }
  printf("gap_us=%lld sent=%lu answered=%lu silent_us=%lld\n", (long long)longest, sent, answered,
         sent > 0 && answered > 0 ? (long long)(sent_at[(sent - 1) % ring] - last_us) : 0);
  return answered > 0 ? 0 : 1;
}

__attribute__((noreturn)) static void usage(const char *why)
{
  fprintf(stderr, "phone: %s\n", why);
  fputs("usage: phone call|dark|gap TO --via ADDRESS [--local ADDRESS] [--tcp] [--every MS]\n"
        "             [--method INVITE|OPTIONS] [--deadline SECONDS]\n",
        stderr);
  exit(64);
}

static void read_options(struct caller *c, int argc, char **argv)
{
  static const struct option options[] = {
    { "via", 1, NULL, 'v' },   { "local", 1, NULL, 'l' },  { "tcp", 0, NULL, 't' },
    { "every", 1, NULL, 'e' }, { "method", 1, NULL, 'm' }, { "deadline", 1, NULL, 'd' },
    { NULL, 0, NULL, 0 },
  };
  int opt;

  while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
    switch (opt) {
    case 'v':
      c->has_via = addr_parse(optarg, &c->via);
      break;
    case 'l':
      c->has_local = addr_parse(optarg, &c->local);
      if (!c->has_local)
        usage("--local is not an address");
      break;
    case 't':
      c->tcp = true;
      break;
    case 'e':
      c->every_us = (int64_t)(strtod(optarg, NULL) * 1000);
      break;
    case 'm':
      c->method = optarg;
      break;
    case 'd':
      c->deadline_us = (int64_t)(strtod(optarg, NULL) * 1000000);
      break;
    default:
      usage("unknown option");
    }
  }
  if (!c->has_via || optind != argc - 1 || c->every_us <= 0 || c->deadline_us <= 0)
    usage("one TO, a --via address, and times above 0 are needed");
  c->to = argv[optind];
}

int caller_main(int argc, char **argv)
{
  static struct caller c = { .every_us = 20000, .deadline_us = 10000000, .ticks = -1, .link = { .fd = -1 } };
  bool is_gap = strcmp(argv[0], "gap") == 0, is_dark = strcmp(argv[0], "dark") == 0;
  sigset_t set;

  if (!is_gap && !is_dark && strcmp(argv[0], "call") != 0)
    usage("unknown mode");
  c.method = is_gap ? "OPTIONS" : "INVITE";
  if (is_gap)
    c.every_us = 1000;
  read_options(&c, argc, argv);
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, NULL);
  c.signals = signalfd(-1, &set, SFD_CLOEXEC);
  make_token(c.token);
  if (!link_open(&c.link, c.tcp, c.has_local ? &c.local : NULL, &c.via, CONNECT_MS) ||
      (!is_gap && !is_dark ? false : !start_ticks(&c))) {
    printf("0 0 bye=0\n");
    fprintf(stderr, "phone: cannot open: %m\n");
    return 1;
  }
  return is_gap ? gap(&c) : is_dark ? dark(&c) : call(&c);
}
