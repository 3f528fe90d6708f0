/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One probe from its first request to its end, whatever carries it. */
#include "net/probe.h"
#include "base/ctx.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>

#define T1_US (500 * OHA_US_PER_MS) /* RFC 3261 section 17.1.1.1 */
#define T2_US (4 * OHA_US_PER_S)

uint64_t oha__probe_branch_hash(const uint8_t branch[16])
{
  uint64_t hash; /* our own random bits: nobody else chooses them */

  memcpy(&hash, branch, sizeof(hash));
  return hash;
}

uint64_t oha__probe_target_hash(const struct oha_addr *addr, uint16_t port)
{
  uint64_t half[2], hash;

  memcpy(half, addr->bytes, sizeof(half));
  hash = (half[0] ^ port) * UINT64_C(0x9E3779B97F4A7C15);
  hash = (hash ^ (hash >> 29) ^ half[1]) * UINT64_C(0xBF58476D1CE4E5B9);
  return hash ^ (hash >> 32);
}

size_t oha__probe_request(const struct oha_probe *probe, char buf[OHA_SIP_REQUEST_SIZE])
{
  const struct oha_sip_options q = { .proto = probe->proto,
                                     .local = probe->source,
                                     .local_port = probe->source_port,
                                     .uri = probe->uri,
                                     .from = probe->from,
                                     .ids = probe->ids };
  size_t n = 0;

  /* oha_prober_add() checked all that can be wrong, lengths included */
  if (oha__sip_options_build(&q, buf, OHA_SIP_REQUEST_SIZE, &n, NULL) != OHA_OK)
    n = 0;
  return n;
}

static struct oha_mono deadline_of(const struct oha_probe *probe)
{
  return oha_mono_add(probe->began, probe->timeout_us);
}

static void probe_timer(struct oha_timer *timer)
{
  struct oha_probe *probe = OHA_CONTAINER(timer, struct oha_probe, timer);

  if (oha_now_mono(probe->prober->ctx).us >= deadline_of(probe).us)
    oha__probe_end(probe, probe->saw_bytes ? OHA_PROBE_GARBLED : OHA_PROBE_TIMEOUT, 0);
  else
    probe->kind->resend(probe);
}

void oha__probe_begin(struct oha_probe *probe, struct oha_mono at)
{
  probe->has_begun = true;
  probe->began = probe->last_sent = at;
  probe->timer.fn = probe_timer;
  oha__loop_set(&probe->prober->loop, &probe->timer, deadline_of(probe));
}

/* Timer E (RFC 3261 section 17.1.2.2): doubling from T1 to T2, and T2 at once after a 1xx. */
static int64_t next_interval(const struct oha_probe *probe)
{
  if (probe->is_proceeding || probe->interval_us * 2 > T2_US)
    return T2_US;
  return probe->interval_us == 0 ? T1_US : probe->interval_us * 2;
}

void oha__probe_sent(struct oha_probe *probe, struct oha_mono at)
{
  struct oha_mono due = deadline_of(probe), again;

  probe->last_sent = at;
  if (probe->kind->resend == NULL || !probe->retransmit)
    return;
  probe->interval_us = next_interval(probe);
  again = oha_mono_add(probe->last_sent, probe->interval_us);
  oha__loop_set(&probe->prober->loop, &probe->timer, again.us < due.us ? again : due);
}

bool oha__probe_owns(const struct oha_probe *probe, const struct oha_sip_reply *reply)
{
  char call_id[OHA_SIP_HEX_SIZE];
  uint8_t branch[16];

  return oha__sip_branch_read(reply->branch.p, reply->branch.n, branch) &&
         memcmp(branch, probe->ids.branch, sizeof(branch)) == 0 &&
         oha__span_is(reply->call_id, oha__sip_hex(probe->ids.call_id, 16, call_id)) &&
         oha__span_is(reply->cseq_method, "OPTIONS") && reply->cseq == 1;
}

bool oha__probe_starve(struct oha_probe *probe)
{
  if (probe->prober->n_connections == 0)
    return false;
  oha__probe_move(probe, &probe->prober->starved);
  return true;
}

void oha__probe_move(struct oha_probe *probe, struct oha_probe_list *list)
{
  if (probe->list != NULL)
    TAILQ_REMOVE(probe->list, probe, link);
  TAILQ_INSERT_TAIL(list, probe, link);
  probe->list = list;
}

void oha__probe_forget(struct oha_probe *probe)
{
  struct oha_prober *prober = probe->prober;

  probe->kind->stop(probe);
  oha__loop_clear(&prober->loop, &probe->timer);
  oha__index_remove(&prober->by_branch, &probe->by_branch);
  oha__index_remove(&prober->by_target, &probe->by_target);
  TAILQ_REMOVE(probe->list, probe, link);
  prober->n_pending--;
  oha__free(probe);
}

void oha__probe_forget_all(struct oha_probe_list *list)
{
  struct oha_probe *probe;

  while ((probe = TAILQ_FIRST(list)) != NULL)
    oha__probe_forget(probe);
}

/* A connection that ends gives its descriptor to the first that waits for one. */
static void feed_starved(struct oha_prober *prober)
{
  struct oha_probe *probe = TAILQ_FIRST(&prober->starved);

  if (probe == NULL)
    return;
  oha__probe_move(probe, &prober->queued);
  oha__loop_set(&prober->loop, &prober->start_timer, oha_now_mono(prober->ctx));
}

static void finish(struct oha_probe *probe, struct oha_probe_result *result)
{
  struct oha_prober *prober = probe->prober;
  oha_probe_fn *fn = probe->fn;
  void *arg = probe->arg;

  if (probe->has_begun)
    result->elapsed_us = oha_mono_diff_us(oha_now_mono(prober->ctx), probe->began);
  oha__probe_forget(probe);
  feed_starved(prober);
  fn(arg, result);
}

void oha__probe_end(struct oha_probe *probe, enum oha_probe_end end, int sys_errno)
{
  struct oha_probe_result result = { .end = end, .rtt_us = -1, .sys_errno = sys_errno };

  finish(probe, &result);
}

void oha__probe_end_errno(struct oha_probe *probe, int sys_errno)
{
  if (sys_errno == ECONNREFUSED || sys_errno == ECONNRESET || sys_errno == EPIPE)
    oha__probe_end(probe, OHA_PROBE_REFUSED, sys_errno);
  else if (sys_errno == ETIMEDOUT)
    oha__probe_end(probe, OHA_PROBE_TIMEOUT, 0);
  else
    oha__probe_end(probe, OHA_PROBE_UNREACHABLE, sys_errno);
}

void oha__probe_end_text(struct oha_probe *probe, enum oha_probe_end end, struct oha_span why)
{
  struct oha_probe_result result = { .end = end, .rtt_us = -1 };

  oha__sip_value_text(why, result.reason, sizeof(result.reason));
  finish(probe, &result);
}

void oha__probe_take_reply(struct oha_probe *probe, const struct oha_sip_reply *reply)
{
  struct oha_probe_result result = { .end = OHA_PROBE_ALIVE, .code = reply->code };

  if (reply->code < 200) {
    probe->is_proceeding = true;
    return;
  }
  result.rtt_us = oha_mono_diff_us(oha_now_mono(probe->prober->ctx), probe->last_sent);
  oha__sip_value_text(reply->reason, result.reason, sizeof(result.reason));
  oha__sip_value_text(reply->server, result.server, sizeof(result.server));
  finish(probe, &result);
}
