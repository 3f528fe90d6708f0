/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_DB_H
#define OHA_DB_H
/*
 * A connection to the shared MySQL / MariaDB / Galera database, with host failover at open, a judgement of
 * every new connection, and errors sorted by what one can do about them. Never reconnects silently.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/error.h>

OHA_BEGIN_DECLS

enum oha_db_need {
  OHA_DB_READ = 0, /* a host whose tables can be read */
  OHA_DB_WRITE = 1,
  OHA_DB_LOOK = 2 /* any host that answers, also one without quorum: to judge it */
};

struct oha_db_opts {
  size_t size;
  const char *const *hosts; /* copies; "address", "name:port", "[v6]:port", "unix:/path" */
  size_t n_hosts;
  bool balancer;              /* the same server must answer before and after each transaction */
  const char *option_file;    /* copies; the only place for user, password and TLS; must not be readable by
                                 others; NULL = this process's user, no password (unix_socket authentication) */
  const char *group;          /* NULL = "opensips-ha" */
  const char *schema;         /* copies; the default database */
  enum oha_db_need need;      /* WRITE skips hosts that are read-only or not Primary */
  int64_t connect_timeout_us; /* 0 = 2 s; all three are rounded up to whole seconds */
  int64_t read_timeout_us;    /* 0 = 10 s; never unlimited; lock waits end at half of it */
  int64_t write_timeout_us;   /* 0 = 10 s */
};

struct oha_db;

/** What a new connection found out about its server. */
struct oha_db_verdict {
  char host[256];     /* as configured */
  char hostname[128]; /* @@hostname */
  uint64_t server_id; /* @@server_id */
  char version[128];  /* @@version */
  bool writable;      /* readable, not read-only, and (Galera) Synced or Donor and not desynced by hand */
  bool galera;
  bool primary;         /* wsrep_cluster_status = Primary */
  bool ready;           /* wsrep_ready = ON */
  int32_t local_state;  /* wsrep_local_state; 4 = Synced; -1 without Galera */
  int64_t cluster_size; /* wsrep_cluster_size; -1 without Galera */
  char cluster_conf_id[32];
  char cluster_uuid[64];
  char why[256]; /* "" or the reason why it is not writable */
  bool readable; /* not offline, and (Galera) Primary, ready and not told to reject queries */
};

/**
 * Connect to the first host that serves.
 *
 * The session that callers get: UTC, READ COMMITTED (REPEATABLE READ where the server logs statements, for
 * InnoDB refuses the former there), strict SQL mode, and character set `binary`: bytes come back as the
 * column has them and go in as they are given, and comparisons still use the column's collation and indexes.
 *
 * @param out gives; close with oha_db_close()
 * @return OHA_OK; OHA_E_UNAVAILABLE no host serves (err->text says why for each); OHA_E_NO_QUORUM a host
 *         answers and is non-Primary, none is better; OHA_E_READONLY a host serves and refuses writes;
 *         OHA_E_DENIED wrong password or no grant; OHA_E_SCHEMA no such schema; OHA_E_CONFIG a host or the
 *         option file is wrong, unreadable, or readable by others; OHA_E_CANCELLED; OHA_E_ARG; OHA_E_NOMEM
 * Blocks: up to connect_timeout_us for each host and as long again for its answers; looking up a host name
 * blocks by the rules of resolv.conf(5).
 * Threads: the first call in a process initialises the MySQL client library, behind pthread_once(3). That
 * sets SIGPIPE to be ignored where it had its default action; a handler of the program's stays.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_db_open(struct oha_ctx *ctx, const struct oha_db_opts *opts,
                                              struct oha_db **out, struct oha_error *err);

OHA_API void oha_db_close(struct oha_db *db);

/** Ask the server again what it is now. */
OHA_API OHA_NODISCARD enum oha_rc oha_db_judge(struct oha_db *db, struct oha_db_verdict *out,
                                               struct oha_error *err);

/** What the last judgement found; lends until oha_db_close(). */
OHA_API const struct oha_db_verdict *oha_db_verdict_of(const struct oha_db *db);

/** Is the connection still there (no statement has lost it)? */
OHA_API bool oha_db_is_open(const struct oha_db *db);

/** Drop the connection, if any, and connect anew: by the rules of oha_db_open(), the host that served last
 *  first, or last when it was lost in mid-statement. */
OHA_API OHA_NODISCARD enum oha_rc oha_db_reconnect(struct oha_db *db, struct oha_error *err);

/** UTC_TIMESTAMP(6) of the server. */
OHA_API OHA_NODISCARD enum oha_rc oha_db_now(struct oha_db *db, struct oha_wall *out, struct oha_error *err);

/** What to do about a MySQL error. Source: mysqld_error.h of MySQL and MariaDB; seen on MariaDB 10.11,
 * Galera 26.4. */
enum oha_db_class {
  OHA_DB_CLASS_OTHER = 0,  /* no rule: report it */
  OHA_DB_CLASS_OTHER_HOST, /* this host cannot serve: try the next one */
  OHA_DB_CLASS_FULL,       /* too many connections: alive; back off, do not call it dead */
  OHA_DB_CLASS_LOST,       /* connection lost in mid-statement: a write's outcome is unknown */
  OHA_DB_CLASS_READONLY,   /* refuses writes: other host; if all do, refuse */
  OHA_DB_CLASS_RETRY,      /* conflict or lock wait: repeat, with jitter, at most 5 times */
  OHA_DB_CLASS_MEMBERSHIP, /* Galera's membership changed under a commit: wait for ready, read, repeat */
  OHA_DB_CLASS_HALVE,      /* too big: halve the page, the same one never succeeds */
  OHA_DB_CLASS_RIGHTS,     /* grants are missing */
  OHA_DB_CLASS_SCHEMA,     /* table or column is not there */
  OHA_DB_CLASS_BUG,        /* we sent nonsense */
  OHA_DB_CLASS_LAGS        /* a causal read timed out: this node is behind; mark it, read it later */
};

/** Sort an error number and its text (1180 needs the text). */
OHA_API enum oha_db_class oha_db_class_of(int mysql_errno, const char *text);

OHA_END_DECLS
#endif
