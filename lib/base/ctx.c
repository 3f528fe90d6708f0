/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/run.h"
#include "base/sbuf.h"
#include "base/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *oha_version(void)
{
  return OHA_VERSION;
}

enum oha_rc oha__opts_take(void *out, const void *opts, size_t known_size, struct oha_error *err)
{
  const unsigned char *bytes = opts;
  size_t size;

  memset(out, 0, known_size);
  if (opts == NULL) {
    memcpy(out, &known_size, sizeof(known_size));
    return OHA_OK;
  }
  memcpy(&size, opts, sizeof(size));
  if (size < sizeof(size) || size > 65536)
    return oha__fail(err, OHA_E_ARG, "options: .size is %zu, must be sizeof of the struct", size);
  for (size_t i = known_size; i < size; i++)
    if (bytes[i] != 0)
      return oha__fail(err, OHA_E_ARG, "options: a field that this library (%s) does not know is set",
                       OHA_VERSION);
  memcpy(out, opts, size < known_size ? size : known_size);
  memcpy(out, &known_size, sizeof(known_size));
  return OHA_OK;
}

enum oha_rc oha_ctx_new(const struct oha_ctx_opts *opts, struct oha_ctx **out, struct oha_error *err)
{
  struct oha_ctx_opts o;
  struct oha_ctx *ctx;
  enum oha_rc rc;

  if (out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_ctx_new: out is NULL");
  *out = NULL;
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc != OHA_OK)
    return rc;
  ctx = oha__calloc(1, sizeof(*ctx));
  if (ctx == NULL)
    return oha__fail_nomem(err);
  ctx->log = o.log;
  ctx->log_arg = o.log_arg;
  ctx->log_level = o.log_level;
  ctx->clock = oha__system_clock;
  if (o.clock != NULL) {
    rc = oha__opts_take(&ctx->clock, o.clock, sizeof(ctx->clock), err);
    if (rc == OHA_OK && (ctx->clock.mono == NULL || ctx->clock.wall == NULL || ctx->clock.sleep == NULL))
      rc = oha__fail(err, OHA_E_ARG, "clock: mono, wall and sleep must all be given");
    if (rc != OHA_OK) {
      oha__free(ctx);
      return rc;
    }
  }
  ctx->run = o.run == NULL ? oha__run_spawn : o.run;
  ctx->run_arg = o.run == NULL ? ctx : o.run_arg;
  *out = ctx;
  return OHA_OK;
}

void oha_ctx_free(struct oha_ctx *ctx)
{
  oha__free(ctx);
}

struct oha_mono oha_now_mono(const struct oha_ctx *ctx)
{
  return ctx->clock.mono(ctx->clock.arg);
}

struct oha_wall oha_now_wall(const struct oha_ctx *ctx)
{
  return ctx->clock.wall(ctx->clock.arg);
}

void oha__sleep(const struct oha_ctx *ctx, int64_t d_us)
{
  ctx->clock.sleep(ctx->clock.arg, d_us);
}

void oha_ctx_cancel(struct oha_ctx *ctx)
{
  ctx->cancelled = 1;
}

bool oha__cancelled(const struct oha_ctx *ctx)
{
  return ctx->cancelled != 0 && !ctx->cancel_waits;
}

void oha__cancel_wait(struct oha_ctx *ctx, bool on)
{
  ctx->cancel_waits = on;
}

void oha__log(const struct oha_ctx *ctx, enum oha_log_level level, const char *module, const char *fmt, ...)
{
  char line[512];
  va_list ap;

  if (ctx == NULL || ctx->log == NULL || level > ctx->log_level)
    return;
  va_start(ap, fmt);
  vsnprintf(line, sizeof(line), fmt, ap);
  va_end(ap);
  ctx->log(ctx->log_arg, level, module, line);
}
