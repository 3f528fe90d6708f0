/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_ENGINE_NATIVE_ADDRS_H
#define OHA_ENGINE_NATIVE_ADDRS_H
/* What the kernel has: a snapshot of this machine's interfaces and addresses. */
#include <opensips-ha/vip.h>
#include "engine/native/frame.h"
#include "engine/native/netlink.h"

struct oha__link {
  int index;
  unsigned flags; /* IFF_*, as in ifi_flags */
  char name[16];
  uint8_t mac[OHA_MAC_BYTES];
  bool speaks_arp;           /* Ethernet with a station address, and not IFF_NOARP: others can be asked */
  bool promotes_secondaries; /* conf/IF/promote_secondaries (not conf/all) */
  bool forwards_ip6;         /* conf/IF/forwarding: this machine is a router there */
};

struct oha__link_addr {
  int link_index;
  uint8_t flags;        /* IFA_F_SECONDARY and the other flags of the first eight bits */
  struct oha_addr peer; /* IFA_ADDRESS: the same address, or a point-to-point link's other end */
  struct oha_vip_holding holding;
};

struct oha__addrs {
  struct oha__link *links;
  size_t n_links, cap_links;
  struct oha__link_addr *addrs;
  size_t n_addrs, cap_addrs;
};

/*
 * Take a snapshot. @p nl is opened anew when the kernel's lists change under our hands.
 * Clear with oha__addrs_clear(), also after a failure.
 */
OHA_NODISCARD enum oha_rc oha__addrs_load(struct oha__netlink *nl, struct oha__addrs *out,
                                          struct oha_error *err);
void oha__addrs_clear(struct oha__addrs *addrs);

/* The same, with a netlink socket of its own. */
OHA_NODISCARD enum oha_rc oha__addrs_snapshot(const struct oha_ctx *ctx, struct oha__addrs *out,
                                              struct oha_error *err);

/* NULL when there is no such link. */
const struct oha__link *oha__addrs_link(const struct oha__addrs *addrs, int index);

/* The link's holding of @p addr, or NULL; @p link_index 0 = on any link. */
const struct oha__link_addr *oha__addrs_find(const struct oha__addrs *addrs, const struct oha_addr *addr,
                                             int link_index);

/* IFF_UP and carrier. */
bool oha__link_is_up(const struct oha__link *link);

/* Do the first @p prefix_bits bits agree? False for different families. */
bool oha__addr_in_net(const struct oha_addr *a, const struct oha_addr *b, unsigned prefix_bits);

bool oha__addr_is_link_local6(const struct oha_addr *addr);

/* OHA_E_ARG: no address, or a prefix that is too long. */
OHA_NODISCARD enum oha_rc oha__vip_spec_check(const struct oha_vip_spec *spec, struct oha_error *err);

/*
 * The link that @p spec means: by its name, else the one whose network contains the address (longest prefix;
 * a link that is up before one that is down).
 *
 * OHA_E_NOTFOUND; OHA_E_ARG.
 */
OHA_NODISCARD enum oha_rc oha__addrs_pick(const struct oha__addrs *addrs, const struct oha_vip_spec *spec,
                                          const struct oha__link **out, struct oha_error *err);

#endif
