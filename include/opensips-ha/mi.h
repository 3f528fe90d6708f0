/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_H
#define OHA_MI_H
/*
 * The management interface (MI) of OpenSIPS 1.4 to 4.0 and the RPC of Kamailio 5.x: one client over JSON-RPC
 * by HTTP, FIFO and datagram, XML-RPC, mi_json of 1.11 to 2.4, and the text FIFO and datagram of 1.x and 2.x.
 * Which era a server is of is found out by asking, once for each handle; command names are those that this
 * server knows the command by.
 *
 *   struct oha_mi_opts o = { .size = sizeof(o), .address = "http://127.0.0.1:8888/mi" };
 *   struct oha_mi_arg args[] = { { .name = "table_name", .value = "location" },
 *                                { .name = "aor", .value = "4001@voice.example.net" } };
 *   rc = oha_mi_open(ctx, &o, &mi, &err);
 *   rc = oha_mi_call(mi, "ul_show_contact", args, 2, &reply, &err);
 *
 * Nothing is ever sent that can harm a server: no batch, no object without `method` (both crash the FIFO
 * process of OpenSIPS 3.0 and later), nothing longer than what the server reads, no bytes that a FIFO's
 * parser stumbles over, and never ul_sync or dlg_restore_db, which empty a table that other nodes write to.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/error.h>

OHA_BEGIN_DECLS

/** Families of servers, as far as their management differs. */
enum oha_mi_era {
  OHA_MI_ERA_UNKNOWN = 0,
  OHA_MI_ERA_TEXT = 1,    /* OpenSIPS 1.4 to 2.4: text tree, mi_json, XML-RPC without types */
  OHA_MI_ERA_JSONRPC = 2, /* OpenSIPS 3.0 to 3.6: JSON-RPC 2.0, flat names */
  OHA_MI_ERA_MODULES = 3, /* OpenSIPS 4.0: names are module:command, old ones are aliases or gone */
  OHA_MI_ERA_KAMAILIO = 4 /* Kamailio 5.x: jsonrpcs, xmlrpc; names are group.command */
};

/** "text", "jsonrpc", "modules", "kamailio"; "unknown". Static text. */
OHA_API const char *oha_mi_era_name(enum oha_mi_era era);

struct oha_mi_opts {
  size_t size; /* sizeof(struct oha_mi_opts) */
  /**
   * copies; how and where:
   *   "http://HOST:PORT/mi"        JSON-RPC by HTTP (mi_http of 3.0 and later; Kamailio: ".../RPC")
   *   "xmlrpc://HOST:PORT/RPC2"    XML-RPC by HTTP
   *   "json://HOST:PORT/json"      mi_json of 1.11 to 2.4
   *   "fifo:/PATH"                 FIFO
   *   "udp:HOST:PORT"              datagrams by UDP
   *   "unix:/PATH"                 datagrams by a UNIX socket
   * HOST is an IPv4 address, an IPv6 address in brackets, or localhost (127.0.0.1): names are not looked up,
   * for that may take longer than any deadline. Behind it may stand "?" and, joined by "&":
   *   era=text|jsonrpc|modules|kamailio   do not ask which it is
   *   reply_dir=/DIR                      of a FIFO: as the server's modparam has it; /tmp by default
   */
  const char *address;
  const char *option_file; /* copies; user and password for HTTP Basic, in the format of a MySQL option file,
                              mode 0600; NULL = none. Not read for other transports */
  const char *group;       /* copies; of that file; NULL = "opensips-ha-mi" */
  enum oha_mi_era era;     /* UNKNOWN = as the address says, or find out */
  int64_t timeout_us;      /* of one call, with all that belongs to it; 0 = 2 s */
  size_t reply_cap_bytes;  /* 0 = 16 MiB */
  bool allow_kill;         /* let the command kill through, which shuts the server down */
};

struct oha_mi;

/**
 * Prepare a client. Nothing is sent, no server need be there.
 *
 * @param ctx borrows until oha_mi_close()
 * @param out gives
 * @return OHA_OK; OHA_E_ARG (options); OHA_E_PARSE (address); OHA_E_CONFIG (option file); OHA_E_NOMEM;
 *         OHA_E_IO (no random bits)
 */
OHA_API OHA_NODISCARD enum oha_rc oha_mi_open(struct oha_ctx *ctx, const struct oha_mi_opts *opts,
                                              struct oha_mi **out, struct oha_error *err);

/** NULL is fine. */
OHA_API void oha_mi_close(struct oha_mi *mi);

/**
 * Does this address mean something on the server's own machine only (a FIFO, a UNIX socket, a loopback
 * address)? False also for what is no address.
 */
OHA_API bool oha_mi_address_is_local(const char *address);

enum oha_mi_arg_kind {
  OHA_MI_ARG_TEXT = 0,
  OHA_MI_ARG_NUMBER = 1, /* a JSON number; Kamailio does not take text for one, nor a number for text */
  OHA_MI_ARG_ELEMENT =
      2 /* one element of an array; elements with the same name, side by side, are one array */
};

/** An argument; name NULL = by position. All of a call have names, or none has. */
struct oha_mi_arg {
  const char *name;
  const char *value; /* UTF-8 */
  enum oha_mi_arg_kind kind;
};

enum oha_mi_type {
  OHA_MI_NULL = 0,
  OHA_MI_STRING = 1,
  OHA_MI_INT = 2,
  OHA_MI_REAL = 3,
  OHA_MI_BOOL = 4,
  OHA_MI_ARRAY = 5,
  OHA_MI_OBJECT = 6
};

/**
 * A value of a reply. Trees have the same shape whatever the transport; those of the text era too: a node
 * `Contact:: sip:4001@192.0.2.1 Q=1` with children below it is an object that begins with its own value,
 * { Contact: "sip:4001@192.0.2.1", Q: "1", Expires: "1742", ... }, as servers since 3.0 have it, while all of
 * its values are strings; a node with nothing below it is a string; lines without names are an array.
 */
struct oha_mi_value {
  enum oha_mi_type type;
  bool boolean;
  const char *name; /* as a member of an object, else NULL. Members of the same name are all kept */
  const char
      *string;     /* STRING, and the text of INT and REAL; bytes as sent, which may be no UTF-8; else NULL */
  int64_t integer; /* INT */
  double real;     /* INT and REAL */
  const struct oha_mi_value *children; /* ARRAY, OBJECT */
  size_t n_children;
};

/** The first member of that name (case matters), or NULL; NULL for what is no object. */
OHA_API const struct oha_mi_value *oha_mi_member(const struct oha_mi_value *object, const char *name);

struct oha_mi_reply;

/** What the server answered; lends until oha_mi_reply_free(). An error's details, if it has any. */
OHA_API const struct oha_mi_value *oha_mi_reply_value(const struct oha_mi_reply *reply);

/**
 * 200, or the error's code; 0: the server did not say whether it did it (mi_json and mi_xmlrpc_ng of 1.11
 * answer failure and success without data alike).
 */
OHA_API int oha_mi_reply_code(const struct oha_mi_reply *reply);

/** The error's text, or ""; lends. */
OHA_API const char *oha_mi_reply_reason(const struct oha_mi_reply *reply);

/** Date header of a reply by HTTP, "Sun, 22 Nov 2026 07:19:52 GMT"; "" = none; lends. */
OHA_API const char *oha_mi_reply_date(const struct oha_mi_reply *reply);

/** NULL is fine. */
OHA_API void oha_mi_reply_free(struct oha_mi_reply *reply);

/**
 * Call a command by its old flat name ("ul_show_contact"), its 4.0 name ("usrloc:show_contact") or Kamailio's
 * ("ul.lookup"): the name that this server knows it by is used. For the commands that this library knows,
 * arguments with names are put into order where a server takes them by position only.
 *
 * @param args borrows
 * @param out  gives, also when the server answered with an error: that is a reply too
 * @return OHA_OK a reply came; OHA_E_REFUSED it could do harm, or this server cannot be told it (the text
 * says why; nothing was sent); OHA_E_NOTFOUND the server does not know the command; OHA_E_TIMEOUT (it may
 *         still be done); OHA_E_UNAVAILABLE nobody there; OHA_E_DENIED; OHA_E_PROTOCOL the connection closed
 *         without a reply (it may have been done), or what came is none; OHA_E_NOSPACE the reply is over the
 *         cap; OHA_E_CANCELLED; OHA_E_ARG; OHA_E_IO; OHA_E_NOMEM
 * Blocks: up to the timeout. Threads: one per handle. Repeat: as the command allows; nothing is sent twice.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_mi_call(struct oha_mi *mi, const char *command,
                                              const struct oha_mi_arg *args, size_t n_args,
                                              struct oha_mi_reply **out, struct oha_error *err);

/**
 * What the server is. Asked once, then kept.
 *
 * @param version set to "OpenSIPS (3.6.8 (x86_64/linux))", "kamailio 5.6.3 (x86_64/linux)", cut to @p size;
 *                NULL = not wanted
 * @param era     NULL = not wanted
 * @return as oha_mi_call()
 */
OHA_API OHA_NODISCARD enum oha_rc oha_mi_version(struct oha_mi *mi, char *version, size_t size,
                                                 enum oha_mi_era *era, struct oha_error *err);

/** The server's era as far as it is known by now: nothing is asked. */
OHA_API enum oha_mi_era oha_mi_era(const struct oha_mi *mi);

/**
 * A reply from JSON text of any shape, with code 200: for what another program handed on.
 *
 * @param json borrows
 * @param out  gives
 * @return OHA_OK; OHA_E_PROTOCOL it is no JSON; OHA_E_NOMEM; OHA_E_ARG
 */
OHA_API OHA_NODISCARD enum oha_rc oha_mi_reply_read(const char *json, size_t n, struct oha_mi_reply **out,
                                                    struct oha_error *err);

OHA_END_DECLS
#endif
