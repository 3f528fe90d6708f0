/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What each column of table location means. Source: OpenSIPS usrloc, ucontact.c and udomain.c (writing and
 * reading of rows), table versions 1004 to 1013; Kamailio usrloc, table version 9.
 */
#include "location/row.h"
#include "base/sbuf.h"

#include <string.h>

#define AOR_MAX_BYTES  1023  /* MAX_URI_SIZE of OpenSIPS less its NUL */
#define TEXT_MAX_BYTES 65535 /* of a TEXT column, and of a SIP message */

static const char *const field_names[OHA__FIELD_N] = {
  [OHA__FIELD_ID] = "contact_id",
  [OHA__FIELD_USERNAME] = "username",
  [OHA__FIELD_DOMAIN] = "domain",
  [OHA__FIELD_CONTACT] = "contact",
  [OHA__FIELD_RECEIVED] = "received",
  [OHA__FIELD_PATH] = "path",
  [OHA__FIELD_SOCKET] = "socket",
  [OHA__FIELD_EXPIRES] = "expires",
  [OHA__FIELD_CFLAGS] = "cflags",
  [OHA__FIELD_Q] = "q",
  [OHA__FIELD_CALLID] = "callid",
  [OHA__FIELD_CSEQ] = "cseq",
  [OHA__FIELD_LAST_MODIFIED] = "last_modified",
  [OHA__FIELD_FLAGS] = "flags",
  [OHA__FIELD_USER_AGENT] = "user_agent",
  [OHA__FIELD_METHODS] = "methods",
  [OHA__FIELD_SIP_INSTANCE] = "sip_instance",
  [OHA__FIELD_KV_STORE] = "kv_store",
  [OHA__FIELD_ATTR] = "attr",
};

const char *oha__field_name(enum oha__field field)
{
  return field_names[field];
}

/* A row being read; the first thing wrong with it stays in `why`. */
struct reading {
  const struct oha__row_layout *layout;
  const struct oha__row *row;
  char *why;
  bool bad;
};

static void complain(struct reading *r, enum oha__field field, struct oha_span value, const char *what)
{
  struct oha_sbuf b;

  if (r->bad)
    return;
  r->bad = true;
  oha__sbuf_init(&b, r->why, OHA__WHY_SIZE);
  oha__sbuf_puts(&b, field_names[field]);
  if (value.p != NULL) {
    oha__sbuf_puts(&b, " '");
    oha__sbuf_put_safe(&b, value, 80);
    oha__sbuf_puts(&b, "'");
  }
  oha__sbuf_puts(&b, ": ");
  oha__sbuf_puts(&b, what);
}

/* The value of a field; false when it was not selected. NULL has p == NULL. */
static bool get(const struct reading *r, enum oha__field field, struct oha_span *out)
{
  if (r->layout->at[field] < 0)
    return false;
  *out = oha__col(r->row, (unsigned)r->layout->at[field]);
  return true;
}

/* Text; bytes that are not UTF-8 pass through, a NUL byte would cut it short in silence. */
static const char *take_text(struct reading *r, enum oha__field field)
{
  struct oha_span v;

  if (!get(r, field, &v) || v.p == NULL)
    return NULL;
  if (memchr(v.p, '\0', v.n) != NULL)
    complain(r, field, v, "holds a NUL byte");
  else if (v.n > TEXT_MAX_BYTES)
    complain(r, field, v, "longer than 65535 bytes");
  return v.p;
}

/* Text that the registrar insists on. */
static const char *take_needed(struct reading *r, enum oha__field field)
{
  const char *text = take_text(r, field);

  if (r->layout->at[field] >= 0 && (text == NULL || text[0] == '\0'))
    complain(r, field, (struct oha_span){ NULL, 0 }, text == NULL ? "NULL" : "empty");
  return text;
}

/* A whole number that must not be NULL. */
static int64_t take_number(struct reading *r, enum oha__field field, int64_t min, int64_t max)
{
  struct oha_span v;
  int64_t number;

  if (!get(r, field, &v))
    return 0;
  if (v.p == NULL)
    complain(r, field, v, "NULL");
  else if (!oha__span_i64(v, &number))
    complain(r, field, v, "no whole number");
  else if (number < min || number > max)
    complain(r, field, v, "out of range");
  else
    return number;
  return 0;
}

static bool take_digits(struct oha_span *text, size_t n, char end, int *out)
{
  uint32_t number;

  if (text->n < n || !oha__span_u32((struct oha_span){ text->p, n }, 9999, &number))
    return false;
  *out = (int)number;
  text->p += n;
  text->n -= n;
  if (end == '\0')
    return true;
  if (text->n == 0 || text->p[0] != end)
    return false;
  text->p++;
  text->n--;
  return true;
}

bool oha__datetime_parse(struct oha_span text, struct oha__tz_civil *out)
{
  struct oha__tz_civil c;
  int year;

  if (!take_digits(&text, 4, '-', &year) || !take_digits(&text, 2, '-', &c.month) ||
      !take_digits(&text, 2, ' ', &c.day) || !take_digits(&text, 2, ':', &c.hour) ||
      !take_digits(&text, 2, ':', &c.minute) || !take_digits(&text, 2, '\0', &c.second))
    return false;
  if (text.n > 0) { /* a fraction, where somebody made the column DATETIME(6) */
    if (text.n < 2 || text.p[0] != '.')
      return false;
    for (size_t i = 1; i < text.n; i++)
      if (!oha__is_digit(text.p[i]))
        return false;
  }
  if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 || c.hour > 23 || c.minute > 59 || c.second > 59)
    return false;
  c.year = year;
  *out = c;
  return true;
}

char *oha__datetime_format(int64_t local_s, char buf[OHA__DATETIME_SIZE])
{
  struct oha__tz_civil c;
  struct oha_sbuf b;

  oha__tz_civil_of(local_s, &c);
  oha__sbuf_init(&b, buf, OHA__DATETIME_SIZE);
  oha__sbuf_printf(&b, "%04d-%02d-%02d %02d:%02d:%02d",
                   (int)(c.year < 0      ? 0
                         : c.year > 9999 ? 9999
                                         : c.year),
                   c.month, c.day, c.hour, c.minute, c.second);
  return buf;
}

/* Is it an instant? Else *what says why not. */
static bool read_datetime(const struct oha__row_layout *layout, struct oha_span v, int64_t *utc_s,
                          const char **what)
{
  struct oha__tz_civil civil;

  if (v.p == NULL) {
    *what = "NULL";
  } else if (oha__span_starts(v, "0000-00-00")) {
    *what = "zero date";
  } else if (!oha__datetime_parse(v, &civil)) {
    *what = "no date and time";
  } else {
    *utc_s = oha__tz_utc_of(layout->tz, oha__tz_seconds_of(&civil));
    return true;
  }
  return false;
}

static void take_expires(struct reading *r, struct oha_binding *out)
{
  struct oha_span v;
  const char *what;
  int64_t utc_s = 0;

  if (!get(r, OHA__FIELD_EXPIRES, &v))
    return;
  if (!r->layout->dialect->expires_is_datetime) {
    utc_s = take_number(r, OHA__FIELD_EXPIRES, 0, UINT32_MAX);
    out->expires_wraps = utc_s > INT32_MAX; /* usrloc keeps VAL_INT(), a signed one */
  } else if (!read_datetime(r->layout, v, &utc_s, &what)) {
    complain(r, OHA__FIELD_EXPIRES, v, what);
  }
  out->permanent = utc_s == 0;
  out->expires.us = utc_s * OHA_US_PER_S;
}

/* Names from table version 1009 on, before that and in Kamailio bits. */
static void take_cflags(struct reading *r, struct oha_binding *out)
{
  if (r->layout->dialect->cflags_is_number)
    out->cflags_mask = (uint32_t)take_number(r, OHA__FIELD_CFLAGS, INT32_MIN, UINT32_MAX);
  else
    out->cflags_names = take_text(r, OHA__FIELD_CFLAGS);
}

/* FLOAT(10,2): -1.00 = not given, else 0.00 to 1.00; kept in thousandths, the rest cut off. */
static int32_t take_q(struct reading *r)
{
  struct oha_span v, whole, fraction = { "", 0 };
  uint32_t units, milli = 0;
  bool negative;

  if (!get(r, OHA__FIELD_Q, &v))
    return 0;
  if (v.p == NULL) {
    complain(r, OHA__FIELD_Q, v, "NULL");
    return 0;
  }
  negative = v.n > 0 && v.p[0] == '-';
  whole = negative ? (struct oha_span){ v.p + 1, v.n - 1 } : v;
  if (oha__span_cut(whole, '.', &whole, &fraction) && fraction.n == 0)
    whole.n = 0; /* "1." */
  if (fraction.n > 3)
    fraction.n = 3;
  if (!oha__span_u32(whole, 1000, &units) || (fraction.n > 0 && !oha__span_u32(fraction, 999, &milli))) {
    complain(r, OHA__FIELD_Q, v, "no decimal number");
    return 0;
  }
  for (size_t n = fraction.n; n < 3; n++)
    milli *= 10;
  milli += units * 1000;
  if (negative && milli == 1000)
    return -1000;
  if (milli > 1000 || (negative && milli != 0)) {
    complain(r, OHA__FIELD_Q, v, "neither -1 nor 0 to 1");
    return 0;
  }
  return (int32_t)milli;
}

/* A set of bits; all of them, ALL_METHODS, is stored as NULL. */
static int64_t take_methods(struct reading *r)
{
  struct oha_span v;

  uint32_t methods;

  if (!get(r, OHA__FIELD_METHODS, &v))
    return 0;
  if (v.p == NULL)
    return -1;
  methods = (uint32_t)take_number(r, OHA__FIELD_METHODS, INT32_MIN, UINT32_MAX);
  return methods == UINT32_MAX ? -1 : (int64_t)methods;
}

/* For people alone, so an unreadable one does not make the row a bad one. */
static void take_last_modified(struct reading *r, struct oha_binding *out)
{
  struct oha_span v;
  const char *what;
  int64_t utc_s;

  if (get(r, OHA__FIELD_LAST_MODIFIED, &v) && read_datetime(r->layout, v, &utc_s, &what))
    out->last_modified.us = utc_s * OHA_US_PER_S;
}

static void take_aor(struct reading *r, struct oha_binding *out)
{
  size_t n;

  out->username = take_needed(r, OHA__FIELD_USERNAME);
  out->domain = r->layout->need_domain ? take_needed(r, OHA__FIELD_DOMAIN) : take_text(r, OHA__FIELD_DOMAIN);
  if (r->bad || out->username == NULL)
    return;
  n = strlen(out->username) + (out->domain == NULL ? 0 : strlen(out->domain) + 1);
  if (n > AOR_MAX_BYTES)
    complain(r, OHA__FIELD_USERNAME, oha__span(out->username), "with its domain longer than 1023 bytes");
}

enum oha_rc oha__row_decode(const struct oha__row_layout *layout, const struct oha__row *row,
                            struct oha_binding *out, char why[OHA__WHY_SIZE])
{
  struct reading r = { layout, row, why, false };
  struct oha_span v;

  memset(out, 0, sizeof(*out));
  if (get(&r, OHA__FIELD_ID, &v) && (v.p == NULL || !oha__span_u64(v, UINT64_MAX, &out->id)))
    complain(&r, OHA__FIELD_ID, v, "no whole number");
  take_aor(&r, out);
  out->contact = take_needed(&r, OHA__FIELD_CONTACT);
  out->received = take_text(&r, OHA__FIELD_RECEIVED);
  out->path = take_text(&r, OHA__FIELD_PATH);
  out->socket = take_text(&r, OHA__FIELD_SOCKET);
  take_expires(&r, out);
  take_cflags(&r, out);
  out->q_milli = take_q(&r);
  out->callid = take_needed(&r, OHA__FIELD_CALLID);
  out->cseq = (int32_t)take_number(&r, OHA__FIELD_CSEQ, INT32_MIN, INT32_MAX);
  take_last_modified(&r, out);
  out->flags = (uint32_t)take_number(&r, OHA__FIELD_FLAGS, INT32_MIN, UINT32_MAX);
  out->user_agent = take_text(&r, OHA__FIELD_USER_AGENT);
  out->methods = take_methods(&r);
  out->sip_instance = take_text(&r, OHA__FIELD_SIP_INSTANCE);
  out->kv_store = take_text(&r, OHA__FIELD_KV_STORE);
  out->attr = take_text(&r, OHA__FIELD_ATTR);
  if (!r.bad)
    return OHA_OK;
  *out = (struct oha_binding){ .id = out->id };
  return OHA_E_PARSE;
}

bool oha__binding_is_live(const struct oha_binding *binding, struct oha_wall now)
{
  if (binding->permanent)
    return true;
  return !binding->expires_wraps && binding->expires.us / OHA_US_PER_S > now.us / OHA_US_PER_S;
}
