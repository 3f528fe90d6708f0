/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/journal.h"
#include "journal/page.h"
#include "journal/tables.h"
#include "journal/text.h"
#include "base/error.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_TTL_US (15 * OHA_US_PER_S)
#define LONGEST_TTL_US (INT64_C(86400) * OHA_US_PER_S)

static enum oha_rc check_opts(const struct oha_journal_opts *o, struct oha_error *err)
{
  char clean[OHA_RFC3339_SIZE + 128];

  if (o->cluster == NULL || o->cluster[0] == '\0' || strlen(o->cluster) >= 64 ||
      strcmp(oha__text_clean(clean, sizeof(clean), o->cluster), o->cluster) != 0)
    return oha__fail(err, OHA_E_ARG, "oha_journal_open: a cluster's name has 1 to 63 bytes of plain text");
  if (o->holder == NULL || o->holder[0] == '\0')
    return oha__fail(err, OHA_E_ARG, "oha_journal_open: no holder");
  if (o->lease_ttl_us < 0 || o->lease_ttl_us > LONGEST_TTL_US)
    return oha__fail(err, OHA_E_ARG, "oha_journal_open: the lease must last between 0 and a day");
  return OHA_OK;
}

enum oha_rc oha_journal_open(struct oha_ctx *ctx, struct oha_db *db, const struct oha_journal_opts *opts,
                             struct oha_journal **out, struct oha_error *err)
{
  struct oha_journal_opts o;
  struct oha_journal *journal;
  enum oha_rc rc;

  if (ctx == NULL || opts == NULL || out == NULL)
    return oha__fail(err, OHA_E_ARG, "oha_journal_open: NULL");
  *out = NULL;
  rc = oha__opts_take(&o, opts, sizeof(o), err);
  if (rc == OHA_OK)
    rc = check_opts(&o, err);
  if (rc == OHA_OK && db != NULL)
    rc = oha__tables_check(db, err);
  if (rc != OHA_OK)
    return rc;
  journal = oha__calloc(1, sizeof(*journal));
  if (journal == NULL)
    return oha__fail_nomem(err);
  journal->lock_fd = -1;
  journal->ctx = ctx;
  journal->db = db;
  journal->lease_ttl_us = o.lease_ttl_us == 0 ? DEFAULT_TTL_US : o.lease_ttl_us;
  oha__text_clean(journal->cluster, sizeof(journal->cluster), o.cluster);
  oha__text_clean(journal->holder, sizeof(journal->holder), o.holder);
  if (db == NULL)
    snprintf(journal->behind, sizeof(journal->behind), "without the database");
  journal->state_dir = oha__strdup(o.state_dir == NULL ? OHA_STATEDIR : o.state_dir);
  if (journal->state_dir == NULL) {
    oha_journal_close(journal);
    return oha__fail_nomem(err);
  }
  *out = journal;
  return OHA_OK;
}

void oha_journal_close(struct oha_journal *journal)
{
  if (journal == NULL)
    return;
  oha_lease_release(journal);
  oha__free(journal->state_dir);
  oha__free(journal);
}

void oha_journal_defer(struct oha_journal *journal, bool on)
{
  journal->deferred = on;
}

const char *oha_journal_behind(const struct oha_journal *journal)
{
  return journal->behind;
}

struct oha_db *oha__journal_db(struct oha_journal *journal)
{
  return journal->db;
}
