/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CLUSTER_H
#define OHA_CLUSTER_H
/*
 * The cluster file, read and checked, as an immutable model. Everything reached from a struct oha_cluster is
 * lent until oha_cluster_free(). Strings are never NULL unless said. See opensips-ha.conf(5).
 */
#include <opensips-ha/api.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>

OHA_BEGIN_DECLS

/** An answer that a configuration may leave open. */
enum oha_answer { OHA_UNKNOWN = 0, OHA_NO = 1, OHA_YES = 2 };

/** What the registrar does with the location table. Source: usrloc working_mode_preset / db_mode. */
enum oha_working_mode {
  OHA_MODE_SQL_ONLY = 0,      /* every access reads the table: a changed row takes effect at once */
  OHA_MODE_WRITE_THROUGH = 1, /* read once at start */
  OHA_MODE_WRITE_BACK = 2,    /* read once at start */
  OHA_MODE_NO_DB = 3,
  OHA_MODE_FULL_SHARING = 4,
  OHA_MODE_FULL_SHARING_CACHEDB = 5,
  OHA_MODE_FEDERATION_CACHEDB = 6
};

enum oha_engine_kind {
  OHA_ENGINE_NATIVE = 0,
  OHA_ENGINE_KEEPALIVED = 1,
  OHA_ENGINE_PACEMAKER = 2,
  OHA_ENGINE_COMMAND = 3
};

enum oha_rewrite_policy { OHA_REWRITE_AUTO = 0, OHA_REWRITE_NEVER = 1, OHA_REWRITE_DIRECT = 2 };

struct oha_node_socket {
  const char *role;       /* such as "public"; unique within its node */
  struct oha_sock listen; /* protocol, address and port all given */
  bool has_advertised;
  struct oha_sock advertised; /* `as` of the listener: this is what the table stores */
  bool adoptable;             /* another node may take the address over when this one is proven dead */
  bool clients_use_address;   /* phones have the literal address: they never move by themselves */
};

struct oha_node {
  const char *name;
  struct oha_addr host; /* management address */
  uint32_t priority;
  const char *const *remote_command; /* NULL-terminated argv; NULL = this node is only reached locally */
  const char *mi;                    /* management interface, an address as in mi.h; "" = none */
  const char *mi_option_file;        /* user and password for it; "" = none */
  const char *clock;                 /* "" = none */
  const char *time_zone;             /* tz database name of the SIP server's process; "UTC" by default */
  enum oha_working_mode working_mode;
  const char *interface_; /* "" = by the kernel's routes; for adopted addresses */
  const struct oha_node_socket *sockets;
  size_t n_sockets;
  const struct oha_network *networks; /* where phones reach this node without NAT */
  size_t n_networks;
};

struct oha_vip {
  const char *name;
  struct oha_addr addr;
  uint8_t prefix_bits; /* 32 / 128 by default */
  const char *interface_;
  const struct oha_sock *sockets; /* listeners on this address */
  size_t n_sockets;
};

struct oha_witness {
  const char *name;
  const char *kind; /* "gateway", "carrier", "host" */
  struct oha_addr addr;
  const char *const *remote_command; /* NULL = only probed */
};

/** Something else whose health matters, such as a carrier. */
struct oha_peer {
  const char *name;
  struct oha_sock target; /* protocol, address and port all given; UDP, TCP or TLS */
};

struct oha_database {
  const char *const *hosts; /* "address", "name:port", "unix:/path"; in order of preference */
  size_t n_hosts;
  bool balancer; /* the hosts are balancers (HAProxy, ProxySQL): check the server around each page */
  const char *option_file; /* credentials; mode 0600 or stricter */
  const char *group;       /* of the option file; "opensips-ha" by default */
  const char *schema;
  const char *table; /* "location" by default */
  const char *version_table;
  const char *const *column_keys;  /* renamed columns: standard name ... */
  const char *const *column_names; /* ... and the name in this table */
  size_t n_columns;
  enum oha_answer use_domain; /* UNKNOWN = by the dialect's default */
  int64_t connect_timeout_us, read_timeout_us, write_timeout_us;
};

/** Limits and waits; each has a documented default, so none is 0 but page_target_us. */
struct oha_thresholds {
  int64_t probe_timeout_us;  /* one SIP OPTIONS exchange */
  int64_t remote_timeout_us; /* one command on another node */
  int64_t fence_timeout_us;
  int64_t lease_ttl_us;
  int64_t arp_timeout_us; /* wait for answers to a duplicate-address probe */
  int64_t page_target_us; /* a rewrite page aims at this; 0 = as the rewrite's speed has it */
};

struct oha_cluster {
  const char *path; /* where it was read from */
  const char *name;
  enum oha_answer contact_rewriting;
  enum oha_rewrite_policy rewrite;
  enum oha_engine_kind engine;
  const char *nat_flag;             /* flag name, or "" */
  uint32_t nat_flag_mask;           /* bit mask for tables whose cflags is a number; 0 = none */
  const char *const *fence_command; /* NULL = none; the node's name is appended */
  struct oha_database database;
  struct oha_thresholds thresholds;
  const struct oha_vip *vips;
  size_t n_vips;
  const struct oha_node *nodes;
  size_t n_nodes;
  const struct oha_witness *witnesses;
  size_t n_witnesses;
  const struct oha_peer *peers;
  size_t n_peers;
};

/** How bad a remark about a cluster file is; only errors make it unusable. */
enum oha_problem_level {
  OHA_PROBLEM_ERROR = 0,
  OHA_PROBLEM_WARNING = 1, /* probably not what was meant, or not safe */
  OHA_PROBLEM_NOTE = 2     /* known, but not used by this version */
};

/**
 * One call for each remark about a cluster file, in the order of its lines.
 *
 * @param path where the file was read from
 * @param line 1 is the first; 0 = the file as a whole
 * @param text such as: node "sip1": host "192.0.2": ...
 */
typedef void oha_cluster_problem_fn(void *arg, enum oha_problem_level level, const char *path, int line,
                                    const char *text);

/**
 * Read, parse and check a cluster file.
 *
 * @param path    borrows; NULL = the installed default
 * @param problem called for each remark (all of them, not only the first); NULL = warnings and notes go to
 * the context's log
 * @param out     gives; free with oha_cluster_free()
 * @return OHA_OK; OHA_E_CONFIG (err->text has the first error with file and line); OHA_E_NOTFOUND;
 *         OHA_E_DENIED; OHA_E_IO; OHA_E_NOMEM
 * Blocks: for reading local files. Threads: any.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_cluster_load(struct oha_ctx *ctx, const char *path,
                                                   oha_cluster_problem_fn *problem, void *arg,
                                                   struct oha_cluster **out, struct oha_error *err);

OHA_API void oha_cluster_free(struct oha_cluster *cluster);

/** The node of that name, or NULL. */
OHA_API const struct oha_node *oha_cluster_node(const struct oha_cluster *cluster, const char *name);

/**
 * The time zone in which DATETIME columns of the location table are to be read: that of all nodes.
 *
 * @param out lends until the cluster is freed; tz database name
 * @return OHA_OK; OHA_E_REFUSED the nodes differ in it, so such a column has no one meaning
 */
OHA_API OHA_NODISCARD enum oha_rc oha_cluster_time_zone(const struct oha_cluster *cluster, const char **out,
                                                        struct oha_error *err);

OHA_API const char *oha_answer_name(enum oha_answer answer); /* "yes", "no", "unknown" */
OHA_API const char *oha_working_mode_name(enum oha_working_mode mode);
OHA_API const char *oha_engine_name(enum oha_engine_kind kind);
OHA_API const char *oha_rewrite_policy_name(enum oha_rewrite_policy policy);

/**
 * Which node is this machine? By @p wanted (--node) if not NULL, else by the addresses that this machine's
 * interfaces hold: the node whose management host is one of them.
 *
 * @param out lends until the cluster is freed; NULL when this machine is no node
 * @return OHA_OK (also with *out NULL and wanted NULL); OHA_E_NOTFOUND unknown name; OHA_E_CONFIG two nodes
 * match; OHA_E_IO
 */
OHA_API OHA_NODISCARD enum oha_rc oha_cluster_self(const struct oha_cluster *cluster, const char *wanted,
                                                   const struct oha_node **out, struct oha_error *err);

OHA_END_DECLS
#endif
