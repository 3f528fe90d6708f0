/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/probe.h"
#include "net/random.h"
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_DEFAULT_US OHA_US_PER_S
#define START_BATCH        64 /* sends between two looks at what came in */
#define URI_MAX_BYTES      255
#define CANCEL_LOOK_MS     100
#define URI_DEFAULT_SIZE   (OHA_ADDR_SIZE + 16)
#define FROM_DEFAULT       "sip:ha-check@localhost"

const char *oha_probe_end_name(enum oha_probe_end end)
{
  switch (end) {
  case OHA_PROBE_ALIVE:
    return "alive";
  case OHA_PROBE_TIMEOUT:
    return "timeout";
  case OHA_PROBE_REFUSED:
    return "refused";
  case OHA_PROBE_UNREACHABLE:
    return "unreachable";
  case OHA_PROBE_GARBLED:
    return "garbled";
  case OHA_PROBE_TLS_FAILED:
    return "tls-failed";
  }
  return "?";
}

static void start_some(struct oha_timer *timer)
{
  struct oha_prober *prober = OHA_CONTAINER(timer, struct oha_prober, start_timer);
  struct oha_probe *probe;

  for (int n = 0; n < START_BATCH && (probe = TAILQ_FIRST(&prober->queued)) != NULL; n++) {
    oha__probe_move(probe, &prober->running);
    probe->kind->start(probe);
  }
  if (!TAILQ_EMPTY(&prober->queued))
    oha__loop_set(&prober->loop, &prober->start_timer, oha_now_mono(prober->ctx));
}

enum oha_rc oha_prober_new(struct oha_ctx *ctx, struct oha_prober **out, struct oha_error *err)
{
  struct oha_prober *prober;
  enum oha_rc rc;

  if (out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_prober_new: out is NULL");
  *out = NULL;
  if (ctx == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_prober_new: ctx is NULL");
  prober = oha__calloc(1, sizeof(*prober));
  if (prober == NULL)
    return oha__fail_nomem(err);
  prober->ctx = ctx;
  prober->route_fd = -1;
  prober->start_timer.fn = start_some;
  TAILQ_INIT(&prober->queued);
  TAILQ_INIT(&prober->starved);
  TAILQ_INIT(&prober->running);
  TAILQ_INIT(&prober->udps);
  if (!oha__index_init(&prober->by_branch) || !oha__index_init(&prober->by_target))
    rc = oha__fail_nomem(err);
  else
    rc = oha__loop_open(&prober->loop, ctx, err);
  if (rc != OHA_OK) {
    oha_prober_free(prober);
    return rc;
  }
  *out = prober;
  return OHA_OK;
}

void oha_prober_free(struct oha_prober *prober)
{
  if (prober == NULL)
    return;
  oha__probe_forget_all(&prober->running);
  oha__probe_forget_all(&prober->starved);
  oha__probe_forget_all(&prober->queued);
  oha__udp_close(prober);
  oha__tls_close(prober);
  if (prober->route_fd >= 0)
    close(prober->route_fd);
  oha__index_clear(&prober->by_branch);
  oha__index_clear(&prober->by_target);
  oha__loop_close(&prober->loop);
  oha__free(prober);
}

static const struct oha_probe_kind *kind_of(enum oha_proto proto)
{
  switch ((int)proto) {
  case OHA_PROTO_UDP:
    return &oha__probe_udp;
  case OHA_PROTO_TCP:
    return &oha__probe_tcp;
  case OHA_PROTO_TLS:
    return &oha__probe_tls;
  default:
    return NULL;
  }
}

/* It goes into a URL. */
static bool is_host_name(const char *name)
{
  size_t n = strlen(name);

  for (const char *p = name; *p != '\0'; p++)
    if (!oha__is_alpha(*p) && !oha__is_digit(*p) && strchr("-._", *p) == NULL)
      return false;
  return n > 0 && n < OHA_HOST_SIZE;
}

static enum oha_rc check_opts(const struct oha_probe_opts *o, struct oha_error *err)
{
  if (kind_of(o->target.proto) == NULL)
    return oha__fail(err, OHA_E_ARG, "probe: protocol %s cannot be probed", oha_proto_name(o->target.proto));
  if (o->target.addr.family == 0 || o->target.port == 0)
    return oha__fail(err, OHA_E_ARG, "probe: the target needs an address and a port");
  if (o->local.family != 0 && o->local.family != o->target.addr.family)
    return oha__fail(err, OHA_E_ARG, "probe: local address and target are not of one family");
  if (o->timeout_us < 0)
    return oha__fail(err, OHA_E_ARG, "probe: negative timeout");
  if (!oha__sip_uri_is_safe(o->uri) || !oha__sip_uri_is_safe(o->from))
    return oha__fail(err, OHA_E_ARG, "probe: a URI is empty or holds bytes that no URI can hold");
  if (strlen(o->uri) > URI_MAX_BYTES || strlen(o->from) > URI_MAX_BYTES)
    return oha__fail(err, OHA_E_ARG, "probe: a URI is longer than %d bytes", URI_MAX_BYTES);
  if (o->tls_name != NULL && !is_host_name(o->tls_name))
    return oha__fail(err, OHA_E_ARG, "probe: the TLS name is no host name");
  return OHA_OK;
}

static const char *default_uri(const struct oha_sock *target, char buf[URI_DEFAULT_SIZE])
{
  char addr[OHA_ADDR_SIZE];
  struct oha_sbuf b;

  oha_addr_format(&target->addr, addr);
  oha__sbuf_init(&b, buf, URI_DEFAULT_SIZE);
  oha__sbuf_printf(&b, target->addr.family == 6 ? "sip:[%s]:%u" : "sip:%s:%u", addr, (unsigned)target->port);
  return buf;
}

/* @p text into *to, where the probe keeps its copies; NULL stays NULL. */
static const char *keep(char **to, const char *text)
{
  size_t n = text == NULL ? 0 : strlen(text) + 1;
  char *copy = *to;

  if (n == 0)
    return NULL;
  memcpy(copy, text, n);
  *to += n;
  return copy;
}

static size_t kept_bytes(const char *text)
{
  return text == NULL ? 0 : strlen(text) + 1;
}

static struct oha_probe *make_probe(struct oha_prober *prober, const struct oha_probe_opts *o)
{
  size_t n_text = kept_bytes(o->uri) + kept_bytes(o->from) + kept_bytes(o->tls_name) +
                  kept_bytes(o->tls_ca_file) + kept_bytes(o->tls_cert_file) + kept_bytes(o->tls_key_file);
  struct oha_probe *probe = oha__calloc(1, sizeof(*probe) + n_text);
  char *to;

  if (probe == NULL)
    return NULL;
  to = probe->text;
  probe->uri = keep(&to, o->uri);
  probe->from = keep(&to, o->from);
  probe->tls_name = keep(&to, o->tls_name);
  probe->tls_ca_file = keep(&to, o->tls_ca_file);
  probe->tls_cert_file = keep(&to, o->tls_cert_file);
  probe->tls_key_file = keep(&to, o->tls_key_file);
  probe->tls_verify = o->tls_verify;
  probe->prober = prober;
  probe->kind = kind_of(o->target.proto);
  probe->proto = o->target.proto;
  probe->target = o->target.addr;
  probe->target_port = o->target.port;
  probe->local = o->local;
  probe->local_port = o->local_port;
  probe->timeout_us = o->timeout_us == 0 ? TIMEOUT_DEFAULT_US : o->timeout_us;
  probe->retransmit = o->retransmit;
  return probe;
}

/* From a store, because a system call for each costs a tenth of a probe over UDP. */
static enum oha_rc take_random(struct oha_prober *prober, struct oha_sip_ids *ids, struct oha_error *err)
{
  if (prober->n_random < sizeof(*ids)) {
    enum oha_rc rc = oha__random(prober->random, sizeof(prober->random), err);

    if (rc != OHA_OK)
      return rc;
    prober->n_random = sizeof(prober->random);
  }
  prober->n_random -= sizeof(*ids);
  memcpy(ids, prober->random + prober->n_random, sizeof(*ids));
  return OHA_OK;
}

enum oha_rc oha_prober_add(struct oha_prober *prober, const struct oha_probe_opts *opts, oha_probe_fn *fn,
                           void *arg, struct oha_error *err)
{
  char uri[URI_DEFAULT_SIZE];
  struct oha_probe_opts o;
  struct oha_probe *probe;
  enum oha_rc rc;

  if (prober == NULL || opts == NULL || fn == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_prober_add: NULL");
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc != OHA_OK)
    return rc;
  if (o.uri == NULL)
    o.uri = default_uri(&o.target, uri);
  if (o.from == NULL)
    o.from = FROM_DEFAULT;
  rc = check_opts(&o, err);
  if (rc != OHA_OK)
    return rc;
  probe = make_probe(prober, &o);
  if (probe == NULL)
    return oha__fail_nomem(err);
  rc = take_random(prober, &probe->ids, err);
  if (rc != OHA_OK) {
    oha__free(probe);
    return rc;
  }
  probe->fn = fn;
  probe->arg = arg;
  prober->n_pending++;
  oha__probe_move(probe, &prober->queued);
  if (!prober->start_timer.is_set)
    oha__loop_set(&prober->loop, &prober->start_timer, oha_now_mono(prober->ctx));
  return OHA_OK;
}

int oha_prober_fd(const struct oha_prober *prober)
{
  return prober->loop.epoll_fd;
}

size_t oha_prober_pending(const struct oha_prober *prober)
{
  return prober->n_pending;
}

enum oha_rc oha_prober_process(struct oha_prober *prober, struct oha_mono *next, struct oha_error *err)
{
  enum oha_rc rc;

  if (prober == NULL || next == NULL || prober->loop.in_process)
    return oha__fail(err, OHA_E_ARG, "oha_prober_process: NULL, or called from a callback");
  rc = oha__loop_process(&prober->loop, next, err);
  oha__udp_sweep(prober);
  return rc;
}

enum oha_rc oha_prober_run(struct oha_prober *prober, struct oha_error *err)
{
  struct oha_mono next = { 0 };
  enum oha_rc rc;

  if (prober == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_prober_run: NULL");
  for (;;) {
    struct pollfd ready = { .fd = prober->loop.epoll_fd, .events = POLLIN };
    int wait_ms;

    if (oha__cancelled(prober->ctx))
      return oha__fail(err, OHA_E_CANCELLED, "probing was cancelled");
    rc = oha_prober_process(prober, &next, err);
    if (rc != OHA_OK || prober->n_pending == 0)
      return rc;
    wait_ms = oha_poll_ms(oha_now_mono(prober->ctx), next);
    if (wait_ms > CANCEL_LOOK_MS)
      wait_ms = CANCEL_LOOK_MS;
    if (poll(&ready, 1, wait_ms) < 0 && errno != EINTR)
      return oha__fail_errno(err, OHA_E_IO, errno, "poll");
  }
}

static void keep_result(void *arg, const struct oha_probe_result *result)
{
  memcpy(arg, result, sizeof(*result));
}

enum oha_rc oha_probe(struct oha_ctx *ctx, const struct oha_probe_opts *opts, struct oha_probe_result *out,
                      struct oha_error *err)
{
  struct oha_prober *prober = NULL;
  enum oha_rc rc;

  if (out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_probe: out is NULL");
  memset(out, 0, sizeof(*out));
  rc = oha_prober_new(ctx, &prober, err);
  if (rc == OHA_OK)
    rc = oha_prober_add(prober, opts, keep_result, out, err);
  if (rc == OHA_OK)
    rc = oha_prober_run(prober, err);
  if (rc != OHA_OK)
    memset(out, 0, sizeof(*out));
  oha_prober_free(prober);
  return rc;
}
