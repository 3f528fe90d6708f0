/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_DBTEST_H
#define OHA_TESTS_DBTEST_H
/* A test program that needs a server runs itself again below with-mariadb. */
#include "cm.h"

#include "db/query.h"

/*
 * Returns when there is a server, whose address is in the environment (see with-mariadb). @p options: words
 * for with-mariadb, NULL at the end; NULL = none. Leaves by 77 when there can be none.
 */
void db_enter(char **argv, const char *const *options);

/* The same with the three servers of with-galera. */
void db_enter_galera(char **argv);

const char *db_env(const char *name); /* must be set */

/* "unix:/path" and "127.0.0.1:port" of the server; static. */
const char *db_unix_host(void);
const char *db_tcp_host(void);

extern struct oha_ctx *db_ctx;

/* Fail the test. In a process that a test forked, end that: it must not go on with the other tests. What is
 * declared here fails so; forked processes keep off the assertions of cmocka. */
void db_fail(const char *fmt, ...) OHA_PRINTF(1, 2);

/* Options for the server's unix socket, its option file and schema, for writing, with timeouts of 2 s. */
struct oha_db_opts db_opts(const char *const *hosts, size_t n_hosts);

/* Connect or fail the test. */
struct oha_db *db_connect(const struct oha_db_opts *opts);
struct oha_db *db_connect_default(void);

/* A statement without a result; its code. */
enum oha_rc db_try(struct oha_db *db, struct oha_error *err, const char *sql);
/* The same, which must work. */
void db_must(struct oha_db *db, const char *sql);
/* The first column of the first row as text, "" for none; must work. */
const char *db_value(struct oha_db *db, const char *sql, char *buf, size_t size);
int64_t db_number(struct oha_db *db, const char *sql);

void db_sleep_ms(int ms);

/* Write a file with @p mode into the temporary directory; its path, static for one call. */
const char *db_file(const char *name, unsigned mode, const char *text);

#endif
