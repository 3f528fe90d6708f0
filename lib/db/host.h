/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_DB_HOST_H
#define OHA_DB_HOST_H
/* Where a database server listens, as the cluster file writes it. Pure. */
#include <opensips-ha/error.h>
#include "base/span.h"

#define OHA_DB_DEFAULT_PORT 3306

struct oha__db_host {
  char text[256]; /* as given */
  char name[256]; /* host name or address; the socket's path when is_unix */
  uint16_t port;
  bool is_unix;
};

/*
 * "name", "name:port", "192.0.2.1:3307", "2001:db8::1", "[2001:db8::1]:3307", "unix:/path".
 * Unlike in MySQL's own tools "localhost" means TCP. Returns OHA_OK; OHA_E_CONFIG.
 */
OHA_NODISCARD enum oha_rc oha__db_host_parse(struct oha_span text, struct oha__db_host *out,
                                             struct oha_error *err);

#endif
