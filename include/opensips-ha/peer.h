/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_PEER_H
#define OHA_PEER_H
/*
 * The health of what a cluster depends on. Two parts: from single answers to a state that one can act on (up,
 * suspect, down, coming up, held down because it flaps, drained by an operator), which only decides: the
 * caller probes, and hands in each result with the instant of it; and database hosts, judged by writing.
 * Threads: any; one per struct oha_peer_track.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/db.h>
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>
#include <opensips-ha/time.h>

OHA_BEGIN_DECLS

enum oha_peer_state {
  OHA_PEER_UNKNOWN = 1, /* neither enough answers nor enough silence yet */
  OHA_PEER_UP = 2,
  OHA_PEER_SUSPECT = 3, /* was up and failed; not often enough to be called down: still used */
  OHA_PEER_DOWN = 4,
  OHA_PEER_RISING = 5, /* was down and answered; not often enough to be called up */
  OHA_PEER_DAMPED = 6, /* answers, but went down too often lately: held back until it has calmed down */
  OHA_PEER_DRAINED = 7 /* taken out by an operator; probed, but whatever it answers it stays out */
};

enum oha_peer_event {
  OHA_PEER_OK = 0,    /* a probe was answered */
  OHA_PEER_FAIL = 1,  /* a probe was not */
  OHA_PEER_DRAIN = 2, /* an operator takes it out */
  OHA_PEER_RESUME = 3 /* ... and lets it in again: all that was known is forgotten, but not its flaps */
};

/**
 * When a state is left. The flap counter works as in RFC 2439: each fall from up to down adds 1000, time
 * halves it, and a peer that comes up with suppress or more is held until it is below reuse.
 */
struct oha_peer_rule {
  size_t size;
  uint32_t rise;        /* answers in a row that make it up; 0 = 2 */
  uint32_t fall;        /* failures in a row that make it down; 0 = 3 */
  int64_t every_us;     /* between probes; 0 = 10 s */
  int64_t retry_us;     /* between probes of a suspect or rising one; 0 = 1 s */
  uint32_t suppress;    /* 0 = 2500: the third fall in a short time; UINT32_MAX = never held */
  uint32_t reuse;       /* 0 = 750; below suppress */
  int64_t half_life_us; /* 0 = 5 min */
  int64_t hold_max_us;  /* held no longer than this, however often it fell; 0 = 20 min */
};

/** What is remembered of one peer. A value: copy it as you like. Read it, change it by the calls below. */
struct oha_peer_track {
  enum oha_peer_state state;
  uint32_t n_ok, n_fail;      /* in a row, up to now */
  uint32_t penalty;           /* at penalty_at */
  struct oha_mono since;      /* of this state */
  struct oha_mono penalty_at; /* last change of penalty */
  bool held;                  /* was DAMPED and not UP since: held until it is calm, also through falls */
  struct oha_mono held_since;
  struct oha_mono due; /* of the next probe */
};

/** "unknown", "up", "suspect", "down", "rising", "damped", "drained"; "?" for a number that is none. */
OHA_API const char *oha_peer_state_name(enum oha_peer_state state);

/** Should new calls go there? UP and SUSPECT. */
OHA_API bool oha_peer_is_usable(enum oha_peer_state state);

/**
 * Fill in the defaults of a rule, and check it.
 *
 * @param rule its size as the caller knows it; zeros become the documented defaults
 * @return OHA_OK; OHA_E_ARG a negative duration, or reuse not below suppress
 */
OHA_API OHA_NODISCARD enum oha_rc oha_peer_rule_init(struct oha_peer_rule *rule, struct oha_error *err);

/** A peer that nothing is known about; due at once. */
OHA_API void oha_peer_track_init(struct oha_peer_track *track, struct oha_mono now);

/**
 * Take one event in.
 *
 * @param rule by oha_peer_rule_init()
 * @param now  of the event; one before the last event's counts as that one's
 * @return true: the state is another one now (track->since)
 */
OHA_API bool oha_peer_step(struct oha_peer_track *track, const struct oha_peer_rule *rule,
                           enum oha_peer_event event, struct oha_mono now);

/** The flap counter as it is at @p now. */
OHA_API uint32_t oha_peer_penalty(const struct oha_peer_track *track, const struct oha_peer_rule *rule,
                                  struct oha_mono now);

/** How bad a finding is; the numbers are those of monitoring plugins. */
enum oha_health {
  OHA_HEALTH_OK = 0,
  OHA_HEALTH_WARNING = 1,
  OHA_HEALTH_CRITICAL = 2,
  OHA_HEALTH_UNKNOWN = 3
};

/** "OK", "WARNING", "CRITICAL", "UNKNOWN"; "?" for a number that is none. Static text. */
OHA_API const char *oha_health_name(enum oha_health level);

/** The worse of two: CRITICAL, then UNKNOWN, WARNING, OK. */
OHA_API enum oha_health oha_health_worse(enum oha_health a, enum oha_health b);

struct oha_finding {
  enum oha_health level;
  const char *id;    /* stable, such as "OHA-DB-SPLIT"; static text */
  char subject[256]; /* what it is about, such as a host; "" = the database as a whole */
  char text[384];    /* what is wrong, and what it means */
  const char *hint;  /* what to do; static text, "" = nothing to say */
};

/** What one database host showed. Numbers are -1 where they were not found out. */
struct oha_db_health {
  char host[256];
  bool answered;                 /* connected, and said what it is: verdict is filled in */
  struct oha_db_verdict verdict; /* as it stood after all hosts had been written to */
  enum oha_rc rc;                /* why it did not answer; OHA_OK = it did */
  bool tried;                    /* a write was tried */
  enum oha_rc write_rc; /* of the write and its causal read; OHA_E_SCHEMA = table opensips_ha_beat is not
                           there */
  int64_t connect_us;
  int64_t write_us;        /* until the commit was confirmed */
  int64_t read_us;         /* until it was read back */
  int64_t flow_paused_ppm; /* Galera: part of the time since FLUSH STATUS in which writers were held */
  int64_t recv_queue;      /* Galera: write sets that wait to be applied */
  bool lag_tried;          /* a replica: asked to catch up with what was just written */
  int64_t lag_us;          /* how long that took; -1 = not within lag_limit_us */
  char why[256];           /* text of the first failure, "" = none */
};

struct oha_db_health_opts {
  size_t size;
  const struct oha_db_opts *db; /* borrows; each of its hosts is looked at by itself; `need` is ignored, and
                                   so are its timeouts */
  const char *node;             /* borrows; whose rows of opensips_ha_beat are written, up to 64 bytes */
  int64_t timeout_us;           /* of each connect and each statement; 0 = 2 s; rounded up to whole seconds */
  int64_t lag_limit_us;         /* a replica must catch up within this; 0 = 1 s; at most timeout_us */
  bool look_only;               /* write nothing: then nothing proves that a host takes writes */
};

/**
 * Look at every host of a database: connect, ask what it is, write our own row where it says that it can be
 * written, and read it back. On Galera each host is written to, because one that was cut off or stopped says
 * "Primary, Synced" for seconds after it is no longer; the read is causal (wsrep_sync_wait). Of a pair with
 * asynchronous replication only the first writable host is written to: a write to the other one would fork
 * its history. Its replicas are then asked to catch up, by GTID.
 *
 * @param out   @p n_out elements, one for each host of opts->db, in its order; all are filled in on OHA_OK
 * @return OHA_OK (also when no host serves); OHA_E_ARG; OHA_E_CONFIG a host or the option file is wrong;
 *         OHA_E_CANCELLED; OHA_E_NOMEM
 * Blocks: for each host up to timeout_us to connect and as long again for each of some five statements.
 * Source: wsrep status variables of Galera 4; MASTER_GTID_WAIT() of MariaDB, WAIT_FOR_EXECUTED_GTID_SET() of
 * MySQL; table opensips_ha_beat (node, host, n, token, beat_at).
 */
OHA_API OHA_NODISCARD enum oha_rc oha_db_health_probe(struct oha_ctx *ctx,
                                                      const struct oha_db_health_opts *opts,
                                                      struct oha_db_health *out, size_t n_out,
                                                      struct oha_error *err);

/**
 * What is wrong with these hosts, each by itself and compared: split, two writers, none, too few members,
 * lag, held writers. Decides only.
 *
 * @param balancer the hosts are balancers: how many servers stand behind them is not known
 * @param out      up to @p max findings; more are counted in *n_out but not kept
 * @return the worst level, OHA_HEALTH_OK without a finding
 */
OHA_API enum oha_health oha_db_health_judge(const struct oha_db_health *hosts, size_t n_hosts, bool balancer,
                                            struct oha_finding *out, size_t max, size_t *n_out);

/**
 * Does a server on this machine listen there: on that address, or on every address of its family? It may be
 * bound although this machine does not have the address (ip_nonlocal_bind, IP_FREEBIND): so a standby's
 * server waits for the VIP.
 *
 * @param sock UDP, TCP, TLS, WS or WSS, with an address and a port
 * @return OHA_OK; OHA_E_ARG; OHA_E_IO
 * Source: proc(5), /proc/net/udp and tcp of this network namespace.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_sock_is_bound(const struct oha_sock *sock, bool *bound,
                                                    struct oha_error *err);

/** A peer that a routing table names. */
struct oha_peer_found {
  const char *source;     /* "dispatcher", "dr_gateways", "address"; static text */
  char name[128];         /* table and set, gateway or row: "dispatcher/1" */
  char text[256];         /* as the table has it, bytes made safe */
  struct oha_sock target; /* defaults filled in */
  bool can_probe;         /* UDP, TCP or TLS, to an address */
  char why[96];           /* why not */
};

/** OHA_OK to go on; anything else stops, OHA_END without a failure. @p found is lent until the call returns.
 */
typedef enum oha_rc oha_peer_found_fn(void *arg, const struct oha_peer_found *found);

/**
 * Read the peers of this database: tables dispatcher, dr_gateways and address, as far as they are there, by
 * the columns that they have.
 *
 * @return OHA_OK; what @p fn returned; OHA_E_DENIED, OHA_E_UNAVAILABLE ... of the database
 * Source: dispatcher versions 2 to 9, dr_gateways, address versions 3 to 5 (OpenSIPS 1.4 to 4.0).
 */
OHA_API OHA_NODISCARD enum oha_rc oha_peers_discover(struct oha_db *db, oha_peer_found_fn *fn, void *arg,
                                                     struct oha_error *err);

/** A test registration: one contact that nobody else has. */
struct oha_register;

/**
 * Prepare to register @p aor at a registrar that does not challenge. Nothing is sent.
 *
 * @param ctx        borrows until oha_register_close()
 * @param target     UDP, an address and a port
 * @param aor        copies; "user@domain"
 * @param timeout_us of each request; 0 = 1 s
 * @param out        gives
 * @return OHA_OK; OHA_E_ARG; OHA_E_UNAVAILABLE no way there; OHA_E_IO no random bits; OHA_E_NOMEM
 */
OHA_API OHA_NODISCARD enum oha_rc oha_register_open(struct oha_ctx *ctx, const struct oha_sock *target,
                                                    const char *aor, int64_t timeout_us,
                                                    struct oha_register **out, struct oha_error *err);

/** The contact's URI; lends until oha_register_close(). */
OHA_API const char *oha_register_contact(const struct oha_register *reg);

/**
 * Send REGISTER for the contact, and wait for the final reply.
 *
 * @param expires_s 0 removes this contact, and no other
 * @param code      set to the reply's
 * @param reason    its phrase, bytes made safe; @p size at least 16
 * @return OHA_OK a final reply came, whatever it says; OHA_E_TIMEOUT; OHA_E_UNAVAILABLE refused;
 *         OHA_E_CANCELLED; OHA_E_NOSPACE
 * Blocks up to the timeout. Source: RFC 3261 sections 10.2 and 17.1.2.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_register_send(struct oha_register *reg, uint32_t expires_s, int *code,
                                                    char *reason, size_t size, struct oha_error *err);

/** NULL is fine. What was registered stays registered. */
OHA_API void oha_register_close(struct oha_register *reg);

OHA_END_DECLS
#endif
