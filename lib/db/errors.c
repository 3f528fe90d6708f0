/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/errors.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <string.h>

/* Oracle's numbers that Connector/C does not name. */
#define MYSQL_SERVER_OFFLINE_MODE 3032 /* 5.7 */
#define MYSQL_GR_BEFORE_HOOK      3100 /* Group Replication: the hook before commit failed */
#define MYSQL_GR_ROLLED_BACK      3101 /* Group Replication rolled the transaction back */
#define MYSQL_ACCOUNT_LOCKED      3118
#define MYSQL_IDLE_DISCONNECT     4031 /* 8.0.24; another error in MariaDB */

/* First match wins; @p text is a piece of the server's text that must be there, NULL = any. */
static const struct rule {
  int number;
  enum oha_db_class class;
  const char *text;
} rules[] = {
  { CR_CONNECTION_ERROR, OHA_DB_CLASS_OTHER_HOST, NULL },
  { CR_CONN_HOST_ERROR, OHA_DB_CLASS_OTHER_HOST, NULL },
  { CR_UNKNOWN_HOST, OHA_DB_CLASS_OTHER_HOST, NULL },
  { ER_HOST_IS_BLOCKED, OHA_DB_CLASS_OTHER_HOST, NULL },
  { ER_HOST_NOT_PRIVILEGED, OHA_DB_CLASS_OTHER_HOST, NULL },
  { ER_SERVER_SHUTDOWN, OHA_DB_CLASS_OTHER_HOST, NULL },
  { ER_UNKNOWN_COM_ERROR, OHA_DB_CLASS_OTHER_HOST, NULL }, /* Galera: not prepared, or rejects queries */
  { MYSQL_GR_BEFORE_HOOK, OHA_DB_CLASS_OTHER_HOST, NULL },

  { ER_CON_COUNT_ERROR, OHA_DB_CLASS_FULL, NULL },
  { ER_TOO_MANY_USER_CONNECTIONS, OHA_DB_CLASS_FULL, NULL },
  { ER_USER_LIMIT_REACHED, OHA_DB_CLASS_FULL, NULL },

  { CR_SERVER_GONE_ERROR, OHA_DB_CLASS_LOST, NULL },
  { CR_SERVER_LOST, OHA_DB_CLASS_LOST, NULL },
  { CR_SERVER_LOST_EXTENDED, OHA_DB_CLASS_LOST, NULL },
  { ER_CONNECTION_KILLED, OHA_DB_CLASS_LOST, NULL },
  { MYSQL_IDLE_DISCONNECT, OHA_DB_CLASS_LOST, "inactivity" },

  { ER_OPTION_PREVENTS_STATEMENT, OHA_DB_CLASS_READONLY, NULL },
  { ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, OHA_DB_CLASS_READONLY, NULL },
  { ER_READ_ONLY_MODE, OHA_DB_CLASS_READONLY, NULL },
  { MYSQL_SERVER_OFFLINE_MODE, OHA_DB_CLASS_READONLY, NULL },

  { ER_LOCK_DEADLOCK, OHA_DB_CLASS_RETRY, NULL }, /* also Galera's certification, and on ROLLBACK */
  { ER_LOCK_WAIT_TIMEOUT, OHA_DB_CLASS_RETRY, NULL },
  { ER_GET_TEMPORARY_ERRMSG, OHA_DB_CLASS_RETRY, NULL }, /* NDB */
  { MYSQL_GR_ROLLED_BACK, OHA_DB_CLASS_RETRY, NULL },

  { ER_ERROR_DURING_COMMIT, OHA_DB_CLASS_HALVE, "wsrep_max_ws_rows" },
  { ER_ERROR_DURING_COMMIT, OHA_DB_CLASS_MEMBERSHIP, "Not connected to Primary Component" },
  { ER_UNKNOWN_ERROR, OHA_DB_CLASS_HALVE, "wsrep_max_ws_size" },
  { ER_UNKNOWN_ERROR, OHA_DB_CLASS_HALVE, "writeset size" },
  { ER_TRANS_CACHE_FULL, OHA_DB_CLASS_HALVE, NULL },
  { ER_NET_PACKET_TOO_LARGE, OHA_DB_CLASS_HALVE, NULL },
  { CR_NET_PACKET_TOO_LARGE, OHA_DB_CLASS_HALVE, NULL },

  { ER_DBACCESS_DENIED_ERROR, OHA_DB_CLASS_RIGHTS, NULL },
  { ER_ACCESS_DENIED_ERROR, OHA_DB_CLASS_RIGHTS, NULL },
  { ER_ACCESS_DENIED_NO_PASSWORD_ERROR, OHA_DB_CLASS_RIGHTS, NULL },
  { ER_TABLEACCESS_DENIED_ERROR, OHA_DB_CLASS_RIGHTS, NULL },
  { ER_COLUMNACCESS_DENIED_ERROR, OHA_DB_CLASS_RIGHTS, NULL },
  { ER_SPECIFIC_ACCESS_DENIED_ERROR, OHA_DB_CLASS_RIGHTS, NULL },
  { ER_MUST_CHANGE_PASSWORD, OHA_DB_CLASS_RIGHTS, NULL },
  { ER_MUST_CHANGE_PASSWORD_LOGIN, OHA_DB_CLASS_RIGHTS, NULL },
  { MYSQL_ACCOUNT_LOCKED, OHA_DB_CLASS_RIGHTS, NULL },
  { ER_ACCOUNT_HAS_BEEN_LOCKED, OHA_DB_CLASS_RIGHTS, NULL },

  { ER_BAD_DB_ERROR, OHA_DB_CLASS_SCHEMA, NULL },
  { ER_NO_SUCH_TABLE, OHA_DB_CLASS_SCHEMA, NULL },
  { ER_BAD_FIELD_ERROR, OHA_DB_CLASS_SCHEMA, NULL },

  { ER_INCORRECT_GTID_STATE, OHA_DB_CLASS_BUG, NULL },
  { ER_PARSE_ERROR, OHA_DB_CLASS_BUG, NULL },
  { CR_COMMANDS_OUT_OF_SYNC, OHA_DB_CLASS_BUG, NULL },
};

enum oha_db_class oha__db_class(int mysql_errno, const char *text, enum oha__db_when when)
{
  if (when == OHA__DB_WHEN_CAUSAL_READ && mysql_errno == ER_LOCK_WAIT_TIMEOUT)
    return OHA_DB_CLASS_LAGS;
  for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
    const struct rule *r = &rules[i];

    if (r->number != mysql_errno || (r->text != NULL && (text == NULL || strstr(text, r->text) == NULL)))
      continue;
    return when == OHA__DB_WHEN_CONNECT && r->class == OHA_DB_CLASS_LOST ? OHA_DB_CLASS_OTHER_HOST : r->class;
  }
  return OHA_DB_CLASS_OTHER;
}

enum oha_db_class oha_db_class_of(int mysql_errno, const char *text)
{
  return oha__db_class(mysql_errno, text, OHA__DB_WHEN_WRITE);
}

enum oha_rc oha__db_rc_of(enum oha_db_class class, enum oha__db_when when)
{
  switch (class) {
  case OHA_DB_CLASS_OTHER:
    return OHA_E_DB;
  case OHA_DB_CLASS_OTHER_HOST:
  case OHA_DB_CLASS_FULL:
    return OHA_E_UNAVAILABLE;
  case OHA_DB_CLASS_LOST:
  case OHA_DB_CLASS_MEMBERSHIP:
    return when == OHA__DB_WHEN_WRITE ? OHA_E_UNKNOWN : OHA_E_UNAVAILABLE;
  case OHA_DB_CLASS_READONLY:
    return OHA_E_READONLY;
  case OHA_DB_CLASS_RETRY:
    return OHA_E_CONFLICT;
  case OHA_DB_CLASS_HALVE:
    return OHA_E_TOO_BIG;
  case OHA_DB_CLASS_RIGHTS:
    return OHA_E_DENIED;
  case OHA_DB_CLASS_SCHEMA:
    return OHA_E_SCHEMA;
  case OHA_DB_CLASS_BUG:
    return OHA_E_BUG;
  case OHA_DB_CLASS_LAGS:
    return OHA_E_TIMEOUT;
  }
  return OHA_E_DB;
}
