/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/addrs.h"
#include "base/error.h"
#include "base/mem.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define DUMP_TRIES 8

/* One number of a table of 32-bit settings; 0 when the kernel's table is too short. */
static uint32_t setting(const struct nlattr *table, unsigned index)
{
  uint32_t v = 0;

  if (mnl_attr_get_payload_len(table) >= (index + 1) * sizeof(v))
    memcpy(&v, (const char *)mnl_attr_get_payload(table) + index * sizeof(v), sizeof(v));
  return v;
}

static int take_inet_conf(const struct nlattr *attr, void *arg)
{
  struct oha__link *link = arg;

  if (mnl_attr_get_type(attr) == IFLA_INET_CONF) /* inet's settings are numbered from 1, inet6's from 0 */
    link->promotes_secondaries = setting(attr, IPV4_DEVCONF_PROMOTE_SECONDARIES - 1) != 0;
  return MNL_CB_OK;
}

static int take_inet6_conf(const struct nlattr *attr, void *arg)
{
  struct oha__link *link = arg;

  if (mnl_attr_get_type(attr) == IFLA_INET6_CONF)
    link->forwards_ip6 = setting(attr, DEVCONF_FORWARDING) != 0;
  return MNL_CB_OK;
}

static int take_family(const struct nlattr *attr, void *arg)
{
  if (mnl_attr_get_type(attr) == AF_INET)
    return mnl_attr_parse_nested(attr, take_inet_conf, arg);
  if (mnl_attr_get_type(attr) == AF_INET6)
    return mnl_attr_parse_nested(attr, take_inet6_conf, arg);
  return MNL_CB_OK;
}

static int take_link_attr(const struct nlattr *attr, void *arg)
{
  struct oha__link *link = arg;
  uint16_t n = mnl_attr_get_payload_len(attr);

  switch (mnl_attr_get_type(attr)) {
  case IFLA_IFNAME:
    memcpy(link->name, mnl_attr_get_payload(attr), n < sizeof(link->name) ? n : sizeof(link->name) - 1);
    break;
  case IFLA_ADDRESS:
    if (n == sizeof(link->mac))
      memcpy(link->mac, mnl_attr_get_payload(attr), n);
    link->speaks_arp = link->speaks_arp && n == sizeof(link->mac);
    break;
  case IFLA_AF_SPEC:
    return mnl_attr_parse_nested(attr, take_family, link);
  default:
    break;
  }
  return MNL_CB_OK;
}

static int take_link(const struct nlmsghdr *msg, void *arg)
{
  struct oha__addrs *out = arg;
  const struct ifinfomsg *info = mnl_nlmsg_get_payload(msg);
  struct oha__link *link;

  if (msg->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(msg) < sizeof(*info))
    return MNL_CB_OK;
  if (!oha__grow((void **)&out->links, &out->cap_links, out->n_links, sizeof(*out->links))) {
    errno = ENOMEM;
    return MNL_CB_ERROR;
  }
  link = &out->links[out->n_links++];
  link->index = info->ifi_index;
  link->flags = info->ifi_flags;
  link->speaks_arp = info->ifi_type == ARPHRD_ETHER && (info->ifi_flags & IFF_NOARP) == 0;
  return mnl_attr_parse(msg, sizeof(*info), take_link_attr, link);
}

static void put_addr(struct oha_addr *out, const struct nlattr *attr, uint8_t family)
{
  size_t n = family == AF_INET ? 4 : 16;

  if (mnl_attr_get_payload_len(attr) != n)
    return;
  memset(out, 0, sizeof(*out));
  out->family = family == AF_INET ? 4 : 6;
  memcpy(out->bytes, mnl_attr_get_payload(attr), n);
}

struct read_addr {
  uint8_t family;
  struct oha_addr local, peer;
};

static int take_addr_attr(const struct nlattr *attr, void *arg)
{
  struct read_addr *r = arg;

  if (mnl_attr_get_type(attr) == IFA_ADDRESS)
    put_addr(&r->peer, attr, r->family);
  else if (mnl_attr_get_type(attr) == IFA_LOCAL)
    put_addr(&r->local, attr, r->family);
  return MNL_CB_OK;
}

static int take_addr(const struct nlmsghdr *msg, void *arg)
{
  struct oha__addrs *out = arg;
  const struct ifaddrmsg *info = mnl_nlmsg_get_payload(msg);
  const struct oha__link *link;
  struct oha__link_addr *a;
  struct read_addr r = { 0 };

  if (msg->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(msg) < sizeof(*info) ||
      (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
    return MNL_CB_OK;
  link = oha__addrs_link(out, (int)info->ifa_index);
  r.family = info->ifa_family;
  if (mnl_attr_parse(msg, sizeof(*info), take_addr_attr, &r) < 0)
    return MNL_CB_ERROR;
  if (link == NULL || r.peer.family == 0) /* the link was made since the links were listed */
    return MNL_CB_OK;
  if (!oha__grow((void **)&out->addrs, &out->cap_addrs, out->n_addrs, sizeof(*out->addrs))) {
    errno = ENOMEM;
    return MNL_CB_ERROR;
  }
  a = &out->addrs[out->n_addrs++];
  a->link_index = link->index;
  a->flags = info->ifa_flags;
  a->peer = r.peer;
  /* IPv6 has IFA_LOCAL on point-to-point links only. */
  a->holding.addr = r.local.family != 0 ? r.local : r.peer;
  a->holding.prefix_bits = info->ifa_prefixlen;
  memcpy(a->holding.interface_, link->name, sizeof(a->holding.interface_));
  a->holding.link_up = oha__link_is_up(link);
  a->holding.tentative = r.family == AF_INET6 && (info->ifa_flags & IFA_F_TENTATIVE) != 0;
  a->holding.dad_failed = r.family == AF_INET6 && (info->ifa_flags & IFA_F_DADFAILED) != 0;
  return MNL_CB_OK;
}

enum oha_rc oha__addrs_load(struct oha__netlink *nl, struct oha__addrs *out, struct oha_error *err)
{
  memset(out, 0, sizeof(*out));
  for (int i = 0; i < DUMP_TRIES; i++) {
    const struct oha_ctx *ctx = nl->ctx;
    bool interrupted;
    enum oha_rc rc = oha__netlink_dump(nl, RTM_GETLINK, take_link, out, &interrupted, err);

    if (rc == OHA_OK && !interrupted)
      rc = oha__netlink_dump(nl, RTM_GETADDR, take_addr, out, &interrupted, err);
    if (rc != OHA_OK || !interrupted)
      return rc;
    /* The rest of the broken list is still queued there. */
    oha__addrs_clear(out);
    oha__netlink_close(nl);
    rc = oha__netlink_open(ctx, nl, err);
    if (rc != OHA_OK)
      return rc;
  }
  return oha__fail(err, OHA_E_IO, "rtnetlink: interfaces change faster than they can be listed");
}

void oha__addrs_clear(struct oha__addrs *addrs)
{
  oha__free(addrs->links);
  oha__free(addrs->addrs);
  memset(addrs, 0, sizeof(*addrs));
}

enum oha_rc oha__addrs_snapshot(const struct oha_ctx *ctx, struct oha__addrs *out, struct oha_error *err)
{
  struct oha__netlink nl;
  enum oha_rc rc;

  memset(out, 0, sizeof(*out));
  rc = oha__netlink_open(ctx, &nl, err);
  if (rc == OHA_OK)
    rc = oha__addrs_load(&nl, out, err);
  oha__netlink_close(&nl);
  return rc;
}

const struct oha__link *oha__addrs_link(const struct oha__addrs *addrs, int index)
{
  for (size_t i = 0; i < addrs->n_links; i++)
    if (addrs->links[i].index == index)
      return &addrs->links[i];
  return NULL;
}

const struct oha__link_addr *oha__addrs_find(const struct oha__addrs *addrs, const struct oha_addr *addr,
                                             int link_index)
{
  for (size_t i = 0; i < addrs->n_addrs; i++) {
    const struct oha__link_addr *a = &addrs->addrs[i];

    if ((link_index == 0 || a->link_index == link_index) && oha_addr_equal(&a->holding.addr, addr))
      return a;
  }
  return NULL;
}

bool oha__link_is_up(const struct oha__link *link)
{
  return (link->flags & IFF_UP) != 0 && (link->flags & IFF_LOWER_UP) != 0;
}

bool oha__addr_in_net(const struct oha_addr *a, const struct oha_addr *b, unsigned prefix_bits)
{
  size_t whole = prefix_bits / 8;
  unsigned rest = prefix_bits % 8;

  if (a->family != b->family || prefix_bits > 8 * sizeof(a->bytes))
    return false;
  if (memcmp(a->bytes, b->bytes, whole) != 0)
    return false;
  return rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

bool oha__addr_is_link_local6(const struct oha_addr *addr)
{
  return addr->family == 6 && addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

/* Longest prefix; between equals a link that is up. */
static const struct oha__link *pick_by_network(const struct oha__addrs *addrs, const struct oha_addr *addr)
{
  const struct oha__link_addr *best = NULL;

  if (oha__addr_is_link_local6(addr)) /* every link has that network */
    return NULL;
  for (size_t i = 0; i < addrs->n_addrs; i++) {
    const struct oha__link_addr *a = &addrs->addrs[i];

    if (!oha__addr_in_net(&a->peer, addr, a->holding.prefix_bits))
      continue;
    if (best == NULL || a->holding.prefix_bits > best->holding.prefix_bits ||
        (a->holding.prefix_bits == best->holding.prefix_bits && a->holding.link_up && !best->holding.link_up))
      best = a;
  }
  return best == NULL ? NULL : oha__addrs_link(addrs, best->link_index);
}

enum oha_rc oha__vip_spec_check(const struct oha_vip_spec *spec, struct oha_error *err)
{
  if ((spec->addr.family == 4 || spec->addr.family == 6) &&
      spec->prefix_bits <= (spec->addr.family == 4 ? 32 : 128))
    return OHA_OK;
  return oha__fail(err, OHA_E_ARG, "no address with a prefix: family %d, %d bits", spec->addr.family,
                   spec->prefix_bits);
}

enum oha_rc oha__addrs_pick(const struct oha__addrs *addrs, const struct oha_vip_spec *spec,
                            const struct oha__link **out, struct oha_error *err)
{
  char text[OHA_ADDR_SIZE];
  enum oha_rc rc = oha__vip_spec_check(spec, err);

  *out = NULL;
  if (rc != OHA_OK)
    return rc;
  if (spec->interface_[0] == '\0') {
    *out = pick_by_network(addrs, &spec->addr);
    return *out != NULL ? OHA_OK
                        : oha__fail(err, OHA_E_NOTFOUND, "no interface has a network with %s: name one",
                                    oha_addr_format(&spec->addr, text));
  }
  for (size_t i = 0; i < addrs->n_links; i++)
    if (strncmp(addrs->links[i].name, spec->interface_, sizeof(spec->interface_)) == 0)
      *out = &addrs->links[i];
  return *out != NULL ? OHA_OK
                      : oha__fail(err, OHA_E_NOTFOUND, "no interface '%.*s'", (int)sizeof(spec->interface_),
                                  spec->interface_);
}
