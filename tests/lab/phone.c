// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A small SIP phone for the lab. It registers, stays, answers what comes, and writes one line per event:
 * microseconds of CLOCK_MONOTONIC, the event, and its values.
 *
 *   phone --user alice --registrar 198.51.100.100:5060 --local 192.168.77.10:5060 --events FILE
 *   phone call|dark|gap ...     the calling side: caller.c
 *
 *   --tcp           one persistent connection instead of UDP
 *   --expires N     seconds asked for (600)
 *   --refresh       register again at half of them, and reconnect when the connection is lost
 *   --contact URI   instead of the one made of user and local address
 *   --control FIFO  made if absent; one command a line: register [ADDRESS], unregister, deaf, hear
 *
 * Events: registered, register-failed, unregistered, connection-lost, options, invite, ack, bye, cancel.
 * Ends on SIGTERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sip_link.h"

enum {
  T1_US = 500000, /* RFC 3261 17.1.1.1 */
  T2_US = 4000000,
  GIVE_UP_US = 32000000,
  RETRY_US = 1000000,
  CONNECT_MS = 3000
};

static const int64_t never = INT64_MAX;

/* A message sent again until it is answered. */
struct pending {
  struct sip_out out;
  struct addr to;
  int64_t next_us, step_us, end_us;
};

struct phone {
  const char *user, *contact;
  bool tcp, refresh, deaf;
  int expires_s, asked_s;
  struct addr local, registrar;
  bool has_local;
  struct link link;
  FILE *events;
  int control, signals;
  char call_id[TOKEN_TEXT], tag[TOKEN_TEXT];
  unsigned cseq;
  struct pending registering, answer; /* our REGISTER; our 200 that waits for its ACK */
  char ringing[256];                  /* Call-ID of the call that rang last */
  int64_t refresh_us;
};

__attribute__((format(printf, 2, 3))) static void tell(struct phone *p, const char *fmt, ...)
{
  va_list ap;

  fprintf(p->events, "%lld ", (long long)now_us());
  va_start(ap, fmt);
  vfprintf(p->events, fmt, ap);
  va_end(ap);
  fputc('\n', p->events);
  fflush(p->events);
}

static void start_pending(struct pending *q, const struct addr *to, bool tcp)
{
  int64_t now = now_us();

  q->to = *to;
  q->step_us = T1_US;
  q->next_us = tcp ? never : now + T1_US; /* a stream repeats by itself */
  q->end_us = now + GIVE_UP_US;
}

static void stop_pending(struct pending *q)
{
  q->next_us = q->end_us = never;
}

/* Sends it again when it is time. False: nobody answered for too long. */
static bool repeat_pending(struct phone *p, struct pending *q, int64_t now)
{
  if (now >= q->end_us) {
    stop_pending(q);
    return false;
  }
  if (now >= q->next_us) {
    (void)link_send(&p->link, &q->out, &q->to);
    q->step_us = q->step_us * 2 < T2_US ? q->step_us * 2 : T2_US;
    q->next_us = now + q->step_us;
  }
  return true;
}

/* ---- registering ---- */

static void put_contact(struct phone *p, struct sip_out *out)
{
  char local[ADDR_TEXT];

  addr_format(&p->link.local, local);
  if (p->contact != NULL)
    sip_put(out, "Contact: <%s>", p->contact);
  else
    sip_put(out, "Contact: <sip:%s@%s%s>", p->user, local, p->tcp ? ";transport=tcp" : "");
}

static void fail_register(struct phone *p, const char *why)
{
  stop_pending(&p->registering);
  tell(p, "register-failed why=%s", why);
  p->refresh_us = p->refresh ? now_us() + RETRY_US : never;
}

static void send_register(struct phone *p, int expires_s)
{
  struct sip_out *out = &p->registering.out;
  char host[ADDR_TEXT], local[ADDR_TEXT], branch[TOKEN_TEXT];

  p->refresh_us = never;
  if (p->link.fd < 0 &&
      !link_open(&p->link, p->tcp, p->has_local ? &p->local : NULL, &p->registrar, CONNECT_MS)) {
    fail_register(p, errno == ECONNREFUSED ? "refused" : "no-connection");
    return;
  }
  p->asked_s = expires_s;
  addr_format_host(&p->registrar, host);
  addr_format(&p->link.local, local);
  make_token(branch);
  out->n = 0;
  out->full = false;
  sip_put(out, "REGISTER sip:%s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=z9hG4bK%s;rport\r\n", host,
          p->tcp ? "TCP" : "UDP", local, branch);
  sip_put(out, "Max-Forwards: 70\r\nFrom: <sip:%s@%s>;tag=%s\r\nTo: <sip:%s@%s>\r\n", p->user, host, p->tag,
          p->user, host);
  sip_put(out, "Call-ID: %s\r\nCSeq: %u REGISTER\r\n", p->call_id, ++p->cseq);
  put_contact(p, out);
  sip_put(out, ";expires=%d\r\n", expires_s);
  sip_end(out);
  start_pending(&p->registering, &p->registrar, p->tcp);
  if (!link_send(&p->link, out, &p->registrar) && p->tcp)
    fail_register(p, "no-connection");
}

static void take_register_reply(struct phone *p, const struct sip_msg *m)
{
  char via[ADDR_TEXT], contact[256], why[12];

  if (m->code < 200 || p->registering.end_us == never)
    return;
  stop_pending(&p->registering);
  if (m->code >= 300) {
    snprintf(why, sizeof(why), "%d", m->code);
    fail_register(p, why);
    return;
  }
  addr_format(&m->from, via);
  if (p->asked_s == 0) {
    tell(p, "unregistered via=%s", via);
    return;
  }
  (void)sip_header(m, "Contact", 0, contact, sizeof(contact));
  tell(p, "registered via=%s contact=%s", via, contact);
  p->refresh_us = p->refresh ? now_us() + (int64_t)p->asked_s * 500000 : never;
}

/* ---- answering ---- */

static void take_invite(struct phone *p, const struct sip_msg *m)
{
  struct sip_out *out = &p->answer.out;
  char from[ADDR_TEXT], call_id[256], caller[256];

  addr_format(&m->from, from);
  (void)sip_header(m, "Call-ID", 0, call_id, sizeof(call_id));
  (void)sip_header(m, "From", 0, caller, sizeof(caller));
  if (strcmp(call_id, p->ringing) != 0) {
    tell(p, "invite from=%s callid=%s caller=%s", from, call_id, caller);
    snprintf(p->ringing, sizeof(p->ringing), "%s", call_id);
    sip_begin_reply(out, m, "180 Ringing", p->tag);
    put_contact(p, out);
    sip_put(out, "\r\n");
    sip_end(out);
    (void)link_send(&p->link, out, &m->from);
  }
  sip_begin_reply(out, m, "200 OK", p->tag);
  put_contact(p, out);
  sip_put(out, "\r\n");
  sip_end(out);
  (void)link_send(&p->link, out, &m->from);
  start_pending(&p->answer, &m->from, false); /* RFC 3261 13.3.1.4: until the ACK, on any transport */
}

static void take_request(struct phone *p, const struct sip_msg *m)
{
  static const struct {
    const char *method, *event;
  } known[] = { { "OPTIONS", "options" }, { "ACK", "ack" }, { "BYE", "bye" }, { "CANCEL", "cancel" } };
  static struct sip_out out;
  char from[ADDR_TEXT], call_id[256];

  if (p->deaf)
    return;
  if (strcmp(m->method, "INVITE") == 0) {
    take_invite(p, m);
    return;
  }
  addr_format(&m->from, from);
  (void)sip_header(m, "Call-ID", 0, call_id, sizeof(call_id));
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    if (strcmp(m->method, known[i].method) == 0)
      tell(p, "%s from=%s callid=%s", known[i].event, from, call_id);
  }
  if (strcmp(m->method, "ACK") == 0) {
    stop_pending(&p->answer);
    return;
  }
  sip_begin_reply(&out, m, "200 OK", p->tag);
  sip_end(&out);
  (void)link_send(&p->link, &out, &m->from);
}

static void receive_all(struct phone *p)
{
  static struct sip_msg m;
  enum link_got got;

  while ((got = link_receive(&p->link, &m)) == LINK_MESSAGE) {
    if (m.code == 0)
      take_request(p, &m);
    else if (strcmp(m.method, "REGISTER") == 0)
      take_register_reply(p, &m);
  }
  if (got == LINK_CLOSED && p->link.fd >= 0) {
    link_close(&p->link);
    stop_pending(&p->registering);
    stop_pending(&p->answer);
    tell(p, "connection-lost");
    p->refresh_us = p->refresh ? now_us() + RETRY_US : never;
  }
}

/* ---- control, options, loop ---- */

static void obey(struct phone *p, char *line)
{
  char *arg = strchr(line, ' ');
  struct addr to;

  if (arg != NULL)
    *arg++ = '\0';
  if (strcmp(line, "deaf") == 0 || strcmp(line, "hear") == 0) {
    p->deaf = line[0] == 'd';
  } else if (strcmp(line, "unregister") == 0) {
    send_register(p, 0);
  } else if (strcmp(line, "register") == 0 && (arg == NULL || addr_parse(arg, &to))) {
    if (arg != NULL) {
      p->registrar = to;
      if (p->tcp)
        link_close(&p->link);
    }
    send_register(p, p->expires_s);
  } else {
    tell(p, "what command=%s", line);
  }
}

static void read_control(struct phone *p)
{
  char text[1024], *rest, *line;
  ssize_t n = read(p->control, text, sizeof(text) - 1);

  if (n <= 0)
    return;
  text[n] = '\0';
  for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
    obey(p, line);
}

static int64_t earliest(const struct phone *p)
{
  const int64_t due[] = { p->registering.next_us, p->registering.end_us, p->answer.next_us, p->answer.end_us,
                          p->refresh_us };
  int64_t first = never;

  for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++)
    first = due[i] < first ? due[i] : first;
  return first;
}

static int run_phone(struct phone *p)
{
  for (;;) {
    struct pollfd polled[3] = { { .fd = p->link.fd, .events = POLLIN },
                                { .fd = p->control, .events = POLLIN },
                                { .fd = p->signals, .events = POLLIN } };
    int64_t now = now_us(), due = earliest(p);
    int64_t wait_ms = due == never ? -1 : due <= now ? 0 : (due - now + 999) / 1000;

    if (poll(polled, 3, wait_ms > 60000 ? 60000 : (int)wait_ms) < 0 && errno != EINTR)
      return 1;
    if (polled[2].revents != 0)
      return 0;
    if (polled[1].revents != 0)
      read_control(p);
    if (polled[0].revents != 0)
      receive_all(p);
    now = now_us();
    if (!repeat_pending(p, &p->registering, now))
      fail_register(p, "no-answer");
    (void)repeat_pending(p, &p->answer, now);
    if (now >= p->refresh_us)
      send_register(p, p->expires_s);
  }
}

__attribute__((noreturn)) static void usage(const char *why)
{
  fprintf(stderr, "phone: %s\n", why);
  fputs("usage: phone --user NAME --registrar ADDRESS [--local ADDRESS] [--tcp] [--expires N] [--refresh]\n"
        "             [--contact URI] [--events FILE] [--control FIFO]\n"
        "       phone call|dark|gap --help\n",
        stderr);
  exit(64);
}

static void read_options(struct phone *p, int argc, char **argv)
{
  static const struct option options[] = {
    { "user", 1, NULL, 'u' },    { "registrar", 1, NULL, 'r' }, { "local", 1, NULL, 'l' },
    { "tcp", 0, NULL, 't' },     { "expires", 1, NULL, 'x' },   { "refresh", 0, NULL, 'f' },
    { "contact", 1, NULL, 'c' }, { "events", 1, NULL, 'e' },    { "control", 1, NULL, 'o' },
    { NULL, 0, NULL, 0 },
  };
  bool has_registrar = false;
  int c;

  while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
    switch (c) {
    case 'u':
      p->user = optarg;
      break;
    case 'r':
      has_registrar = addr_parse(optarg, &p->registrar);
      break;
    case 'l':
      p->has_local = addr_parse(optarg, &p->local);
      if (!p->has_local)
        usage("--local is not an address");
      break;
    case 't':
      p->tcp = true;
      break;
    case 'x':
      p->expires_s = (int)strtol(optarg, NULL, 10);
      break;
    case 'f':
      p->refresh = true;
      break;
    case 'c':
      p->contact = optarg;
      break;
    case 'e':
      p->events = fopen(optarg, "ae");
      break;
    case 'o':
      (void)mkfifo(optarg, 0600);
      p->control = open(optarg, O_RDWR | O_NONBLOCK | O_CLOEXEC); /* both ends: no EOF when a writer leaves */
      break;
    default:
      usage("unknown option");
    }
  }
  if (p->user == NULL || !has_registrar || p->events == NULL || optind != argc)
    usage("--user, a --registrar address and a writable --events file are needed");
}

int main(int argc, char **argv)
{
  static struct phone p = { .expires_s = 600, .control = -1, .link = { .fd = -1 } };
  sigset_t set;

  if (argc > 1 && argv[1][0] != '-')
    return caller_main(argc - 1, argv + 1);
  p.events = stdout;
  read_options(&p, argc, argv);
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, NULL);
  p.signals = signalfd(-1, &set, SFD_CLOEXEC);
  make_token(p.call_id);
  make_token(p.tag);
  stop_pending(&p.registering);
  stop_pending(&p.answer);
  send_register(&p, p.expires_s);
  return run_phone(&p);
}
