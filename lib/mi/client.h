/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_CLIENT_H
#define OHA_MI_CLIENT_H
/* The handle, and what its parts ask of each other: mi.c calls, era.c finds out, a transport carries. */
#include <opensips-ha/mi.h>
#include "base/sbuf.h"
#include "mi/address.h"
#include "mi/http.h"
#include "mi/names.h"
#include "mi/reply_fifo.h"
#include "mi/request.h"
#include "mi/value.h"

#define OHA_MI_VERSION_SIZE 128

/*
 * How bytes get there and back; one call at a time. The codes are those of oha_mi_call(); OHA_E_TIMEOUT comes
 * without a text, for its text is the same everywhere.
 */
struct oha__mi_transport {
  /* The most bytes of a request, all of it. */
  size_t (*limit)(const struct oha_mi *mi);
  /* Make everything ready, so that send() is one system call. */
  enum oha_rc (*open)(struct oha_mi *mi, struct oha_mono deadline, struct oha_error *err);
  enum oha_rc (*send)(struct oha_mi *mi, struct oha_span request, struct oha_mono deadline,
                      struct oha_error *err);
  /* The next whole message; lends *out until the next call. OHA_END: there will be no more. */
  enum oha_rc (*receive)(struct oha_mi *mi, struct oha_mono deadline, struct oha_span *out,
                         struct oha_error *err);
  /* The call is over. @p clean: nothing of it can still come, so what was opened may serve again. */
  void (*finish)(struct oha_mi *mi, bool clean);
};

extern const struct oha__mi_transport oha__mi_by_http, oha__mi_by_fifo, oha__mi_by_datagram;

struct oha_mi {
  struct oha_ctx *ctx;
  char *name; /* the address as it was given, for errors */
  struct oha__mi_address address;
  const struct oha__mi_transport *transport;
  char *authorization; /* "Basic ..."; NULL = none */
  int64_t timeout_us;
  size_t cap_bytes; /* of a reply */
  bool allow_kill;
  enum oha_mi_era era;
  char version[OHA_MI_VERSION_SIZE]; /* "" = not asked yet */
  int fd;                            /* connection or socket; -1 = none */
  bool reused;                       /* the connection served an earlier call */
  struct oha__http http;             /* the reply that came last */
  struct oha__reply_fifo reply_fifo;
  bool swept; /* reply_dir was cleared of what crashed clients left */
  struct oha__mi_arranged arranged;
  char *request;
  char *bytes; /* what came */
  size_t n_bytes, room_bytes;
};

/* An id that nobody can guess (mi.c). */
OHA_NODISCARD enum oha_rc oha__mi_new_id(char id[OHA_MI_ID_SIZE], struct oha_error *err);

#ifdef OHA_TESTING
extern const char *oha__mi_fixed_id; /* replies were recorded to this one; NULL = think of one */
#endif

/* One request and its reply, in that era's form (exchange.c). *reply gives, when OHA_OK. */
OHA_NODISCARD enum oha_rc oha__mi_exchange(struct oha_mi *mi, struct oha__mi_request *request,
                                           enum oha_mi_era era, struct oha_mono deadline,
                                           struct oha_mi_reply **reply, struct oha_error *err);

/* Ask which era the server is of, unless that is known; sets mi->era and, if it says, mi->version
 * (find_era.c). */
OHA_NODISCARD enum oha_rc oha__mi_find_era(struct oha_mi *mi, struct oha_mono deadline,
                                           struct oha_error *err);

/* The text of a reply to `version` that names the server, into mi->version (find_era.c). */
void oha__mi_take_version(struct oha_mi *mi, const struct oha_mi_value *value);

/* Wait until poll(2) reports @p events or an error condition (io.c). OHA_OK; OHA_E_TIMEOUT; OHA_E_CANCELLED;
 * OHA_E_IO */
OHA_NODISCARD enum oha_rc oha__mi_wait(struct oha_ctx *ctx, int fd, short events, struct oha_mono deadline,
                                       struct oha_error *err);

/* Room for @p n more bytes behind those that came. OHA_OK; OHA_E_NOSPACE they are over the cap; OHA_E_NOMEM
 */
OHA_NODISCARD enum oha_rc oha__mi_room(struct oha_mi *mi, size_t n, struct oha_error *err);

enum oha_rc oha__mi_fail_over_cap(const struct oha_mi *mi, struct oha_error *err);

#endif
