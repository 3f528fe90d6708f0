/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "there.h"
#include "cm.h"

static enum oha_rc play(void *arg, const struct oha_run_opts *opts, struct oha_run_result *result,
                        struct oha_error *err)
{
  struct there *t = arg;

  t->n_calls++;
  t->argv[0] = '\0';
  for (size_t i = 0; opts->argv[i] != NULL; i++) {
    size_t n = strlen(t->argv);

    snprintf(t->argv + n, sizeof(t->argv) - n, "%s%s", i == 0 ? "" : " ", opts->argv[i]);
  }
  t->timeout_us = opts->timeout_us;
  result->exit_status = t->exit_status;
  result->truncated = t->truncated;
  result->out = strdup(t->out == NULL ? "" : t->out);
  result->err_out = strdup(t->err_out == NULL ? "" : t->err_out);
  if (result->out == NULL || result->err_out == NULL)
    return OHA_E_NOMEM;
  result->n_out = strlen(result->out);
  result->n_err_out = strlen(result->err_out);
  if (t->rc != OHA_OK && err != NULL) {
    err->rc = t->rc;
    snprintf(err->text, sizeof(err->text), "the runner's text");
  }
  return t->rc;
}

struct oha_ctx *there_ctx(struct there *t)
{
  struct oha_ctx_opts o = { .size = sizeof(o), .run = play, .run_arg = t };
  struct oha_ctx *ctx = NULL;

  assert_int_equal(oha_ctx_new(&o, &ctx, NULL), OHA_OK);
  return ctx;
}
