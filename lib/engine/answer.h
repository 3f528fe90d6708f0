/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_ANSWER_H
#define OHA_ENGINE_ANSWER_H
/* What `vip` and `probe` of another machine answered. Pure. A key that is missing or of another type is
 * OHA_E_PROTOCOL, with its name. */
#include <opensips-ha/probe.h>
#include <opensips-ha/vip.h>

#include <jansson.h>

enum oha__key_type {
  OHA_KEY_BOOLEAN,
  OHA_KEY_NUMBER,
  OHA_KEY_NUMBER_OR_NULL,
  OHA_KEY_TEXT,
  OHA_KEY_TEXT_OR_NULL
};

struct oha__key {
  const char *name;
  enum oha__key_type type;
};

/* *out (borrowed of @p answer) is its array @p array, each row of which has all keys with their types. */
OHA_NODISCARD enum oha_rc oha__answer_rows(const json_t *answer, const char *array,
                                           const struct oha__key *keys, size_t n_keys, const json_t **out,
                                           struct oha_error *err);

/* OHA_E_PROTOCOL for a value that its key cannot have. */
enum oha_rc oha__answer_bad_key(struct oha_error *err, const char *array, const char *key);

struct oha__vip_row {
  bool here;
  bool was; /* "already" or "was_here" */
};

/* The rows of vips[] about @p addr: here on any interface? @p was_key "already", "was_here", or NULL. */
OHA_NODISCARD enum oha_rc oha__answer_vip(const json_t *answer, const struct oha_addr *addr,
                                          const char *was_key, struct oha__vip_row *out,
                                          struct oha_error *err);

/* The row of peers[] about @p target. */
OHA_NODISCARD enum oha_rc oha__answer_probe(const json_t *answer, const struct oha_sock *target,
                                            struct oha_probe_result *out, struct oha_error *err);

#endif
