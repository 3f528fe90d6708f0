/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <opensips-ha/location.h>
#include "base/sbuf.h"

#include <inttypes.h>

const int64_t oha_reach_bucket_s[OHA_REACH_BUCKETS] = { 60, 120, 300, 600, 1800, 3600, 86400, INT64_MAX };

void oha_reach_add(struct oha_reach_sum *sum, enum oha_reach reach, bool never,
                   const struct oha_binding *binding, struct oha_wall now)
{
  int64_t left_s;
  size_t i = 0;

  if ((unsigned)reach >= OHA_REACH_N)
    return;
  sum->n[reach]++;
  if (oha_reach_group_of(reach) != OHA_REACH_LATER)
    return;
  if (never || binding->permanent) {
    sum->n_never++;
    return;
  }
  left_s = (binding->expires.us - now.us + OHA_US_PER_S - 1) / OHA_US_PER_S;
  while (i < OHA_REACH_BUCKETS - 1 && left_s > oha_reach_bucket_s[i])
    i++;
  sum->later[i]++;
  if (left_s > sum->last_return_s)
    sum->last_return_s = left_s;
}

/* "1 204 310" */
static void put_count(struct oha_sbuf *b, uint64_t n)
{
  unsigned group[7]; /* of three digits each: 2^64 - 1 has seven */
  int i = 0;

  group[0] = (unsigned)(n % 1000);
  while ((n /= 1000) > 0)
    group[++i] = (unsigned)(n % 1000);
  oha__sbuf_printf(b, "%u", group[i]);
  while (i-- > 0)
    oha__sbuf_printf(b, " %03u", group[i]);
}

/* Rounded up, so that "within" stays true. */
static void put_within(struct oha_sbuf *b, int64_t s)
{
  static const struct {
    int64_t up_to_s, unit_s;
    const char *name;
  } units[] = {
    { 120, 1, "s" }, { 7200, 60, "min" }, { INT64_C(172800), 3600, "h" }, { INT64_MAX, 86400, "d" }
  };
  size_t i = 0;

  while (s > units[i].up_to_s)
    i++;
  oha__sbuf_printf(b, " within %" PRId64 " %s", s / units[i].unit_s + (s % units[i].unit_s != 0 ? 1 : 0),
                   units[i].name);
}

static void put_part(struct oha_sbuf *b, uint64_t n, const char *what)
{
  if (n == 0)
    return;
  oha__sbuf_puts(b, ", ");
  put_count(b, n);
  oha__sbuf_puts(b, what);
}

char *oha_reach_line(const struct oha_reach_sum *sum, char buf[OHA_REACH_LINE_SIZE])
{
  uint64_t n[OHA_REACH_GONE + 1] = { 0 }, dated = 0;
  struct oha_sbuf b;

  for (int i = 0; i < OHA_REACH_N; i++)
    n[oha_reach_group_of((enum oha_reach)i)] += sum->n[i];
  for (int i = 0; i < OHA_REACH_BUCKETS; i++)
    dated += sum->later[i];
  oha__sbuf_init(&b, buf, OHA_REACH_LINE_SIZE);
  put_count(&b, n[OHA_REACH_AT_ONCE]);
  oha__sbuf_puts(&b, " of ");
  put_count(&b, n[OHA_REACH_AT_ONCE] + n[OHA_REACH_LATER] + n[OHA_REACH_NOT_KNOWN] + n[OHA_REACH_LOST]);
  oha__sbuf_puts(&b, " reachable at once");
  put_part(&b, dated, "");
  if (dated > 0)
    put_within(&b, sum->last_return_s);
  put_part(&b, sum->n_never, " not by themselves");
  put_part(&b, n[OHA_REACH_NOT_KNOWN], " unknown");
  put_part(&b, n[OHA_REACH_LOST], " lost");
  put_part(&b, sum->n_bad, " unreadable");
  return buf;
}
