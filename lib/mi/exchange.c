/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One request and its reply: the form is the era's and the transport's. */
#include "base/ctx.h"
#include "base/error.h"
#include "mi/client.h"
#include "mi/jsonrpc.h"
#include "mi/mijson.h"
#include "mi/text.h"
#include "mi/xmlrpc.h"

#include <string.h>

/* receive_buf_size of httpd in 3.6 and later, which Kamailio does not have. */
#define HTTP_BODY_MAX     1024
#define KAMAILIO_BODY_MAX 3500

static enum oha_rc fail_too_long(size_t n_most, struct oha_error *err)
{
  return oha__fail(err, OHA_E_REFUSED, "the request is longer than the %zu bytes that this server reads",
                   n_most);
}

static enum oha_rc build_http(const struct oha_mi *mi, const struct oha__mi_request *q, enum oha_mi_era era,
                              struct oha_sbuf *out, struct oha_error *err)
{
  size_t most = era == OHA_MI_ERA_KAMAILIO ? KAMAILIO_BODY_MAX : HTTP_BODY_MAX;
  bool is_xml = mi->address.scheme == OHA_MI_XMLRPC;
  char text[KAMAILIO_BODY_MAX + 1];
  struct oha_sbuf body;
  enum oha_rc rc;

  oha__sbuf_init(&body, text, most + 1);
  if (mi->address.scheme == OHA_MI_MIJSON)
    rc = oha__mijson_build(q, mi->address.path, &body, err);
  else if (is_xml)
    rc = oha__xmlrpc_build(q, &body, err);
  else
    rc = oha__jsonrpc_build(q, false, &body, err);
  if (rc == OHA_OK && oha__sbuf_done(&body) != OHA_OK)
    rc = fail_too_long(most, err);
  if (rc != OHA_OK)
    return rc;
  if (mi->address.scheme == OHA_MI_MIJSON) {
    oha__http_put_head(&mi->address, text, NULL, 0, mi->authorization, out);
  } else {
    oha__http_put_head(&mi->address, mi->address.path, is_xml ? "text/xml" : "application/json", body.n,
                       mi->authorization, out);
    oha__sbuf_put(out, (struct oha_span){ text, body.n });
  }
  return OHA_OK;
}

static enum oha_rc build(struct oha_mi *mi, struct oha__mi_request *q, enum oha_mi_era era,
                         struct oha_sbuf *out, struct oha_error *err)
{
  bool is_fifo = mi->address.scheme == OHA_MI_FIFO;
  enum oha_rc rc = OHA_OK;

  q->reply_name = NULL;
  if (is_fifo) {
    rc = oha__reply_fifo_name(&mi->reply_fifo, mi->address.reply_dir, err);
    q->reply_name = mi->reply_fifo.name;
  }
  if (rc != OHA_OK)
    return rc;
  if (mi->address.scheme <= OHA_MI_MIJSON)
    return build_http(mi, q, era, out, err);
  if (era == OHA_MI_ERA_TEXT)
    return oha__text_build(q, out, err);
  if (is_fifo && era != OHA_MI_ERA_KAMAILIO)
    oha__sbuf_printf(out, ":%s:", q->reply_name);
  rc = oha__jsonrpc_build(q, is_fifo && era == OHA_MI_ERA_KAMAILIO, out, err);
  /* 3.x needs no end; one line end harms nobody and lets Kamailio's reader see the request at once. */
  if (is_fifo)
    oha__sbuf_putc(out, '\n');
  return rc;
}

/* OHA_END: it answers something else. */
static enum oha_rc read_message(const struct oha_mi *mi, const struct oha__mi_request *q, enum oha_mi_era era,
                                struct oha_span bytes, struct oha_mi_reply *reply, struct oha_error *err)
{
  enum oha_rc rc;

  switch (mi->address.scheme) {
  case OHA_MI_XMLRPC:
    rc = oha__xmlrpc_read(bytes, era, reply, err);
    break;
  case OHA_MI_MIJSON:
    rc = oha__mijson_read(bytes, mi->http.has_type, reply, err);
    break;
  case OHA_MI_HTTP:
    rc = oha__jsonrpc_read(bytes, q->id, reply, err);
    break;
  case OHA_MI_FIFO:
  case OHA_MI_UDP:
  case OHA_MI_UNIX:
  default:
    if (era == OHA_MI_ERA_TEXT || (era == OHA_MI_ERA_UNKNOWN && oha__text_is_status(bytes)))
      rc = oha__text_read(bytes, mi->address.scheme == OHA_MI_FIFO, reply, err);
    else
      rc = oha__jsonrpc_read(bytes, q->id, reply, err);
  }
  if (rc != OHA_OK || mi->address.scheme > OHA_MI_MIJSON || mi->http.date[0] == '\0')
    return rc;
  reply->date = oha__mi_text(reply, oha__span(mi->http.date));
  if (reply->date != NULL)
    return OHA_OK;
  reply->date = "";
  return oha__fail_nomem(err);
}

/* Until the message that answers us; others are passed over. */
static enum oha_rc receive_reply(struct oha_mi *mi, const struct oha__mi_request *q, enum oha_mi_era era,
                                 struct oha_mono deadline, struct oha_mi_reply **out, struct oha_error *err)
{
  bool saw_another = false;

  for (;;) {
    struct oha_span bytes;
    struct oha_mi_reply *reply;
    enum oha_rc rc = mi->transport->receive(mi, deadline, &bytes, err);

    if (rc == OHA_END)
      return oha__fail(err, OHA_E_PROTOCOL,
                       saw_another ? "the reply belongs to another request"
                                   : "closed without a reply: whether it was done is unknown");
    if (rc == OHA_OK && bytes.n > mi->cap_bytes)
      rc = oha__mi_fail_over_cap(mi, err);
    if (rc != OHA_OK)
      return rc;
    reply = oha__mi_reply_new();
    if (reply == NULL)
      return oha__fail_nomem(err);
    rc = read_message(mi, q, era, bytes, reply, err);
    if (rc == OHA_OK) {
      *out = reply;
      return OHA_OK;
    }
    oha_mi_reply_free(reply);
    if (rc != OHA_END)
      return rc;
    saw_another = true;
  }
}

enum oha_rc oha__mi_exchange(struct oha_mi *mi, struct oha__mi_request *q, enum oha_mi_era era,
                             struct oha_mono deadline, struct oha_mi_reply **out, struct oha_error *err)
{
  size_t most = mi->transport->limit(mi);
  struct oha_sbuf request;
  enum oha_rc rc;

  *out = NULL;
  oha__sbuf_init(&request, mi->request, most + 1);
  rc = build(mi, q, era, &request, err);
  if (rc == OHA_OK && oha__sbuf_done(&request) != OHA_OK)
    rc = fail_too_long(most, err);
  if (rc != OHA_OK)
    return rc;
  rc = mi->transport->open(mi, deadline, err);
  if (rc == OHA_OK)
    rc = mi->transport->send(mi, (struct oha_span){ request.p, request.n }, deadline, err);
  if (rc == OHA_OK)
    rc = receive_reply(mi, q, era, deadline, out, err);
  mi->transport->finish(mi, rc == OHA_OK);
  if (rc == OHA_E_TIMEOUT)
    oha__fail(err, rc, "no answer within %.3g s", (double)mi->timeout_us / OHA_US_PER_S);
  return rc;
}
