/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_PROBE_H
#define OHA_PROBE_H
/*
 * Is it alive? SIP OPTIONS (RFC 3261 sections 11 and 17.1.2) over UDP, TCP and TLS, IPv4 and IPv6. Any final
 * reply means alive; its code is kept. One epoll descriptor carries thousands of probes and can be put into a
 * caller's own loop.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>

OHA_BEGIN_DECLS

enum oha_probe_end {
  OHA_PROBE_ALIVE = 0,       /* a final reply came */
  OHA_PROBE_TIMEOUT = 1,     /* nothing came in time */
  OHA_PROBE_REFUSED = 2,     /* ICMP port unreachable, or TCP reset: host there, nobody listens */
  OHA_PROBE_UNREACHABLE = 3, /* ICMP host/net unreachable, no route, address not ours */
  OHA_PROBE_GARBLED = 4      /* bytes came that are no SIP reply to us */
};

OHA_API const char *oha_probe_end_name(enum oha_probe_end end);

struct oha_probe_opts {
  size_t size;
  struct oha_sock target; /* protocol UDP, TCP or TLS; address, not a name; port given */
  struct oha_addr local;  /* family 0 = the kernel's choice */
  uint16_t local_port;    /* 0 = any */
  const char *uri;        /* copies; request URI; NULL = "sip:ADDRESS:PORT" */
  const char *from;       /* copies; NULL = "sip:ha-check@localhost" */
  int64_t timeout_us;     /* 0 = 1 s */
  bool retransmit;        /* UDP: RFC 3261 timer E (T1 500 ms, doubling to 4 s) */
};

struct oha_probe_result {
  enum oha_probe_end end;
  uint16_t code;      /* of the final reply; 0 = none */
  char reason[64];    /* its phrase, bytes made safe */
  char server[96];    /* Server header, "" = none */
  int64_t rtt_us;     /* from the last send to the reply; -1 = none */
  int64_t elapsed_us; /* from the first send to the end */
  int sys_errno;      /* for REFUSED and UNREACHABLE */
};

typedef void oha_probe_fn(void *arg, const struct oha_probe_result *result);

struct oha_prober;

OHA_API OHA_NODISCARD enum oha_rc oha_prober_new(struct oha_ctx *ctx, struct oha_prober **out,
                                                 struct oha_error *err);
OHA_API void oha_prober_free(struct oha_prober *prober); /* unfinished probes end without a call */

/** Start a probe; @p fn is called once from oha_prober_process(), and may add more probes. */
OHA_API OHA_NODISCARD enum oha_rc oha_prober_add(struct oha_prober *prober, const struct oha_probe_opts *opts,
                                                 oha_probe_fn *fn, void *arg, struct oha_error *err);

/** Readable when oha_prober_process() has something to do; lends until oha_prober_free(). */
OHA_API int oha_prober_fd(const struct oha_prober *prober);

/** Do what is due, without blocking. @param next set to when it must be called again at the latest. */
OHA_API OHA_NODISCARD enum oha_rc oha_prober_process(struct oha_prober *prober, struct oha_mono *next,
                                                     struct oha_error *err);

/** Probes under way. */
OHA_API size_t oha_prober_pending(const struct oha_prober *prober);

/** Process until nothing is under way (each probe has its own deadline) or the context is cancelled. */
OHA_API OHA_NODISCARD enum oha_rc oha_prober_run(struct oha_prober *prober, struct oha_error *err);

/** One probe, start to end. Blocks up to opts->timeout_us. */
OHA_API OHA_NODISCARD enum oha_rc oha_probe(struct oha_ctx *ctx, const struct oha_probe_opts *opts,
                                            struct oha_probe_result *out, struct oha_error *err);

OHA_END_DECLS
#endif
