/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the tree of a file to the model: every option with its type, default and own rule. */
#include "config/cluster_model.h"

#include "base/sbuf.h"
#include "config/cluster_value.h"

#include <opensips-ha/time.h>

#include <string.h>

#define MS(n) ((n)*OHA_US_PER_MS)
#define S(n)  ((n)*OHA_US_PER_S)

struct builder {
  struct oha_model *m;
  const struct oha_conf_sec *root;
  struct oha_problems *problems;
};

static struct oha_reader reader(struct builder *b, const struct oha_reader *parent,
                                const struct oha_conf_sec *sec)
{
  return oha__reader(parent, sec, &b->m->arena, b->problems);
}

/* Room for every section of that kind in @p parent; *n is set to how many there are, 0 without memory. */
static void *room_for(struct builder *b, const struct oha_conf_sec *parent, const char *kind, size_t size,
                      size_t *n)
{
  size_t count = oha__conf_count(parent, kind);
  void *array = count == 0 ? NULL : oha__arena_alloc(&b->m->arena, count, size);

  *n = array == NULL ? 0 : count;
  return array;
}

/* nat_flag = NAME (OpenSIPS 1.10 and later) or a bit mask (before it, and Kamailio). */
static void read_nat_flag(const struct oha_reader *r, struct oha_cluster *k)
{
  const char *text = oha__read_text(r, "nat_flag", "");
  bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  uint32_t mask = 0;
  size_t n_digits = 0;

  k->nat_flag = "";
  if (text[0] == '\0')
    return;
  if (!hex && !oha__is_digit(text[0])) {
    k->nat_flag = text;
    if (!oha__is_name(text))
      oha__reader_error(r, "nat_flag", "must be the name of a branch flag, or a bit mask: 64 or 0x40");
    return;
  }
  if (!hex && oha__span_u32(oha__span(text), UINT32_MAX, &mask) && mask > 0) {
    k->nat_flag_mask = mask;
    return;
  }
  for (; hex && oha__hex_digit(text[2 + n_digits]) >= 0 && n_digits < 8; n_digits++)
    mask = mask << 4 | (uint32_t)oha__hex_digit(text[2 + n_digits]);
  if (n_digits > 0 && text[2 + n_digits] == '\0' && mask != 0)
    k->nat_flag_mask = mask;
  else
    oha__reader_error(r, "nat_flag", "must be a bit mask of 32 bits with one set, such as 64 or 0x40");
}

static void build_root(struct builder *b)
{
  struct oha_cluster *k = &b->m->cluster;
  struct oha_reader r = reader(b, NULL, b->root);
  const struct oha_conf_sec *engine = oha__conf_find(b->root->secs, "engine");
  unsigned kind = 0;

  k->name = oha__read_text(&r, "name", "");
  if (oha__reader_needs(&r, "name") && !oha__is_name(k->name))
    oha__reader_error(&r, "name", "must have 1 to 63 of A-Z a-z 0-9 . _ - and begin with a letter or digit");
  k->contact_rewriting = oha__read_answer(&r, "contact_rewriting");
  k->rewrite = (enum oha_rewrite_policy)oha__read_word(&r, "rewrite", oha__rewrite_words, OHA_N_REWRITE_WORDS,
                                                       OHA_REWRITE_AUTO);
  k->fence_command = oha__read_argv(&r, "fence_command");
  read_nat_flag(&r, k);
  if (engine == NULL || engine->title == NULL)
    return;
  while (kind < OHA_N_ENGINE_WORDS && strcmp(engine->title, oha__engine_words[kind]) != 0)
    kind++;
  if (kind == OHA_N_ENGINE_WORDS)
    oha__problem_add(b->problems, OHA_PROBLEM_ERROR, engine->line,
                     "engine must be native, keepalived, pacemaker or command");
  else
    k->engine = (enum oha_engine_kind)kind;
}

/* "address", "name", either with ":port" (IPv6 in brackets then), "unix:/path". */
static bool is_database_host(const char *text)
{
  struct oha_span whole = oha__span(text), host = whole, port = { "", 0 };
  struct oha_addr addr;
  uint32_t n;

  if (oha__span_starts(whole, "unix:"))
    return text[5] == '/';
  if (oha_addr_parse(whole.p, whole.n, &addr, NULL) == OHA_OK)
    return true;
  if (text[0] == '[') {
    if (!oha__span_cut(whole, ']', &host, &port) || port.n < 2 || port.p[0] != ':')
      return false;
    host = (struct oha_span){ host.p + 1, host.n - 1 };
    port = (struct oha_span){ port.p + 1, port.n - 1 };
    return oha_addr_parse(host.p, host.n, &addr, NULL) == OHA_OK && oha__span_u32(port, 65535, &n) && n > 0;
  }
  if (oha__span_cut(whole, ':', &host, &port) && (!oha__span_u32(port, 65535, &n) || n == 0))
    return false;
  for (size_t i = 0; i < host.n; i++)
    if (!oha__is_alpha(host.p[i]) && !oha__is_digit(host.p[i]) && strchr("._-", host.p[i]) == NULL)
      return false;
  return host.n > 0 && host.n < OHA_HOST_SIZE;
}

static void build_hosts(const struct oha_reader *r, struct oha_database *d)
{
  const struct oha_conf_opt *opt = oha__conf_opt(r->sec, "hosts");
  char shown[OHA_SAFE_SIZE];
  const char **hosts;

  if (!oha__reader_needs(r, "hosts"))
    return;
  if (opt->n_values == 0)
    oha__reader_error(r, "hosts", "names no host");
  hosts = oha__arena_alloc(r->arena, opt->n_values + 1, sizeof(*hosts));
  if (hosts == NULL)
    return;
  for (const struct oha_conf_value *v = opt->values; v != NULL; v = v->next) {
    if (!is_database_host(v->text))
      oha__problem_add(r->problems, OHA_PROBLEM_ERROR, v->line,
                       "%s: hosts: \"%s\": must be HOST, HOST:PORT, [IPV6]:PORT or unix:/PATH", r->label,
                       oha__safe(oha__span(v->text), shown));
    hosts[d->n_hosts++] = oha__arena_str(r->arena, v->text);
  }
  d->hosts = hosts;
}

static void build_columns(struct builder *b, const struct oha_reader *database, struct oha_database *d)
{
  const struct oha_conf_sec *sec = oha__conf_find(database->sec->secs, "columns");
  struct oha_reader r;
  const char **keys, **names;
  size_t n = 0;

  if (sec == NULL)
    return;
  r = reader(b, database, sec);
  for (const struct oha_conf_opt *opt = sec->opts; opt != NULL; opt = opt->next)
    n++;
  keys = oha__arena_alloc(r.arena, n + 1, sizeof(*keys));
  names = oha__arena_alloc(r.arena, n + 1, sizeof(*names));
  if (keys == NULL || names == NULL)
    return;
  for (const struct oha_conf_opt *opt = sec->opts; opt != NULL; opt = opt->next) {
    keys[d->n_columns] = oha__arena_str(r.arena, opt->key);
    names[d->n_columns++] = oha__read_identifier(&r, opt->key, opt->key);
  }
  d->column_keys = keys;
  d->column_names = names;
}

static void build_database(struct builder *b)
{
  struct oha_database *d = &b->m->cluster.database;
  const struct oha_conf_sec *sec = oha__conf_find(b->root->secs, "database");
  struct oha_conf_sec nothing = { .kind = "database" };
  struct oha_reader r = reader(b, NULL, sec == NULL ? &nothing : sec);

  if (sec != NULL) {
    build_hosts(&r, d);
    build_columns(b, &r, d);
    oha__reader_needs(&r, "option_file");
    oha__reader_needs(&r, "schema");
  }
  d->balancer = oha__read_bool(&r, "balancer", false);
  d->option_file = oha__read_path(&r, "option_file");
  d->group = oha__read_identifier(&r, "group", "opensips-ha");
  d->schema = oha__read_identifier(&r, "schema", "");
  d->table = oha__read_identifier(&r, "table", "location");
  d->version_table = oha__read_identifier(&r, "version_table", "version");
  d->use_domain = oha__read_answer(&r, "use_domain");
  d->connect_timeout_us = oha__read_duration_us(&r, "connect_timeout", S(2), MS(50), S(60));
  d->read_timeout_us = oha__read_duration_us(&r, "read_timeout", S(10), MS(100), S(600));
  d->write_timeout_us = oha__read_duration_us(&r, "write_timeout", S(10), MS(100), S(600));
}

static void build_thresholds(struct builder *b)
{
  struct oha_thresholds *t = &b->m->cluster.thresholds;
  const struct oha_conf_sec *sec = oha__conf_find(b->root->secs, "thresholds");
  struct oha_conf_sec nothing = { .kind = "thresholds" };
  struct oha_reader r = reader(b, NULL, sec == NULL ? &nothing : sec);

  t->probe_timeout_us = oha__read_duration_us(&r, "probe_timeout", S(1), MS(10), S(60));
  t->remote_timeout_us = oha__read_duration_us(&r, "remote_timeout", S(5), MS(100), S(300));
  t->fence_timeout_us = oha__read_duration_us(&r, "fence_timeout", S(30), MS(100), S(600));
  t->lease_ttl_us = oha__read_duration_us(&r, "lease_ttl", S(15), S(2), S(600));
  t->arp_timeout_us = oha__read_duration_us(&r, "arp_timeout", MS(300), MS(20), S(10));
  t->page_target_us = oha__read_duration_us(&r, "page_target", 0, MS(1), S(5));
}

static void build_vip_sockets(const struct oha_reader *r, struct oha_vip *vip)
{
  const struct oha_conf_opt *opt = oha__conf_opt(r->sec, "sockets");
  struct oha_sock *socks;

  if (opt == NULL || opt->n_values == 0)
    return;
  socks = oha__arena_alloc(r->arena, opt->n_values, sizeof(*socks));
  if (socks == NULL)
    return;
  for (const struct oha_conf_value *v = opt->values; v != NULL; v = v->next)
    oha__read_listener(r, "sockets", v->text, &socks[vip->n_sockets++]);
  vip->sockets = socks;
}

static void build_vips(struct builder *b)
{
  struct oha_cluster *k = &b->m->cluster;
  struct oha_vip *vip = room_for(b, b->root, "vip", sizeof(*vip), &k->n_vips);

  k->vips = vip;
  for (const struct oha_conf_sec *sec = oha__conf_find(b->root->secs, "vip"); vip != NULL && sec != NULL;
       sec = oha__conf_find(sec->next, "vip"), vip++) {
    struct oha_reader r = reader(b, NULL, sec);

    vip->name = oha__read_title(&r);
    if (oha__reader_needs(&r, "address"))
      vip->addr = oha__read_addr_of(&r, "address", oha__read_text(&r, "address", ""), &vip->prefix_bits);
    vip->interface_ = oha__read_interface(&r, "interface");
    build_vip_sockets(&r, vip);
  }
}

/* What `as ADDRESS[:PORT]` of a listener makes of it: the rest is the listener's. */
static void read_advertised(const struct oha_reader *r, struct oha_node_socket *s)
{
  const char *text = oha__read_text(r, "advertised", "");
  struct oha_error e = OHA_ERROR_INIT;

  if (oha_sock_parse(text, strlen(text), &s->advertised, &e) != OHA_OK) {
    oha__reader_error(r, "advertised", "%s", e.text);
    return;
  }
  if (s->advertised.proto != OHA_PROTO_ANY && s->advertised.proto != s->listen.proto) {
    oha__reader_error(r, "advertised", "its protocol %s is not the listener's, %s",
                      oha_proto_name(s->advertised.proto), oha_proto_name(s->listen.proto));
    return;
  }
  s->advertised.proto = s->listen.proto;
  if (s->advertised.port == 0)
    s->advertised.port = s->listen.port;
  s->has_advertised = true;
}

static void build_sockets(struct builder *b, const struct oha_reader *node, struct oha_node *n)
{
  static const char *const clients_use[] = { "name", "address" };
  struct oha_node_socket *s = room_for(b, node->sec, "socket", sizeof(*s), &n->n_sockets);

  n->sockets = s;
  for (const struct oha_conf_sec *sec = oha__conf_find(node->sec->secs, "socket"); s != NULL && sec != NULL;
       sec = oha__conf_find(sec->next, "socket"), s++) {
    struct oha_reader r = reader(b, node, sec);

    s->role = oha__read_title(&r);
    if (oha__reader_needs(&r, "listen"))
      oha__read_listener(&r, "listen", oha__read_text(&r, "listen", ""), &s->listen);
    if (s->listen.port != 0 && oha__conf_opt(sec, "advertised") != NULL)
      read_advertised(&r, s);
    s->adoptable = oha__read_bool(&r, "adoptable", false);
    s->clients_use_address = oha__read_word(&r, "clients_use", clients_use, 2, 0) == 1;
  }
}

static void build_networks(const struct oha_reader *r, struct oha_node *n)
{
  const struct oha_conf_opt *opt = oha__conf_opt(r->sec, "networks");
  struct oha_network *networks;

  if (opt == NULL || opt->n_values == 0)
    return;
  networks = oha__arena_alloc(r->arena, opt->n_values, sizeof(*networks));
  if (networks == NULL)
    return;
  n->networks = networks;
  for (const struct oha_conf_value *v = opt->values; v != NULL; v = v->next) {
    struct oha_error e = OHA_ERROR_INIT;

    if (oha_network_parse(v->text, strlen(v->text), &networks[n->n_networks], &e) == OHA_OK)
      n->n_networks++;
    else
      oha__problem_add(r->problems, OHA_PROBLEM_ERROR, v->line, "%s: networks: %s", r->label, e.text);
  }
}

/* The preset's name, or the number that db_mode has in OpenSIPS up to 2.3 and in Kamailio. */
static enum oha_working_mode read_working_mode(const struct oha_reader *r)
{
  static const struct {
    const char *number;
    enum oha_working_mode mode;
  } db_modes[] = { { "0", OHA_MODE_NO_DB },
                   { "1", OHA_MODE_WRITE_THROUGH },
                   { "2", OHA_MODE_WRITE_BACK },
                   { "3", OHA_MODE_SQL_ONLY } };
  const char *text = oha__read_text(r, "working_mode", "");

  for (size_t i = 0; i < sizeof(db_modes) / sizeof(db_modes[0]); i++)
    if (strcmp(text, db_modes[i].number) == 0)
      return db_modes[i].mode;
  return (enum oha_working_mode)oha__read_word(r, "working_mode", oha__mode_words, OHA_N_MODE_WORDS,
                                               OHA_MODE_SQL_ONLY);
}

static void note_unused(const struct oha_reader *r, const char *key)
{
  if (oha__conf_opt(r->sec, key) != NULL)
    oha__problem_add(r->problems, OHA_PROBLEM_NOTE, oha__conf_line(r->sec, key),
                     "%s: %s is not used by this version", r->label, key);
}

static void build_nodes(struct builder *b)
{
  struct oha_cluster *k = &b->m->cluster;
  struct oha_node *n = room_for(b, b->root, "node", sizeof(*n), &k->n_nodes);

  k->nodes = n;
  for (const struct oha_conf_sec *sec = oha__conf_find(b->root->secs, "node"); n != NULL && sec != NULL;
       sec = oha__conf_find(sec->next, "node"), n++) {
    struct oha_reader r = reader(b, NULL, sec);

    n->name = oha__read_title(&r);
    if (oha__reader_needs(&r, "host"))
      n->host = oha__read_addr(&r, "host");
    n->priority = oha__read_u32(&r, "priority", 100, 1, 254);
    n->remote_command = oha__read_argv(&r, "remote_command");
    n->mi = oha__read_text(&r, "mi", "");
    n->mi_option_file = oha__read_path(&r, "mi_option_file");
    n->clock = oha__read_text(&r, "clock", "");
    note_unused(&r, "clock");
    n->time_zone = oha__read_text(&r, "time_zone", "UTC");
    n->working_mode = read_working_mode(&r);
    n->interface_ = oha__read_interface(&r, "interface");
    build_sockets(b, &r, n);
    build_networks(&r, n);
  }
}

static void build_witnesses(struct builder *b)
{
  static const char *const kinds[] = { "host", "gateway", "carrier" };
  struct oha_cluster *k = &b->m->cluster;
  struct oha_witness *w = room_for(b, b->root, "witness", sizeof(*w), &k->n_witnesses);

  k->witnesses = w;
  for (const struct oha_conf_sec *sec = oha__conf_find(b->root->secs, "witness"); w != NULL && sec != NULL;
       sec = oha__conf_find(sec->next, "witness"), w++) {
    struct oha_reader r = reader(b, NULL, sec);

    w->name = oha__read_title(&r);
    w->kind = kinds[oha__read_word(&r, "kind", kinds, sizeof(kinds) / sizeof(kinds[0]), 0)];
    if (oha__reader_needs(&r, "address"))
      w->addr = oha__read_addr(&r, "address");
    w->remote_command = oha__read_argv(&r, "remote_command");
  }
}

static void build_peers(struct builder *b)
{
  struct oha_cluster *k = &b->m->cluster;
  struct oha_peer *p = room_for(b, b->root, "peer", sizeof(*p), &k->n_peers);

  k->peers = p;
  for (const struct oha_conf_sec *sec = oha__conf_find(b->root->secs, "peer"); p != NULL && sec != NULL;
       sec = oha__conf_find(sec->next, "peer"), p++) {
    struct oha_reader r = reader(b, NULL, sec);

    p->name = oha__read_title(&r);
    if (oha__reader_needs(&r, "address"))
      oha__read_listener(&r, "address", oha__read_text(&r, "address", ""), &p->target);
    if (p->target.port != 0 && p->target.proto != OHA_PROTO_UDP && p->target.proto != OHA_PROTO_TCP &&
        p->target.proto != OHA_PROTO_TLS)
      oha__reader_error(&r, "address", "only udp, tcp and tls can be probed");
  }
}

void oha__model_build(struct oha_model *m, const struct oha_conf_sec *root, struct oha_problems *p)
{
  struct builder b = { m, root, p };

  build_root(&b);
  build_database(&b);
  build_thresholds(&b);
  build_vips(&b);
  build_nodes(&b);
  build_witnesses(&b);
  build_peers(&b);
}
