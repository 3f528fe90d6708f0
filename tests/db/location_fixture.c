/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "location_fixture.h"

#include <inttypes.h>
#include <stdlib.h>

void fixture_make(struct oha_db *db, const char *name, uint32_t version)
{
  const char *top = getenv("top_srcdir");
  char path[4096], sql[8192];
  size_t n;
  FILE *f;

  snprintf(path, sizeof(path), "%s/tests/data/location/%s.sql", top == NULL ? "." : top, name);
  f = fopen(path, "r");
  if (f == NULL)
    fail_msg("%s: cannot be read", path);
  n = fread(sql, 1, sizeof(sql) - 1, f);
  fclose(f);
  while (n > 0 && strchr(";\n", sql[n - 1]) != NULL)
    n--;
  sql[n] = '\0';
  db_must(db, "DROP TABLE IF EXISTS location, version");
  db_must(db, sql);
  db_must(db, "CREATE TABLE version (table_name CHAR(32) NOT NULL, table_version INT UNSIGNED NOT NULL, "
              "UNIQUE KEY t_name_idx (table_name))");
  if (version != 0)
    fixture_sql(db, "INSERT INTO version VALUES ('location', %" PRIu32 ")", version);
}

struct oha_location *fixture_open(struct oha_db *db, const struct oha_location_opts *opts)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_location *location = NULL;

  if (oha_location_open(db, opts, &location, &err) != OHA_OK)
    fail_msg("open: %s", err.text);
  return location;
}

void fixture_sql(struct oha_db *db, const char *fmt, ...)
{
  char sql[8192];
  va_list ap;

  va_start(ap, fmt);
  assert_true(vsnprintf(sql, sizeof(sql), fmt, ap) < (int)sizeof(sql));
  va_end(ap);
  db_must(db, sql);
}

uint64_t fixture_packed_id(const char *aor, uint32_t record_label, uint32_t contact_label)
{
  return (uint64_t)(oha_aor_hash(aor, strlen(aor)) & 0xffff) << 46 | (uint64_t)record_label << 14 |
         contact_label;
}
