/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_LOCATION_H
#define OHA_LOCATION_H
/*
 * The location table: its dialect found out, its rows as one record, read in constant memory; and for each
 * binding whether it can still be rung after a move.
 * Source: usrloc-create.sql of OpenSIPS 1.4 ... 4.x (table versions 1004 ... 1013) and of Kamailio 5.x (9).
 */
#include <opensips-ha/api.h>
#include <opensips-ha/db.h>
#include <opensips-ha/error.h>
#include <opensips-ha/move.h>
#include <opensips-ha/time.h>

OHA_BEGIN_DECLS

enum oha_flavour { OHA_FLAVOUR_OPENSIPS = 0, OHA_FLAVOUR_KAMAILIO = 1 };

/** A dialect: table version and what the version alone does not tell. */
struct oha_dialect {
  enum oha_flavour flavour;
  uint32_t table_version;
  bool version_from_columns; /* no row in the version table (sql-only nodes need none): decided by columns */
  char name[48];             /* "opensips-1013", ...; one row of the dialect table */
  char software[48];         /* who makes such tables: "OpenSIPS 3.1 or later" */
  char key_column[65];       /* contact_id or id, as it is called in this table */
  bool expires_is_datetime;  /* in the time zone of the registrar's process */
  bool cflags_is_number;
  bool has_sip_instance, has_kv_store, has_attr;
  bool has_packed_ids;    /* key_column may hold OpenSIPS's packed ids (1011 and later) */
  bool transactional;     /* InnoDB: page and journal in one transaction */
  bool index_on_key;      /* paging by key needs no sort */
  bool index_on_username; /* found in information_schema: a lookup needs no scan */
  uint32_t contact_size;  /* characters; 65535 for TEXT */
  uint32_t received_size, path_size, socket_size;
};

/** One binding. Strings are lent until the callback returns; NULL = SQL NULL or no such column. */
struct oha_binding {
  uint64_t id;
  const char *username;
  const char *domain;
  const char *contact;
  const char *received;
  const char *path;
  const char *socket;
  const char *callid;
  const char *user_agent;
  const char *sip_instance;
  const char *kv_store;
  const char *attr;
  const char *cflags_names;      /* names separated by blanks; NULL where cflags is a number */
  uint32_t cflags_mask;          /* where it is a number */
  bool permanent;                /* expires 0: never */
  bool expires_wraps;            /* a number above 2147483647, which OpenSIPS reads as negative: expired */
  struct oha_wall expires;       /* when not permanent */
  struct oha_wall last_modified; /* us 0 = unreadable */
  int32_t q_milli;               /* 0..1000; -1000 = not given */
  int32_t cseq;
  uint32_t flags;
  int64_t methods; /* bit set; -1 = all (NULL) */
};

/** Which columns a caller needs: the fewer, the faster. */
#define OHA_BINDING_REACH   0x01u /* id, username, domain, contact, received, path, socket, expires, cflags */
#define OHA_BINDING_DETAILS 0x02u /* everything else */

struct oha_location_opts {
  size_t size;
  const char *schema;             /* copies; NULL = the connection's */
  const char *table;              /* NULL = "location" */
  const char *version_table;      /* NULL = "version" */
  const char *const *column_keys; /* renamed columns, as in struct oha_database */
  const char *const *column_names;
  size_t n_columns;
  enum oha_answer use_domain; /* YES: rows without domain are bad; UNKNOWN: both kinds of rows are taken */
  const char *time_zone;      /* of the registrars' processes; NULL = "UTC"; tz database name */
};

struct oha_location;

/**
 * Find out the table's dialect and open it.
 *
 * @param db borrows until oha_location_close()
 * @return OHA_OK; OHA_E_SCHEMA unknown table version, or columns that do not fit it (both named);
 * OHA_E_DENIED with the GRANT that is missing; OHA_E_CONFIG unknown time zone; OHA_E_DB ...
 */
OHA_API OHA_NODISCARD enum oha_rc oha_location_open(struct oha_db *db, const struct oha_location_opts *opts,
                                                    struct oha_location **out, struct oha_error *err);
OHA_API void oha_location_close(struct oha_location *location);
OHA_API const struct oha_dialect *oha_location_dialect(const struct oha_location *location);

/** OHA_OK goes on, OHA_END stops (the call then returns OHA_OK), an error is passed through. The connection
 * is busy meanwhile: a callback must not use it. */
typedef enum oha_rc oha_binding_fn(void *arg, const struct oha_binding *binding);

/** A row that cannot be read: its id and what is wrong with it ("expires '0000-00-00 00:00:00': ..."). */
typedef void oha_bad_row_fn(void *arg, uint64_t id, const char *why);

struct oha_location_filter {
  size_t size;
  const char *aor;    /* "user" (of any domain) or "user@domain"; NULL = all; compared as the column's
                         collation does, which is what a registrar in sql-only mode gets */
  const char *socket; /* exactly this stored text; NULL = any */
  bool include_expired;
  uint32_t columns;        /* OHA_BINDING_*; 0 = REACH */
  oha_bad_row_fn *bad_row; /* NULL = only counted */
  void *bad_row_arg;
  uint64_t *n_bad; /* NULL or where to count rows that cannot be read */
  bool *scanned;   /* NULL or set to: the lookup had to read the whole table (an index is missing) */
};

/**
 * Read the bindings that the filter lets through, in constant memory. An AoR is looked up by an index on
 * username where there is one; else by the range of contact_id that its hash gives, where a look at both ends
 * of the table shows packed ids; what that does not find, by one scan.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_location_each(struct oha_location *location,
                                                    const struct oha_location_filter *filter,
                                                    oha_binding_fn *fn, void *arg, struct oha_error *err);

/** One distinct stored socket and how many live bindings have it. @p socket NULL = SQL NULL. */
typedef enum oha_rc oha_socket_count_fn(void *arg, const char *socket, uint64_t n_live, uint64_t n_expired);
OHA_API OHA_NODISCARD enum oha_rc oha_location_sockets(struct oha_location *location, oha_socket_count_fn *fn,
                                                       void *arg, struct oha_error *err);

/** core_hash() of OpenSIPS over an AoR: the low 16 bits are the top of a packed contact_id (2.2+). */
OHA_API uint32_t oha_aor_hash(const char *aor, size_t n);

/* ---- who can still be rung ---- */

/** Order is the order of the rules: the first that fits decides. */
enum oha_reach {
  OHA_REACH_EXPIRED = 0,
  OHA_REACH_INVALID = 1,
  OHA_REACH_KEPT = 2,
  OHA_REACH_ELSEWHERE = 3,
  OHA_REACH_CONNECTION_LOST = 4,
  OHA_REACH_UNSET = 5,
  OHA_REACH_FOREIGN = 6,
  OHA_REACH_STRANDED = 7,
  OHA_REACH_UNPROVEN = 8,
  OHA_REACH_DIRECT = 9
};
#define OHA_REACH_N 10

/** What people are told about a class. */
enum oha_reach_group {
  OHA_REACH_AT_ONCE = 0,   /* kept, direct, elsewhere */
  OHA_REACH_LATER = 1,     /* stranded, connection-lost: when the phone registers again */
  OHA_REACH_NOT_KNOWN = 2, /* unproven, foreign, unset */
  OHA_REACH_LOST = 3,      /* invalid */
  OHA_REACH_GONE = 4       /* expired: not counted */
};

OHA_API const char *oha_reach_name(enum oha_reach reach); /* "kept", "connection-lost", ... */
OHA_API bool oha_reach_parse(const char *name, enum oha_reach *out);
OHA_API enum oha_reach_group oha_reach_group_of(enum oha_reach reach);

/**
 * The class of a binding under a move. Pure.
 *
 * @param never set when not NULL: a `later` binding that will not return by itself, because its phone uses
 * A's literal address
 */
OHA_API enum oha_reach oha_reach_of(const struct oha_move *move, enum oha_flavour flavour,
                                    const struct oha_binding *binding, struct oha_wall now, bool *never);

#define OHA_REACH_BUCKETS 8
/** Upper ends of the histogram's buckets in seconds; the last is "later than the one before". */
extern OHA_API const int64_t oha_reach_bucket_s[OHA_REACH_BUCKETS];

/** A whole table, summed. */
struct oha_reach_sum {
  uint64_t n[OHA_REACH_N];
  uint64_t n_never;                  /* of `later`: those that will not return by themselves */
  uint64_t later[OHA_REACH_BUCKETS]; /* when the others' registrations run out, from now */
  int64_t last_return_s;             /* the longest of them; 0 = none */
  uint64_t n_bad;                    /* rows that could not be read */
};

OHA_API void oha_reach_add(struct oha_reach_sum *sum, enum oha_reach reach, bool never,
                           const struct oha_binding *binding, struct oha_wall now);

/**
 * One pass over the table.
 *
 * @param filter NULL = all; expired bindings are always summed, and given to @p fn with include_expired
 * @param fn     NULL = only the sum, else called for each binding with its class
 * @param sum    NULL or filled, also with what was seen before a failure
 */
typedef enum oha_rc oha_reach_fn(void *arg, const struct oha_binding *binding, enum oha_reach reach,
                                 bool never);
OHA_API OHA_NODISCARD enum oha_rc oha_reach_scan(struct oha_location *location, const struct oha_move *move,
                                                 const struct oha_location_filter *filter, oha_reach_fn *fn,
                                                 void *arg, struct oha_reach_sum *sum, struct oha_error *err);

#define OHA_REACH_LINE_SIZE 320
/** "1 204 of 1 310 reachable at once, 96 within 4 min, 10 unknown". Gives back @p buf. */
OHA_API char *oha_reach_line(const struct oha_reach_sum *sum, char buf[OHA_REACH_LINE_SIZE]);

OHA_END_DECLS
#endif
