/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding out which era a server is of, by asking for its version. */
#include "base/ctx.h"
#include "base/error.h"
#include "mi/client.h"
#include "mi/era.h"
#include "mi/fifo.h"
#include "mi/jsonrpc.h"
#include "mi/text.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define KAMAILIO_AFTER_US (300 * OHA_US_PER_MS) /* silence, until a FIFO is asked Kamailio's way, too */
#define READ_BYTES        4096

void oha__mi_take_version(struct oha_mi *mi, const struct oha_mi_value *value)
{
  const char *found = oha__mi_find_version(value);
  struct oha_span text = oha__span_trim(oha__span(found));
  struct oha_sbuf b;

  oha__sbuf_init(&b, mi->version, sizeof(mi->version));
  oha__sbuf_put_safe(&b, text, sizeof(mi->version) - 8);
}

/* A server that does not know `version` is a Kamailio, which words that in its own way, or an odd OpenSIPS.
 */
static void take_answer(struct oha_mi *mi, const struct oha_mi_reply *reply, enum oha_mi_era otherwise)
{
  if (reply->is_unknown_command && strcmp(reply->reason, "Method Not Found") == 0) {
    mi->era = OHA_MI_ERA_KAMAILIO;
    return;
  }
  oha__mi_take_version(mi, &reply->value);
  mi->era = oha__mi_era_of(mi->version, otherwise);
}

/* By HTTP and datagram, each request is a message of its own, and every server answers what it does not know.
 */
static enum oha_rc ask_once(struct oha_mi *mi, struct oha_mono deadline, struct oha_error *err)
{
  struct oha__mi_request q = { .method = "version" };
  struct oha_mi_reply *reply;
  enum oha_rc rc = oha__mi_new_id(q.id, err);

  if (rc == OHA_OK)
    rc = oha__mi_exchange(mi, &q, OHA_MI_ERA_UNKNOWN, deadline, &reply, err);
  if (rc != OHA_OK)
    return rc;
  if (reply->is_text) /* mi_datagram up to 2.4 does not know "jsonrpc" */
    mi->era = OHA_MI_ERA_TEXT;
  else
    take_answer(mi, reply, OHA_MI_ERA_JSONRPC);
  oha_mi_reply_free(reply);
  return OHA_OK;
}

/* A FIFO's two ways to answer. */
struct fifo_question {
  struct oha__reply_fifo *replies[2]; /* JSON, text */
  char bytes[2][READ_BYTES];
  size_t n[2];
  char id[OHA_MI_ID_SIZE];
};

/* Take in what there is. *whole = the one whose writer has closed it; -1 = none. */
static enum oha_rc read_some(struct fifo_question *q, int *whole, struct oha_error *err)
{
  *whole = -1;
  for (int i = 0; i < 2; i++) {
    ssize_t n = read(q->replies[i]->fd, q->bytes[i] + q->n[i], READ_BYTES - q->n[i]);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
      return oha__fail_errno(err, OHA_E_IO, errno, "read the reply");
    if (n > 0)
      q->n[i] += (size_t)n;
    if (n == 0 && q->n[i] > 0)
      *whole = i;
  }
  return OHA_OK;
}

static enum oha_rc wait_either(struct oha_mi *mi, struct fifo_question *q, struct oha_mono until, int *whole,
                               struct oha_error *err)
{
  struct pollfd p[2] = { { .fd = q->replies[0]->fd, .events = POLLIN },
                         { .fd = q->replies[1]->fd, .events = POLLIN } };
  enum oha_rc rc;

  for (;;) {
    struct oha_mono now = oha_now_mono(mi->ctx);
    int left_ms = oha_poll_ms(now, until);

    rc = read_some(q, whole, err);
    if (rc != OHA_OK || *whole >= 0)
      return rc;
    if (oha__cancelled(mi->ctx))
      return oha__fail(err, OHA_E_CANCELLED, "cancelled");
    if (left_ms == 0)
      return OHA_E_TIMEOUT;
    /* A writer that closed without a byte leaves POLLHUP on: short waits, then. */
    if (poll(p, 2, left_ms < 100 ? left_ms : 100) < 0 && errno != EINTR)
      return oha__fail_errno(err, OHA_E_IO, errno, "poll");
  }
}

static enum oha_rc ask_kamailio(struct oha_mi *mi, struct fifo_question *q, struct oha_mono deadline,
                                struct oha_error *err)
{
  struct oha__mi_request request = { .method = "core.version", .reply_name = q->replies[0]->name };
  struct oha_sbuf b;
  enum oha_rc rc;

  memcpy(request.id, q->id, sizeof(request.id));
  oha__sbuf_init(&b, mi->request, OHA_FIFO_REQUEST_MAX + 1);
  rc = oha__jsonrpc_build(&request, true, &b, err);
  oha__sbuf_puts(&b, "\n\n");
  return rc != OHA_OK ? rc : oha__fifo_write(mi->ctx, mi->fd, (struct oha_span){ b.p, b.n }, deadline, err);
}

static enum oha_rc ask_fifo(struct oha_mi *mi, struct fifo_question *q, struct oha_mono deadline, int *whole,
                            struct oha_error *err)
{
  struct oha_mono soon = oha_mono_add(oha_now_mono(mi->ctx), KAMAILIO_AFTER_US);
  struct oha_sbuf b;
  enum oha_rc rc;

  oha__sbuf_init(&b, mi->request, OHA_FIFO_REQUEST_MAX + 1);
  oha__mi_put_any_era(q->id, q->replies[0]->name, q->replies[1]->name, &b);
  rc = oha__fifo_write(mi->ctx, mi->fd, (struct oha_span){ b.p, b.n }, deadline, err);
  if (rc == OHA_OK)
    rc = wait_either(mi, q, oha_mono_diff_us(soon, deadline) < 0 ? soon : deadline, whole, err);
  if (rc != OHA_E_TIMEOUT || oha_mono_diff_us(soon, deadline) >= 0)
    return rc;
  rc = ask_kamailio(mi, q, deadline, err);
  return rc == OHA_OK ? wait_either(mi, q, deadline, whole, err) : rc;
}

static enum oha_rc read_fifo_answer(struct oha_mi *mi, const struct fifo_question *q, int which,
                                    struct oha_error *err)
{
  struct oha_span bytes = { q->bytes[which], q->n[which] };
  struct oha_mi_reply *reply = oha__mi_reply_new();
  enum oha_rc rc;

  if (reply == NULL)
    return oha__fail_nomem(err);
  rc = which == 1 ? oha__text_read(bytes, true, reply, err) : oha__jsonrpc_read(bytes, q->id, reply, err);
  if (rc == OHA_END)
    rc = oha__fail(err, OHA_E_PROTOCOL, "the reply belongs to another request");
  if (rc == OHA_OK)
    take_answer(mi, reply, which == 1 ? OHA_MI_ERA_TEXT : OHA_MI_ERA_JSONRPC);
  oha_mi_reply_free(reply);
  return rc;
}

static enum oha_rc find_by_fifo(struct oha_mi *mi, struct oha_mono deadline, struct oha_error *err)
{
  const char *dir = mi->address.reply_dir;
  struct oha__reply_fifo text_reply = { .fd = -1 };
  struct fifo_question q = { .replies = { &mi->reply_fifo, &text_reply } };
  struct stat server;
  int whole = -1;
  enum oha_rc rc = oha__mi_new_id(q.id, err);

  if (rc == OHA_OK)
    rc = oha__reply_fifo_name(&mi->reply_fifo, dir, err);
  if (rc == OHA_OK)
    rc = oha__reply_fifo_name(&text_reply, dir, err);
  if (rc != OHA_OK)
    return rc;
  rc = mi->transport->open(mi, deadline, err);
  if (rc == OHA_OK && fstat(mi->fd, &server) != 0)
    rc = oha__fail_errno(err, OHA_E_IO, errno, "fstat");
  if (rc == OHA_OK)
    rc = oha__reply_fifo_make(&text_reply, dir, &server, err);
  if (rc == OHA_OK)
    rc = ask_fifo(mi, &q, deadline, &whole, err);
  if (rc == OHA_OK)
    rc = read_fifo_answer(mi, &q, whole, err);
  oha__reply_fifo_remove(&text_reply);
  mi->transport->finish(mi, rc == OHA_OK);
  if (rc == OHA_E_TIMEOUT)
    oha__fail(err, rc, "no answer within %.3g s (is its reply_dir '%s'?)",
              (double)mi->timeout_us / OHA_US_PER_S, dir);
  return rc;
}

enum oha_rc oha__mi_find_era(struct oha_mi *mi, struct oha_mono deadline, struct oha_error *err)
{
  if (mi->era == OHA_MI_ERA_UNKNOWN && mi->address.scheme == OHA_MI_MIJSON)
    mi->era = OHA_MI_ERA_TEXT;
  if (mi->era != OHA_MI_ERA_UNKNOWN)
    return OHA_OK;
  return mi->address.scheme == OHA_MI_FIFO ? find_by_fifo(mi, deadline, err) : ask_once(mi, deadline, err);
}
