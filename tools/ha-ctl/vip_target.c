/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vip_target.h"
#include "common/prompt.h"
#include "show.h"

#include <string.h>

static void keep_silent(void *arg, enum oha_problem_level level, const char *path, int line, const char *text)
{
  (void)arg;
  (void)level;
  (void)path;
  (void)line;
  (void)text;
}

/* The cluster file, if it can be had; whatever is wrong with it does not matter here. */
static void try_cluster(struct app *app)
{
  if (app->cluster != NULL)
    return;
  if (oha_cluster_load(app->ctx, app_config_path(app), keep_silent, NULL, &app->cluster, NULL) != OHA_OK)
    app->cluster = NULL;
  else if (oha_cluster_self(app->cluster, NULL, &app->self, NULL) != OHA_OK)
    app->self = NULL;
}

static bool parse_prefix(const char *text, uint8_t family, uint8_t *bits)
{
  unsigned n = 0;

  if (*text < '0' || *text > '9' || strlen(text) > 3)
    return false;
  for (; *text >= '0' && *text <= '9'; text++)
    n = 10 * n + (unsigned)(*text - '0');
  if (*text != '\0' || n == 0 || n > (family == 4 ? 32 : 128))
    return false;
  *bits = (uint8_t)n;
  return true;
}

static void fill_from_vip(struct vip_target *out, bool prefix_given)
{
  if (out->vip == NULL)
    return;
  if (!prefix_given)
    out->spec.prefix_bits = out->vip->prefix_bits;
  if (strlen(out->vip->interface_) < sizeof(out->spec.interface_))
    memcpy(out->spec.interface_, out->vip->interface_, strlen(out->vip->interface_) + 1);
}

static int take_name(struct app *app, const char *text, struct vip_target *out)
{
  int code = app->cluster == NULL ? app_cluster(app) : 0;

  if (code != 0)
    return code;
  for (size_t i = 0; i < app->cluster->n_vips; i++)
    if (strcmp(app->cluster->vips[i].name, text) == 0)
      out->vip = &app->cluster->vips[i];
  if (out->vip == NULL)
    return app_usage(app, "'%s' is neither an address nor a vip of %s", text, app->cluster->path);
  out->spec.addr = out->vip->addr;
  fill_from_vip(out, false);
  return 0;
}

static int take_interface(struct app *app, struct vip_target *out)
{
  const char *name = app->opt.value[OPT_INTERFACE];

  if (name == NULL)
    return 0;
  if (strlen(name) >= sizeof(out->spec.interface_))
    return app_usage(app, "--interface: '%s' is longer than an interface's name can be", name);
  memcpy(out->spec.interface_, name, strlen(name) + 1);
  return 0;
}

int vip_target_parse(struct app *app, const char *text, struct vip_target *out)
{
  const char *slash = strchr(text, '/');
  size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
  int code;

  memset(out, 0, sizeof(*out));
  if (oha_addr_parse(text, n, &out->spec.addr, NULL) != OHA_OK) {
    code = take_name(app, text, out);
    return code != 0 ? code : take_interface(app, out);
  }
  out->spec.prefix_bits = out->spec.addr.family == 4 ? 32 : 128;
  if (slash != NULL && !parse_prefix(slash + 1, out->spec.addr.family, &out->spec.prefix_bits))
    return app_usage(app, "'%s': the prefix must be 1 to %d", text, out->spec.addr.family == 4 ? 32 : 128);
  try_cluster(app);
  for (size_t i = 0; app->cluster != NULL && i < app->cluster->n_vips; i++)
    if (oha_addr_equal(&app->cluster->vips[i].addr, &out->spec.addr))
      out->vip = &app->cluster->vips[i];
  fill_from_vip(out, slash != NULL);
  return take_interface(app, out);
}

const char *vip_node_name(const struct app *app)
{
  if (option_has(&app->opt, OPT_NODE))
    return app->opt.value[OPT_NODE];
  return app->self != NULL ? app->self->name : NULL;
}

int vip_confirm(struct app *app, const struct vip_target *target, const char *deed)
{
  const char *node = vip_node_name(app);
  char question[256], addr[OHA_ADDR_SIZE];

  if (option_has(&app->opt, OPT_YES) || option_has(&app->opt, OPT_DRY_RUN) || option_has(&app->opt, OPT_NODE))
    return 0;
  oha_addr_format(&target->spec.addr, addr);
  snprintf(question, sizeof(question), "This will %s %s on this machine%s%s.", deed, addr,
           node != NULL ? ", node " : "", node != NULL ? node : "");
  switch (prompt_word(question, node != NULL ? node : addr)) {
  case PROMPT_YES:
    return 0;
  case PROMPT_NOBODY:
    return app_usage(app, "standard input is no terminal to ask on: add --yes");
  case PROMPT_NO:
    break;
  }
  out_fail(&app->out, "OHA-CANCELLED", NULL, "not confirmed: nothing was done");
  return HA_EXIT_CANCELLED;
}

void vip_record(struct app *app, const char *name, const struct oha_addr *addr, int prefix_bits,
                const char *interface_, const char *node)
{
  struct out *o = &app->out;

  out_record(o);
  out_str(o, "name", "NAME", name);
  show_addr(o, "address", "ADDRESS", addr);
  if (prefix_bits >= 0)
    out_int(o, "prefix_bits", "PREFIX", prefix_bits);
  else
    out_none(o, "prefix_bits", "PREFIX");
  out_str(o, "interface", "INTERFACE", interface_ != NULL && *interface_ != '\0' ? interface_ : NULL);
  out_str(o, "node", "NODE", node);
}
