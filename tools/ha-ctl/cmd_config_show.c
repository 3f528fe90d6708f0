/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"
#include "show.h"
#include "verbs.h"

static void show_cluster(struct out *o, const struct oha_cluster *k)
{
  out_array(o, "clusters", "Cluster", NULL, OUT_CARDS);
  out_record(o);
  out_str(o, "name", "name", k->name);
  out_str(o, "path", "file", k->path);
  out_str(o, "engine", "engine", oha_engine_name(k->engine));
  out_str(o, "rewrite", "rewrite", oha_rewrite_policy_name(k->rewrite));
  if (k->contact_rewriting == OHA_UNKNOWN)
    out_unknown(o, "contact_rewriting", "contact_rewriting");
  else
    out_bool(o, "contact_rewriting", "contact_rewriting", k->contact_rewriting == OHA_YES);
  out_str(o, "nat_flag", "nat_flag", *k->nat_flag != '\0' ? k->nat_flag : NULL);
  if (k->nat_flag_mask != 0)
    out_uint(o, "nat_flag_mask", "nat_flag (mask)", k->nat_flag_mask);
  else
    out_none(o, "nat_flag_mask", "nat_flag (mask)");
  out_strv(o, "fence_command", "fence_command", k->fence_command);
}

static void show_thresholds(struct out *o, const struct oha_thresholds *t)
{
  out_array(o, "thresholds", "Thresholds", NULL, OUT_CARDS);
  out_record(o);
  out_us(o, "probe_timeout_us", "probe_timeout", t->probe_timeout_us);
  out_us(o, "remote_timeout_us", "remote_timeout", t->remote_timeout_us);
  out_us(o, "fence_timeout_us", "fence_timeout", t->fence_timeout_us);
  out_us(o, "lease_ttl_us", "lease_ttl", t->lease_ttl_us);
  out_us(o, "arp_timeout_us", "arp_timeout", t->arp_timeout_us);
  if (t->page_target_us > 0)
    out_us(o, "page_target_us", "page_target", t->page_target_us);
  else
    out_none(o, "page_target_us", "page_target");
}

static void show_database(struct out *o, const struct oha_database *d)
{
  out_array(o, "databases", "Database", NULL, OUT_CARDS);
  out_record(o);
  show_words(o, "hosts", "hosts", d->hosts, d->n_hosts);
  out_bool(o, "balancer", "balancer", d->balancer);
  out_str(o, "option_file", "option_file", d->option_file);
  out_str(o, "group", "group", d->group);
  out_str(o, "schema", "schema", d->schema);
  out_str(o, "table", "table", d->table);
  out_str(o, "version_table", "version_table", d->version_table);
  if (d->use_domain == OHA_UNKNOWN)
    out_none(o, "use_domain", "use_domain");
  else
    out_bool(o, "use_domain", "use_domain", d->use_domain == OHA_YES);
  out_us(o, "connect_timeout_us", "connect_timeout", d->connect_timeout_us);
  out_us(o, "read_timeout_us", "read_timeout", d->read_timeout_us);
  out_us(o, "write_timeout_us", "write_timeout", d->write_timeout_us);
  if (d->n_columns == 0)
    return;
  out_array(o, "columns", "Renamed columns", NULL, OUT_TABLE);
  for (size_t i = 0; i < d->n_columns; i++) {
    out_record(o);
    out_str(o, "column", "COLUMN", d->column_keys[i]);
    out_str(o, "name", "NAME HERE", d->column_names[i]);
  }
}

static void show_nodes(struct out *o, const struct oha_cluster *k)
{
  out_array(o, "nodes", "Nodes", NULL, OUT_TABLE);
  for (size_t i = 0; i < k->n_nodes; i++) {
    const struct oha_node *n = &k->nodes[i];

    out_record(o);
    out_str(o, "name", "NAME", n->name);
    show_addr(o, "host", "HOST", &n->host);
    out_uint(o, "priority", "PRIORITY", n->priority);
    out_str(o, "working_mode", "WORKING MODE", oha_working_mode_name(n->working_mode));
    out_str(o, "time_zone", "TIME ZONE", n->time_zone);
    out_str(o, "interface", "INTERFACE", *n->interface_ != '\0' ? n->interface_ : NULL);
    out_str(o, "mi", "MI", *n->mi != '\0' ? n->mi : NULL);
    out_str(o, "mi_option_file", NULL, *n->mi_option_file != '\0' ? n->mi_option_file : NULL);
    out_str(o, "clock", "CLOCK", *n->clock != '\0' ? n->clock : NULL);
    out_strv(o, "remote_command", "REMOTE COMMAND", n->remote_command);
  }
}

static void show_networks(struct out *o, const struct oha_cluster *k)
{
  size_t n = 0;

  for (size_t i = 0; i < k->n_nodes; i++)
    n += k->nodes[i].n_networks;
  out_array(o, "networks", n > 0 ? "Networks without NAT" : NULL, NULL, OUT_TABLE);
  for (size_t i = 0; i < k->n_nodes; i++)
    for (size_t j = 0; j < k->nodes[i].n_networks; j++) {
      char addr[OHA_ADDR_SIZE], text[OHA_ADDR_SIZE + 8];

      out_record(o);
      out_str(o, "node", "NODE", k->nodes[i].name);
      snprintf(text, sizeof(text), "%s/%u", oha_addr_format(&k->nodes[i].networks[j].addr, addr),
               k->nodes[i].networks[j].prefix_bits);
      out_str(o, "network", "NETWORK", text);
    }
}

static void show_listener(struct out *o, const char *node, const char *vip, const char *role,
                          const struct oha_sock *listen)
{
  out_record(o);
  out_str(o, "node", "NODE", node);
  out_str(o, "vip", "VIP", vip);
  out_str(o, "role", "ROLE", role);
  show_sock(o, "listen", "LISTEN", listen);
}

static void show_sockets(struct out *o, const struct oha_cluster *k)
{
  out_array(o, "sockets", "Sockets", NULL, OUT_TABLE);
  for (size_t i = 0; i < k->n_vips; i++)
    for (size_t j = 0; j < k->vips[i].n_sockets; j++) {
      show_listener(o, NULL, k->vips[i].name, NULL, &k->vips[i].sockets[j]);
      out_none(o, "advertised", "ADVERTISED");
      out_bool(o, "adoptable", "ADOPTABLE", false);
      out_str(o, "clients_use", "CLIENTS USE", NULL);
    }
  for (size_t i = 0; i < k->n_nodes; i++)
    for (size_t j = 0; j < k->nodes[i].n_sockets; j++) {
      const struct oha_node_socket *s = &k->nodes[i].sockets[j];

      show_listener(o, k->nodes[i].name, NULL, s->role, &s->listen);
      if (s->has_advertised)
        show_sock(o, "advertised", "ADVERTISED", &s->advertised);
      else
        out_none(o, "advertised", "ADVERTISED");
      out_bool(o, "adoptable", "ADOPTABLE", s->adoptable);
      out_str(o, "clients_use", "CLIENTS USE", s->clients_use_address ? "address" : "name");
    }
}

static void show_vips(struct out *o, const struct oha_cluster *k)
{
  out_array(o, "vips", "Virtual addresses", NULL, OUT_TABLE);
  for (size_t i = 0; i < k->n_vips; i++) {
    out_record(o);
    out_str(o, "name", "NAME", k->vips[i].name);
    show_addr(o, "address", "ADDRESS", &k->vips[i].addr);
    out_uint(o, "prefix_bits", "PREFIX", k->vips[i].prefix_bits);
    out_str(o, "interface", "INTERFACE", *k->vips[i].interface_ != '\0' ? k->vips[i].interface_ : NULL);
  }
}

static void show_witnesses(struct out *o, const struct oha_cluster *k)
{
  out_array(o, "witnesses", k->n_witnesses > 0 ? "Witnesses" : NULL, NULL, OUT_TABLE);
  for (size_t i = 0; i < k->n_witnesses; i++) {
    out_record(o);
    out_str(o, "name", "NAME", k->witnesses[i].name);
    out_str(o, "kind", "KIND", k->witnesses[i].kind);
    show_addr(o, "address", "ADDRESS", &k->witnesses[i].addr);
    out_strv(o, "remote_command", "REMOTE COMMAND", k->witnesses[i].remote_command);
  }
}

static void show_peers(struct out *o, const struct oha_cluster *k)
{
  out_array(o, "peers", k->n_peers > 0 ? "Peers" : NULL, NULL, OUT_TABLE);
  for (size_t i = 0; i < k->n_peers; i++) {
    out_record(o);
    out_str(o, "name", "NAME", k->peers[i].name);
    show_sock(o, "target", "TARGET", &k->peers[i].target);
  }
}

int cmd_config_show(struct app *app)
{
  int code = app_cluster(app);

  if (code != 0)
    return code;
  show_cluster(&app->out, app->cluster);
  show_database(&app->out, &app->cluster->database);
  show_vips(&app->out, app->cluster);
  show_nodes(&app->out, app->cluster);
  show_networks(&app->out, app->cluster);
  show_sockets(&app->out, app->cluster);
  show_witnesses(&app->out, app->cluster);
  show_peers(&app->out, app->cluster);
  show_thresholds(&app->out, &app->cluster->thresholds);
  return HA_EXIT_OK;
}
