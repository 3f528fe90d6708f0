/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_RUN_H
#define OHA_RUN_H
/* Running another program: an argv (never a shell), a deadline, an output cap. Replaceable by the caller. */
#include <opensips-ha/api.h>
#include <opensips-ha/error.h>

OHA_BEGIN_DECLS

struct oha_run_opts {
  size_t size;             /* sizeof(struct oha_run_opts) */
  const char *const *argv; /* borrows; NULL-terminated; argv[0] is looked up in PATH */
  int64_t timeout_us;      /* 0 = 10 s; at the deadline the program and its process group get SIGKILL */
  size_t output_cap_bytes; /* 0 = 1 MiB, of each of stdout and stderr; more is read and dropped */
};

struct oha_run_result {
  int exit_status; /* 0..255, or 128 + signal number */
  bool timed_out;  /* killed at the deadline; exit_status is 137 then */
  bool truncated;  /* output over the cap was dropped */
  char *out;       /* NUL-terminated, never NULL on OHA_OK */
  size_t n_out;
  char *err_out;
  size_t n_err_out;
};

/** Free what a result holds and zero it; a zeroed result is fine. */
OHA_API void oha_run_result_clear(struct oha_run_result *result);

/**
 * A runner: start argv, wait for it, hand back its output. A caller may give its own in oha_ctx_opts (to run
 * programs by its own supervisor, or to test); it fills @p result by malloc(3)ed strings.
 *
 * @return OHA_OK the program ran and ended, whatever its exit status; OHA_E_NOTFOUND, OHA_E_DENIED, OHA_E_IO
 *         it could not be started, or nobody knows how it ended (SIGCHLD is ignored); OHA_E_TIMEOUT it was
 * killed at the deadline (result holds its output so far)
 */
typedef enum oha_rc oha_run_fn(void *arg, const struct oha_run_opts *opts, struct oha_run_result *result,
                               struct oha_error *err);

OHA_END_DECLS
#endif
