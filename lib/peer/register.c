/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A phone's REGISTER, to find out whether what a registrar confirms is also stored. */
#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "net/random.h"
#include "net/sockaddr.h"
#include "sip/register.h"
#include "sip/reply.h"

#include <opensips-ha/peer.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define T1_US         (500 * OHA_US_PER_MS) /* RFC 3261 section 17.1.2.2 */
#define T2_US         (4 * OHA_US_PER_S)
#define REPLY_BYTES   8192
#define CONTACT_BYTES 128

struct oha_register {
  struct oha_ctx *ctx;
  int fd;
  int64_t timeout_us;
  char aor[256], contact[CONTACT_BYTES];
  const char *domain; /* in aor */
  struct oha_sip_register request;
};

static enum oha_rc take_aor(struct oha_register *r, const char *aor, struct oha_error *err)
{
  const char *at = aor == NULL ? NULL : strchr(aor, '@');

  if (at == NULL || at == aor || at[1] == '\0' || strchr(at + 1, '@') != NULL || !oha__sip_uri_is_safe(aor) ||
      strpbrk(aor, ":;?,") != NULL)
    return oha__fail(err, OHA_E_ARG, "an address of record is USER@DOMAIN");
  if ((size_t)snprintf(r->aor, sizeof(r->aor), "sip:%s", aor) >= sizeof(r->aor))
    return oha__fail(err, OHA_E_ARG, "an address of record of more than %zu bytes", sizeof(r->aor) - 5);
  r->domain = strchr(r->aor, '@') + 1;
  return OHA_OK;
}

static enum oha_rc open_socket(struct oha_register *r, const struct oha_sock *target, struct oha_error *err)
{
  struct sockaddr_storage to;
  socklen_t n_to = oha__sockaddr_from(&target->addr, target->port, &to);

  r->fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (r->fd < 0 || connect(r->fd, (struct sockaddr *)&to, n_to) != 0 ||
      !oha__sockaddr_of(r->fd, &r->request.local, &r->request.local_port))
    return oha__fail_errno(err, OHA_E_UNAVAILABLE, errno, "no way to %s", target->host);
  return OHA_OK;
}

/* Nobody else has this contact, so that removing it takes nothing from anybody. */
static enum oha_rc make_contact(struct oha_register *r, struct oha_error *err)
{
  char hex[OHA_SIP_HEX_SIZE], addr[OHA_ADDR_SIZE];
  enum oha_rc rc = oha__random(&r->request.ids, sizeof(r->request.ids), err);

  oha_addr_format(&r->request.local, addr);
  oha__sip_hex(r->request.ids.call_id, 8, hex);
  snprintf(r->contact, sizeof(r->contact),
           r->request.local.family == 6 ? "sip:ha-check-%s@[%s]:%u" : "sip:ha-check-%s@%s:%u", hex, addr,
           (unsigned)r->request.local_port);
  return rc;
}

enum oha_rc oha_register_open(struct oha_ctx *ctx, const struct oha_sock *target, const char *aor,
                              int64_t timeout_us, struct oha_register **out, struct oha_error *err)
{
  struct oha_register *r;
  enum oha_rc rc;

  if (ctx == NULL || target == NULL || out == NULL || timeout_us < 0)
    return oha__fail(err, OHA_E_ARG, "oha_register_open: NULL, or a negative timeout");
  *out = NULL;
  if (target->proto != OHA_PROTO_UDP || target->addr.family == 0 || target->port == 0)
    return oha__fail(err, OHA_E_ARG, "REGISTER is sent by UDP to an address and a port");
  r = oha__calloc(1, sizeof(*r));
  if (r == NULL)
    return oha__fail_nomem(err);
  r->ctx = ctx;
  r->fd = -1;
  r->timeout_us = timeout_us == 0 ? OHA_US_PER_S : timeout_us;
  rc = take_aor(r, aor, err);
  if (rc == OHA_OK)
    rc = open_socket(r, target, err);
  if (rc == OHA_OK)
    rc = make_contact(r, err);
  if (rc != OHA_OK) {
    oha_register_close(r);
    return rc;
  }
  r->request.aor = r->aor;
  r->request.domain = r->domain;
  r->request.contact = r->contact;
  *out = r;
  return OHA_OK;
}

void oha_register_close(struct oha_register *r)
{
  if (r == NULL)
    return;
  if (r->fd >= 0)
    close(r->fd);
  oha__free(r);
}

const char *oha_register_contact(const struct oha_register *r)
{
  return r->contact;
}

/* OHA_OK the final reply to our request was waiting in the socket; OHA_END something else, or nothing. */
static enum oha_rc take_reply(struct oha_register *r, int *code, char *reason, size_t size,
                              struct oha_error *err)
{
  char bytes[REPLY_BYTES];
  ssize_t got = recv(r->fd, bytes, sizeof(bytes), 0);
  struct oha_sip_reply reply;
  uint8_t branch[16];

  if (got < 0 && errno == ECONNREFUSED)
    return oha__fail_errno(err, OHA_E_UNAVAILABLE, errno, "nobody serves there");
  if (got <= 0 ||
      oha__sip_reply_parse((struct oha_span){ .p = bytes, .n = (size_t)got }, &reply, NULL) != OHA_OK)
    return OHA_END;
  if (!oha__sip_branch_read(reply.branch.p, reply.branch.n, branch) ||
      memcmp(branch, r->request.ids.branch, sizeof(branch)) != 0 || reply.cseq != r->request.cseq ||
      reply.code < 200)
    return OHA_END;
  *code = reply.code;
  oha__sip_value_text(reply.reason, reason, size);
  return OHA_OK;
}

static struct oha_mono sooner(struct oha_mono a, struct oha_mono b)
{
  return oha_mono_diff_us(a, b) < 0 ? a : b;
}

enum oha_rc oha_register_send(struct oha_register *r, uint32_t expires_s, int *code, char *reason,
                              size_t size, struct oha_error *err)
{
  struct oha_mono due = oha_mono_add(oha_now_mono(r->ctx), r->timeout_us), again;
  int64_t timer_us = T1_US;
  char request[OHA_SIP_REQUEST_SIZE];
  size_t n = 0;
  enum oha_rc rc = oha__random(r->request.ids.branch, sizeof(r->request.ids.branch), err);

  *code = 0;
  r->request.cseq++;
  r->request.expires_s = expires_s;
  if (rc == OHA_OK)
    rc = oha__sip_register_build(&r->request, request, sizeof(request), &n, err);
  if (rc != OHA_OK)
    return rc;
  again = oha_now_mono(r->ctx);
  for (;;) {
    struct pollfd fd = { .fd = r->fd, .events = POLLIN };
    struct oha_mono now = oha_now_mono(r->ctx);

    if (oha__cancelled(r->ctx))
      return oha__fail(err, OHA_E_CANCELLED, "cancelled while registering");
    if (oha_mono_diff_us(due, now) <= 0)
      return oha__fail(err, OHA_E_TIMEOUT, "no final reply to REGISTER in time");
    if (oha_mono_diff_us(again, now) <= 0) {
      if (send(r->fd, request, n, 0) < 0 && errno == ECONNREFUSED)
        return oha__fail_errno(err, OHA_E_UNAVAILABLE, errno, "nobody serves there");
      again = oha_mono_add(now, timer_us);
      timer_us = timer_us * 2 < T2_US ? timer_us * 2 : T2_US;
    }
    if (poll(&fd, 1, oha_poll_ms(now, sooner(due, again))) > 0) {
      rc = take_reply(r, code, reason, size, err);
      if (rc != OHA_END)
        return rc;
    }
  }
}
