/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans run, killed, resumed and taken back against two nodes made up in memory. */
#include "cm.h"
#include "sim_world.h"

#include <opensips-ha/cluster.h>
#include <opensips-ha/failover.h>

#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64]; /* of this test program */
static char state_dir[96];
static struct oha_ctx *ctx;
static struct oha_cluster *plain, *fencing, *mute, *broken;

static const char common[] =
    "name = \"sim\"\n"
    "database { hosts = { \"127.0.0.1:1\" } option_file = \"%s/db.cnf\" schema = \"x\" }\n"
    "vip \"edge\" { address = \"127.0.9.100/32\" interface = \"lo\""
    " sockets = { \"udp:127.0.9.100:%u\" } }\n"
    "node \"a\" { host = \"127.0.9.1\" %s\n"
    "  socket \"own\" { listen = \"udp:127.0.9.11:%u\" }\n"
    "  socket \"second\" { listen = \"tls:127.0.9.111:9\" adoptable = yes } }\n"
    "node \"b\" { host = \"127.0.9.2\" remote_command = { \"remote\", \"b\" }\n"
    "  socket \"own\" { listen = \"udp:127.0.9.12:%u\" } }\n"
    "thresholds { probe_timeout = \"120ms\" arp_timeout = \"20ms\" }\n";

#define REMOTE_A "remote_command = { \"remote\", \"a\" }"

static struct oha_cluster *load(const char *name, const char *remote_a, const char *more)
{
  struct oha_cluster *cluster = NULL;
  struct oha_error err = OHA_ERROR_INIT;
  char path[160];
  FILE *f;

  snprintf(path, sizeof(path), "%s/%s.conf", dir, name);
  f = fopen(path, "w");
  assert_non_null(f);
  fprintf(f, common, dir, sim_port(), remote_a, sim_port(), sim_port());
  fputs(more, f);
  fclose(f);
  if (oha_cluster_load(ctx, path, NULL, NULL, &cluster, &err) != OHA_OK)
    fail_msg("%s", err.text);
  return cluster;
}

struct death {
  const char *step;
  enum oha_plan_event_kind kind;
};

static void die_there(void *arg, const struct oha_plan_event *event)
{
  const struct death *death = arg;

  if (death != NULL && event->kind == death->kind && strcmp(event->step, death->step) == 0)
    raise(SIGKILL);
}

static struct oha_plan_opts options(void)
{
  return (struct oha_plan_opts){ .size = sizeof(struct oha_plan_opts),
                                 .kind = OHA_PLAN_FAILOVER,
                                 .to = "b",
                                 .actor = "test",
                                 .without_database = true,
                                 .state_dir = state_dir };
}

static enum oha_rc move(const struct oha_cluster *cluster, const struct oha_plan_opts *o,
                        const struct death *death, struct oha_outcome *out, struct oha_error *err)
{
  struct oha_plan *plan = NULL;
  enum oha_rc rc = oha_plan_new(ctx, cluster, NULL, o, &plan, err);

  memset(out, 0, sizeof(*out));
  if (rc == OHA_OK)
    rc = oha_plan_run(plan, die_there, (void *)(uintptr_t)death, out, err);
  oha_plan_free(plan);
  return rc;
}

static enum oha_rc again_until(const struct oha_cluster *cluster, bool undo, const char *only,
                               const struct death *death, struct oha_outcome *out, struct oha_error *err)
{
  struct oha_plan_opts o = options();
  struct oha_plan *plan = NULL;
  enum oha_rc rc = oha_plan_resume(ctx, cluster, NULL, &o, NULL, &plan, err);

  memset(out, 0, sizeof(*out));
  if (rc == OHA_OK && undo)
    rc = oha_plan_undo(plan, only, die_there, (void *)(uintptr_t)death, out, err);
  else if (rc == OHA_OK)
    rc = oha_plan_run(plan, die_there, (void *)(uintptr_t)death, out, err);
  oha_plan_free(plan);
  return rc;
}

static enum oha_rc again(const struct oha_cluster *cluster, bool undo, const char *only,
                         struct oha_outcome *out, struct oha_error *err)
{
  return again_until(cluster, undo, only, NULL, out, err);
}

/* Run a move in a child that is killed at a boundary. True: it came that far. */
static bool move_and_die(const struct oha_cluster *cluster, const struct oha_plan_opts *o,
                         const struct death *death)
{
  int status = 0;
  pid_t child = fork();

  if (child == 0) {
    struct oha_outcome out;

    (void)!move(cluster, o, death, &out, NULL);
    _exit(0);
  }
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static int fresh(void **state)
{
  static unsigned n;

  (void)state;
  sim_reset();
  snprintf(state_dir, sizeof(state_dir), "%s/state%u", dir, n++);
  return 0;
}

#define ASSERT_WORLD(a_vip, b_vip)                                                                           \
  do {                                                                                                       \
    if (sim_world()->a.has_vip != (a_vip) || sim_world()->b.has_vip != (b_vip))                              \
      fail_msg("a %d, b %d; changes: %s", sim_world()->a.has_vip, sim_world()->b.has_vip,                    \
               sim_world()->trace);                                                                          \
  } while (0)

static void a_living_active_is_demoted_first(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  if (move(plain, &o, NULL, &out, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_string_equal(sim_world()->trace, "a-vip b+vip ");
  assert_int_equal(sim_world()->n_both, 0);
  assert_string_equal(out.from, "a");
  assert_true(out.dark_us >= 0);
  assert_int_equal(out.state, OHA_OP_INCOMPLETE); /* without the database something remains */
}

static void a_dry_run_changes_nothing(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;

  (void)state;
  o.dry_run = true;
  assert_int_equal(move(plain, &o, NULL, &out, NULL), OHA_OK);
  assert_int_equal(sim_world()->n_changes, 0);
  assert_string_equal(out.op_id, "");
  assert_int_equal(again(plain, false, NULL, &out, NULL), OHA_E_NOTFOUND);
}

static void silence_alone_is_no_proof(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  sim_world()->a.power = false;
  assert_int_equal(move(plain, &o, NULL, &out, &err), OHA_E_REFUSED);
  assert_non_null(strstr(err.text, "fenced"));
  assert_int_equal(out.state, OHA_OP_FAILED);
  assert_int_equal(sim_world()->n_changes, 0);

  oha_error_clear(&err);
  o.confirmed_down = true; /* two silent paths, and its name was typed */
  if (move(plain, &o, NULL, &out, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_string_equal(sim_world()->trace, "b+vip ");
}

static void a_dead_active_is_fenced_and_its_addresses_adopted(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  sim_world()->a.power = false;
  if (move(fencing, &o, NULL, &out, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_string_equal(sim_world()->trace, "a-power b+vip b+adopted ");
  assert_int_equal(sim_world()->n_fenced, 1);

  assert_int_equal(again(fencing, true, NULL, &out, &err), OHA_E_REFUSED); /* the point of no return */
  assert_string_equal(sim_world()->trace, "a-power b+vip b+adopted ");
  oha_error_clear(&err);
  assert_int_equal(again(fencing, true, "adopt", &out, &err), OHA_OK);
  assert_string_equal(sim_world()->trace, "a-power b+vip b+adopted b-adopted ");
}

static void a_fence_that_fails_moves_nothing(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;

  (void)state;
  sim_world()->a.power = false;
  sim_world()->fence_works = false;
  assert_int_not_equal(move(fencing, &o, NULL, &out, NULL), OHA_OK);
  assert_int_equal(sim_world()->n_changes, 0);
  assert_int_equal(out.state, OHA_OP_INCOMPLETE); /* whether it lost its power is not known */
}

static void a_claim_is_taken_and_adopts(void **state)
{
  static const char *const force[] = { "fenced" };
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  sim_world()->a.power = false;
  o.force = force;
  o.n_force = 1;
  if (move(plain, &o, NULL, &out, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_string_equal(sim_world()->trace, "b+vip b+adopted ");

  assert_int_equal(again(plain, true, NULL, &out, &err),
                   OHA_E_REFUSED); /* A does not answer: nobody would have it */
  sim_world()->a.power = true;
  sim_world()->a.has_vip = false;
  oha_error_clear(&err);
  if (again(plain, true, NULL, &out, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_string_equal(sim_world()->trace, "b+vip b+adopted b-adopted b-vip ");
}

static void a_target_that_cannot_take_it_gives_it_back(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  sim_world()->b.refuses_vip = true;
  assert_int_not_equal(move(plain, &o, NULL, &out, &err), OHA_OK);
  ASSERT_WORLD(true, false);
  assert_int_equal(out.state, OHA_OP_FAILED);
  assert_string_equal(sim_world()->trace, "a-vip a+vip ");
}

static void a_target_that_is_active_is_left_so(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  sim_world()->a.has_vip = false;
  sim_world()->b.has_vip = true;
  if (move(plain, &o, NULL, &out, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_int_equal(sim_world()->n_changes, 0);
  sim_world()->a.power = false; /* not even a dead old active matters then */
  if (move(plain, &o, NULL, &out, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_int_equal(sim_world()->n_changes, 0);
}

static const struct death deaths[] = {
  { "demote", OHA_EVENT_STEP_BEGIN },   { "demote", OHA_EVENT_STEP_ACTED },
  { "demote", OHA_EVENT_STEP_END },     { "fence", OHA_EVENT_STEP_BEGIN },
  { "fence", OHA_EVENT_STEP_ACTED },    { "fence", OHA_EVENT_STEP_END },
  { "proof", OHA_EVENT_STEP_END },      { "vip", OHA_EVENT_STEP_BEGIN },
  { "vip", OHA_EVENT_STEP_ACTED },      { "vip", OHA_EVENT_STEP_END },
  { "adopt", OHA_EVENT_STEP_BEGIN },    { "adopt", OHA_EVENT_STEP_ACTED },
  { "adopt", OHA_EVENT_STEP_END },      { "prove-sip", OHA_EVENT_STEP_BEGIN },
  { "prove-sip", OHA_EVENT_STEP_END },  { "sole-owner", OHA_EVENT_STEP_BEGIN },
  { "sole-owner", OHA_EVENT_STEP_END },
};

static void killed_anywhere_then_resumed(void **state)
{
  struct oha_plan_opts o = options();
  unsigned n_killed = 0;

  for (int dead = 0; dead < 2; dead++)
    for (size_t i = 0; i < N_OF(deaths); i++) {
      struct oha_outcome out;
      struct oha_error err = OHA_ERROR_INIT;

      fresh(state);
      o.state_dir = state_dir;
      sim_world()->a.power = !dead;
      if (!move_and_die(fencing, &o, &deaths[i]))
        continue;
      n_killed++;
      if (again(fencing, false, NULL, &out, &err) != OHA_OK)
        fail_msg("%s:%d, a %s: %s", deaths[i].step, deaths[i].kind, dead ? "dead" : "alive", err.text);
      ASSERT_WORLD(false, true);
      assert_int_equal(sim_world()->n_both, 0);
      assert_true(sim_world()->b.has_adopted == dead);
      assert_true(sim_world()->n_fenced <= (dead ? 2u : 0u));
    }
  assert_int_equal(n_killed, 11 + 14); /* alive: no fence, no adoption; dead: no demotion */
}

static void killed_before_the_fence_then_undone(void **state)
{
  struct oha_plan_opts o = options();
  unsigned n_killed = 0;

  for (size_t i = 0; i < N_OF(deaths); i++) {
    struct oha_outcome out;
    struct oha_error err = OHA_ERROR_INIT;

    fresh(state);
    o.state_dir = state_dir;
    if (!move_and_die(plain, &o, &deaths[i]))
      continue;
    n_killed++;
    if (again(plain, true, NULL, &out, &err) != OHA_OK)
      fail_msg("%s:%d: %s", deaths[i].step, deaths[i].kind, err.text);
    ASSERT_WORLD(true, false);
    assert_int_equal(out.state, OHA_OP_UNDONE);
    assert_int_equal(sim_world()->n_both, 0);
    assert_int_equal(again(plain, true, NULL, &out, NULL), OHA_E_NOTFOUND); /* closed */
  }
  assert_true(n_killed >= 10);
}

static void killed_after_the_fence_is_not_undone(void **state)
{
  struct oha_plan_opts o = options();

  for (size_t i = 3; i < N_OF(deaths); i++) {
    struct oha_outcome out;
    struct oha_error err = OHA_ERROR_INIT;
    struct sim_world before;

    fresh(state);
    o.state_dir = state_dir;
    sim_world()->a.power = false;
    if (!move_and_die(fencing, &o, &deaths[i]))
      continue;
    before = *sim_world();
    assert_int_equal(again(fencing, true, NULL, &out, &err), OHA_E_REFUSED);
    assert_memory_equal(&before, sim_world(), sizeof(before));
  }
}

/* The target has the VIP, and so has the old active, which will not give it up: that is no success. */
static void two_owners_are_not_done(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;

  (void)state;
  sim_world()->b.has_vip = true;
  sim_world()->a.keeps_vip = true;
  assert_int_not_equal(move(plain, &o, NULL, &out, NULL), OHA_OK);
  assert_int_equal(out.state, OHA_OP_FAILED);
  assert_int_equal(move(fencing, &o, NULL, &out, NULL), OHA_OK); /* where it can be fenced, it is */
  assert_string_equal(sim_world()->trace, "a-power b+adopted ");
}

/* What proved that A is down when the move began proves nothing when A answers at its resumption. */
static void a_fence_of_the_past_is_no_proof(void **state)
{
  static const struct death death = { "vip", OHA_EVENT_STEP_BEGIN };
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  sim_world()->a.power = false;
  assert_true(move_and_die(fencing, &o, &death));
  sim_world()->a = (struct sim_node){ .power = true, .has_vip = true, .keeps_vip = true };
  if (again(fencing, false, NULL, &out, &err) != OHA_OK)
    fail_msg("%s", err.text);
  assert_int_equal(sim_world()->n_both, 0);
  assert_int_equal(sim_world()->n_fenced, 2);
}

static void a_claim_of_the_past_is_no_proof(void **state)
{
  static const struct death death = { "vip", OHA_EVENT_STEP_BEGIN };
  static const char *const force[] = { "fenced" };
  struct oha_plan_opts o = options();
  struct oha_outcome out;

  (void)state;
  o.force = force;
  o.n_force = 1;
  sim_world()->a.power = false;
  assert_true(move_and_die(plain, &o, &death));
  sim_world()->a = (struct sim_node){ .power = true, .has_vip = true, .keeps_vip = true };
  assert_int_not_equal(again(plain, false, NULL, &out, NULL), OHA_OK);
  ASSERT_WORLD(true, false);
}

/* Another operator went on with it between our look at it and our turn. */
static void a_stale_look_undoes_nothing(void **state)
{
  static const struct death death = { "demote", OHA_EVENT_STEP_END };
  struct oha_plan_opts o = options();
  struct oha_plan *plan = NULL;
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  assert_true(move_and_die(plain, &o, &death));
  assert_int_equal(oha_plan_resume(ctx, plain, NULL, &o, NULL, &plan, &err), OHA_OK);
  assert_int_equal(again(plain, false, NULL, &out, &err), OHA_OK);
  ASSERT_WORLD(false, true);
  assert_int_equal(oha_plan_undo(plan, NULL, NULL, NULL, &out, &err), OHA_E_BUSY);
  oha_plan_free(plan);
  ASSERT_WORLD(false, true);
  assert_int_equal(sim_world()->n_both, 0);
}

static void a_failure_takes_back_later_steps_too(void **state)
{
  static const struct death death = { "prove-sip", OHA_EVENT_STEP_END };
  static const char *const force[] = { "fenced" };
  struct oha_plan_opts o = options();
  struct oha_outcome out;

  (void)state;
  o.force = force;
  o.n_force = 1;
  sim_world()->a.power = false;
  assert_true(move_and_die(plain, &o, &death));
  assert_true(sim_world()->b.has_adopted);
  sim_world()->b.has_vip = false;
  sim_world()->b.refuses_vip = true;
  assert_int_not_equal(again(plain, false, NULL, &out, NULL), OHA_OK);
  assert_int_equal(out.state, OHA_OP_FAILED);
  assert_false(sim_world()->b.has_adopted);
}

/* B had the VIP before this operation, which took it off A alone: to take that back would make two owners. */
static void an_undo_makes_no_second_owner(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  sim_world()->b.has_vip = true;
  assert_int_equal(move(plain, &o, NULL, &out, &err), OHA_OK);
  ASSERT_WORLD(false, true);
  assert_int_equal(again(plain, true, NULL, &out, &err), OHA_E_REFUSED);
  ASSERT_WORLD(false, true);
}

/* Refused means that nothing was changed. */
static void half_done_is_not_refused(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;

  (void)state;
  sim_world()->a.keeps_vip = true;   /* no demotion, no proof */
  sim_world()->a.refuses_vip = true; /* and it cannot be told that it is as it was */
  assert_int_not_equal(move(plain, &o, NULL, &out, NULL), OHA_E_REFUSED);
  assert_int_equal(out.state, OHA_OP_INCOMPLETE);
}

/* A path that was never asked is not silent. */
static void no_question_is_no_silence(void **state)
{
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  sim_world()->a.power = false;
  o.from = "a";
  o.confirmed_down = true;
  assert_int_equal(move(mute, &o, NULL, &out, &err), OHA_E_REFUSED);   /* it has no remote_command */
  assert_int_equal(move(broken, &o, NULL, &out, NULL), OHA_E_REFUSED); /* which is not on this machine */
  assert_int_equal(sim_world()->n_changes, 0);
}

static bool undo_and_die(const struct oha_cluster *cluster, const struct death *death)
{
  int status = 0;
  pid_t child = fork();

  if (child == 0) {
    struct oha_outcome out;

    (void)!again_until(cluster, true, NULL, death, &out, NULL);
    _exit(0);
  }
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void an_undo_killed_anywhere_is_undone_or_resumed(void **state)
{
  static const struct death in_undo[] = {
    { "vip", OHA_EVENT_STEP_BEGIN },    { "vip", OHA_EVENT_STEP_ACTED },    { "vip", OHA_EVENT_STEP_END },
    { "demote", OHA_EVENT_STEP_BEGIN }, { "demote", OHA_EVENT_STEP_ACTED }, { "demote", OHA_EVENT_STEP_END },
  };
  struct oha_plan_opts o = options();

  for (int resume = 0; resume < 2; resume++)
    for (size_t i = 0; i < N_OF(in_undo); i++) {
      struct oha_outcome out;
      struct oha_error err = OHA_ERROR_INIT;

      fresh(state);
      o.state_dir = state_dir;
      assert_int_equal(move(plain, &o, NULL, &out, NULL), OHA_OK);
      assert_true(undo_and_die(plain, &in_undo[i]));
      if (again(plain, !resume, NULL, &out, &err) != OHA_OK)
        fail_msg("%s:%d, %s: %s", in_undo[i].step, in_undo[i].kind, resume ? "resume" : "undo", err.text);
      ASSERT_WORLD(!resume, resume);
      assert_int_equal(sim_world()->n_both, 0);
    }
}

/* ---- a cancel, which a signal handler may ask for at any time ---- */

static void cancel_there(void *arg, const struct oha_plan_event *event)
{
  const struct death *death = arg;

  if (event->kind == death->kind && (event->step == NULL || strcmp(event->step, death->step) == 0))
    oha_ctx_cancel(ctx);
}

/* In a child, whose context stays cancelled. @return the code that the move or its undo ended with */
static int cancelled_at(const struct death *death, bool undo)
{
  int status = 0;
  pid_t child = fork();

  if (child == 0) {
    struct oha_plan_opts o = options();
    struct oha_plan *plan = NULL;
    struct oha_outcome out;
    enum oha_rc rc = undo ? oha_plan_resume(ctx, plain, NULL, &o, NULL, &plan, NULL)
                          : oha_plan_new(ctx, plain, NULL, &o, &plan, NULL);

    if (rc == OHA_OK && undo)
      rc = oha_plan_undo(plan, NULL, cancel_there, (void *)(uintptr_t)death, &out, NULL);
    else if (rc == OHA_OK)
      rc = oha_plan_run(plan, cancel_there, (void *)(uintptr_t)death, &out, NULL);
    oha_plan_free(plan);
    _exit((int)rc);
  }
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_cancel_waits_until_the_service_is_back(void **state)
{
  static const struct death in_the_dark[] = {
    { "demote", OHA_EVENT_STEP_BEGIN },    { "demote", OHA_EVENT_STEP_ACTED },
    { "vip", OHA_EVENT_STEP_BEGIN },       { "vip", OHA_EVENT_STEP_ACTED },
    { "vip", OHA_EVENT_STEP_END },         { "prove-sip", OHA_EVENT_STEP_BEGIN },
    { "prove-sip", OHA_EVENT_STEP_ACTED },
  };
  static const struct death at_once = { "", OHA_EVENT_GATE }, in_undo = { "vip", OHA_EVENT_STEP_BEGIN };
  struct oha_outcome out;

  assert_int_equal(cancelled_at(&at_once, false), OHA_E_CANCELLED);
  assert_int_equal(sim_world()->n_changes, 0);
  assert_int_equal(again(plain, false, NULL, &out, NULL), OHA_E_NOTFOUND);
  for (size_t i = 0; i < N_OF(in_the_dark); i++) {
    fresh(state);
    assert_int_equal(cancelled_at(&in_the_dark[i], false), OHA_E_CANCELLED);
    ASSERT_WORLD(false, true);
    assert_int_equal(cancelled_at(&in_undo, true), OHA_OK);
    ASSERT_WORLD(true, false);
  }
}

static void unknown_gates_are_refused(void **state)
{
  static const char *const force[] = { "fence" };
  struct oha_plan_opts o = options();
  struct oha_outcome out;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  o.force = force;
  o.n_force = 1;
  assert_int_equal(move(plain, &o, NULL, &out, &err), OHA_E_ARG);
  assert_non_null(strstr(err.text, "fence"));
}

static int begin(void **state)
{
  struct oha_ctx_opts o = { .size = sizeof(o), .run = sim_run };

  (void)state;
  snprintf(dir, sizeof(dir), "/tmp/oha-test-failover.XXXXXX");
  if (mkdtemp(dir) == NULL || !sim_start_responder() || oha_ctx_new(&o, &ctx, NULL) != OHA_OK)
    return -1;
  plain = load("plain", REMOTE_A, "");
  mute = load("mute", "", "");
  broken = load("broken", "remote_command = { \"missing\", \"a\" }", "");
  fencing = load("fencing", REMOTE_A, "fence_command = { \"fence\" }\n");
  return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
  (void)st;
  (void)flag;
  (void)ftw;
  return remove(path);
}

static int end(void **state)
{
  (void)state;
  sim_stop_responder();
  oha_cluster_free(plain);
  oha_cluster_free(mute);
  oha_cluster_free(broken);
  oha_cluster_free(fencing);
  oha_ctx_free(ctx);
  return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(a_living_active_is_demoted_first, fresh),
    cmocka_unit_test_setup(a_dry_run_changes_nothing, fresh),
    cmocka_unit_test_setup(silence_alone_is_no_proof, fresh),
    cmocka_unit_test_setup(a_dead_active_is_fenced_and_its_addresses_adopted, fresh),
    cmocka_unit_test_setup(a_fence_that_fails_moves_nothing, fresh),
    cmocka_unit_test_setup(a_claim_is_taken_and_adopts, fresh),
    cmocka_unit_test_setup(a_target_that_cannot_take_it_gives_it_back, fresh),
    cmocka_unit_test_setup(a_target_that_is_active_is_left_so, fresh),
    cmocka_unit_test_setup(killed_anywhere_then_resumed, fresh),
    cmocka_unit_test_setup(killed_before_the_fence_then_undone, fresh),
    cmocka_unit_test_setup(killed_after_the_fence_is_not_undone, fresh),
    cmocka_unit_test_setup(two_owners_are_not_done, fresh),
    cmocka_unit_test_setup(a_fence_of_the_past_is_no_proof, fresh),
    cmocka_unit_test_setup(a_claim_of_the_past_is_no_proof, fresh),
    cmocka_unit_test_setup(a_stale_look_undoes_nothing, fresh),
    cmocka_unit_test_setup(a_failure_takes_back_later_steps_too, fresh),
    cmocka_unit_test_setup(an_undo_makes_no_second_owner, fresh),
    cmocka_unit_test_setup(half_done_is_not_refused, fresh),
    cmocka_unit_test_setup(no_question_is_no_silence, fresh),
    cmocka_unit_test_setup(an_undo_killed_anywhere_is_undone_or_resumed, fresh),
    cmocka_unit_test_setup(a_cancel_waits_until_the_service_is_back, fresh),
    cmocka_unit_test_setup(unknown_gates_are_refused, fresh),
  };

  return cmocka_run_group_tests(tests, begin, end);
}
