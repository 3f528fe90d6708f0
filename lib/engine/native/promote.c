/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/promote.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

enum oha_rc oha__promote_secondaries_set(struct oha__netlink *nl, const struct oha__link *link, bool on,
                                         struct oha_error *err)
{
  char buf[OHA_NETLINK_REQUEST_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
  struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
  struct nlattr *spec, *family, *conf;
  struct ifinfomsg *info;

  msg->nlmsg_type = RTM_SETLINK;
  info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));
  info->ifi_family = AF_UNSPEC;
  info->ifi_index = link->index;
  spec = mnl_attr_nest_start(msg, IFLA_AF_SPEC);
  family = mnl_attr_nest_start(msg, AF_INET);
  conf = mnl_attr_nest_start(msg, IFLA_INET_CONF);
  mnl_attr_put_u32(msg, IPV4_DEVCONF_PROMOTE_SECONDARIES, on);
  mnl_attr_nest_end(msg, conf);
  mnl_attr_nest_end(msg, family);
  mnl_attr_nest_end(msg, spec);
  return oha__netlink_request(nl, msg, "set promote_secondaries", 0, err);
}

bool oha__promote_is_needed(const struct oha__addrs *addrs, const struct oha__link_addr *victim)
{
  const struct oha__link *link = oha__addrs_link(addrs, victim->link_index);

  if (victim->holding.addr.family != 4 || (victim->flags & IFA_F_SECONDARY) != 0 || link == NULL ||
      link->promotes_secondaries)
    return false;
  for (size_t i = 0; i < addrs->n_addrs; i++) {
    const struct oha__link_addr *a = &addrs->addrs[i];

    if (a->link_index == victim->link_index && (a->flags & IFA_F_SECONDARY) != 0 &&
        a->holding.prefix_bits == victim->holding.prefix_bits &&
        oha__addr_in_net(&a->peer, &victim->peer, victim->holding.prefix_bits))
      return true;
  }
  return false;
}
