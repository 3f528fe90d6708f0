/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/native/announce.h"
#include "engine/native/arp.h"
#include "engine/native/nd.h"
#include "base/ctx.h"
#include "base/error.h"

/*
 * Gratuitous ARP may be a request or a reply (RFC 5944 section 4.6), and every receiver that has an entry
 * must learn from either (RFC 826). RFC 5227 section 3 prefers the request, because there are stacks that
 * learn from requests alone; switches and routers that learn from replies alone are seen in the field as
 * well. So both go out, back to back. Linux takes either, at once, without its lock time of a second between
 * two changes (arp_process() in net/ipv4/arp.c): there the second frame changes nothing.
 */
static enum oha_rc announce4(const struct oha__lan *lan, const struct oha__link *link,
                             const struct oha_addr *addr, struct oha_error *err)
{
  uint8_t frame[OHA_ARP_FRAME_BYTES];
  enum oha_rc rc;

  oha__arp_build_announcement(frame, OHA_ARP_REQUEST, link->mac, addr->bytes);
  rc = oha__lan_send(lan, frame, sizeof(frame), err);
  if (rc != OHA_OK)
    return rc;
  oha__arp_build_announcement(frame, OHA_ARP_REPLY, link->mac, addr->bytes);
  return oha__lan_send(lan, frame, sizeof(frame), err);
}

enum oha_rc oha__announce_once(const struct oha__lan *lan, const struct oha__link *link,
                               const struct oha_addr *addr, struct oha_error *err)
{
  uint8_t frame[OHA_ND_FRAME_BYTES];

  if (addr->family == 4)
    return announce4(lan, link, addr, err);
  oha__nd_build_advert(frame, link->mac, addr->bytes, link->forwards_ip6);
  return oha__lan_send(lan, frame, sizeof(frame), err);
}

static enum oha_rc announce_often(struct oha_ctx *ctx, const struct oha__link *link,
                                  const struct oha_addr *addr, unsigned count, int64_t every_us,
                                  struct oha_error *err)
{
  struct oha__lan lan;
  enum oha_rc rc = oha__lan_open(link, OHA_LAN_NOTHING, &lan, err);

  for (unsigned i = 0; rc == OHA_OK && i < count; i++) {
    if (i > 0)
      oha__sleep(ctx, every_us);
    if (oha__cancelled(ctx))
      rc = oha__fail(err, OHA_E_CANCELLED, "cancelled after %u of %u announcements", i, count);
    else
      rc = oha__announce_once(&lan, link, addr, err);
  }
  oha__lan_close(&lan);
  return rc;
}

enum oha_rc oha_vip_announce(struct oha_ctx *ctx, const struct oha_vip_spec *spec, unsigned count,
                             int64_t every_us, struct oha_error *err)
{
  struct oha__addrs addrs;
  const struct oha__link *link;
  char text[OHA_ADDR_SIZE];
  enum oha_rc rc;

  if (ctx == NULL || spec == NULL || every_us < 0)
    return oha__fail(err, OHA_E_ARG, "oha_vip_announce: NULL, or a negative pause");
  rc = oha__addrs_snapshot(ctx, &addrs, err);
  if (rc == OHA_OK)
    rc = oha__addrs_pick(&addrs, spec, &link, err);
  if (rc == OHA_OK && oha__addrs_find(&addrs, &spec->addr, link->index) == NULL)
    rc = oha__fail(err, OHA_E_REFUSED, "%s is not on %s: what is not held is not announced",
                   oha_addr_format(&spec->addr, text), link->name);
  if (rc == OHA_OK && link->speaks_arp)
    rc = announce_often(ctx, link, &spec->addr, count, every_us, err);
  oha__addrs_clear(&addrs);
  return rc;
}
