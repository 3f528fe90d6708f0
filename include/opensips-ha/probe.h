/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_PROBE_H
#define OHA_PROBE_H
/*
 * Is it alive? SIP OPTIONS (RFC 3261 sections 11 and 17.1.2) over UDP, TCP and TLS, IPv4 and IPv6. Any final
 * reply means alive; its code is kept. One epoll descriptor carries thousands of probes and can be put into a
 * caller's own loop.
 *
 * A reply belongs to the probe whose branch (128 random bits), Call-ID and CSeq it carries. The address that
 * it came from is not compared: a server with several may answer from another one. Probes over UDP with the
 * same family, local address and local port share a socket; each probe over TCP or TLS has a connection, and
 * waits its turn when the process is out of descriptors.
 *
 * Threads: one per prober. The first probe over TLS in a process initialises libcurl. Waits are in real time,
 * even when the context's clock is made up.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>

OHA_BEGIN_DECLS

enum oha_probe_end {
  /** A final reply came. */
  OHA_PROBE_ALIVE = 0,
  /** Nothing came in time; a 1xx reply alone is nothing. */
  OHA_PROBE_TIMEOUT = 1,
  /** The host is there, nobody serves: ICMP port unreachable, TCP reset, closed without a reply. */
  OHA_PROBE_REFUSED = 2,
  /** ICMP host or net unreachable, no route, a local address not ours, or no room to send (EAGAIN). */
  OHA_PROBE_UNREACHABLE = 3,
  /** No reply came in time, but other bytes did from there; over TCP also at once, when it cannot be SIP. */
  OHA_PROBE_GARBLED = 4,
  /** TLS came to nothing: no handshake, or a certificate refused by either side; the reason says why. */
  OHA_PROBE_TLS_FAILED = 5
};

/** "alive", "timeout", "refused", "unreachable", "garbled", "tls-failed"; "?" for none of them. Static text.
 */
OHA_API const char *oha_probe_end_name(enum oha_probe_end end);

/** What of a server's certificate must be right. */
enum oha_tls_verify {
  OHA_TLS_VERIFY_FULL = 0,  /* it leads to a known authority, and names what was asked for */
  OHA_TLS_VERIFY_CHAIN = 1, /* it leads to a known authority, whatever its name */
  OHA_TLS_VERIFY_NONE = 2   /* nothing: whoever answers counts */
};

struct oha_probe_opts {
  size_t size;
  struct oha_sock target; /* protocol UDP, TCP or TLS; address, not a name; port given */
  struct oha_addr local;  /* family 0 = the kernel's choice */
  uint16_t local_port;    /* 0 = any */
  const char *uri;        /* copies; request URI, up to 255 bytes; NULL = "sip:ADDRESS:PORT" */
  const char *from;       /* copies; a URI, up to 255 bytes; NULL = "sip:ha-check@localhost" */
  int64_t timeout_us;     /* 0 = 1 s; from the first send, or from the start of the connection */
  bool retransmit;        /* UDP: RFC 3261 timer E (T1 500 ms, doubling to 4 s; 4 s after a 1xx) */
  enum oha_tls_verify tls_verify;
  const char *tls_name;      /* copies; sent (SNI), and looked for in the certificate; NULL = the address */
  const char *tls_ca_file;   /* copies; PEM, the authorities to believe; NULL = the system's */
  const char *tls_cert_file; /* copies; PEM, our own certificate; NULL = none */
  const char *tls_key_file;  /* copies; PEM, its key; NULL = in tls_cert_file */
};

struct oha_probe_result {
  enum oha_probe_end end;
  uint16_t code;      /* of the final reply; 0 = none */
  char reason[128];   /* its phrase, or why TLS failed; bytes made safe */
  char server[96];    /* Server header, bytes made safe; "" = none */
  int64_t rtt_us;     /* from the last send to the reply; -1 = none */
  int64_t elapsed_us; /* from the first send, or the start of the connection, to the end */
  int sys_errno;      /* for REFUSED and UNREACHABLE */
};

/** @p result is lent until the call returns. */
typedef void oha_probe_fn(void *arg, const struct oha_probe_result *result);

struct oha_prober;

/**
 * @param ctx borrows until oha_prober_free()
 * @param out gives
 * @return OHA_OK; OHA_E_ARG; OHA_E_NOMEM; OHA_E_IO (no descriptors left)
 */
OHA_API OHA_NODISCARD enum oha_rc oha_prober_new(struct oha_ctx *ctx, struct oha_prober **out,
                                                 struct oha_error *err);

/** Unfinished probes end without a call. NULL is fine; not from a callback. */
OHA_API void oha_prober_free(struct oha_prober *prober);

/**
 * Start a probe; @p fn is called once, from oha_prober_process() or oha_prober_run(), and may add more
 * probes. What goes wrong with the network later, or at once, is the probe's result, not an error here.
 *
 * @return OHA_OK; OHA_E_ARG (target, URI or options not as above); OHA_E_NOMEM; OHA_E_IO (no random bits)
 */
OHA_API OHA_NODISCARD enum oha_rc oha_prober_add(struct oha_prober *prober, const struct oha_probe_opts *opts,
                                                 oha_probe_fn *fn, void *arg, struct oha_error *err);

/** Readable when oha_prober_process() has something to do; lends until oha_prober_free(). */
OHA_API int oha_prober_fd(const struct oha_prober *prober);

/**
 * Do what is due, without blocking: about a thousand sends and receipts at once, then it asks to come again.
 *
 * @param next set to when it must be called again at the latest; INT64_MAX = only when the descriptor says so
 * @return OHA_OK; OHA_E_ARG (called from a callback); OHA_E_IO
 */
OHA_API OHA_NODISCARD enum oha_rc oha_prober_process(struct oha_prober *prober, struct oha_mono *next,
                                                     struct oha_error *err);

/** Probes under way. */
OHA_API size_t oha_prober_pending(const struct oha_prober *prober);

/**
 * Process until nothing is under way (each probe has its own deadline).
 *
 * @return OHA_OK; OHA_E_CANCELLED (probes stay under way); OHA_E_ARG; OHA_E_IO
 */
OHA_API OHA_NODISCARD enum oha_rc oha_prober_run(struct oha_prober *prober, struct oha_error *err);

/**
 * One probe, start to end. Blocks up to opts->timeout_us (and a second more while nothing can be sent).
 *
 * @param out zeroed on failure; a target that is not alive is no failure
 * @return as oha_prober_add() and oha_prober_run()
 */
OHA_API OHA_NODISCARD enum oha_rc oha_probe(struct oha_ctx *ctx, const struct oha_probe_opts *opts,
                                            struct oha_probe_result *out, struct oha_error *err);

OHA_END_DECLS
#endif
