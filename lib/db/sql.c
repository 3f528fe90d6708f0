/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "db/query.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void oha__sql_init(struct oha__sql *q, struct oha_db *db)
{
  *q = (struct oha__sql){ .db = db };
}

void oha__sql_clear(struct oha__sql *q)
{
  oha__free(q->p);
  *q = (struct oha__sql){ .db = q->db };
}

void oha__sql_reset(struct oha__sql *q)
{
  q->n = 0;
  q->failed = false;
}

/* Room for n more bytes and a NUL. */
static char *more(struct oha__sql *q, size_t n)
{
  char *at;

  if (q->failed || n > SIZE_MAX / 4 - q->n || !oha__grow((void **)&q->p, &q->cap, q->n + n, 1)) {
    q->failed = true;
    return NULL;
  }
  at = q->p + q->n;
  q->n += n;
  q->p[q->n] = '\0';
  return at;
}

static void put(struct oha__sql *q, const char *p, size_t n)
{
  char *at = more(q, n);

  if (at != NULL && n > 0)
    memcpy(at, p, n);
}

void oha__sql_puts(struct oha__sql *q, const char *sql)
{
  put(q, sql, strlen(sql));
}

void oha__sql_printf(struct oha__sql *q, const char *fmt, ...)
{
  char text[256];
  va_list ap;
  int n;

  va_start(ap, fmt);
  n = vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  if (n < 0 || (size_t)n >= sizeof(text))
    q->failed = true;
  else
    put(q, text, (size_t)n);
}

void oha__sql_ident(struct oha__sql *q, const char *name)
{
  put(q, "`", 1);
  for (; *name != '\0'; name++)
    put(q, *name == '`' ? "``" : name, *name == '`' ? 2 : 1);
  put(q, "`", 1);
}

/*
 * The session's character set is binary, so a byte is a character and no multi-byte sequence can swallow a
 * backslash. A quote is doubled and not escaped, which holds under NO_BACKSLASH_ESCAPES too.
 */
void oha__sql_text(struct oha__sql *q, struct oha_span text)
{
  size_t from = 0;

  put(q, "'", 1);
  for (size_t i = 0; i < text.n; i++) {
    const char *escaped = NULL;

    if (text.p[i] == '\'')
      escaped = "''";
    else if (text.p[i] == '\\')
      escaped = "\\\\";
    else if (text.p[i] == '\0')
      escaped = "\\0";
    if (escaped == NULL)
      continue;
    put(q, text.p + from, i - from);
    put(q, escaped, 2);
    from = i + 1;
  }
  if (text.n > from)
    put(q, text.p + from, text.n - from);
  put(q, "'", 1);
}

void oha__sql_bytes(struct oha__sql *q, const void *p, size_t n)
{
  static const char digits[] = "0123456789abcdef";
  const unsigned char *bytes = p;
  char *at;

  put(q, "x'", 2);
  at = n > SIZE_MAX / 4 ? NULL : more(q, n * 2);
  if (at == NULL)
    q->failed = true;
  for (size_t i = 0; at != NULL && i < n; i++) {
    at[i * 2] = digits[bytes[i] >> 4];
    at[i * 2 + 1] = digits[bytes[i] & 15];
  }
  put(q, "'", 1);
}
