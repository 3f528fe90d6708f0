/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_DB_ERRORS_H
#define OHA_DB_ERRORS_H
/* What MySQL's error numbers mean to us. Pure. */
#include <opensips-ha/db.h>

/* The same number means different things by what was going on. */
enum oha__db_when {
  OHA__DB_WHEN_CONNECT, /* 2013: that host does not serve */
  OHA__DB_WHEN_READ,
  OHA__DB_WHEN_WRITE,
  OHA__DB_WHEN_CAUSAL_READ /* 1205: not a lock, the node did not catch up in time */
};

enum oha_db_class oha__db_class(int mysql_errno, const char *text, enum oha__db_when when);

/* The code that a caller gets for a class. */
enum oha_rc oha__db_rc_of(enum oha_db_class class, enum oha__db_when when);

#define OHA__DB_HINT_SIZE 256

/*
 * The GRANT that is missing, as "; HINT: GRANT INSERT ON `s`.`t` TO 'u'@'h'", from the server's text for
 * errors 1044, 1142 and 1143; "" when the text has another form.
 * @p schema and @p account ("user@host" of CURRENT_USER()) may be NULL or "". Gives back @p buf.
 */
const char *oha__db_grant_hint(int mysql_errno, const char *text, const char *schema, const char *account,
                               char buf[OHA__DB_HINT_SIZE]);

#endif
