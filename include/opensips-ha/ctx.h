/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CTX_H
#define OHA_CTX_H
/* The handle that all others hang off: log, clocks, program runner. No globals besides one-time library init.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/error.h>
#include <opensips-ha/run.h>
#include <opensips-ha/time.h>

OHA_BEGIN_DECLS

enum oha_log_level { OHA_LOG_ERR = 0, OHA_LOG_WARN = 1, OHA_LOG_INFO = 2, OHA_LOG_DEBUG = 3 };

/** One line, no newline; @p module such as "db". Called in the thread that called the library. */
typedef void oha_log_fn(void *arg, enum oha_log_level level, const char *module, const char *line);

/** Clocks, replaceable so that tests run in made-up time. */
struct oha_clock_ops {
  size_t size;
  struct oha_mono (*mono)(void *arg);
  struct oha_wall (*wall)(void *arg);
  void (*sleep)(void *arg, int64_t d_us);
  void *arg;
};

struct oha_ctx_opts {
  size_t size;     /* sizeof(struct oha_ctx_opts) */
  oha_log_fn *log; /* NULL = silent */
  void *log_arg;
  enum oha_log_level log_level;      /* lines above it are not made */
  const struct oha_clock_ops *clock; /* copies; NULL = the system's */
  oha_run_fn *run;                   /* NULL = posix_spawn(3) */
  void *run_arg;
};

struct oha_ctx;

/**
 * Open the library. Contexts share nothing, so that any thread may open one.
 *
 * @param opts borrows; NULL = all defaults
 * @param out  gives; free with oha_ctx_free() after every handle opened through it
 * @return OHA_OK; OHA_E_ARG (unknown fields set); OHA_E_NOMEM
 */
OHA_API OHA_NODISCARD enum oha_rc oha_ctx_new(const struct oha_ctx_opts *opts, struct oha_ctx **out,
                                              struct oha_error *err);

/** Free; NULL is fine. */
OHA_API void oha_ctx_free(struct oha_ctx *ctx);

/** Now, on the clock that waits and durations use. */
OHA_API struct oha_mono oha_now_mono(const struct oha_ctx *ctx);

/** Now, on the wall clock (UTC). */
OHA_API struct oha_wall oha_now_wall(const struct oha_ctx *ctx);

/**
 * Ask everything that runs on this context to stop at its next safe point (then OHA_E_CANCELLED).
 * May be called from a signal handler or another thread.
 */
OHA_API void oha_ctx_cancel(struct oha_ctx *ctx);

/** Run a program through the context's runner. See oha_run_fn for the codes. */
OHA_API OHA_NODISCARD enum oha_rc oha_run(struct oha_ctx *ctx, const struct oha_run_opts *opts,
                                          struct oha_run_result *result, struct oha_error *err);

OHA_END_DECLS
#endif
