/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bindings of one AoR. From table version 1011 on there is no index on username, but a registrar with a
 * cache packs 16 bits of the AoR's hash into the top of contact_id, which is the primary key: so a range of
 * it holds all bindings of an AoR. A registrar in sql-only mode lets the server number the rows instead; then
 * only a scan finds them all.
 * Source: pack_indexes() of OpenSIPS usrloc, dlist.h.
 */
#include "location/scan.h"
#include "base/error.h"

#include <inttypes.h>

#define HASH_SHIFT       46 /* below it: 32 bits of record label, 14 bits of contact label */
#define IDS_TRUSTED_US   OHA_US_PER_S
#define AOR_HASHED_BYTES 1024

struct aor {
  struct oha_span text, user, domain; /* domain.p NULL = none given */
};

static uint64_t top_of(struct oha_span aor)
{
  return oha_aor_hash(aor.p, aor.n) & 0xffff;
}

/* Is a row's id made from its AoR? With use_domain that is user@domain, else the user alone. */
static bool is_packed(uint64_t id, struct oha_span user, struct oha_span domain)
{
  char text[AOR_HASHED_BYTES];
  size_t n = 0;

  if (id >> HASH_SHIFT == top_of(user))
    return true;
  if (domain.n == 0 || user.n + 1 + domain.n > sizeof(text))
    return false;
  for (size_t i = 0; i < user.n; i++)
    text[n++] = user.p[i];
  text[n++] = '@';
  for (size_t i = 0; i < domain.n; i++)
    text[n++] = domain.p[i];
  return id >> HASH_SHIFT == top_of((struct oha_span){ text, n });
}

static enum oha_rc check_end(void *arg, const struct oha__row *row, struct oha_error *err)
{
  struct oha_span user = oha__col(row, 1), domain = oha__col(row, 2);
  bool *all_packed = arg;
  uint64_t id;

  (void)err;
  if (user.p == NULL || !oha__span_u64(oha__col(row, 0), UINT64_MAX, &id) || !is_packed(id, user, domain))
    *all_packed = false;
  return OHA_OK;
}

/*
 * May packed ids be relied on? Ids that the server gave out are the smallest of all, or, after packed ones,
 * the largest: so the first and the last row tell. Asked anew every second.
 */
static enum oha_rc check_ids(struct oha_location *l, struct oha_error *err)
{
  static const char *const ends[] = { "(", ") UNION ALL (" };
  const uint32_t fields = 1u << OHA__FIELD_ID | 1u << OHA__FIELD_USERNAME | 1u << OHA__FIELD_DOMAIN;
  struct oha_mono now = oha_now_mono(oha__db_ctx(l->db));
  struct oha__row_layout layout;
  struct oha__sql q;
  bool packed = true;
  enum oha_rc rc;

  if (l->ids_checked.us != 0 && oha_mono_diff_us(now, l->ids_checked) < IDS_TRUSTED_US)
    return OHA_OK;
  oha__sql_init(&q, l->db);
  for (int i = 0; i < 2; i++) {
    oha__sql_puts(&q, ends[i]);
    oha__location_put_select(&q, l, fields, &layout);
    oha__sql_puts(&q, " ORDER BY ");
    oha__location_put_column(&q, l, OHA__FIELD_ID);
    oha__sql_puts(&q, i == 0 ? " LIMIT 1" : " DESC LIMIT 1");
  }
  oha__sql_puts(&q, ")");
  rc = oha__db_each_stored(l->db, &q, check_end, &packed, err);
  oha__sql_clear(&q);
  if (rc == OHA_OK) {
    l->ids_packed = packed;
    l->ids_checked = now;
  }
  return rc;
}

static void put_equals(struct oha__sql *q, const struct oha_location *l, enum oha__field field,
                       struct oha_span text)
{
  oha__location_put_column(q, l, field);
  oha__sql_puts(q, " = ");
  oha__sql_text(q, text);
}

/* As the registrar asks, so by the column's collation. */
static void put_aor(struct oha__sql *q, const struct oha_location *l, const struct aor *aor)
{
  put_equals(q, l, OHA__FIELD_USERNAME, aor->user);
  if (aor->domain.p == NULL || l->use_domain == OHA_NO)
    return;
  oha__sql_puts(q, " AND (");
  put_equals(q, l, OHA__FIELD_DOMAIN, aor->domain);
  if (l->use_domain == OHA_UNKNOWN) {
    oha__sql_puts(q, " OR ");
    put_equals(q, l, OHA__FIELD_DOMAIN, OHA_SPAN(""));
    oha__sql_puts(q, " OR ");
    oha__location_put_column(q, l, OHA__FIELD_DOMAIN);
    oha__sql_puts(q, " IS NULL");
  }
  oha__sql_puts(q, ")");
}

static void put_range(struct oha__sql *q, const struct oha_location *l, struct oha_span aor)
{
  uint64_t top = top_of(aor);

  oha__location_put_column(q, l, OHA__FIELD_ID);
  oha__sql_printf(q, " BETWEEN %" PRIu64 " AND %" PRIu64, top << HASH_SHIFT, ((top + 1) << HASH_SHIFT) - 1);
}

/* The ids that this AoR's bindings have where ids are packed. */
static void put_ranges(struct oha__sql *q, const struct oha_location *l, const struct aor *aor)
{
  bool with_domain = l->use_domain != OHA_NO && aor->domain.p != NULL;

  oha__sql_puts(q, "(");
  if (with_domain)
    put_range(q, l, aor->text);
  if (with_domain && l->use_domain == OHA_UNKNOWN)
    oha__sql_puts(q, " OR ");
  if (!with_domain || l->use_domain == OHA_UNKNOWN)
    put_range(q, l, aor->user);
  oha__sql_puts(q, ") AND ");
}

static enum oha_rc run(struct oha__scan *scan, const struct aor *aor, bool by_range, struct oha_error *err)
{
  struct oha__sql q;
  enum oha_rc rc;

  oha__sql_init(&q, scan->location->db);
  oha__scan_select(scan, &q);
  if (by_range)
    put_ranges(&q, scan->location, aor);
  put_aor(&q, scan->location, aor);
  rc = oha__scan_run(scan, &q, err);
  oha__sql_clear(&q);
  return rc;
}

enum oha_rc oha__lookup(struct oha__scan *scan, struct oha_error *err)
{
  struct oha_location *l = scan->location;
  struct aor aor = { .text = oha__span(scan->filter.aor) };
  bool by_range;
  enum oha_rc rc;

  aor.user = aor.text;
  (void)oha__span_cut(aor.text, '@', &aor.user, &aor.domain);
  if (aor.user.n == 0 || (aor.domain.p != NULL && aor.domain.n == 0))
    return oha__fail(err, OHA_E_ARG, "address '%s': must be user or user@domain", scan->filter.aor);
  if (l->dialect.index_on_username)
    return run(scan, &aor, false, err);
  /* A user alone, where domains count, may have any domain: no hash. */
  by_range = l->dialect.has_packed_ids && (l->use_domain != OHA_YES || aor.domain.p != NULL);
  if (by_range) {
    if ((rc = check_ids(l, err)) != OHA_OK)
      return rc;
    by_range = l->ids_packed;
  }
  if (by_range) {
    rc = run(scan, &aor, true, err);
    if (rc != OHA_OK || scan->n_rows > 0)
      return rc;
  }
  if (scan->filter.scanned != NULL)
    *scan->filter.scanned = true;
  return run(scan, &aor, false, err);
}
