/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_DB_OPTFILE_H
#define OHA_DB_OPTFILE_H
/*
 * Credentials and TLS settings from a MySQL option file (my.cnf). Read by us and not by the client library,
 * which would let the file switch on automatic reconnect and several statements per query, follows !include
 * into files that nobody checked, and drops TLS silently when the server has none.
 */
#include <opensips-ha/error.h>
#include "base/span.h"

/* Strings are NULL when not given. */
struct oha__db_login {
  char *user, *password;
  char *ssl_ca, *ssl_capath, *ssl_cert, *ssl_key, *ssl_cipher, *ssl_crl, *ssl_crlpath, *ssl_passphrase;
  char *tls_version, *tls_fingerprint;
  char *plugin_dir, *default_auth, *server_public_key, *bind_address;
  bool wants_tls;   /* any TLS option: without TLS the connection is refused */
  bool verify_cert; /* certificate and name; on by default where there is a CA */
};

void oha__db_login_clear(struct oha__db_login *login); /* wipes the password */

/*
 * Pure: the options of one group. Values may be quoted by ' or "; '#' begins a comment at the start of a line
 * or behind a blank; options that only say where to connect are passed over, for the cluster file says it.
 * Returns OHA_OK; OHA_E_CONFIG with @p name and the line; OHA_E_NOMEM.
 */
OHA_NODISCARD enum oha_rc oha__db_login_parse(struct oha_span text, const char *name, const char *group,
                                              struct oha__db_login *out, struct oha_error *err);

/*
 * Read a file and parse it. It must belong to this process's user or to root, and nobody else may read or
 * write it. Returns also OHA_E_CONFIG for a file that is missing, unreadable or open to others.
 */
OHA_NODISCARD enum oha_rc oha__db_login_read(const char *path, const char *group, struct oha__db_login *out,
                                             struct oha_error *err);

#endif
