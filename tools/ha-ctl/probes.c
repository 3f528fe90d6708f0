/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probes.h"
#include "show.h"

bool probe_is_possible(const struct oha_sock *target)
{
  return target->addr.family != 0 && target->port != 0 &&
         (target->proto == OHA_PROTO_UDP || target->proto == OHA_PROTO_TCP || target->proto == OHA_PROTO_TLS);
}

static void probe_ended(void *arg, const struct oha_probe_result *result)
{
  struct probe_item *item = arg;

  item->result = *result;
  item->asked = true;
}

enum oha_rc probes_run(struct app *app, struct probe_item *items, size_t n, int64_t timeout_us,
                       struct oha_error *err)
{
  struct oha_prober *prober = NULL;
  enum oha_rc rc = oha_prober_new(app->ctx, &prober, err);

  for (size_t i = 0; i < n && rc == OHA_OK; i++) {
    struct oha_probe_opts o = {
      .size = sizeof(o),
      .target = items[i].target,
      .timeout_us = timeout_us,
      .retransmit = true,
    };

    items[i].asked = false;
    if (probe_is_possible(&items[i].target))
      rc = oha_prober_add(prober, &o, probe_ended, &items[i], err);
  }
  if (rc == OHA_OK)
    rc = oha_prober_run(prober, err);
  oha_prober_free(prober);
  return rc;
}

void show_probe_end(struct out *o, const char *key, const char *title, const struct probe_item *item)
{
  if (!item->asked)
    out_unknown(o, key, title);
  else
    out_tone(o, key, title, oha_probe_end_name(item->result.end),
             item->result.end == OHA_PROBE_ALIVE ? TONE_GOOD : TONE_BAD);
}

void show_peer(struct out *o, const struct probe_item *item)
{
  const struct oha_probe_result *r = &item->result;

  out_record(o);
  show_sock(o, "target", "TARGET", &item->target);
  show_probe_end(o, "end", "END", item);
  if (item->asked && r->code != 0)
    out_uint(o, "code", "CODE", r->code);
  else
    out_none(o, "code", "CODE");
  out_str(o, "reason", "REASON", item->asked && r->reason[0] != '\0' ? r->reason : "");
  out_str(o, "server", "SERVER", item->asked && r->server[0] != '\0' ? r->server : NULL);
  if (item->asked && r->rtt_us >= 0)
    out_us(o, "rtt_us", "ROUND TRIP", r->rtt_us);
  else
    out_none(o, "rtt_us", "ROUND TRIP");
  if (item->asked)
    out_us(o, "elapsed_us", NULL, r->elapsed_us);
  else
    out_none(o, "elapsed_us", NULL);
}
