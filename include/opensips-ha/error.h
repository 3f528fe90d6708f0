/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ERROR_H
#define OHA_ERROR_H
/* Result codes, and the caller-owned detail that goes with them. */
#include <opensips-ha/api.h>

OHA_BEGIN_DECLS

/** One row per code: name, frozen number, what it means. */
#define OHA_RC_LIST(X)                                                                                       \
  X(OHA_OK, 0, "success")                                                                                    \
  X(OHA_END, 1, "no more, or the callback asked to stop")                                                    \
  X(OHA_E_ARG, 2, "the caller broke this function's contract")                                               \
  X(OHA_E_NOMEM, 3, "out of memory")                                                                         \
  X(OHA_E_PARSE, 4, "text or bytes that do not follow their grammar")                                        \
  X(OHA_E_NOSPACE, 5, "does not fit where it has to go")                                                     \
  X(OHA_E_IO, 6, "a file or socket operation failed (err->sys is errno)")                                    \
  X(OHA_E_TIMEOUT, 7, "the deadline passed; what was asked may still happen")                                \
  X(OHA_E_UNAVAILABLE, 8, "nobody there, or not able to serve now")                                          \
  X(OHA_E_DENIED, 9, "not permitted")                                                                        \
  X(OHA_E_CONFIG, 10, "the configuration is wrong")                                                          \
  X(OHA_E_NOTFOUND, 11, "there is no such thing")                                                            \
  X(OHA_E_EXISTS, 12, "it is there already")                                                                 \
  X(OHA_E_DB, 13, "the database answered with an error (err->sys is its number)")                            \
  X(OHA_E_SCHEMA, 14, "a table or column is not as it must be")                                              \
  X(OHA_E_READONLY, 15, "the database does not accept writes")                                               \
  X(OHA_E_NO_QUORUM, 16, "the cluster (database or peers) has no majority")                                  \
  X(OHA_E_CONFLICT, 17, "lost against another writer; may be repeated")                                      \
  X(OHA_E_UNKNOWN, 18, "a write whose outcome is not known; read before repeating")                          \
  X(OHA_E_TOO_BIG, 19, "the same request never succeeds at this size; halve it")                             \
  X(OHA_E_BUSY, 20, "somebody else is at it")                                                                \
  X(OHA_E_REFUSED, 21, "a rule forbids it; the text names the rule")                                         \
  X(OHA_E_LEASE, 22, "the lease is no longer ours; nothing more was written")                                \
  X(OHA_E_CANCELLED, 23, "the caller asked to stop")                                                         \
  X(OHA_E_PROTOCOL, 24, "the other side answered outside its protocol")                                      \
  X(OHA_E_BUG, 25, "a state that must not happen; please report it")

#define OHA_RC_ENUM(name, number, text) name = number,
enum oha_rc { OHA_RC_LIST(OHA_RC_ENUM) };
#undef OHA_RC_ENUM

/** Where err->sys comes from. */
enum oha_origin { OHA_ORIGIN_NONE = 0, OHA_ORIGIN_ERRNO = 1, OHA_ORIGIN_MYSQL = 2, OHA_ORIGIN_EXIT = 3 };

/**
 * Detail of a failure, owned by the caller, who may also pass NULL. The first failure stays; an outer layer
 * may prefix it ("node sip2: ..."). The text names the value and the rule it broke, never a secret.
 */
struct oha_error {
  enum oha_rc rc;
  enum oha_origin origin;
  int sys; /* errno, MySQL error number or exit status, as origin says */
  uint32_t reserved[5];
  char text[512];
};

#define OHA_ERROR_INIT                                                                                       \
  {                                                                                                          \
    OHA_OK, OHA_ORIGIN_NONE, 0, { 0 },                                                                       \
    {                                                                                                        \
      0                                                                                                      \
    }                                                                                                        \
  }

/** Back to "no failure yet". */
OHA_API void oha_error_clear(struct oha_error *err);

/** "OHA_E_PARSE"; "OHA_E_?" for a number that is no code. Static text. */
OHA_API const char *oha_rc_name(enum oha_rc rc);

/** One phrase for people; static text. */
OHA_API const char *oha_rc_text(enum oha_rc rc);

OHA_END_DECLS
#endif
