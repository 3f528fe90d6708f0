/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_REMOTE_H
#define OHA_REMOTE_H
/*
 * Verbs on other machines: `remote_command` of the cluster file with `ha-ctl -j --node NAME VERB...`
 * appended, and what came back. The answering machine compares NAME with its own identity file before it does
 * anything.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>
#include <opensips-ha/vip.h>

OHA_BEGIN_DECLS

struct oha_remote_opts {
  size_t size;
  const char *name;                  /* borrows; the node's or witness's name */
  const char *const *remote_command; /* borrows; NULL-terminated */
  const char *const *verb;           /* borrows; NULL-terminated: verb and its arguments */
  int64_t timeout_us;                /* 0 = 5 s */
};

/**
 * Run a verb there. ssh(1) passes the words to a shell, so the name and the verb's words are limited to
 * letters, digits and ._-:/@%+=,[] (OHA_E_ARG otherwise): nothing needs, and nothing gets, quoting.
 *
 * @param exit_code the verb's own exit code (0 ... 124)
 * @param json      gives (free(3)); its JSON object as text, checked to be one object of schema
 * "opensips-ha/1"
 * @return OHA_OK it ran there and answered, whatever its exit code; OHA_E_UNAVAILABLE exit 255 (also of a
 * connection that broke after the verb began: look before repeating it) or the command could not be started;
 * OHA_E_TIMEOUT (the outcome there is unknown); OHA_E_PROTOCOL the answer is no such object, or is over 1
 * MiB; OHA_E_REFUSED the machine says that it is another node; OHA_E_CONFIG no remote_command
 */
OHA_API OHA_NODISCARD enum oha_rc oha_remote_run(struct oha_ctx *ctx, const struct oha_remote_opts *opts,
                                                 int *exit_code, char **json, struct oha_error *err);

/**
 * A place where VIPs can be looked at and changed: this machine (remote_command NULL) or another one. The
 * same calls as in vip.h, and the same codes, besides those of oha_remote_run(). Success from another machine
 * is believed only if its answer shows the address there (add) or gone (del).
 */
struct oha_place {
  const char *name;                  /* borrows */
  const char *const *remote_command; /* NULL = this machine */
  int64_t timeout_us;                /* of one verb on another machine; 0 = 5 s */
};

OHA_API OHA_NODISCARD enum oha_rc oha_place_vip_is_here(struct oha_ctx *ctx, const struct oha_place *place,
                                                        const struct oha_vip_spec *spec, bool *here,
                                                        struct oha_error *err);
OHA_API OHA_NODISCARD enum oha_rc oha_place_vip_add(struct oha_ctx *ctx, const struct oha_place *place,
                                                    const struct oha_vip_spec *spec, bool *already,
                                                    struct oha_error *err);
OHA_API OHA_NODISCARD enum oha_rc oha_place_vip_del(struct oha_ctx *ctx, const struct oha_place *place,
                                                    const struct oha_vip_spec *spec, bool *was_here,
                                                    struct oha_error *err);

/**
 * The same for several addresses. At another machine one command does it (one for each interface that they
 * name): while a service moves, each command more is time in which it is dark. It stops at the first address
 * that fails; repeat: safe.
 *
 * @param n       0 = nothing to do
 * @param here    gets n answers, like @p already and @p was_here
 * @return as for one; OHA_OK of del: the place has looked again, and none of them is there
 */
OHA_API OHA_NODISCARD enum oha_rc oha_place_vips_are_here(struct oha_ctx *ctx, const struct oha_place *place,
                                                          const struct oha_vip_spec *specs, size_t n,
                                                          bool *here, struct oha_error *err);
OHA_API OHA_NODISCARD enum oha_rc oha_place_vips_add(struct oha_ctx *ctx, const struct oha_place *place,
                                                     const struct oha_vip_spec *specs, size_t n,
                                                     bool *already, struct oha_error *err);
OHA_API OHA_NODISCARD enum oha_rc oha_place_vips_del(struct oha_ctx *ctx, const struct oha_place *place,
                                                     const struct oha_vip_spec *specs, size_t n,
                                                     bool *was_here, struct oha_error *err);

struct oha_probe_result;
/** SIP OPTIONS to @p target from that place (`ha-ctl -j probe`). */
OHA_API OHA_NODISCARD enum oha_rc oha_place_probe(struct oha_ctx *ctx, const struct oha_place *place,
                                                  const struct oha_sock *target, int64_t timeout_us,
                                                  struct oha_probe_result *out, struct oha_error *err);

OHA_END_DECLS
#endif
