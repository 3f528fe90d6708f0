/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_FAILOVER_H
#define OHA_FAILOVER_H
/*
 * Moving the service: a plan of steps, each of which can see that it is already done, do it, verify it by
 * observation and take it back. The same plan is previewed, run, resumed after a kill, and undone.
 *
 * Not covered by this release: sharing tags, pinging, engines other than `native`, media relays. A plan's
 * `not_covered` says so for the cluster at hand.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/cluster.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/error.h>
#include <opensips-ha/journal.h>
#include <opensips-ha/location.h>
#include <opensips-ha/rewrite.h>

OHA_BEGIN_DECLS

enum oha_plan_kind {
  OHA_PLAN_FAILOVER = 0, /* emergency: the active is dead, or is demoted if it still answers */
  OHA_PLAN_REWRITE = 1   /* sockets only */
};

/** "failover", "rewrite": as the verb and the journal call it. */
OHA_API const char *oha_plan_kind_name(enum oha_plan_kind kind);

struct oha_plan_opts {
  size_t size;
  enum oha_plan_kind kind;
  const char *self; /* this machine's node, or NULL: then every node is reached by its remote_command */
  const char *from; /* NULL = the VIP's owner, else the target of the last move, else the only other node */
  const char *to;
  const char *reason;       /* NULL = none */
  const char *actor;        /* "user@host" for the journal */
  const char *const *force; /* gates to override by name; what the override claims is journaled */
  size_t n_force;
  bool confirmed_down;   /* the operator typed the name of the dead node */
  bool without_database; /* local lock and log; what it could not guard is said, resume does the rest */
  bool dry_run;          /* same code, nothing written */
  enum oha_speed speed;
  uint64_t rate_rows_per_s;
  uint32_t class_mask;   /* rewrite: 0 = by the cluster's policy */
  const char *state_dir; /* NULL = the installed default */
};

struct oha_gate {
  const char *name; /* "sip", "database", "quorum", "mode", "address", "fenced", "lease" */
  bool passed;
  bool blocking; /* a failed one stops the plan unless forced */
  bool forced;
  char value[128];    /* what was found */
  char threshold[96]; /* what is asked for */
  char text[320];     /* why, and what to do */
};

enum oha_plan_event_kind {
  OHA_EVENT_GATE = 0,
  OHA_EVENT_STEP_BEGIN = 1, /* noted in the journal, not yet done */
  OHA_EVENT_STEP_ACTED = 2, /* done and observed, not yet noted */
  OHA_EVENT_STEP_END = 3,   /* noted; in a dry run state BEGUN says "would be done" */
  OHA_EVENT_REACH = 4,
  OHA_EVENT_PROGRESS = 5, /* of the rewrite */
  OHA_EVENT_NOTE = 6      /* something people should know: not covered, not guarded, alarm */
};

struct oha_plan_event {
  enum oha_plan_event_kind kind;
  int64_t at_us;                           /* since the plan began */
  const struct oha_gate *gate;             /* GATE */
  uint32_t seq;                            /* STEP_*: number in the plan, from 1 */
  const char *step;                        /* STEP_* */
  enum oha_step_state state;               /* STEP_END; SKIPPED = was so already */
  int64_t elapsed_us;                      /* STEP_END */
  const char *text;                        /* STEP_*, NOTE: what is done, or was found */
  const struct oha_reach_sum *reach;       /* REACH */
  const struct oha_rewrite_stats *rewrite; /* PROGRESS */
};

/** Called at every boundary, in the caller's thread. */
typedef void oha_plan_fn(void *arg, const struct oha_plan_event *event);

struct oha_outcome {
  enum oha_op_state state; /* DONE, DEGRADED, INCOMPLETE, UNDONE, FAILED (nothing changed, or all undone) */
  char op_id[OHA_OP_ID_SIZE]; /* "" when nothing was begun */
  char from[64], to[64];
  int64_t dark_us; /* from the loss of the VIP (or the start, when it was lost before) to the first proved
                      answer; -1 = not measured */
  bool have_reach;
  struct oha_reach_sum reach;
  struct oha_rewrite_stats rewrite;
  char summary[512]; /* one line for people */
  char remains[256]; /* what is left to do: "" = nothing */
};

struct oha_plan;

/**
 * Work out a plan: which node dies, what has to be done. Looks at the nodes, changes nothing.
 *
 * @param cluster borrows until oha_plan_free()
 * @param db      borrows until oha_plan_free(); NULL with without_database
 * @return OHA_OK; OHA_E_NOTFOUND unknown node; OHA_E_ARG; OHA_E_CONFIG no VIP, or from cannot be told (name
 * it); OHA_E_REFUSED the engine of this cluster is not covered
 */
OHA_API OHA_NODISCARD enum oha_rc oha_plan_new(struct oha_ctx *ctx, const struct oha_cluster *cluster,
                                               struct oha_db *db, const struct oha_plan_opts *opts,
                                               struct oha_plan **out, struct oha_error *err);
OHA_API void oha_plan_free(struct oha_plan *plan);

/** Who gives and who takes; lends until oha_plan_free(). */
OHA_API const char *oha_plan_from(const struct oha_plan *plan);
OHA_API const char *oha_plan_to(const struct oha_plan *plan);

/**
 * Run it (or, with dry_run, walk it).
 *
 * @param out always filled
 * @return OHA_OK state DONE or DEGRADED; OHA_E_REFUSED, OHA_E_BUSY, OHA_E_NO_QUORUM a gate stopped it,
 * nothing was changed; any other: state says whether something was changed (INCOMPLETE) or not (FAILED)
 */
OHA_API OHA_NODISCARD enum oha_rc oha_plan_run(struct oha_plan *plan, oha_plan_fn *fn, void *arg,
                                               struct oha_outcome *out, struct oha_error *err);

/**
 * A plan for an operation that was begun: its nodes and options come from the journal.
 *
 * @param op_id NULL = the newest that is open
 * @return as oha_plan_new(); OHA_E_NOTFOUND there is none
 */
OHA_API OHA_NODISCARD enum oha_rc oha_plan_resume(struct oha_ctx *ctx, const struct oha_cluster *cluster,
                                                  struct oha_db *db, const struct oha_plan_opts *opts,
                                                  const char *op_id, struct oha_plan **out,
                                                  struct oha_error *err);

/**
 * Take a resumed plan's operation back, last step first.
 *
 * @param only NULL = all; "adopt" = give adopted addresses back and leave the rest as it is
 * @return OHA_OK state UNDONE; OHA_E_REFUSED a node was fenced (the point of no return), or the old active
 * does not answer: nothing was changed; any other: some steps are taken back, state INCOMPLETE
 */
OHA_API OHA_NODISCARD enum oha_rc oha_plan_undo(struct oha_plan *plan, const char *only, oha_plan_fn *fn,
                                                void *arg, struct oha_outcome *out, struct oha_error *err);

OHA_END_DECLS
#endif
