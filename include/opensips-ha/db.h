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

enum oha_db_need { OHA_DB_READ = 0, OHA_DB_WRITE = 1 };

struct oha_db_opts {
  size_t size;
  const char *const *hosts; /* copies; "address", "name:port", "[v6]:port", "unix:/path" */
  size_t n_hosts;
  bool balancer;           /* the same server must answer before and after each transaction */
  const char *option_file; /* copies; the only place for user and password; must not be readable by others */
  const char *group;       /* NULL = "opensips-ha" */
  const char *schema;      /* copies; the default database */
  enum oha_db_need need;   /* WRITE skips hosts that are read-only or not Primary */
  int64_t connect_timeout_us; /* 0 = 2 s */
  int64_t read_timeout_us;    /* 0 = 10 s; never unlimited */
  int64_t write_timeout_us;   /* 0 = 10 s */
};

struct oha_db;

/** What a new connection found out about its server. */
struct oha_db_verdict {
  char host[256];     /* as configured */
  char hostname[128]; /* @@hostname */
  uint64_t server_id; /* @@server_id */
  char version[128];  /* @@version */
  bool writable;      /* not read_only, and (Galera) Primary, ready, Synced or Donor */
  bool galera;
  bool primary;         /* wsrep_cluster_status = Primary */
  bool ready;           /* wsrep_ready = ON */
  int32_t local_state;  /* wsrep_local_state; 4 = Synced; -1 without Galera */
  int64_t cluster_size; /* wsrep_cluster_size; -1 without Galera */
  char cluster_conf_id[32];
  char cluster_uuid[64];
  char why[256]; /* "" or the reason why it is not writable */
};

/**
 * Connect to the first host that serves (the one that served last time on this handle first).
 *
 * @param out gives; close with oha_db_close()
 * @return OHA_OK; OHA_E_UNAVAILABLE no host answers (err->text says why for each); OHA_E_NO_QUORUM all that
 * answer are non-Primary; OHA_E_READONLY all that answer refuse writes; OHA_E_DENIED wrong password or no
 * grant; OHA_E_CONFIG option file missing, unreadable or readable by others; OHA_E_ARG; OHA_E_NOMEM Blocks:
 * up to connect_timeout_us for each host.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_db_open(struct oha_ctx *ctx, const struct oha_db_opts *opts,
                                              struct oha_db **out, struct oha_error *err);

OHA_API void oha_db_close(struct oha_db *db);

/** Ask the server again what it is now. */
OHA_API OHA_NODISCARD enum oha_rc oha_db_judge(struct oha_db *db, struct oha_db_verdict *out,
                                               struct oha_error *err);

/** What was found at connect; lends until oha_db_close() or the next reconnect. */
OHA_API const struct oha_db_verdict *oha_db_verdict_of(const struct oha_db *db);

/** Is the connection still there (no statement has lost it)? */
OHA_API bool oha_db_is_open(const struct oha_db *db);

/** Drop the connection, if any, and connect anew by the rules of oha_db_open(). */
OHA_API OHA_NODISCARD enum oha_rc oha_db_reconnect(struct oha_db *db, struct oha_error *err);

/** UTC_TIMESTAMP(6) of the server. */
OHA_API OHA_NODISCARD enum oha_rc oha_db_now(struct oha_db *db, struct oha_wall *out, struct oha_error *err);

/** What to do about a MySQL error; the table is in db(3). */
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
  OHA_DB_CLASS_BUG         /* we sent nonsense */
};

/** Sort an error number and its text (1180 needs the text). */
OHA_API enum oha_db_class oha_db_class_of(int mysql_errno, const char *text);

OHA_END_DECLS
#endif
