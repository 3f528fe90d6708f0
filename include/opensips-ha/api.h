/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_API_H
#define OHA_API_H
/*
 * What every other header of this library starts from: export and compiler marks.
 *
 * Words with one meaning in all headers: a function that
 *   borrows  a pointer uses it until it returns;
 *   copies   keeps a copy of its own;
 *   takes    it frees it, even when it fails;
 *   gives    one hands it to the caller, who frees it with the named function;
 *   lends    one keeps it and says until when it stays valid.
 * Threads: different handles may be used in different threads; one handle in one thread at a time. A client
 * library (MySQL's, curl's) is initialised when it is first needed, behind pthread_once(3), by the function
 * that says so.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#ifdef __cplusplus
#  define OHA_BEGIN_DECLS extern "C" {
#  define OHA_END_DECLS   }
#else
#  define OHA_BEGIN_DECLS
#  define OHA_END_DECLS
#endif

#if defined(__GNUC__)
#  define OHA_API                __attribute__((visibility("default")))
#  define OHA_NODISCARD          __attribute__((warn_unused_result))
#  define OHA_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#  define OHA_API
#  define OHA_NODISCARD
#  define OHA_PRINTF(fmt, first)
#endif

/** Version of these headers. */
#define OHA_VERSION "0.1.0"

OHA_BEGIN_DECLS

/** Version of the library that is loaded, such as "0.1.0"; static, never NULL. */
OHA_API const char *oha_version(void);

OHA_END_DECLS
#endif
