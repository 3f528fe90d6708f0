/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum oha_rc OHA_PRINTF(5, 0) fail_va(struct oha_error *err, enum oha_rc rc, enum oha_origin origin,
                                            int sys, const char *fmt, va_list ap)
{
  if (err == NULL || err->rc != OHA_OK)
    return rc;
  err->rc = rc;
  err->origin = origin;
  err->sys = sys;
  vsnprintf(err->text, sizeof(err->text), fmt, ap);
  return rc;
}

enum oha_rc oha__fail(struct oha_error *err, enum oha_rc rc, const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  fail_va(err, rc, OHA_ORIGIN_NONE, 0, fmt, ap);
  va_end(ap);
  return rc;
}

enum oha_rc oha__fail_sys(struct oha_error *err, enum oha_rc rc, enum oha_origin origin, int sys,
                          const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  fail_va(err, rc, origin, sys, fmt, ap);
  va_end(ap);
  return rc;
}

const char *oha__errno_text(int e, char buf[OHA_ERRNO_TEXT_SIZE])
{
  return strerror_r(e, buf, OHA_ERRNO_TEXT_SIZE); /* the GNU one: returns the text */
}

enum oha_rc oha__fail_errno(struct oha_error *err, enum oha_rc rc, int e, const char *fmt, ...)
{
  va_list ap;
  char text[OHA_ERRNO_TEXT_SIZE];
  bool first = err != NULL && err->rc == OHA_OK;

  va_start(ap, fmt);
  fail_va(err, rc, OHA_ORIGIN_ERRNO, e, fmt, ap);
  va_end(ap);
  if (first) {
    size_t n = strlen(err->text);

    snprintf(err->text + n, sizeof(err->text) - n, ": %s", oha__errno_text(e, text));
  }
  return rc;
}

enum oha_rc oha__fail_nomem(struct oha_error *err)
{
  return oha__fail(err, OHA_E_NOMEM, "out of memory");
}

void oha__prefix(struct oha_error *err, const char *fmt, ...)
{
  char old[sizeof(err->text)];
  va_list ap;
  int n;

  if (err == NULL || err->rc == OHA_OK)
    return;
  memcpy(old, err->text, sizeof(old));
  va_start(ap, fmt);
  n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
  va_end(ap);
  if (n < 0)
    n = 0;
  if ((size_t)n < sizeof(err->text))
    snprintf(err->text + n, sizeof(err->text) - (size_t)n, "%s", old);
}

void oha_error_clear(struct oha_error *err)
{
  if (err != NULL)
    memset(err, 0, sizeof(*err));
}

const char *oha_rc_name(enum oha_rc rc)
{
#define RC_NAME(name, number, text)                                                                          \
  case name:                                                                                                 \
    return #name;
  switch (rc) {
    OHA_RC_LIST(RC_NAME)
  }
#undef RC_NAME
  return "OHA_E_?";
}

const char *oha_rc_text(enum oha_rc rc)
{
#define RC_TEXT(name, number, text)                                                                          \
  case name:                                                                                                 \
    return text;
  switch (rc) {
    OHA_RC_LIST(RC_TEXT)
  }
#undef RC_TEXT
  return "unknown result code";
}
