/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/arp.h"
#include "engine/native/lan.h"
#include "engine/native/nd.h"
#include "engine/native/owners_seen.h"
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define DEFAULT_TIMEOUT_US (500 * OHA_US_PER_MS)
#define N_QUESTIONS        3 /* one lost frame must not hide an owner */

struct hunt {
  const struct oha_ctx *ctx;
  const struct oha__addrs *addrs;
  const struct oha__link *link;
  struct oha__lan lan; /* fd -1 = not hunting */
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

static enum oha_rc ask(const struct hunt *h, struct oha_error *err)
{
  uint8_t frame[OHA_ND_FRAME_BYTES];
  size_t n = OHA_ARP_FRAME_BYTES;

  _Static_assert(OHA_ND_FRAME_BYTES >= OHA_ARP_FRAME_BYTES, "one buffer for both");
  if (h->addr.family == 4)
    oha__arp_build_probe(frame, h->link->mac, h->addr.bytes);
  else
    n = oha__nd_build_solicit(frame, h->link->mac, own_ip6(h), h->addr.bytes);
  return oha__lan_send(&h->lan, frame, n, err);
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
static enum oha_rc hear(const struct hunt *h, struct oha_error *err)
{
  uint8_t frame[OHA_ETHER_FRAME_BYTES], mac[OHA_MAC_BYTES];
  size_t n;
  enum oha_rc rc = oha__lan_recv(&h->lan, frame, &n, err);

  if (rc == OHA_OK && oha__owners_claim(frame, n, &h->addr, mac) && !is_ours(h->addrs, mac))
    oha__owners_note(h->seen, mac, oha_mono_diff_us(oha_now_mono(h->ctx), h->began));
  return rc == OHA_END ? OHA_OK : rc;
}

static enum oha_rc ask_all(const struct hunt *hunts, size_t n, struct oha_error *err)
{
  for (size_t i = 0; i < n; i++) {
    enum oha_rc rc = hunts[i].lan.fd < 0 ? OHA_OK : ask(&hunts[i], err);

    if (rc != OHA_OK)
      return rc;
  }
  return OHA_OK;
}

static enum oha_rc hear_all(const struct hunt *hunts, const struct pollfd *fds, size_t n,
                            struct oha_error *err)
{
  for (size_t i = 0; i < n; i++) {
    enum oha_rc rc = fds[i].fd < 0 || fds[i].revents == 0 ? OHA_OK : hear(&hunts[i], err);

    if (rc != OHA_OK)
      return rc;
  }
  return OHA_OK;
}

/* Questions at 0, 1/4 and 1/2 of the time, so that the last one has half of it to be answered. */
static enum oha_rc hunt_owners(struct hunt *hunts, size_t n, struct pollfd *fds, int64_t timeout_us,
                               struct oha_error *err)
{
  const struct oha_ctx *ctx = hunts[0].ctx;
  struct oha_mono began = oha_now_mono(ctx), due = oha_mono_add(began, timeout_us);
  int asked = 0;

  for (size_t i = 0; i < n; i++) {
    hunts[i].began = began;
    fds[i] = (struct pollfd){ .fd = hunts[i].lan.fd, .events = POLLIN };
  }
  for (;;) {
    struct oha_mono now = oha_now_mono(ctx);
    struct oha_mono next = asked < N_QUESTIONS ? oha_mono_add(began, asked * (timeout_us / 4)) : due;
    int wait_ms = oha_poll_ms(now, next);
    enum oha_rc rc = OHA_OK;

    if (oha_mono_diff_us(due, now) <= 0)
      return OHA_OK;
    if (oha__cancelled(ctx))
      return oha__fail(err, OHA_E_CANCELLED, "cancelled while asking for owners");
    if (wait_ms == 0) {
      asked++;
      rc = ask_all(hunts, n, err);
    } else if (poll(fds, (nfds_t)n, wait_ms) > 0) {
      rc = hear_all(hunts, fds, n, err);
    }
    if (rc != OHA_OK)
      return rc;
  }
}

static enum oha_rc open_hunt(struct hunt *h, const struct oha_vip_spec *spec, struct oha_error *err)
{
  enum oha_rc rc = oha__addrs_pick(h->addrs, spec, &h->link, err);

  if (rc != OHA_OK)
    return rc;
  if (!h->link->speaks_arp)
    return oha__fail(err, OHA_E_UNAVAILABLE, "%s is no Ethernet: nobody can be asked there", h->link->name);
  if (!oha__link_is_up(h->link))
    return oha__fail_errno(err, OHA_E_IO, ENETDOWN, "%s", h->link->name);
  h->addr = spec->addr;
  rc = oha__lan_open(h->link, h->addr.family == 4 ? OHA_LAN_ARP : OHA_LAN_ADVERTS, &h->lan, err);
  h->seen->asked = rc == OHA_OK;
  return rc;
}

static void forget(struct oha_vip_owners *out, size_t n)
{
  memset(out, 0, n * sizeof(*out));
  for (size_t i = 0; i < n; i++)
    out[i].first_answer_us = -1;
}

/* @p must: that one cannot be asked is a failure (n is 1 then). */
static enum oha_rc hunt_all(struct oha_ctx *ctx, const struct oha_vip_spec *specs, size_t n, bool must,
                            int64_t timeout_us, struct oha_vip_owners *out, struct oha_error *err)
{
  struct oha__addrs addrs;
  struct hunt *hunts = oha__calloc(n, sizeof(*hunts));
  struct pollfd *fds = oha__calloc(n, sizeof(*fds));
  enum oha_rc rc = hunts == NULL || fds == NULL ? oha__fail_nomem(err) : OHA_OK;

  forget(out, n);
  for (size_t i = 0; rc == OHA_OK && i < n; i++)
    hunts[i] = (struct hunt){ .ctx = ctx, .addrs = &addrs, .lan = { .fd = -1 }, .seen = &out[i] };
  if (rc == OHA_OK) {
    rc = oha__addrs_snapshot(ctx, &addrs, err);
    for (size_t i = 0; rc == OHA_OK && i < n; i++) {
      enum oha_rc opened = open_hunt(&hunts[i], &specs[i], must ? err : NULL);

      rc = must ? opened : OHA_OK;
    }
    if (rc == OHA_OK)
      rc = hunt_owners(hunts, n, fds, timeout_us == 0 ? DEFAULT_TIMEOUT_US : timeout_us, err);
    for (size_t i = 0; i < n; i++)
      oha__lan_close(&hunts[i].lan);
    oha__addrs_clear(&addrs);
  }
  oha__free(hunts);
  oha__free(fds);
  if (rc != OHA_OK)
    forget(out, n);
  return rc;
}

enum oha_rc oha_vip_owners(struct oha_ctx *ctx, const struct oha_vip_spec *spec, int64_t timeout_us,
                           struct oha_vip_owners *out, struct oha_error *err)
{
  if (ctx == NULL || spec == NULL || out == NULL || timeout_us < 0)
    return oha__fail(err, OHA_E_ARG, "oha_vip_owners: NULL, or a negative time");
  return hunt_all(ctx, spec, 1, true, timeout_us, out, err);
}

enum oha_rc oha_vip_owners_all(struct oha_ctx *ctx, const struct oha_vip_spec *specs, size_t n,
                               int64_t timeout_us, struct oha_vip_owners *out, struct oha_error *err)
{
  if (ctx == NULL || specs == NULL || out == NULL || n == 0 || timeout_us < 0)
    return oha__fail(err, OHA_E_ARG, "oha_vip_owners_all: NULL, none, or a negative time");
  return hunt_all(ctx, specs, n, false, timeout_us, out, err);
}
