/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_H
#define OHA_MI_H
/*
 * The management interface (MI) of OpenSIPS 1.4 to 4.0 and the RPC of Kamailio 5.x: arguments of a command
 * and the tree that is its reply, of one shape for all transports.
 */
#include <opensips-ha/api.h>
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
