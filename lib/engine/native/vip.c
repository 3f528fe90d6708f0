/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/announce.h"
#include "engine/native/promote.h"
#include "base/ctx.h"
#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

struct work {
  struct oha_ctx *ctx;
  struct oha_vip_spec spec; /* prefix_bits filled in */
  struct oha__netlink nl;
  struct oha__addrs addrs;
  const struct oha__link *link; /* NULL: any */
  char text[OHA_ADDR_SIZE];     /* the address */
};

static enum oha_rc work_begin(struct work *w, struct oha_ctx *ctx, const struct oha_vip_spec *spec,
                              struct oha_error *err)
{
  enum oha_rc rc;

  memset(w, 0, sizeof(*w));
  if (ctx == NULL || spec == NULL)
    return oha__fail(err, OHA_E_ARG, "VIP: no context or no address");
  rc = oha__vip_spec_check(spec, err);
  if (rc != OHA_OK)
    return rc;
  w->ctx = ctx;
  w->spec = *spec;
  if (spec->prefix_bits == 0)
    w->spec.prefix_bits = spec->addr.family == 4 ? 32 : 128;
  oha_addr_format(&spec->addr, w->text);
  rc = oha__netlink_open(ctx, &w->nl, err);
  if (rc == OHA_OK)
    rc = oha__addrs_load(&w->nl, &w->addrs, err);
  return rc;
}

static void work_end(struct work *w)
{
  oha__addrs_clear(&w->addrs);
  oha__netlink_close(&w->nl);
}

static struct nlmsghdr *put_addr_header(void *buf, uint16_t type, const struct oha_addr *addr,
                                        uint8_t prefix_bits, int link_index)
{
  struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
  struct ifaddrmsg *info;

  msg->nlmsg_type = type;
  info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));
  info->ifa_family = addr->family == 4 ? AF_INET : AF_INET6;
  info->ifa_prefixlen = prefix_bits;
  info->ifa_scope = RT_SCOPE_UNIVERSE;
  info->ifa_index = (unsigned)link_index;
  return msg;
}

static size_t addr_bytes(const struct oha_addr *addr)
{
  return addr->family == 4 ? 4 : 16;
}

static enum oha_rc kernel_add(struct work *w, struct oha_error *err)
{
  char buf[OHA_NETLINK_REQUEST_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
  struct nlmsghdr *msg =
      put_addr_header(buf, RTM_NEWADDR, &w->spec.addr, w->spec.prefix_bits, w->link->index);

  msg->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
  mnl_attr_put(msg, IFA_LOCAL, addr_bytes(&w->spec.addr), w->spec.addr.bytes);
  mnl_attr_put(msg, IFA_ADDRESS, addr_bytes(&w->spec.addr), w->spec.addr.bytes);
  if (w->spec.addr.family == 6) {
    /* Deprecated (RFC 4862 section 5.5.4), so that this machine's own connections do not take the address
     * for their source (RFC 6724 rule 3) and break when it moves. IPv4 takes an interface's first. */
    const struct ifa_cacheinfo life = { .ifa_prefered = 0, .ifa_valid = UINT32_MAX };

    mnl_attr_put_u32(msg, IFA_FLAGS, IFA_F_NODAD);
    mnl_attr_put(msg, IFA_CACHEINFO, sizeof(life), &life);
  }
  return oha__netlink_request(&w->nl, msg, "add address", EEXIST, err);
}

static enum oha_rc kernel_del(struct work *w, const struct oha__link_addr *a, struct oha_error *err)
{
  char buf[OHA_NETLINK_REQUEST_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
  const struct oha_vip_holding *h = &a->holding;
  struct nlmsghdr *msg = put_addr_header(buf, RTM_DELADDR, &h->addr, h->prefix_bits, a->link_index);
  enum oha_rc rc;

  mnl_attr_put(msg, IFA_LOCAL, addr_bytes(&h->addr), h->addr.bytes);
  mnl_attr_put(msg, IFA_ADDRESS, addr_bytes(&h->addr), a->peer.bytes);
  rc = oha__netlink_request(&w->nl, msg, "remove address", EADDRNOTAVAIL, err);
  return rc == OHA_END ? OHA_OK : rc; /* gone meanwhile */
}

/*
 * *found is the address on the link that was asked for, or NULL. OHA_E_EXISTS: it is on another one.
 */
static enum oha_rc find_there(const struct work *w, const struct oha__link_addr **found,
                              struct oha_error *err)
{
  const struct oha__link_addr *elsewhere;

  *found = oha__addrs_find(&w->addrs, &w->spec.addr, w->link->index);
  elsewhere = *found != NULL ? NULL : oha__addrs_find(&w->addrs, &w->spec.addr, 0);
  if (elsewhere == NULL)
    return OHA_OK;
  return oha__fail(err, OHA_E_EXISTS, "%s is on interface %s of this machine, not on %s", w->text,
                   elsewhere->holding.interface_, w->link->name);
}

static enum oha_rc add_to_link(struct work *w, bool *already, struct oha_error *err)
{
  const struct oha__link_addr *found;
  enum oha_rc rc = find_there(w, &found, err);

  if (rc != OHA_OK)
    return rc;
  if (found != NULL && !found->holding.tentative && !found->holding.dad_failed) {
    *already = true;
    return OHA_OK;
  }
  /* Still in duplicate address detection, or failed in it: not usable, so it is made anew without. */
  if (found != NULL)
    rc = kernel_del(w, found, err);
  if (rc == OHA_OK)
    rc = kernel_add(w, err);
  *already = rc == OHA_END; /* somebody else has just added it */
  return rc == OHA_END ? OHA_OK : rc;
}

static enum oha_rc add(struct work *w, bool *already, struct oha_error *err)
{
  struct oha__lan lan = { .fd = -1 };
  enum oha_rc rc = oha__addrs_pick(&w->addrs, &w->spec, &w->link, err);

  if (rc != OHA_OK)
    return rc;
  assert(w->link != NULL);
  if (!oha__link_is_up(w->link))
    return oha__fail_errno(err, OHA_E_IO, ENETDOWN, "interface %s", w->link->name);
  /* First, so that whoever may not announce has not changed anything. */
  if (w->link->speaks_arp)
    rc = oha__lan_open(w->link, OHA_LAN_NOTHING, &lan, err);
  if (rc == OHA_OK)
    rc = add_to_link(w, already, err);
  if (rc == OHA_OK && w->link->speaks_arp) {
    rc = oha__announce_once(&lan, w->link, &w->spec.addr, err);
    if (rc != OHA_OK)
      oha__prefix(err, "added, but not announced: ");
  }
  oha__lan_close(&lan);
  if (rc == OHA_OK)
    oha__log(w->ctx, OHA_LOG_INFO, "vip", "%s/%d %s %s", w->text, w->spec.prefix_bits,
             *already ? "was on" : "added to", w->link->name);
  return rc;
}

enum oha_rc oha_vip_add(struct oha_ctx *ctx, const struct oha_vip_spec *spec, bool *already,
                        struct oha_error *err)
{
  bool was = false;
  struct work w;
  enum oha_rc rc = work_begin(&w, ctx, spec, err);

  if (rc == OHA_OK)
    rc = add(&w, &was, err);
  if (rc != OHA_OK)
    oha__prefix(err, "add %s: ", w.text);
  work_end(&w);
  if (already != NULL)
    *already = rc == OHA_OK && was;
  return rc;
}

static enum oha_rc del_one(struct work *w, const struct oha__link_addr *a, struct oha_error *err)
{
  const struct oha__link *link = oha__addrs_link(&w->addrs, a->link_index);
  bool promote = oha__promote_is_needed(&w->addrs, a);
  struct oha_error restore = OHA_ERROR_INIT;
  enum oha_rc rc = promote ? oha__promote_secondaries_set(&w->nl, link, true, err) : OHA_OK;

  if (rc != OHA_OK)
    return rc;
  rc = kernel_del(w, a, err);
  if (promote && oha__promote_secondaries_set(&w->nl, link, false, &restore) != OHA_OK)
    oha__log(w->ctx, OHA_LOG_WARN, "vip", "%s: promote_secondaries stays 1: %s", link->name, restore.text);
  if (rc == OHA_OK)
    oha__log(w->ctx, OHA_LOG_INFO, "vip", "%s/%d removed from %s", w->text, a->holding.prefix_bits,
             link->name);
  return rc;
}

/* Gone is what was seen to be gone: a daemon may have put it back. */
static enum oha_rc look_again(struct work *w, struct oha_error *err)
{
  int link_index = w->link == NULL ? 0 : w->link->index;
  enum oha_rc rc;

  oha__addrs_clear(&w->addrs);
  rc = oha__addrs_load(&w->nl, &w->addrs, err);
  if (rc == OHA_OK && oha__addrs_find(&w->addrs, &w->spec.addr, link_index) != NULL)
    rc = oha__fail(err, OHA_E_IO, "removed, but it is there again");
  return rc;
}

/* Every holding of the address goes: the same one may be there with two prefixes. */
static enum oha_rc del(struct work *w, bool *was_here, struct oha_error *err)
{
  const struct oha__link_addr *found;
  enum oha_rc rc = OHA_OK;

  if (w->spec.interface_[0] != '\0') {
    rc = oha__addrs_pick(&w->addrs, &w->spec, &w->link, err);
    if (rc == OHA_OK)
      rc = find_there(w, &found, err);
  }
  for (size_t i = 0; rc == OHA_OK && i < w->addrs.n_addrs; i++) {
    const struct oha__link_addr *a = &w->addrs.addrs[i];

    if (!oha_addr_equal(&a->holding.addr, &w->spec.addr) ||
        (w->link != NULL && a->link_index != w->link->index))
      continue;
    rc = del_one(w, a, err);
    *was_here = true;
  }
  return rc == OHA_OK && *was_here ? look_again(w, err) : rc;
}

enum oha_rc oha_vip_del(struct oha_ctx *ctx, const struct oha_vip_spec *spec, bool *was_here,
                        struct oha_error *err)
{
  bool was = false;
  struct work w;
  enum oha_rc rc = work_begin(&w, ctx, spec, err);

  if (rc == OHA_OK)
    rc = del(&w, &was, err);
  if (rc != OHA_OK)
    oha__prefix(err, "remove %s: ", w.text);
  work_end(&w);
  if (was_here != NULL)
    *was_here = rc == OHA_OK && was;
  return rc;
}
