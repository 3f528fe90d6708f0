/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "move_choice.h"
#include "view.h"

#include <string.h>

struct last_move {
  const char *to; /* who would take over now */
  char from[64];  /* found: who is to give up */
};

/* Operations come newest first. The first that moved the service says who has it, or who gave it to @to. */
static enum oha_rc look_at_operation(void *arg, const struct oha_op_record *op)
{
  struct last_move *last = arg;

  if (strcmp(op->verb, "failover") != 0 || (op->state != OHA_OP_DONE && op->state != OHA_OP_DEGRADED))
    return OHA_OK;
  memcpy(last->from, strcmp(op->to, last->to) == 0 ? op->from : op->to, sizeof(last->from));
  return OHA_END;
}

/* Without a word about failures: what the journal does not tell, the cluster file may. */
static void ask_journal(struct app *app, struct last_move *last)
{
  struct oha_session_opts opts = app_session(app, OHA_DB_READ);
  struct oha_journal *journal = NULL;
  struct oha_db *db = NULL;

  if (oha_session_open_db(app->ctx, app->cluster, &opts, &db, NULL) != OHA_OK ||
      oha_session_open_journal(app->ctx, app->cluster, db, &opts, &journal, NULL) != OHA_OK) {
    if (oha_session_open_journal(app->ctx, app->cluster, NULL, &opts, &journal, NULL) != OHA_OK)
      journal = NULL;
  }
  if (journal != NULL && oha_op_each(journal, 0, look_at_operation, last, NULL) != OHA_OK)
    last->from[0] = '\0';
  oha_journal_close(journal);
  oha_db_close(db);
}

/* The node that is taken to give up the service, and why it is; NULL = nobody does. */
static const struct oha_node *choose_from(struct app *app, const struct oha_node *to, const char **why)
{
  static struct view view;
  const struct oha_cluster *k = app->cluster;
  struct last_move last = { .to = to->name };
  const struct oha_node *from;
  int owner;

  view_gather(app, &view);
  for (size_t v = 0; v < view.n_vips; v++) {
    owner = view_owner(&view, v);
    *why = "it holds the virtual address";
    if (owner >= 0 && &k->nodes[owner] != to)
      return &k->nodes[owner];
  }
  ask_journal(app, &last);
  from = last.from[0] != '\0' ? oha_cluster_node(k, last.from) : NULL;
  *why = "by the last failover";
  if (from != NULL && from != to)
    return from;
  *why = "it is the only other node";
  return k->n_nodes == 2 ? &k->nodes[to == &k->nodes[0] ? 1 : 0] : NULL;
}

int move_choose(struct app *app, struct oha_move *move)
{
  struct oha_error err = OHA_ERROR_INIT;
  const struct oha_node *from = NULL, *to = NULL;
  const char *why = NULL;
  int code = 0;

  memset(move, 0, sizeof(*move));
  if (!option_has(&app->opt, OPT_TO))
    return app_usage(app, "%s needs --to NODE: the node that would take over", app->verb->name);
  code = app_node(app, OPT_TO, &to);
  if (code == 0 && option_has(&app->opt, OPT_FROM))
    code = app_node(app, OPT_FROM, &from);
  if (code != 0)
    return code;
  if (from != NULL && from == to)
    return app_usage(app, "--from and --to are the same node, %s", from->name);
  if (from == NULL) {
    from = choose_from(app, to, &why);
    if (from == NULL)
      return app_usage(app, "nobody can tell which node holds the service now: name it by --from NODE");
    if (app->out.form == OUT_TEXT && !option_has(&app->opt, OPT_QUIET))
      out_talk(&app->out, "from %s: %s", from->name, why);
  }
  if (oha_move_init(app->cluster, from->name, to->name, option_has(&app->opt, OPT_ADOPT), move, &err) !=
      OHA_OK)
    return app_fail(app, &err);
  out_top_str(&app->out, "from", from->name);
  out_top_str(&app->out, "to", to->name);
  return 0;
}

int classes_parse(struct app *app, enum option_id option, uint32_t *mask)
{
  const char *p = app->opt.value[option];

  *mask = 0;
  while (p != NULL && *p != '\0') {
    size_t n = strcspn(p, ",");
    char name[32];
    enum oha_reach reach;

    if (n >= sizeof(name))
      n = sizeof(name) - 1;
    memcpy(name, p, n);
    name[n] = '\0';
    if (!oha_reach_parse(name, &reach)) {
      char known[256] = "";
      size_t used = 0;

      for (int i = 0; i < OHA_REACH_N && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i > 0 ? ", " : "",
                                 oha_reach_name((enum oha_reach)i));
      return app_usage(app, "--%s: '%s' is no class; they are %s", option_rows[option].name, name, known);
    }
    *mask |= 1u << reach;
    p += strcspn(p, ",");
    p += *p == ',' ? 1 : 0;
  }
  return 0;
}
