/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/names.h"
#include "base/error.h"
#include "base/span.h"

#include <string.h>

/*
 * A parameter may end in "[]" (an array: it takes all arguments that follow) or in "=VALUE" (what stands for
 * it where positions need one). "!" in front: 3.0 and later take these by name only. NULL: not known.
 */
struct row {
  const char *flat;     /* up to 3.6; in most cases an alias in 4.0 */
  const char *modules;  /* 4.0; NULL = the same */
  const char *kamailio; /* NULL = it has none */
  const char *params;   /* of OpenSIPS */
  const char *kamailio_params;
  const char *text;        /* another name in the text era; NULL = none */
  const char *text_params; /* of that era, where they differ */
};

// clang-format off
static const struct row rows[] = {
  { "uptime", "core:uptime", "core.uptime", "", "", NULL, NULL },
  { "version", "core:version", "core.version", "", "", NULL, NULL },
  { "ps", "core:ps", "core.ps", "", "", NULL, NULL },
  { "pwd", "core:pwd", "core.pwd", "", "", NULL, NULL },
  { "arg", "core:arg", "core.arg", "", "", NULL, NULL },
  { "which", "core:which", "system.listMethods", "command", "", NULL, NULL },
  { "help", "core:help", "system.methodHelp", "mi_cmd", "mi_cmd", NULL, NULL },
  { "kill", "core:kill", "core.kill", "", NULL, NULL, NULL },
  { "log_level", "core:log_level", "corex.debug", "level pid", "level", "debug", NULL },
  { "xlog_level", "core:xlog_level", NULL, "level", NULL, NULL, NULL },
  { "log_level_filter", "core:log_level_filter", NULL, NULL, NULL, NULL, NULL },
  { "log_mute_state", "core:log_mute_state", NULL, NULL, NULL, NULL, NULL },
  { "reload_routes", "core:reload_routes", NULL, "", NULL, NULL, NULL },
  { "list_tcp_conns", "tcp:list", "core.tcp_list", "", "", NULL, NULL },
  { "shm_check", "mem:shm_check", NULL, NULL, NULL, NULL, NULL },
  { "mem_pkg_dump", "mem:pkg_dump", NULL, NULL, NULL, NULL, NULL },
  { "mem_shm_dump", "mem:shm_dump", NULL, NULL, NULL, NULL, NULL },
  { "mem_rpm_dump", "mem:rpm_dump", NULL, NULL, NULL, NULL, NULL },
  { "cache_store", "cache:store", NULL, "system attr value expire", NULL, NULL, NULL },
  { "cache_fetch", "cache:fetch", NULL, "system attr", NULL, NULL, NULL },
  { "cache_remove", "cache:remove", NULL, "system attr", NULL, NULL, NULL },
  { "event_subscribe", "evi:subscribe", NULL, NULL, NULL, NULL, NULL },
  { "events_list", "evi:list", NULL, "", NULL, NULL, NULL },
  { "subscribers_list", "evi:subscribers", NULL, NULL, NULL, NULL, NULL },
  { "raise_event", "evi:raise", NULL, NULL, NULL, NULL, NULL },
  { "list_blacklists", "blacklists:list", NULL, NULL, NULL, NULL, NULL },
  { "check_blacklists", "blacklists:check_all", NULL, NULL, NULL, NULL, NULL },
  { "check_blacklist", "blacklists:check", NULL, NULL, NULL, NULL, NULL },
  { "add_blacklist_rule", "blacklists:add_rule", NULL, NULL, NULL, NULL, NULL },
  { "del_blacklist_rule", "blacklists:del_rule", NULL, NULL, NULL, NULL, NULL },
  { "get_statistics", "statistics:get", "stats.get_statistics", "statistics[]", "statistics[]", NULL, NULL },
  { "list_statistics", "statistics:list", NULL, "statistics[]", NULL, NULL, NULL },
  { "reset_statistics", "statistics:reset", "stats.reset_statistics", "statistics[]", "statistics[]", NULL, NULL },
  { "sr_get_status", "status_report:get", NULL, "group identifier", NULL, NULL, NULL },
  { "sr_list_status", "status_report:status", NULL, "group", NULL, NULL, NULL },
  { "sr_list_reports", "status_report:reports", NULL, "group identifier", NULL, NULL, NULL },
  { "sr_list_identifiers", "status_report:identifiers", NULL, "group", NULL, NULL, NULL },
  { "ul_dump", "usrloc:dump", "ul.dump", "brief", "brief", NULL, NULL },
  { "ul_show_contact", "usrloc:show_contact", "ul.lookup", "table_name aor", "table_name aor", NULL, NULL },
  { "ul_rm", "usrloc:rm", "ul.rm", "table_name aor", "table_name aor", NULL, NULL },
  { "ul_rm_contact", "usrloc:rm_contact", "ul.rm_contact", "table_name aor contact", "table_name aor contact",
    NULL, NULL },
  { "ul_add", "usrloc:add", "ul.add", "table_name aor contact expires q flags cflags methods",
    "table_name aor contact expires q path flags cflags methods",
    NULL, "table_name aor contact expires q unused=0 flags cflags methods" },
  { "ul_flush", "usrloc:flush", "ul.flush", "", "", NULL, NULL },
  { "ul_cluster_sync", "usrloc:cluster_sync", NULL, "", NULL, NULL, NULL },
  { "clusterer_list", "clusterer:list", NULL, "", NULL, NULL, NULL },
  { "clusterer_list_topology", "clusterer:list_topology", NULL, "", NULL, NULL, NULL },
  { "clusterer_list_cap", "clusterer:list_cap", NULL, "", NULL, NULL, NULL },
  { "clusterer_list_shtags", "clusterer:list_shtags", NULL, "", NULL, "dlg_list_sharing_tags", NULL },
  { "clusterer_shtag_set_active", "clusterer:shtag_set_active", NULL, "tag", NULL, "dlg_set_sharing_tag_active",
    NULL },
  { "clusterer_set_status", "clusterer:set_status", NULL, "cluster_id node_id status", NULL, NULL,
    "cluster_id status" },
  { "clusterer_set_cap_status", "clusterer:set_cap_status", NULL, "cluster_id capability status", NULL, NULL, NULL },
  { "clusterer_remove_node", "clusterer:remove_node", NULL, "cluster_id node_id", NULL, NULL, NULL },
  { "clusterer_reload", "clusterer:reload", NULL, "", NULL, NULL, NULL },
  { "cluster_send_mi", "clusterer:send_mi", NULL, "cluster_id destination cmd_name cmd_params[]", NULL, NULL, NULL },
  { "cluster_broadcast_mi", "clusterer:broadcast_mi", NULL, "cluster_id cmd_name cmd_params[]", NULL, NULL, NULL },
  { "t_uac_dlg", "tm:uac_dlg", NULL, "!method ruri next_hop=. socket=. headers body", NULL, NULL, NULL },
  { "t_uac_cancel", "tm:uac_cancel", NULL, "callid cseq", NULL, NULL, NULL },
  { "t_hash", "tm:hash", "tm.hash_stats", "", "", NULL, NULL },
  { "t_reply", "tm:reply", NULL, NULL, NULL, NULL, NULL },
  { "dlg_list", "dialog:list", "dlg.list", NULL, NULL, NULL, NULL },
  { "dlg_list_ctx", "dialog:list_ctx", NULL, NULL, NULL, NULL, NULL },
  { "dlg_end_dlg", "dialog:end_dlg", NULL, "dialog_id extra_hdrs", NULL, NULL, NULL },
  { "dlg_db_sync", "dialog:db_sync", NULL, "", NULL, NULL, NULL },
  { "dlg_cluster_sync", "dialog:cluster_sync", NULL, "sharing_tag", NULL, NULL, NULL },
  { "nh_enable_ping", "nathelper:enable_ping", "nathelper.enable_ping", "status", "status", NULL, NULL },
  { "ds_list", "dispatcher:list", "dispatcher.list", NULL, "", NULL, NULL },
  { "ds_reload", "dispatcher:reload", "dispatcher.reload", NULL, "", NULL, NULL },
  { "ds_set_state", "dispatcher:set_state", "dispatcher.set_state", "state group address", "state group address",
    NULL, NULL },
  { "dr_reload", "drouting:reload", "drouting.reload", NULL, "", NULL, NULL },
  { "dr_gw_status", "drouting:gw_status", NULL, NULL, NULL, NULL, NULL },
  { "dr_carrier_status", "drouting:carrier_status", NULL, NULL, NULL, NULL, NULL },
  { "dr_enable_probing", "drouting:enable_probing", NULL, "status", NULL, NULL, NULL },
  { "address_reload", "permissions:address_reload", "permissions.addressReload", "partition", "", NULL, NULL },
  { "address_dump", "permissions:address_dump", "permissions.addressDump", "partition", "", NULL, NULL },
  { "subnet_dump", "permissions:subnet_dump", "permissions.subnetDump", "partition", "", NULL, NULL },
  { "allow_uri", "permissions:allow_uri", NULL, NULL, NULL, NULL, NULL },
  { "domain_reload", "domain:reload", "domain.reload", "", "", NULL, NULL },
  { "domain_dump", "domain:dump", "domain.dump", "", "", NULL, NULL },
  { "rtpproxy_enable", "rtpproxy:enable", NULL, NULL, NULL, NULL, NULL },
  { "rtpproxy_show", "rtpproxy:show", "rtpproxy.list", "", "", NULL, NULL },
  { "rtpproxy_reload", "rtpproxy:reload", NULL, "", NULL, NULL, NULL },
  { "rtpengine_enable", "rtpengine:enable", "rtpengine.enable", NULL, NULL, NULL, NULL },
  { "rtpengine_show", "rtpengine:show", "rtpengine.show", "", NULL, NULL, NULL },
  { "rtpengine_reload", "rtpengine:reload", "rtpengine.reload", "", "", NULL, NULL },
};
// clang-format on

static bool same(const char *a, const char *b)
{
  return a != NULL && strcmp(a, b) == 0;
}

static const struct row *find_row(const char *command)
{
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    if (same(rows[i].flat, command) || same(rows[i].modules, command) || same(rows[i].kamailio, command) ||
        same(rows[i].text, command))
      return &rows[i];
  return NULL;
}

static size_t add(struct oha__mi_spelling *out, size_t n, const char *name, const char *params)
{
  if (name == NULL)
    return n;
  for (size_t i = 0; i < n; i++)
    if (strcmp(out[i].name, name) == 0)
      return n;
  out[n] = (struct oha__mi_spelling){ name, params };
  return n + 1;
}

size_t oha__mi_spellings(const char *command, enum oha_mi_era era,
                         struct oha__mi_spelling out[OHA_MI_SPELLINGS])
{
  const struct row *row = find_row(command);
  size_t n = 0;

  if (row == NULL)
    return add(out, n, command, NULL);
  if (era == OHA_MI_ERA_KAMAILIO) {
    n = add(out, n, row->kamailio, row->kamailio_params);
    return n > 0 ? n : add(out, n, command, NULL);
  }
  if (era == OHA_MI_ERA_MODULES)
    n = add(out, n, row->modules, row->params);
  n = add(out, n, row->flat,
          era == OHA_MI_ERA_TEXT && row->text_params != NULL ? row->text_params : row->params);
  if (era == OHA_MI_ERA_TEXT)
    n = add(out, n, row->text, row->params);
  return n;
}

/* The parameters of a spelling, one after the other. */
struct param {
  struct oha_span name, filler; /* filler.p NULL = none */
  bool is_array;
};

static bool next_param(struct oha_span *rest, struct param *out)
{
  struct oha_span word = *rest, behind = { rest->p + rest->n, 0 };

  if (rest->n == 0)
    return false;
  oha__span_cut(*rest, ' ', &word, &behind);
  *rest = behind;
  *out = (struct param){ .name = word, .filler = { NULL, 0 } };
  oha__span_cut(word, '=', &out->name, &out->filler);
  if (word.n > 2 && memcmp(word.p + word.n - 2, "[]", 2) == 0) {
    out->is_array = true;
    out->name.n -= 2;
  }
  return true;
}

static struct oha_span params_of(const struct oha__mi_spelling *spelling)
{
  struct oha_span params = oha__span(spelling->params);

  if (params.n > 0 && params.p[0] == '!')
    params = (struct oha_span){ params.p + 1, params.n - 1 };
  return params;
}

static bool takes_names(enum oha_mi_era era)
{
  return era == OHA_MI_ERA_JSONRPC || era == OHA_MI_ERA_MODULES;
}

/* An argument as this era writes it: arrays are lines of their own, or further strings, where there are none.
 */
static struct oha_mi_arg as_kind(const struct oha_mi_arg *arg, enum oha_mi_era era, bool is_array)
{
  struct oha_mi_arg out = *arg;

  if (!takes_names(era) && arg->kind == OHA_MI_ARG_ELEMENT)
    out.kind = OHA_MI_ARG_TEXT;
  else if (takes_names(era) && is_array && arg->kind == OHA_MI_ARG_TEXT)
    out.kind = OHA_MI_ARG_ELEMENT;
  return out;
}

static bool is_array_param(const struct oha__mi_spelling *spelling, const char *name)
{
  struct oha_span rest = params_of(spelling);
  struct param param;

  while (next_param(&rest, &param))
    if (oha__span_is(param.name, name))
      return param.is_array;
  return false;
}

static bool keep_text(struct oha__mi_arranged *a, struct oha_span text, const char **out)
{
  if (a->n_texts == OHA_MI_PARAMS_MOST || !oha__span_copy(text, a->texts[a->n_texts], OHA_MI_NAME_SIZE))
    return false;
  *out = a->texts[a->n_texts++];
  return true;
}

/* By position, and so it stays: only arrays need care. */
static void keep_positions(const struct oha__mi_spelling *spelling, enum oha_mi_era era,
                           const struct oha_mi_arg *args, size_t n_args, struct oha__mi_arranged *out)
{
  struct oha_span rest = params_of(spelling);
  struct param param = { .is_array = false };

  for (size_t i = 0; i < n_args; i++) {
    if (!param.is_array)
      next_param(&rest, &param);
    out->args[out->n_args++] = as_kind(&args[i], era, param.is_array);
  }
}

/* By position, to a command that takes names only. A filler stands for nothing. */
static enum oha_rc add_names(const struct oha__mi_spelling *spelling, const struct oha_mi_arg *args,
                             size_t n_args, struct oha__mi_arranged *out, struct oha_error *err)
{
  struct oha_span rest = params_of(spelling);

  for (size_t i = 0; i < n_args; i++) {
    struct param param;
    const char *name;

    if (!next_param(&rest, &param) || !keep_text(out, param.name, &name))
      return oha__fail(err, OHA_E_REFUSED, "%s takes at most %zu arguments: %s", spelling->name, i,
                       params_of(spelling).p);
    if (param.filler.p != NULL && oha__span_is(param.filler, args[i].value))
      continue;
    out->args[out->n_args] = args[i];
    out->args[out->n_args++].name = name;
  }
  return OHA_OK;
}

/* By name, and so it stays. */
static void keep_names(const struct oha__mi_spelling *spelling, enum oha_mi_era era,
                       const struct oha_mi_arg *args, size_t n_args, struct oha__mi_arranged *out)
{
  for (size_t i = 0; i < n_args; i++)
    out->args[out->n_args++] = as_kind(&args[i], era, is_array_param(spelling, args[i].name));
}

/* All arguments of that name, behind those that are there. How many. */
static size_t put_in_order(const struct param *param, enum oha_mi_era era, const struct oha_mi_arg *args,
                           size_t n_args, struct oha__mi_arranged *out)
{
  size_t n = 0;

  for (size_t i = 0; i < n_args && out->n_args < OHA_MI_ARGS_MOST; i++) {
    if (!oha__span_is(param->name, args[i].name))
      continue;
    out->args[out->n_args] = as_kind(&args[i], era, param->is_array);
    out->args[out->n_args++].name = NULL;
    n++;
  }
  return n;
}

/* By name, to a server that takes positions only. */
static enum oha_rc drop_names(const struct oha__mi_spelling *spelling, enum oha_mi_era era,
                              const struct oha_mi_arg *args, size_t n_args, struct oha__mi_arranged *out,
                              struct oha_error *err)
{
  struct oha_span rest = params_of(spelling);
  size_t n_used = 0;
  struct param param;

  if (spelling->params == NULL)
    return oha__fail(err, OHA_E_REFUSED, "this server takes the arguments of %s by position only",
                     spelling->name);
  while (n_used < n_args && next_param(&rest, &param)) {
    size_t n = put_in_order(&param, era, args, n_args, out);

    n_used += n;
    if (n > 0 || n_used == n_args)
      continue;
    if (param.filler.p == NULL || out->n_args == OHA_MI_ARGS_MOST ||
        !keep_text(out, param.filler, &out->args[out->n_args].value))
      return oha__fail(err, OHA_E_REFUSED,
                       "%s: '%.*s' is missing, and this server takes arguments by position: %s",
                       spelling->name, (int)param.name.n, param.name.p, params_of(spelling).p);
    out->args[out->n_args].name = NULL;
    out->args[out->n_args++].kind = OHA_MI_ARG_TEXT;
  }
  if (n_used != n_args)
    return oha__fail(err, OHA_E_REFUSED, "%s: unknown or repeated argument; this server has: %s",
                     spelling->name, spelling->params[0] == '\0' ? "none" : params_of(spelling).p);
  return OHA_OK;
}

enum oha_rc oha__mi_arrange(const struct oha__mi_spelling *spelling, enum oha_mi_era era,
                            const struct oha_mi_arg *args, size_t n_args, struct oha__mi_arranged *out,
                            struct oha_error *err)
{
  bool named = n_args > 0 && args[0].name != NULL;

  out->n_args = out->n_texts = 0;
  if (n_args > OHA_MI_ARGS_MOST)
    return oha__fail(err, OHA_E_REFUSED, "%s: more than %d arguments", spelling->name, OHA_MI_ARGS_MOST);
  if (named && !takes_names(era))
    return drop_names(spelling, era, args, n_args, out, err);
  if (!named && takes_names(era) && spelling->params != NULL && spelling->params[0] == '!')
    return add_names(spelling, args, n_args, out, err);
  if (named)
    keep_names(spelling, era, args, n_args, out);
  else
    keep_positions(spelling, era, args, n_args, out);
  return OHA_OK;
}
