/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cluster_schema.h"

#include "base/sbuf.h"
#include "config/cluster_hint.h"

#include <string.h>

struct key {
  const char *name;
  bool list; /* one value or several in braces; else exactly one without */
};

enum title { TITLE_NONE = 0, TITLE_NEEDED, TITLE_MAY };

struct rule {
  const char *kind;
  enum title title;
  bool many;            /* more than one of it, each with a title of its own */
  bool later;           /* a later version uses it */
  const char *own_body; /* what stands in it concerns us only under this title; NULL = always */
  const struct key *keys;
  size_t n_keys;
  const struct rule *subs;
  size_t n_subs;
};

#define NAMES_MAX   64 /* of one section, for hints */
#define KEYS(array) .keys = (array), .n_keys = sizeof(array) / sizeof((array)[0])
#define SUBS(array) .subs = (array), .n_subs = sizeof(array) / sizeof((array)[0])

static const struct key root_keys[] = {
  { "name", false },     { "contact_rewriting", false }, { "rewrite", false },
  { "nat_flag", false }, { "fence_command", true },
};

static const struct key database_keys[] = {
  { "hosts", true },          { "balancer", false },      { "option_file", false },
  { "group", false },         { "schema", false },        { "table", false },
  { "version_table", false }, { "use_domain", false },    { "connect_timeout", false },
  { "read_timeout", false },  { "write_timeout", false },
};

/* Columns of table location in OpenSIPS 1.4 to 4.0 and Kamailio 5.x. */
static const struct key column_keys[] = {
  { "attr", false },
  { "callid", false },
  { "cflags", false },
  { "connection_id", false },
  { "contact", false },
  { "contact_id", false },
  { "cseq", false },
  { "domain", false },
  { "expires", false },
  { "flags", false },
  { "id", false },
  { "instance", false },
  { "keepalive", false },
  { "kv_store", false },
  { "last_modified", false },
  { "methods", false },
  { "partition", false },
  { "path", false },
  { "q", false },
  { "received", false },
  { "reg_id", false },
  { "ruid", false },
  { "server_id", false },
  { "sip_instance", false },
  { "socket", false },
  { "user_agent", false },
  { "username", false },
};

static const struct key vip_keys[] = {
  { "address", false },
  { "interface", false },
  { "sockets", true },
};

static const struct key node_keys[] = {
  { "host", false },           { "priority", false }, { "remote_command", true }, { "mi", false },
  { "mi_option_file", false }, { "clock", false },    { "time_zone", false },     { "working_mode", false },
  { "interface", false },      { "networks", true },
};

static const struct key socket_keys[] = {
  { "listen", false },
  { "advertised", false },
  { "adoptable", false },
  { "clients_use", false },
};

static const struct key witness_keys[] = {
  { "kind", false },
  { "address", false },
  { "remote_command", true },
};

static const struct key peer_keys[] = {
  { "address", false },
};

static const struct key threshold_keys[] = {
  { "probe_timeout", false }, { "remote_timeout", false }, { "fence_timeout", false },
  { "lease_ttl", false },     { "arp_timeout", false },    { "page_target", false },
};

static const struct rule database_subs[] = {
  { .kind = "columns", KEYS(column_keys) },
};

static const struct rule node_subs[] = {
  { .kind = "socket", .title = TITLE_NEEDED, .many = true, KEYS(socket_keys) },
};

static const struct rule root_subs[] = {
  { .kind = "engine", .title = TITLE_NEEDED, .own_body = "native" },
  { .kind = "database", KEYS(database_keys), SUBS(database_subs) },
  { .kind = "vip", .title = TITLE_NEEDED, .many = true, KEYS(vip_keys) },
  { .kind = "node", .title = TITLE_NEEDED, .many = true, KEYS(node_keys), SUBS(node_subs) },
  { .kind = "witness", .title = TITLE_NEEDED, .many = true, KEYS(witness_keys) },
  { .kind = "peer", .title = TITLE_NEEDED, .many = true, KEYS(peer_keys) },
  { .kind = "thresholds", KEYS(threshold_keys) },
  { .kind = "relay", .title = TITLE_MAY, .many = true, .later = true },
  { .kind = "dispatcher", .title = TITLE_MAY, .many = true, .later = true },
};

static const struct rule root_rule = { .kind = "", KEYS(root_keys), SUBS(root_subs) };

static const struct rule *find_sub(const struct rule *rule, const char *kind)
{
  for (size_t i = 0; i < rule->n_subs; i++)
    if (strcmp(rule->subs[i].kind, kind) == 0)
      return &rule->subs[i];
  return NULL;
}

static const struct key *find_key(const struct rule *rule, const char *name)
{
  for (size_t i = 0; i < rule->n_keys; i++)
    if (strcmp(rule->keys[i].name, name) == 0)
      return &rule->keys[i];
  return NULL;
}

/* Where the name belongs, when it belongs elsewhere. */
static const struct rule *find_home(const struct rule *rule, const char *name)
{
  const struct rule *home = find_key(rule, name) != NULL || find_sub(rule, name) != NULL ? rule : NULL;

  for (size_t i = 0; home == NULL && i < rule->n_subs; i++)
    home = find_home(&rule->subs[i], name);
  return home;
}

static void unknown(const struct rule *rule, const char *name, int line, struct oha_problems *p)
{
  const char *names[NAMES_MAX];
  char shown[OHA_SAFE_SIZE], list[320];
  struct oha_sbuf known;
  size_t n = 0;
  const char *meant;
  const struct rule *home;

  for (size_t i = 0; i < rule->n_keys && n < NAMES_MAX; i++)
    names[n++] = rule->keys[i].name;
  for (size_t i = 0; i < rule->n_subs && n < NAMES_MAX; i++)
    names[n++] = rule->subs[i].kind;
  oha__safe(oha__span(name), shown);
  meant = oha__hint(name, names, n);
  home = find_home(&root_rule, name);
  oha__sbuf_init(&known, list, sizeof(list));
  if (meant != NULL)
    oha__sbuf_printf(&known, "did you mean %s?", meant);
  else if (home != NULL)
    oha__sbuf_printf(&known, "it belongs %s%s", home == &root_rule ? "outside all sections" : "into section ",
                     home->kind);
  else
    for (size_t i = 0; i < n; i++)
      oha__sbuf_printf(&known, "%s%s", i == 0 ? "there are: " : ", ", names[i]);
  if (n == 0 && home == NULL)
    oha__sbuf_puts(&known, "this section has no options");
  oha__problem_add(p, OHA_PROBLEM_ERROR, line, "unknown name %s%s%s; %s", shown,
                   rule->kind[0] != '\0' ? " in section " : "", rule->kind, list);
}

static void check_opts(const struct oha_conf_sec *sec, const struct rule *rule, struct oha_problems *p)
{
  for (const struct oha_conf_opt *opt = sec->opts; opt != NULL; opt = opt->next) {
    const struct key *key = find_key(rule, opt->key);

    if (key == NULL && find_sub(rule, opt->key) != NULL)
      oha__problem_add(p, OHA_PROBLEM_ERROR, opt->line, "%s is a section: %s { ... }, without '='", opt->key,
                       opt->key);
    else if (key == NULL)
      unknown(rule, opt->key, opt->line, p);
    else if (!key->list && opt->braces)
      oha__problem_add(p, OHA_PROBLEM_ERROR, opt->line, "%s takes one value, without braces", opt->key);
  }
}

static void check_title(const struct oha_conf_sec *sec, const struct rule *rule, struct oha_problems *p)
{
  char shown[OHA_SAFE_SIZE];

  if (rule->title == TITLE_NEEDED && sec->title == NULL)
    oha__problem_add(p, OHA_PROBLEM_ERROR, sec->line, "section %s needs a name: %s \"NAME\" { ... }",
                     sec->kind, sec->kind);
  else if (rule->title == TITLE_NONE && sec->title != NULL)
    oha__problem_add(p, OHA_PROBLEM_ERROR, sec->line, "section %s takes no name, but has \"%s\"", sec->kind,
                     oha__safe(oha__span(sec->title), shown));
}

/* The section before @p sec that it repeats, or NULL. */
static const struct oha_conf_sec *earlier(const struct oha_conf_sec *first, const struct oha_conf_sec *sec,
                                          const struct rule *rule)
{
  for (; first != sec; first = first->next) {
    if (strcmp(first->kind, sec->kind) != 0)
      continue;
    if (!rule->many)
      return first;
    if (first->title != NULL && sec->title != NULL && strcmp(first->title, sec->title) == 0)
      return first;
  }
  return NULL;
}

static void check_sec(const struct oha_conf_sec *sec, const struct rule *rule, struct oha_problems *p);

static void check_sub(const struct oha_conf_sec *parent, const struct oha_conf_sec *sec,
                      const struct rule *rule, struct oha_problems *p)
{
  const struct oha_conf_sec *twin = earlier(parent->secs, sec, rule);
  char shown[OHA_SAFE_SIZE];
  const char *title = sec->title == NULL ? "" : oha__safe(oha__span(sec->title), shown);

  if (rule->later) {
    oha__problem_add(p, OHA_PROBLEM_NOTE, sec->line, "section %s \"%s\" is not used by this version",
                     sec->kind, title);
    return;
  }
  check_title(sec, rule, p);
  if (twin != NULL && rule->many)
    oha__problem_add(p, OHA_PROBLEM_ERROR, sec->line, "there are two of %s \"%s\"; the first is on line %d",
                     sec->kind, title, twin->line);
  else if (twin != NULL)
    oha__problem_add(p, OHA_PROBLEM_ERROR, sec->line, "there is a section %s already, on line %d", sec->kind,
                     twin->line);
  if (rule->own_body == NULL || strcmp(title, rule->own_body) == 0)
    check_sec(sec, rule, p);
}

static void check_sec(const struct oha_conf_sec *sec, const struct rule *rule, struct oha_problems *p)
{
  check_opts(sec, rule, p);
  for (const struct oha_conf_sec *sub = sec->secs; sub != NULL; sub = sub->next) {
    const struct rule *sub_rule = find_sub(rule, sub->kind);

    if (sub_rule != NULL)
      check_sub(sec, sub, sub_rule, p);
    else if (find_key(rule, sub->kind) != NULL)
      oha__problem_add(p, OHA_PROBLEM_ERROR, sub->line, "%s is an option: %s = ...", sub->kind, sub->kind);
    else
      unknown(rule, sub->kind, sub->line, p);
  }
}

void oha__schema_check(const struct oha_conf_sec *root, struct oha_problems *p)
{
  check_sec(root, &root_rule, p);
}
