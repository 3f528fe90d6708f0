/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_PROBE_H
#define OHA_NET_PROBE_H
/* What the prober and its transports share. */
#include <opensips-ha/probe.h>
#include "net/container.h"
#include "net/index.h"
#include "net/loop.h"
#include "sip/options.h"
#include "sip/reply.h"

#include <sys/queue.h>

struct oha_probe;

/* A transport. */
struct oha_probe_kind {
  void (*start)(struct oha_probe *probe);  /* may end it */
  void (*resend)(struct oha_probe *probe); /* may end it; NULL = the transport repeats by itself */
  void (*stop)(struct oha_probe *probe);   /* give back what start took; before it is freed */
};

extern const struct oha_probe_kind oha__probe_udp, oha__probe_tcp, oha__probe_tls;

TAILQ_HEAD(oha_probe_list, oha_probe);

struct oha_probe {
  struct oha_prober *prober;
  const struct oha_probe_kind *kind;
  TAILQ_ENTRY(oha_probe) link;
  struct oha_probe_list *list; /* the one that it is in */
  struct oha_index_node by_branch, by_target;
  struct oha_timer timer; /* the next retransmission, or the end */
  struct oha_sip_ids ids;
  struct oha_addr target, local; /* local: family 0 = any */
  struct oha_addr source;        /* where it leaves from, for Via */
  uint16_t target_port, local_port, source_port;
  enum oha_proto proto;
  bool has_begun;
  bool retransmit;
  bool is_proceeding; /* a 1xx came */
  bool saw_bytes;     /* that are no reply to it */
  oha_probe_fn *fn;
  void *arg;
  int64_t timeout_us, interval_us; /* interval: from the last retransmission to the next */
  struct oha_mono began, last_sent;
  union {
    struct oha_udp *udp;
    struct oha_tcp *tcp;
    struct oha_tls *tls;
  };
  enum oha_tls_verify tls_verify;
  const char *uri, *from; /* these, and those of TLS, are in text, or NULL */
  const char *tls_name, *tls_ca_file, *tls_cert_file, *tls_key_file;
  char text[];
};

struct oha_udp;
TAILQ_HEAD(oha_udp_list, oha_udp);

struct oha_prober {
  struct oha_ctx *ctx;
  struct oha_loop loop;
  struct oha_probe_list queued;  /* to be started */
  struct oha_probe_list starved; /* no descriptor was left for them */
  struct oha_probe_list running;
  struct oha_timer start_timer;
  struct oha_index by_branch, by_target;
  struct oha_udp_list udps;
  struct oha_curl *curl; /* NULL until there is a probe over TLS */
  int route_fd;          /* asks the kernel for source addresses; -1 = not open */
  size_t n_pending, n_connections;
  uint8_t random[4096]; /* bits not used yet, at its end */
  size_t n_random;
  char bytes[65536]; /* one datagram */
};

/* The request, the same each time. */
size_t oha__probe_request(const struct oha_probe *probe, char buf[OHA_SIP_REQUEST_SIZE]);

/* Its time runs from @p at. */
void oha__probe_begin(struct oha_probe *probe, struct oha_mono at);

/*
 * A request has left: note when, and set the timer. @p at is from before the system call: by its end a near
 * server may have answered.
 */
void oha__probe_sent(struct oha_probe *probe, struct oha_mono at);

/* Off every list and index, and freed; its callback is not called. */
void oha__probe_forget(struct oha_probe *probe);
void oha__probe_forget_all(struct oha_probe_list *list);

/* It ends, is freed, and its callback is called. */
void oha__probe_end(struct oha_probe *probe, enum oha_probe_end end, int sys_errno);
void oha__probe_end_errno(struct oha_probe *probe, int sys_errno);
void oha__probe_end_text(struct oha_probe *probe, enum oha_probe_end end, struct oha_span why);

/* A reply that is surely its own: 1xx are noted, others end it. */
void oha__probe_take_reply(struct oha_probe *probe, const struct oha_sip_reply *reply);

bool oha__probe_owns(const struct oha_probe *probe, const struct oha_sip_reply *reply);

/* No descriptor was left: wait until one is given back; false when there is nothing to wait for. */
bool oha__probe_starve(struct oha_probe *probe);

void oha__probe_move(struct oha_probe *probe, struct oha_probe_list *list);

uint64_t oha__probe_branch_hash(const uint8_t branch[16]);
uint64_t oha__probe_target_hash(const struct oha_addr *addr, uint16_t port);

/* Close the UDP sockets that nobody uses; or all, their blocked probes forgotten. */
void oha__udp_sweep(struct oha_prober *prober);
void oha__udp_close(struct oha_prober *prober);

/* libcurl's part, after all probes over TLS are gone. */
void oha__tls_close(struct oha_prober *prober);

#endif
