/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/arp.h"
#include "engine/native/lan.h"
#include "engine/native/nd.h"
#include "engine/native/owners_seen.h"
#include "base/ctx.h"
#include "base/error.h"

#include <errno.h>
#include <poll.h>

#define DEFAULT_TIMEOUT_US (500 * OHA_US_PER_MS)
#define N_QUESTIONS        3 /* one lost frame must not hide an owner */

struct hunt {
  const struct oha_ctx *ctx;
  const struct oha__addrs *addrs;
  const struct oha__link *link;
  struct oha_addr addr;
  struct oha_mono began;
  struct oha_vip_owners *seen;
};

/*
 * Ask from an address of ours, link-local first: a solicitation from the unspecified address would look like
 * duplicate address detection, and make a neighbour that is just running its own give the address up
 * (RFC 4862 section 5.4.3).
 */
static const uint8_t *own_ip6(const struct hunt *h)
{
  static const uint8_t unspecified[16];
  const uint8_t *best = unspecified;

  for (size_t i = 0; i < h->addrs->n_addrs; i++) {
    const struct oha__link_addr *a = &h->addrs->addrs[i];
    const struct oha_addr *ip = &a->holding.addr;

    if (a->link_index != h->link->index || ip->family != 6 || a->holding.tentative || a->holding.dad_failed ||
        oha_addr_equal(ip, &h->addr))
      continue;
    if (oha__addr_is_link_local6(ip))
      return ip->bytes;
    best = ip->bytes;
  }
  return best;
}

static enum oha_rc ask(const struct hunt *h, const struct oha__lan *lan, struct oha_error *err)
{
  uint8_t frame[OHA_ND_FRAME_BYTES];
  size_t n = OHA_ARP_FRAME_BYTES;

  _Static_assert(OHA_ND_FRAME_BYTES >= OHA_ARP_FRAME_BYTES, "one buffer for both");
  if (h->addr.family == 4)
    oha__arp_build_probe(frame, h->link->mac, h->addr.bytes);
  else
    n = oha__nd_build_solicit(frame, h->link->mac, own_ip6(h), h->addr.bytes);
  return oha__lan_send(lan, frame, n, err);
}

/* Another interface of this machine on the same LAN answers, too (unless arp_ignore is set). */
static bool is_ours(const struct oha__addrs *addrs, const uint8_t mac[OHA_MAC_BYTES])
{
  for (size_t i = 0; i < addrs->n_links; i++)
    if (memcmp(addrs->links[i].mac, mac, OHA_MAC_BYTES) == 0)
      return true;
  return false;
}

/* Read one frame; the caller looks at the clock between two, so that a flood cannot hold us. */
static enum oha_rc hear(const struct hunt *h, const struct oha__lan *lan, struct oha_error *err)
{
  uint8_t frame[OHA_ETHER_FRAME_BYTES], mac[OHA_MAC_BYTES];
  size_t n;
  enum oha_rc rc = oha__lan_recv(lan, frame, &n, err);

  if (rc == OHA_OK && oha__owners_claim(frame, n, &h->addr, mac) && !is_ours(h->addrs, mac))
    oha__owners_note(h->seen, mac, oha_mono_diff_us(oha_now_mono(h->ctx), h->began));
  return rc == OHA_END ? OHA_OK : rc;
}

/* Questions at 0, 1/4 and 1/2 of the time, so that the last one has half of it to be answered. */
static enum oha_rc hunt_owners(struct hunt *h, const struct oha__lan *lan, int64_t timeout_us,
                               struct oha_error *err)
{
  struct oha_mono due = oha_mono_add(h->began, timeout_us);
  struct pollfd fd = { .fd = lan->fd, .events = POLLIN };
  int asked = 0;

  for (;;) {
    struct oha_mono now = oha_now_mono(h->ctx);
    struct oha_mono next = asked < N_QUESTIONS ? oha_mono_add(h->began, asked * (timeout_us / 4)) : due;
    int wait_ms = oha_poll_ms(now, next);
    enum oha_rc rc = OHA_OK;

    if (oha_mono_diff_us(due, now) <= 0)
      return OHA_OK;
    if (oha__cancelled(h->ctx))
      return oha__fail(err, OHA_E_CANCELLED, "%s: cancelled while asking for owners", lan->name);
    if (wait_ms == 0) {
      asked++;
      rc = ask(h, lan, err);
    } else if (poll(&fd, 1, wait_ms) > 0) {
      rc = hear(h, lan, err);
    }
    if (rc != OHA_OK)
      return rc;
  }
}

static enum oha_rc ask_lan(struct hunt *h, int64_t timeout_us, struct oha_error *err)
{
  struct oha__lan lan;
  enum oha_rc rc;

  if (!h->link->speaks_arp)
    return oha__fail(err, OHA_E_UNAVAILABLE, "%s is no Ethernet: nobody can be asked there", h->link->name);
  if (!oha__link_is_up(h->link))
    return oha__fail_errno(err, OHA_E_IO, ENETDOWN, "%s", h->link->name);
  rc = oha__lan_open(h->link, h->addr.family == 4 ? OHA_LAN_ARP : OHA_LAN_ADVERTS, &lan, err);
  if (rc != OHA_OK)
    return rc;
  h->began = oha_now_mono(h->ctx);
  rc = hunt_owners(h, &lan, timeout_us, err);
  oha__lan_close(&lan);
  return rc;
}

enum oha_rc oha_vip_owners(struct oha_ctx *ctx, const struct oha_vip_spec *spec, int64_t timeout_us,
                           struct oha_vip_owners *out, struct oha_error *err)
{
  struct oha__addrs addrs;
  struct hunt h = { .ctx = ctx, .addrs = &addrs, .seen = out };
  enum oha_rc rc;

  if (ctx == NULL || spec == NULL || out == NULL || timeout_us < 0)
    return oha__fail(err, OHA_E_ARG, "oha_vip_owners: NULL, or a negative time");
  memset(out, 0, sizeof(*out));
  out->first_answer_us = -1;
  h.addr = spec->addr;
  rc = oha__addrs_snapshot(ctx, &addrs, err);
  if (rc == OHA_OK)
    rc = oha__addrs_pick(&addrs, spec, &h.link, err);
  if (rc == OHA_OK)
    rc = ask_lan(&h, timeout_us == 0 ? DEFAULT_TIMEOUT_US : timeout_us, err);
  oha__addrs_clear(&addrs);
  if (rc != OHA_OK) {
    memset(out, 0, sizeof(*out));
    out->first_answer_us = -1;
  }
  return rc;
}
