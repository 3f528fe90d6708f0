/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"
#include "show.h"
#include "verbs.h"
#include "view.h"
#include "vip_target.h"

#include <string.h>

#define DENIED_HINT "run it as root, or with CAP_NET_ADMIN and CAP_NET_RAW"

static int fail_vip(struct app *app, const struct oha_error *err)
{
  return app_fail_as(app, NULL, err->rc == OHA_E_DENIED ? DENIED_HINT : NULL, err);
}

static int parse_all(struct app *app, struct vip_target targets[VIP_WORDS_MAX])
{
  int code = 0;

  for (int i = 0; i < app->n_words && code == 0; i++)
    code = vip_target_parse(app, app->words[i], &targets[i]);
  return code;
}

/* One address on this machine: what other machines ask for, too. */
static int show_here(struct app *app, const struct vip_target *t)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_vip_holding holding;
  bool here;

  if (oha_vip_is_here(app->ctx, &t->spec.addr, &here, &holding, &err) != OHA_OK)
    return fail_vip(app, &err);
  vip_record(app, t->vip != NULL ? t->vip->name : NULL, &t->spec.addr,
             here ? holding.prefix_bits : t->spec.prefix_bits, here ? holding.interface_ : t->spec.interface_,
             vip_node_name(app));
  out_bool(&app->out, "here", "HERE", here);
  return HA_EXIT_OK;
}

/* Every virtual address on every node. */
static int show_everywhere(struct app *app, const struct oha_vip *only)
{
  static struct view view;
  const struct oha_cluster *k = app->cluster;

  view_gather(app, &view);
  for (size_t v = 0; v < view.n_vips; v++)
    for (size_t i = 0; i < view.n_nodes; i++) {
      const struct oha_vip *vip = &k->vips[v];

      if (only != NULL && only != vip)
        continue;
      vip_record(app, vip->name, &vip->addr, vip->prefix_bits, vip->interface_, k->nodes[i].name);
      if (view.here[i][v] == VIEW_NOT_KNOWN)
        out_unknown(&app->out, "here", "HERE");
      else
        out_bool(&app->out, "here", "HERE", view.here[i][v] == VIEW_YES);
    }
  for (size_t i = 0; i < view.n_nodes && !option_has(&app->opt, OPT_QUIET); i++)
    if (view.why[i][0] != '\0')
      out_talk(&app->out, "%s", view.why[i]);
  return HA_EXIT_OK;
}

/* Every virtual address of the cluster file on this machine. */
static int show_all_here(struct app *app)
{
  int code = HA_EXIT_OK;

  for (size_t v = 0; v < app->cluster->n_vips && code == HA_EXIT_OK; v++) {
    const struct oha_vip *vip = &app->cluster->vips[v];
    struct vip_target t = { .vip = vip, .spec = { .addr = vip->addr, .prefix_bits = vip->prefix_bits } };

    code = show_here(app, &t);
  }
  return code;
}

int cmd_vip_show(struct app *app)
{
  static struct vip_target targets[VIP_WORDS_MAX];
  bool only_here = option_has(&app->opt, OPT_NODE);
  int code = app->n_words > 0 ? parse_all(app, targets) : app_cluster(app);

  if (code != 0)
    return code;
  out_array(&app->out, "vips", NULL, "no virtual address", OUT_TABLE);
  if (app->n_words == 0)
    return only_here ? show_all_here(app) : show_everywhere(app, NULL);
  for (int i = 0; i < app->n_words && code == HA_EXIT_OK; i++)
    code = only_here || targets[i].vip == NULL ? show_here(app, &targets[i])
                                               : show_everywhere(app, targets[i].vip);
  return code;
}

/* Where it is, else the interface whose network it goes to; "" when the kernel has none for it. */
static enum oha_rc fill_place(struct app *app, bool *here, struct vip_target *t, struct oha_error *err)
{
  struct oha_vip_holding holding;
  enum oha_rc rc = oha_vip_is_here(app->ctx, &t->spec.addr, here, &holding, err);

  if (rc != OHA_OK)
    return rc;
  if (*here && !option_has(&app->opt, OPT_INTERFACE)) {
    t->spec.prefix_bits = holding.prefix_bits;
    memcpy(t->spec.interface_, holding.interface_, sizeof(t->spec.interface_));
  } else if (t->spec.interface_[0] == '\0' &&
             oha_vip_interface_for(app->ctx, &t->spec.addr, t->spec.interface_, NULL) != OHA_OK) {
    t->spec.interface_[0] = '\0';
  }
  return OHA_OK;
}

/* One of them, with its record. *changed: the kernel's addresses are not as they were. */
static int change_one(struct app *app, bool add, struct vip_target *t, bool *changed)
{
  struct oha_error err = OHA_ERROR_INIT;
  bool dry_run = option_has(&app->opt, OPT_DRY_RUN), was_here = false;
  enum oha_rc rc = fill_place(app, &was_here, t, &err);
  struct oha_vip_spec spec = t->spec;

  if (!add && !option_has(&app->opt, OPT_INTERFACE))
    spec.interface_[0] = '\0'; /* from wherever it is, be it twice */
  if (rc == OHA_OK && !dry_run)
    rc = add ? oha_vip_add(app->ctx, &spec, &was_here, &err) : oha_vip_del(app->ctx, &spec, &was_here, &err);
  if (rc != OHA_OK)
    return fail_vip(app, &err);
  *changed = *changed || (!dry_run && was_here != add);
  vip_record(app, t->vip != NULL ? t->vip->name : NULL, &t->spec.addr, t->spec.prefix_bits,
             t->spec.interface_, vip_node_name(app));
  out_bool(&app->out, "here", "HERE", dry_run ? was_here : add);
  out_bool(&app->out, add ? "already" : "was_here", add ? "ALREADY" : "WAS HERE", was_here);
  return HA_EXIT_OK;
}

/* In their order, to the first that fails: a move waits for the first address, and repeating it is safe. */
static int change_vips(struct app *app, bool add)
{
  static struct vip_target targets[VIP_WORDS_MAX];
  bool changed = false;
  int code = parse_all(app, targets);

  for (int i = 0; i < app->n_words && code == 0; i++)
    code = vip_confirm(app, &targets[i], add ? "take" : "drop");
  if (code != 0)
    return code;
  out_top_bool(&app->out, "dry_run", option_has(&app->opt, OPT_DRY_RUN));
  out_array(&app->out, "vips", NULL, NULL, OUT_TABLE);
  for (int i = 0; i < app->n_words && code == HA_EXIT_OK; i++)
    code = change_one(app, add, &targets[i], &changed);
  return code != HA_EXIT_OK && changed ? HA_EXIT_INCOMPLETE : code;
}

int cmd_vip_add(struct app *app)
{
  return change_vips(app, true);
}

int cmd_vip_del(struct app *app)
{
  return change_vips(app, false);
}
