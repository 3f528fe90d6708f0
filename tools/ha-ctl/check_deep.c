/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A 200 to a REGISTER does not prove that the row was stored: register, look it up, remove it, look again. */
#include "check_local.h"

#include <opensips-ha/location.h>

#include <string.h>

#define LIFE_S      60 /* a contact that cannot be removed is gone after that */
#define REASON_SIZE 64

struct deep {
  struct app *app;
  const char *aor;
  struct report *r;
  struct oha_db *db;
  struct oha_location *location;
  struct oha_register *reg;
  char target[OHA_SOCK_SIZE];
  size_t n_ours, n_others; /* of the last look */
};

/* By the user part, which is random: behind it a script may have put the address that it saw. */
static enum oha_rc count_binding(void *arg, const struct oha_binding *binding)
{
  struct deep *d = arg;
  const char *ours = oha_register_contact(d->reg);

  if (binding->contact != NULL && strncmp(binding->contact, ours, strcspn(ours, "@") + 1) == 0)
    d->n_ours++;
  else
    d->n_others++;
  return OHA_OK;
}

static enum oha_rc look(struct deep *d, struct oha_error *err)
{
  struct oha_location_filter filter = { .size = sizeof(filter), .aor = d->aor };

  d->n_ours = 0;
  d->n_others = 0;
  return oha_location_each(d->location, &filter, count_binding, d, err);
}

/* @return it was taken; else the finding is reported, or *rc says why nothing could be found out */
static bool send_register(struct deep *d, uint32_t expires_s, enum oha_rc *rc, struct oha_error *err)
{
  struct oha_error why = OHA_ERROR_INIT;
  char reason[REASON_SIZE];
  int code = 0;

  *rc = oha_register_send(d->reg, expires_s, &code, reason, sizeof(reason), &why);
  if (*rc == OHA_E_CANCELLED || *rc == OHA_E_NOMEM) {
    *err = why;
    return false;
  }
  if (*rc != OHA_OK)
    report_find(d->r, OHA_HEALTH_CRITICAL, true, "OHA-DEEP-SILENT", "look at the SIP server and its log",
                "REGISTER at %s: %s", d->target, why.text);
  else if (code == 401 || code == 407)
    report_find(d->r, OHA_HEALTH_UNKNOWN, false, "OHA-DEEP-CHALLENGED",
                "let the registrar take this address of record from this machine without a challenge",
                "%s asks for a password: cannot be tested without credentials", d->target);
  else if (code < 200 || code > 299)
    report_find(d->r, OHA_HEALTH_CRITICAL, true, "OHA-DEEP-REFUSED", "look at the registrar and its log",
                "%s answers REGISTER of %s by %d %s", d->target, d->aor, code, reason);
  *rc = OHA_OK;
  return code >= 200 && code <= 299;
}

static enum oha_rc there_and_back(struct deep *d, struct oha_error *err)
{
  enum oha_rc rc = look(d, err), looked;

  if (rc != OHA_OK)
    return rc;
  if (d->n_others > 0) {
    report_find(d->r, OHA_HEALTH_UNKNOWN, false, "OHA-DEEP-IN-USE", "take one that no phone uses",
                "%s has %zu bindings of others: nothing was sent", d->aor, d->n_others);
    return OHA_OK;
  }
  if (!send_register(d, LIFE_S, &rc, err))
    return rc;
  looked = look(d, err);
  if (looked == OHA_OK && d->n_ours == 0)
    report_find(d->r, OHA_HEALTH_CRITICAL, true, "OHA-DEEP-NOT-STORED",
                "look at usrloc's working mode and at the server's database",
                "%s confirmed %s by 200, and no row was stored", d->target, d->aor);
  if (!send_register(d, 0, &rc, err) || looked != OHA_OK)
    return rc != OHA_OK ? rc : looked;
  rc = look(d, err);
  if (rc == OHA_OK && d->n_ours > 0)
    report_find(d->r, OHA_HEALTH_WARNING, true, "OHA-DEEP-NOT-REMOVED", "it runs out within a minute",
                "%s confirmed that %s is removed, and its row is still there", d->target, d->aor);
  return rc;
}

static const struct oha_sock *udp_socket(struct app *app, const struct oha_node *node, bool held)
{
  for (size_t v = 0; held && v < app->cluster->n_vips; v++)
    for (size_t i = 0; i < app->cluster->vips[v].n_sockets; i++)
      if (app->cluster->vips[v].sockets[i].proto == OHA_PROTO_UDP)
        return &app->cluster->vips[v].sockets[i];
  for (size_t i = 0; i < node->n_sockets; i++)
    if (node->sockets[i].listen.proto == OHA_PROTO_UDP)
      return &node->sockets[i].listen;
  return NULL;
}

enum oha_rc check_deep(struct app *app, const struct oha_node *node, const char *aor, bool held,
                       struct report *r, struct oha_error *err)
{
  struct oha_session_opts opts = app_session(app, OHA_DB_READ);
  struct deep d = { .app = app, .aor = aor, .r = r };
  const struct oha_sock *target = udp_socket(app, node, held);
  struct oha_error why = OHA_ERROR_INIT;
  enum oha_rc rc;

  if (target == NULL || oha_sock_format(target, d.target, sizeof(d.target), NULL) != OHA_OK) {
    report_find(r, OHA_HEALTH_UNKNOWN, false, "OHA-DEEP-NO-UDP", "",
                "--deep registers by UDP, and this node has no such socket");
    return OHA_OK;
  }
  rc = oha_register_open(app->ctx, target, aor,
                         app_timeout_us(app, app->cluster->thresholds.probe_timeout_us), &d.reg, err);
  if (rc != OHA_OK)
    return rc;
  rc = oha_session_open_db(app->ctx, app->cluster, &opts, &d.db, &why);
  if (rc == OHA_OK)
    rc = oha_session_open_location(d.db, app->cluster, &d.location, &why);
  if (rc == OHA_OK)
    rc = there_and_back(&d, &why);
  oha_location_close(d.location);
  oha_db_close(d.db);
  oha_register_close(d.reg);
  if (rc == OHA_E_CANCELLED || rc == OHA_E_NOMEM) {
    *err = why;
    return rc;
  }
  if (rc != OHA_OK)
    report_find(r, OHA_HEALTH_UNKNOWN, false, "OHA-DEEP-NO-TABLE", "see what is said about the database",
                "the table cannot be asked for %s: %s", aor, why.text);
  return OHA_OK;
}
