/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * watch-peers SECONDS SOCKET...: SIP peers probed from a loop of the program's own, here poll(2).
 *
 *   cc -o watch-peers watch-peers.c $(pkg-config --cflags --libs opensips-ha)
 *   watch-peers 10 udp:192.0.2.1:5060 tcp:192.0.2.2:5060
 *
 * A descriptor, a deadline, and a call when either has come: that is all that a loop needs. Each peer goes
 * through the state machine; what changes is printed. Ends by 0 when all are up at the end, else by 1.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opensips-ha/ctx.h>
#include <opensips-ha/peer.h>
#include <opensips-ha/probe.h>

#define PEERS_MAX 64

struct peer {
  struct oha_ctx *ctx;
  const struct oha_peer_rule *rule;
  const char *text;
  struct oha_sock target;
  struct oha_peer_track track;
  bool busy; /* a probe is under way */
};

/* Called from oha_prober_process(), once for each probe. */
static void probe_ended(void *arg, const struct oha_probe_result *result)
{
  struct peer *p = arg;
  enum oha_peer_event event = result->end == OHA_PROBE_ALIVE ? OHA_PEER_OK : OHA_PEER_FAIL;

  p->busy = false;
  if (oha_peer_step(&p->track, p->rule, event, oha_now_mono(p->ctx))) {
    printf("%s: %s\n", p->text, oha_peer_state_name(p->track.state));
    fflush(stdout);
  }
}

static enum oha_rc start_due(struct oha_prober *prober, struct peer *peers, int n, struct oha_mono *next,
                             struct oha_error *err)
{
  struct oha_mono now = oha_now_mono(peers[0].ctx);
  enum oha_rc rc = OHA_OK;

  for (int i = 0; i < n && rc == OHA_OK; i++) {
    struct oha_probe_opts o = { .size = sizeof(o),
                                .target = peers[i].target,
                                .timeout_us = OHA_US_PER_S / 2 };

    if (peers[i].busy)
      continue;
    if (peers[i].track.due.us > now.us) {
      next->us = peers[i].track.due.us < next->us ? peers[i].track.due.us : next->us;
      continue;
    }
    peers[i].busy = true;
    next->us = now.us; /* come again at once: it wants to be sent */
    rc = oha_prober_add(prober, &o, probe_ended, &peers[i], err);
  }
  return rc;
}

/* A program that has a loop already does what stands in it: its other descriptors go beside ours. */
static enum oha_rc loop(struct oha_prober *prober, struct peer *peers, int n, struct oha_mono end,
                        struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;

  while (rc == OHA_OK && oha_mono_diff_us(end, oha_now_mono(peers[0].ctx)) > 0) {
    struct pollfd fd = { .fd = oha_prober_fd(prober), .events = POLLIN };
    struct oha_mono next;

    rc = oha_prober_process(prober, &next, err);
    if (rc == OHA_OK)
      rc = start_due(prober, peers, n, &next, err);
    if (end.us < next.us)
      next = end;
    if (rc == OHA_OK && poll(&fd, 1, oha_poll_ms(oha_now_mono(peers[0].ctx), next)) < 0 && errno != EINTR)
      return OHA_E_IO;
  }
  return rc;
}

int main(int argc, char **argv)
{
  static struct peer peers[PEERS_MAX];
  struct oha_peer_rule rule = { .size = sizeof(rule),
                                .every_us = OHA_US_PER_S / 2,
                                .retry_us = OHA_US_PER_S / 5 };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_ctx *ctx = NULL;
  struct oha_prober *prober = NULL;
  long seconds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
  int n = argc - 2, n_up = 0;
  enum oha_rc rc;

  if (seconds <= 0 || n > PEERS_MAX) {
    fprintf(stderr, "usage: watch-peers SECONDS SOCKET...\n");
    return 64;
  }
  rc = oha_ctx_new(NULL, &ctx, &err);
  if (rc == OHA_OK)
    rc = oha_peer_rule_init(&rule, &err);
  for (int i = 0; i < n && rc == OHA_OK; i++) {
    peers[i] = (struct peer){ .ctx = ctx, .rule = &rule, .text = argv[i + 2] };
    oha_peer_track_init(&peers[i].track, oha_now_mono(ctx));
    rc = oha_sock_parse(argv[i + 2], strlen(argv[i + 2]), &peers[i].target, &err);
  }
  if (rc == OHA_OK)
    rc = oha_prober_new(ctx, &prober, &err);
  if (rc == OHA_OK)
    rc = loop(prober, peers, n, oha_mono_add(oha_now_mono(ctx), seconds * OHA_US_PER_S), &err);
  oha_prober_free(prober);
  for (int i = 0; i < n; i++)
    n_up += peers[i].track.state == OHA_PEER_UP;
  oha_ctx_free(ctx);
  if (rc != OHA_OK) {
    fprintf(stderr, "watch-peers: %s\n", err.text);
    return 70;
  }
  return n_up == n ? 0 : 1;
}
