/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_FAILOVER_PLAN_H
#define OHA_FAILOVER_PLAN_H
/* A plan as its steps and gates see it. */
#include <opensips-ha/failover.h>
#include <opensips-ha/remote.h>
#include <opensips-ha/vip.h>
#include "engine/engine.h"

/* How it is known that the old active does not serve any more. */
enum oha__proof {
  OHA__PROOF_NONE = 0,
  OHA__PROOF_SELF = 1,     /* it answers, and itself shows the VIP gone */
  OHA__PROOF_FENCED = 2,   /* fence_command succeeded */
  OHA__PROOF_EVIDENCE = 3, /* two silent paths, and the operator typed its name */
  OHA__PROOF_CLAIMED = 4   /* --force=fenced: the operator answers for it */
};

enum oha__sign { OHA__SIGN_NONE = 0, OHA__SIGN_ALIVE = 1, OHA__SIGN_SILENT = 2 };

/* What each path says of the old active. */
struct oha__evidence {
  bool collected;
  enum oha__sign management;     /* remote_command */
  enum oha__sign sip;            /* its own sockets */
  enum oha__sign arp;            /* its management address on this LAN */
  enum oha__sign witness;        /* its own sockets, asked from a witness */
  bool has_vip;                  /* management alive: it holds a VIP */
  struct oha_vip_owners *owners; /* who answers on the LAN: for its management address, then for each VIP */
  bool target_has_vips;          /* the target holds all of them already */
};

#define OHA__N_STEPS_MAX 16
#define OHA__TEXT_SIZE   320

struct oha_plan {
  struct oha_ctx *ctx;
  const struct oha_cluster *cluster;
  const struct oha__engine_ops
      *engine;       /* what moves the VIPs; NULL: it is not covered, and nothing moves them */
  struct oha_db *db; /* NULL: without, or lost on the way */
  enum oha_plan_kind kind;
  const struct oha_node *self, *from, *to; /* self may be NULL */
  const char *reason, *actor, *state_dir;  /* own copies, may be NULL */
  uint32_t forced_gates;                   /* bit = index in the gate table */
  uint32_t forced_before;                  /* those of them that only the journal names */
  bool confirmed_down, without_database, dry_run;
  enum oha_speed speed;
  uint64_t rate_rows_per_s;
  uint32_t class_mask;

  struct oha_journal *journal;
  struct oha_op_record op; /* op_id "" until begun */
  bool resumed;
  enum oha_step_state prior[OHA__N_STEPS_MAX]; /* by step number - 1, as the journal has it */
  bool has_prior[OHA__N_STEPS_MAX];
  /* It was running elsewhere when its process died: steps in the dark may be in that machine's log alone. */
  bool is_blind;
  bool was_noted_in_light; /* a step after the dark, by the last run: the database has the dark ones too */

  struct oha__evidence evidence;
  enum oha__proof proof;
  bool adopted;         /* the target holds all adoptable addresses of the old active */
  bool *adopted_socket; /* of from->sockets: the target holds its address, so it says nothing of the old
                           active */
  struct oha_mono began, dark_from;
  bool dark_counts;   /* the VIP was moved by this run */
  bool journal_limps; /* a note could not be written to the database; said once */
  bool deferring;     /* notes go to the local log alone: the service may be dark */
  unsigned n_changed; /* steps that this run has acted in */
  bool degraded;

  oha_plan_fn *fn;
  void *fn_arg;
  struct oha_outcome *out;
};

/* Under the lease, the steps of a resumed plan as they are now. OHA_E_BUSY: another run has ended or resumed
 * the operation since the plan was made. */
OHA_NODISCARD enum oha_rc oha__plan_reread(struct oha_plan *plan, struct oha_error *err);

/* The machine where a node's addresses are changed: this one, or through its remote_command. */
OHA_NODISCARD enum oha_rc oha__plan_place(const struct oha_plan *plan, const struct oha_node *node,
                                          struct oha_place *out, struct oha_error *err);

/* The address of a VIP as the engine wants it. */
struct oha_vip_spec oha__plan_vip_spec(const struct oha_vip *vip);

/*
 * Have the engine observe, acquire or release all VIPs of the cluster at a node, as one. *n_yes counts those
 * that are here, were here already, or were here. Same codes as the operation.
 */
enum oha__vips_op { OHA__VIPS_OBSERVE, OHA__VIPS_ACQUIRE, OHA__VIPS_RELEASE };
OHA_NODISCARD enum oha_rc oha__plan_vips(const struct oha_plan *plan, const struct oha_node *node,
                                         enum oha__vips_op op, size_t *n_yes, struct oha_error *err);

/* See which adoptable addresses of the old active the target holds, now, by this operation or one before. */
OHA_NODISCARD enum oha_rc oha__plan_see_adopted(struct oha_plan *plan, struct oha_error *err);

/* An adoptable address at the target. */
struct oha_vip_spec oha__plan_adopted_spec(const struct oha_plan *plan, const struct oha_node_socket *socket);

/* Everything that a caller of the plan should hear. */
void oha__plan_tell(struct oha_plan *plan, const struct oha_plan_event *event);
void oha__plan_note(struct oha_plan *plan, const char *fmt, ...) OHA_PRINTF(2, 3);

/* The move of this plan; adopted addresses count when they were taken over. Clear with oha_move_clear(). */
OHA_NODISCARD enum oha_rc oha__plan_move(const struct oha_plan *plan, struct oha_move *out,
                                         struct oha_error *err);

/* Ask all paths about the old active; once per plan unless @p again. */
OHA_NODISCARD enum oha_rc oha__evidence_collect(struct oha_plan *plan, bool again, struct oha_error *err);
/* Ask the LAN alone, anew: for its management address and every VIP at once. */
OHA_NODISCARD enum oha_rc oha__evidence_ask_lan(struct oha_plan *plan, struct oha_error *err);
void oha__evidence_clear(struct oha__evidence *evidence);
unsigned oha__evidence_silent(const struct oha__evidence *evidence);
bool oha__evidence_alive(const struct oha__evidence *evidence);
/* The target holds the VIPs and the old active is not seen to: nothing has to be proved. */
bool oha__evidence_settled(const struct oha__evidence *evidence);
void oha__evidence_text(const struct oha__evidence *evidence, char *buf, size_t size);

/* Options of a plan to and from the JSON that the journal keeps for resume. */
OHA_NODISCARD enum oha_rc oha__plan_options_save(const struct oha_plan *plan, char *buf, size_t size,
                                                 struct oha_error *err);
OHA_NODISCARD enum oha_rc oha__plan_options_load(struct oha_plan *plan, const char *json,
                                                 struct oha_error *err);

#endif
