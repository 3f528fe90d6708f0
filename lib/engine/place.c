/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/place.h"
#include "engine/answer.h"
#include "engine/remote.h"
#include "base/error.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_TIMEOUT_US (5 * OHA_US_PER_S)
#define ADDR_PREFIX_SIZE   (OHA_ADDR_SIZE + 4)

enum oha_rc oha__place_call(struct oha_ctx *ctx, const struct oha_place *place, const char *const *verb,
                            int64_t extra_us, int n_good, json_t **answer, struct oha_error *err)
{
  const struct oha_remote_opts opts = {
    .size = sizeof(opts),
    .name = place->name,
    .remote_command = place->remote_command,
    .verb = verb,
    .timeout_us = (place->timeout_us > 0 ? place->timeout_us : DEFAULT_TIMEOUT_US) + extra_us
  };
  int exit_code;
  enum oha_rc rc = oha__remote_call(ctx, &opts, &exit_code, answer, NULL, err);

  if (rc != OHA_OK || exit_code < n_good)
    return rc;
  rc = oha__remote_failure(*answer, exit_code, err);
  json_decref(*answer);
  *answer = NULL;
  oha__prefix(err, "node %s: ", place->name);
  return rc;
}

/* Words for n addresses: "vip", ACTION, each address, "--interface", IF and NULL. */
struct vip_words {
  const char **verb;
  char (*address)[ADDR_PREFIX_SIZE];
  char interface_[sizeof(((struct oha_vip_spec *)0)->interface_) + 1];
};

static void words_clear(struct vip_words *w)
{
  oha__free(w->verb);
  oha__free(w->address);
  memset(w, 0, sizeof(*w));
}

static enum oha_rc words_make(struct vip_words *w, const char *action, const struct oha_vip_spec *specs,
                              size_t n, bool full, struct oha_error *err)
{
  size_t n_words = 2;

  memset(w, 0, sizeof(*w));
  w->verb = oha__calloc(n + 5, sizeof(*w->verb));
  w->address = oha__calloc(n, sizeof(*w->address));
  if (w->verb == NULL || w->address == NULL) {
    words_clear(w);
    return oha__fail_nomem(err);
  }
  w->verb[0] = "vip";
  w->verb[1] = action;
  for (size_t i = 0; i < n; i++) {
    int bits = specs[i].prefix_bits != 0 ? specs[i].prefix_bits : specs[i].addr.family == 4 ? 32 : 128;
    size_t n_text = strlen(oha_addr_format(&specs[i].addr, w->address[i]));

    if (full)
      snprintf(w->address[i] + n_text, sizeof(w->address[i]) - n_text, "/%d", bits);
    w->verb[n_words++] = w->address[i];
  }
  snprintf(w->interface_, sizeof(w->interface_), "%.*s", (int)sizeof(specs[0].interface_),
           specs[0].interface_);
  if (full && w->interface_[0] != '\0') {
    w->verb[n_words++] = "--interface";
    w->verb[n_words++] = w->interface_;
  }
  return OHA_OK;
}

/* `vip ACTION ADDRESS...` over there; what its answer says about each address. */
static enum oha_rc vip_call(struct oha_ctx *ctx, const struct oha_place *place, const char *action,
                            const struct oha_vip_spec *specs, size_t n, const char *was_key,
                            struct oha__vip_row *rows, struct oha_error *err)
{
  struct vip_words words;
  json_t *answer = NULL;
  enum oha_rc rc = words_make(&words, action, specs, n, was_key != NULL, err);

  if (rc == OHA_OK)
    rc = oha__place_call(ctx, place, words.verb, 0, 1, &answer, err);
  words_clear(&words);
  if (rc != OHA_OK)
    return rc;
  for (size_t i = 0; rc == OHA_OK && i < n; i++)
    rc = oha__answer_vip(answer, &specs[i].addr, was_key, &rows[i], err);
  json_decref(answer);
  if (rc != OHA_OK)
    oha__prefix(err, "node %s: ", place->name);
  return rc;
}

/* Add or del: what its exit code claims must be what its rows show. */
static enum oha_rc change(struct oha_ctx *ctx, const struct oha_place *place, bool add,
                          const struct oha_vip_spec *specs, size_t n, bool *was, struct oha_error *err)
{
  struct oha__vip_row *rows = oha__calloc(n, sizeof(*rows));
  enum oha_rc rc;

  if (rows == NULL)
    return oha__fail_nomem(err);
  rc = vip_call(ctx, place, add ? "add" : "del", specs, n, add ? "already" : "was_here", rows, err);
  for (size_t i = 0; rc == OHA_OK && i < n; i++) {
    char text[OHA_ADDR_SIZE];

    if (rows[i].here != add)
      rc = oha__fail(err, OHA_E_PROTOCOL, "node %s: vip %s says that it succeeded, but %s is %s", place->name,
                     add ? "add" : "del", oha_addr_format(&specs[i].addr, text),
                     add ? "not there" : "still there");
    else
      was[i] = rows[i].was;
  }
  oha__free(rows);
  return rc;
}

static enum oha_rc check_args(const struct oha_ctx *ctx, const struct oha_place *place,
                              const struct oha_vip_spec *specs, size_t n, bool *out, struct oha_error *err)
{
  if (out != NULL)
    memset(out, 0, n * sizeof(*out));
  if (ctx == NULL || place == NULL || (n > 0 && (specs == NULL || out == NULL)))
    return oha__fail(err, OHA_E_ARG, "oha_place: NULL");
  return OHA_OK;
}

/* One command can carry addresses of one interface. */
static size_t same_interface(const struct oha_vip_spec *specs, size_t n)
{
  size_t same = 1;

  while (same < n && strncmp(specs[same].interface_, specs[0].interface_, sizeof(specs[0].interface_)) == 0)
    same++;
  return same;
}

enum oha_rc oha_place_vips_are_here(struct oha_ctx *ctx, const struct oha_place *place,
                                    const struct oha_vip_spec *specs, size_t n, bool *here,
                                    struct oha_error *err)
{
  struct oha__vip_row *rows;
  enum oha_rc rc = check_args(ctx, place, specs, n, here, err);

  if (rc != OHA_OK || n == 0)
    return rc;
  if (place->remote_command == NULL) {
    for (size_t i = 0; rc == OHA_OK && i < n; i++)
      rc = oha_vip_is_here(ctx, &specs[i].addr, &here[i], NULL, err);
    return rc;
  }
  rows = oha__calloc(n, sizeof(*rows));
  if (rows == NULL)
    return oha__fail_nomem(err);
  rc = vip_call(ctx, place, "show", specs, n, NULL, rows, err);
  for (size_t i = 0; rc == OHA_OK && i < n; i++)
    here[i] = rows[i].here;
  oha__free(rows);
  return rc;
}

enum oha_rc oha_place_vips_add(struct oha_ctx *ctx, const struct oha_place *place,
                               const struct oha_vip_spec *specs, size_t n, bool *already,
                               struct oha_error *err)
{
  size_t n_now;
  enum oha_rc rc = check_args(ctx, place, specs, n, already, err);

  for (size_t i = 0; rc == OHA_OK && i < n; i += n_now) {
    n_now = place->remote_command == NULL ? 1 : same_interface(specs + i, n - i);
    rc = place->remote_command == NULL ? oha_vip_add(ctx, &specs[i], &already[i], err)
                                       : change(ctx, place, true, specs + i, n_now, already + i, err);
  }
  return rc;
}

enum oha_rc oha_place_vips_del(struct oha_ctx *ctx, const struct oha_place *place,
                               const struct oha_vip_spec *specs, size_t n, bool *was_here,
                               struct oha_error *err)
{
  size_t n_now;
  enum oha_rc rc = check_args(ctx, place, specs, n, was_here, err);

  for (size_t i = 0; rc == OHA_OK && i < n; i += n_now) {
    n_now = place->remote_command == NULL ? 1 : same_interface(specs + i, n - i);
    rc = place->remote_command == NULL ? oha_vip_del(ctx, &specs[i], &was_here[i], err)
                                       : change(ctx, place, false, specs + i, n_now, was_here + i, err);
  }
  return rc;
}

enum oha_rc oha_place_vip_is_here(struct oha_ctx *ctx, const struct oha_place *place,
                                  const struct oha_vip_spec *spec, bool *here, struct oha_error *err)
{
  return oha_place_vips_are_here(ctx, place, spec, 1, here, err);
}

enum oha_rc oha_place_vip_add(struct oha_ctx *ctx, const struct oha_place *place,
                              const struct oha_vip_spec *spec, bool *already, struct oha_error *err)
{
  bool unused;

  return oha_place_vips_add(ctx, place, spec, 1, already == NULL ? &unused : already, err);
}

enum oha_rc oha_place_vip_del(struct oha_ctx *ctx, const struct oha_place *place,
                              const struct oha_vip_spec *spec, bool *was_here, struct oha_error *err)
{
  bool unused;

  return oha_place_vips_del(ctx, place, spec, 1, was_here == NULL ? &unused : was_here, err);
}
