/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_NATIVE_NETLINK_H
#define OHA_ENGINE_NATIVE_NETLINK_H
/*
 * rtnetlink(7) in the network namespace of the calling thread: one request and its acknowledgement, or one
 * dump. The kernel answers at once; a deadline guards against a socket that lost its answer (ENOBUFS).
 */
#include <opensips-ha/ctx.h>

#include <libmnl/libmnl.h>

struct oha__netlink {
  const struct oha_ctx *ctx;
  struct mnl_socket *sock; /* NULL = closed */
  unsigned portid;
  uint32_t seq;
};

/* Room for a request: header, body and a few attributes. */
#define OHA_NETLINK_REQUEST_BYTES 512

OHA_NODISCARD enum oha_rc oha__netlink_open(const struct oha_ctx *ctx, struct oha__netlink *nl,
                                            struct oha_error *err);
void oha__netlink_close(struct oha__netlink *nl); /* closed already is fine */

/*
 * Send @p msg (NLM_F_REQUEST and NLM_F_ACK are added) and wait for the acknowledgement. @p what begins the
 * error text.
 *
 * OHA_END: the kernel answered @p expected, an errno that is no failure here (0 = none).
 * OHA_E_DENIED (EPERM, EACCES), OHA_E_NOTFOUND (ENODEV, EADDRNOTAVAIL), OHA_E_EXISTS (EEXIST), OHA_E_TIMEOUT,
 * OHA_E_IO the rest; err->sys is the kernel's errno.
 */
OHA_NODISCARD enum oha_rc oha__netlink_request(struct oha__netlink *nl, struct nlmsghdr *msg,
                                               const char *what, int expected, struct oha_error *err);

/*
 * Ask for all objects of @p type (RTM_GETLINK, RTM_GETADDR) and call @p fn (libmnl's rules) for each.
 * *interrupted: the kernel's list changed in between, so objects may be missing or doubled: ask again.
 */
OHA_NODISCARD enum oha_rc oha__netlink_dump(struct oha__netlink *nl, uint16_t type, mnl_cb_t fn, void *arg,
                                            bool *interrupted, struct oha_error *err);

#endif
