/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/errors.h"
#include "base/sbuf.h"
#include "base/span.h"

#include <mysqld_error.h>
#include <string.h>

/* Fit to stand between quotes in a statement that a person copies. */
static bool is_plain(struct oha_span a)
{
  for (size_t i = 0; i < a.n; i++)
    if ((unsigned char)a.p[i] < 0x20 || strchr("'`\"\\;", a.p[i]) != NULL)
      return false;
  return a.n > 0;
}

/* What stands in quotes (' or `) behind the first @p mark in @p text; *rest is behind the closing quote. */
static bool quoted_after(const char *text, const char *mark, struct oha_span *out, const char **rest)
{
  const char *at = strstr(text, mark), *end;

  while (at != NULL && at[strlen(mark)] != '\'' && at[strlen(mark)] != '`')
    at = strstr(at + 1, mark);
  if (at == NULL)
    return false;
  at += strlen(mark);
  end = strchr(at + 1, *at);
  if (end == NULL)
    return false;
  *out = (struct oha_span){ at + 1, (size_t)(end - at - 1) };
  *rest = end + 1;
  return is_plain(*out);
}

/* "INSERT" or "SELECT, UPDATE": what stands before " command denied". */
static bool privileges(const char *text, struct oha_span *out)
{
  const char *end = strstr(text, " command denied to user ");

  if (end == NULL || end == text)
    return false;
  *out = (struct oha_span){ text, (size_t)(end - text) };
  for (size_t i = 0; i < out->n; i++)
    if (!(text[i] >= 'A' && text[i] <= 'Z') && text[i] != ',' && text[i] != ' ')
      return false;
  return true;
}

/* user and host of "user@host", or as the server's text has them: 'user'@'host'. */
static bool account_of(const char *text, const char *account, struct oha_span *user, struct oha_span *host)
{
  const char *at = account == NULL ? NULL : strrchr(account, '@'), *rest;

  if (at != NULL) {
    *user = (struct oha_span){ account, (size_t)(at - account) };
    *host = oha__span(at + 1);
    return is_plain(*user) && is_plain(*host);
  }
  return quoted_after(text, "user ", user, &rest) && quoted_after(rest, "@", host, &rest);
}

const char *oha__db_grant_hint(int mysql_errno, const char *text, const char *schema, const char *account,
                               char buf[OHA__DB_HINT_SIZE])
{
  struct oha_span what = OHA_SPAN("SELECT, INSERT, UPDATE, DELETE");
  struct oha_span in = oha__span(schema), table = OHA_SPAN("*"), user, host;
  const char *rest;
  struct oha_sbuf b;
  bool known;

  oha__sbuf_init(&b, buf, OHA__DB_HINT_SIZE);
  if (mysql_errno == ER_DBACCESS_DENIED_ERROR)
    known = quoted_after(text, "to database ", &in, &rest);
  else if (mysql_errno == ER_TABLEACCESS_DENIED_ERROR || mysql_errno == ER_COLUMNACCESS_DENIED_ERROR)
    known = privileges(text, &what) && quoted_after(text, "table ", &table, &rest);
  else
    return buf;
  if (!known || !account_of(text, account, &user, &host))
    return buf;
  if (rest[0] == '.' && rest[1] == '`') { /* MariaDB: `schema`.`table` */
    in = table;
    table = (struct oha_span){ rest + 2, strcspn(rest + 2, "`") };
    if (!is_plain(table))
      return buf;
  }
  if (!is_plain(in))
    return buf;
  oha__sbuf_puts(&b, "; HINT: GRANT ");
  oha__sbuf_put(&b, what);
  oha__sbuf_puts(&b, " ON `");
  oha__sbuf_put(&b, in);
  oha__sbuf_puts(&b, oha__span_is(table, "*") ? "`." : "`.`");
  oha__sbuf_put(&b, table);
  oha__sbuf_puts(&b, oha__span_is(table, "*") ? " TO '" : "` TO '");
  oha__sbuf_put(&b, user);
  oha__sbuf_puts(&b, "'@'");
  oha__sbuf_put(&b, host);
  oha__sbuf_puts(&b, "'");
  return buf;
}
