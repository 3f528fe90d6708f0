/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes without end, through the state machine of peers: one line, or one JSON object, for each change. */
#include "health.h"
#include "show.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct watched {
  struct watch *watch;
  const struct health_peer *peer;
  struct oha_peer_track track;
  bool busy; /* a probe is under way */
};

struct watch {
  struct app *app;
  struct oha_prober *prober;
  struct oha_peer_rule rule;
  size_t n;
  struct watched peers[HEALTH_PEERS];
};

static enum tone tone_of(enum oha_peer_state state)
{
  return state == OHA_PEER_UP ? TONE_GOOD : oha_peer_is_usable(state) ? TONE_WARN : TONE_BAD;
}

/* An answer of its own for each change, so that a reader never waits for the end of one. */
static void say(const struct watched *w, const struct oha_probe_result *result, enum oha_peer_state was)
{
  static struct out o; /* large */
  const struct app *app = w->watch->app;
  int fd = dup(STDOUT_FILENO);
  FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;

  if (to == NULL)
    exit(HA_JUDGE_UNKNOWN);
  out_open(&o, to, app->opt.form, "ha-ctl");
  out_command(&o, app->verb->name);
  if (app->opt.form == OUT_TEXT) {
    char at[OHA_RFC3339_SIZE], target[OHA_SOCK_SIZE];

    if (oha_sock_format(&w->peer->probe.target, target, sizeof(target), NULL) != OHA_OK)
      target[0] = '\0';
    out_say(&o, NULL, "%s %s %s %s: %s -> %s (%s)", oha_wall_format(oha_now_wall(app->ctx), at),
            health_kind_name(w->peer->kind), w->peer->name, target, oha_peer_state_name(was),
            oha_peer_state_name(w->track.state), oha_probe_end_name(result->end));
  } else {
    out_array(&o, "peers", NULL, NULL, OUT_TABLE);
    out_record(&o);
    out_at(&o, "at", NULL, oha_now_wall(app->ctx));
    out_str(&o, "kind", NULL, health_kind_name(w->peer->kind));
    out_str(&o, "name", NULL, w->peer->name);
    show_sock(&o, "target", NULL, &w->peer->probe.target);
    out_str(&o, "was", NULL, oha_peer_state_name(was));
    out_tone(&o, "state", NULL, oha_peer_state_name(w->track.state), tone_of(w->track.state));
    out_str(&o, "end", NULL, oha_probe_end_name(result->end));
  }
  if (!out_close(&o, HA_JUDGE_OK, exit_name(VERB_JUDGES, HA_JUDGE_OK)))
    exit(HA_JUDGE_UNKNOWN); /* whoever read this is gone */
}

static void ended(void *arg, const struct oha_probe_result *result)
{
  struct watched *w = arg;
  enum oha_peer_state was = w->track.state;

  w->busy = false;
  if (oha_peer_step(&w->track, &w->watch->rule, result->end == OHA_PROBE_ALIVE ? OHA_PEER_OK : OHA_PEER_FAIL,
                    oha_now_mono(w->watch->app->ctx)))
    say(w, result, was);
}

/* Start what is due; *started says whether anything was. *next: when the next one is. */
static enum oha_rc start_due(struct watch *watch, struct oha_mono now, bool *started, struct oha_mono *next,
                             struct oha_error *err)
{
  enum oha_rc rc = OHA_OK;

  next->us = INT64_MAX;
  *started = false;
  for (size_t i = 0; i < watch->n && rc == OHA_OK; i++) {
    struct watched *w = &watch->peers[i];
    struct oha_probe_opts o = {
      .size = sizeof(o),
      .target = w->peer->probe.target,
      .timeout_us = app_timeout_us(watch->app, watch->app->cluster->thresholds.probe_timeout_us),
      .retransmit = true,
    };

    if (w->busy)
      continue;
    if (w->track.due.us <= now.us) {
      w->busy = *started = true;
      rc = oha_prober_add(watch->prober, &o, ended, w, err);
    } else if (w->track.due.us < next->us) {
      *next = w->track.due;
    }
  }
  return rc;
}

/* What has ended is due again some time, so results come first; what was started wants to be sent at once. */
static enum oha_rc turn(struct watch *watch, struct oha_error *err)
{
  struct pollfd fd = { .fd = oha_prober_fd(watch->prober), .events = POLLIN };
  struct oha_mono next_due, next;
  bool started = false;
  enum oha_rc rc = oha_prober_process(watch->prober, &next, err);

  if (rc == OHA_OK)
    rc = start_due(watch, oha_now_mono(watch->app->ctx), &started, &next_due, err);
  if (rc != OHA_OK || started)
    return rc;
  if (next_due.us < next.us)
    next = next_due;
  if (poll(&fd, 1, oha_poll_ms(oha_now_mono(watch->app->ctx), next)) < 0 && errno != EINTR)
    return OHA_E_IO;
  return OHA_OK;
}

int health_watch(struct app *app, struct health *h)
{
  static struct watch watch;
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc;

  watch.app = app;
  watch.rule = (struct oha_peer_rule){ .size = sizeof(watch.rule), .every_us = 2 * OHA_US_PER_S };
  for (size_t i = 0; i < h->n_peers; i++) {
    struct watched *w = &watch.peers[watch.n];

    if (!h->peers[i].can_probe)
      continue;
    w->watch = &watch;
    w->peer = &h->peers[i];
    oha_peer_track_init(&w->track, oha_now_mono(app->ctx));
    watch.n++;
  }
  rc = oha_peer_rule_init(&watch.rule, &err);
  if (rc == OHA_OK && watch.n == 0)
    return app_usage(app, "there is nothing to watch: no peer that can be probed");
  if (rc == OHA_OK)
    rc = oha_prober_new(app->ctx, &watch.prober, &err);
  while (rc == OHA_OK)
    rc = turn(&watch, &err);
  oha_prober_free(watch.prober);
  return app_fail(app, &err);
}
