/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_VIP_H
#define OHA_VIP_H
/*
 * Addresses of this machine: who has them (kernel, and what answers on the wire), adding, removing and
 * announcing them. IPv4 and IPv6 by rtnetlink(7); gratuitous ARP (RFC 5227 section 3, RFC 826) and
 * unsolicited Neighbour Advertisements (RFC 4861 section 7.2.6). Needs CAP_NET_ADMIN to change and
 * CAP_NET_RAW to announce or probe.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/ctx.h>
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>

OHA_BEGIN_DECLS

/** An address to hold, and where. */
struct oha_vip_spec {
  struct oha_addr addr;
  uint8_t prefix_bits; /* 0 = a host's own: 32 or 128 */
  char interface_[16]; /* IFNAMSIZ; "" = the interface that has the network (oha_vip_interface_for()) */
};

struct oha_vip_holding {
  struct oha_addr addr;
  uint8_t prefix_bits;
  char interface_[16];
  bool link_up;               /* IFF_UP and carrier */
  bool tentative, dad_failed; /* IPv6 */
};

typedef enum oha_rc oha_vip_fn(void *arg, const struct oha_vip_holding *holding);

/** Every address of every interface. */
OHA_API OHA_NODISCARD enum oha_rc oha_addrs_each(struct oha_ctx *ctx, oha_vip_fn *fn, void *arg,
                                                 struct oha_error *err);

/** Does the kernel have this address, on whatever interface? @p holding may be NULL. */
OHA_API OHA_NODISCARD enum oha_rc oha_vip_is_here(struct oha_ctx *ctx, const struct oha_addr *addr,
                                                  bool *here, struct oha_vip_holding *holding,
                                                  struct oha_error *err);

/** The interface that has a network containing @p addr: the longest prefix, one that is up before one that is
 * down. @return OHA_OK; OHA_E_NOTFOUND (also for link-local IPv6: every interface has that network) */
OHA_API OHA_NODISCARD enum oha_rc oha_vip_interface_for(struct oha_ctx *ctx, const struct oha_addr *addr,
                                                        char interface_[16], struct oha_error *err);

/**
 * Add an address and announce it once. IPv6 goes without duplicate address detection, to be usable at once,
 * and is added as deprecated, so that this machine's own connections do not leave from it (RFC 6724 rule 3).
 * Repeat: safe; @p already (may be NULL) says that it was there (then it is only announced).
 *
 * @return OHA_OK; OHA_E_DENIED needs CAP_NET_ADMIN and CAP_NET_RAW; OHA_E_NOTFOUND no such interface;
 * OHA_E_EXISTS it is on another interface of this machine; OHA_E_IO (err->sys ENETDOWN: the interface is down
 * or has no carrier); OHA_E_ARG. Nothing was added, unless the text says "added, but not announced".
 * Blocks: a few system calls; 2 s at most for each answer of the kernel.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_vip_add(struct oha_ctx *ctx, const struct oha_vip_spec *spec,
                                              bool *already, struct oha_error *err);

/**
 * Remove an address, with whatever prefix it is there; "" for the interface = from all. Repeat: safe;
 * @p was_here (may be NULL) says whether it was there.
 *
 * Other addresses and the routes of the interface stay: where promote_secondaries is 0, and a primary IPv4
 * address would take its secondaries with it, the setting is 1 while the address is removed.
 *
 * @return OHA_OK; OHA_E_DENIED needs CAP_NET_ADMIN; OHA_E_NOTFOUND no such interface; OHA_E_EXISTS it is on
 * another interface than the named one (and stays); OHA_E_IO (also when it was removed and is there again:
 * OHA_OK says that it was looked for afterwards); OHA_E_ARG
 */
OHA_API OHA_NODISCARD enum oha_rc oha_vip_del(struct oha_ctx *ctx, const struct oha_vip_spec *spec,
                                              bool *was_here, struct oha_error *err);

/**
 * Tell the neighbours: @p count times, @p every_us apart. On an interface that is no Ethernet there is nobody
 * to tell: OHA_OK at once.
 *
 * @return OHA_OK; OHA_E_REFUSED this machine does not have the address; OHA_E_DENIED; OHA_E_NOTFOUND;
 * OHA_E_CANCELLED; OHA_E_IO
 */
OHA_API OHA_NODISCARD enum oha_rc oha_vip_announce(struct oha_ctx *ctx, const struct oha_vip_spec *spec,
                                                   unsigned count, int64_t every_us, struct oha_error *err);

#define OHA_MAC_SIZE 18 /* "02:42:ac:11:00:02" and its NUL */
#define OHA_MACS_MAX 8

struct oha_vip_owners {
  bool asked;      /* the LAN could be asked */
  unsigned n_macs; /* distinct stations that answered; ours is not among them */
  char mac[OHA_MACS_MAX][OHA_MAC_SIZE];
  int64_t first_answer_us; /* -1 = nobody */
};

/**
 * Ask the LAN who has the address: ARP probes (RFC 5227: sender address 0) or Neighbour Solicitations, three
 * in the first half of @p timeout_us (0 = 500 ms), and count distinct MACs until it is over. More than one
 * (or one while we hold it) = two owners.
 *
 * @return OHA_OK; OHA_E_UNAVAILABLE the interface is no Ethernet; OHA_E_DENIED needs CAP_NET_RAW;
 * OHA_E_NOTFOUND; OHA_E_CANCELLED; OHA_E_IO
 * Blocks: for the whole of timeout_us.
 */
OHA_API OHA_NODISCARD enum oha_rc oha_vip_owners(struct oha_ctx *ctx, const struct oha_vip_spec *spec,
                                                 int64_t timeout_us, struct oha_vip_owners *out,
                                                 struct oha_error *err);

/**
 * oha_vip_owners() for several addresses at once, in the time of one.
 *
 * @param out @p n of them; `asked` is false where the address is on no network of this machine, or its
 *            interface is down, no Ethernet, or closed to us: that is no failure
 * @return OHA_OK; OHA_E_CANCELLED; OHA_E_NOMEM; OHA_E_IO the kernel cannot list its addresses
 */
OHA_API OHA_NODISCARD enum oha_rc oha_vip_owners_all(struct oha_ctx *ctx, const struct oha_vip_spec *specs,
                                                     size_t n, int64_t timeout_us, struct oha_vip_owners *out,
                                                     struct oha_error *err);

OHA_END_DECLS
#endif
