/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_BASE_ERROR_H
#define OHA_BASE_ERROR_H
/* Filling a caller's struct oha_error. Each returns its rc, so `return oha__fail(err, OHA_E_…, …)`. */
#include <opensips-ha/error.h>

/* The first failure wins: an error that already holds one keeps it. @p err may be NULL. */
enum oha_rc oha__fail(struct oha_error *err, enum oha_rc rc, const char *fmt, ...) OHA_PRINTF(3, 4);

/* The same with the number behind it: errno, MySQL error, exit status. */
enum oha_rc oha__fail_sys(struct oha_error *err, enum oha_rc rc, enum oha_origin origin, int sys,
                          const char *fmt, ...) OHA_PRINTF(5, 6);

/* oha__fail_sys() for errno @p e; ": " and its text are added. */
enum oha_rc oha__fail_errno(struct oha_error *err, enum oha_rc rc, int e, const char *fmt, ...)
    OHA_PRINTF(4, 5);

enum oha_rc oha__fail_nomem(struct oha_error *err);

/* Put "…" in front of the text there is, as "node sip2: ". Nothing happens without a failure. */
void oha__prefix(struct oha_error *err, const char *fmt, ...) OHA_PRINTF(2, 3);

#define OHA_ERRNO_TEXT_SIZE 96

/* The text of errno @p e, thread-safe, never NULL. */
const char *oha__errno_text(int e, char buf[OHA_ERRNO_TEXT_SIZE]);

#endif
