/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bindings.h"
#include "show.h"

#define PROGRESS_ROWS 1000 /* between looks at the clock */

int bindings_open(struct bindings *b, struct app *app)
{
  struct oha_session_opts opts = app_session(app, OHA_DB_READ);
  struct oha_error err = OHA_ERROR_INIT;

  b->app = app;
  b->now = oha_now_wall(app->ctx);
  if (oha_session_open_db(app->ctx, app->cluster, &opts, &b->db, &err) != OHA_OK)
    return app_fail(app, &err);
  if (oha_session_open_location(b->db, app->cluster, &b->location, &err) != OHA_OK)
    return app_fail(app, &err);
  return 0;
}

void bindings_close(struct bindings *b)
{
  oha_location_close(b->location);
  oha_db_close(b->db);
}

static void show_expires(struct bindings *b, const struct oha_binding *row)
{
  struct out *o = &b->app->out;
  char left[OHA_DURATION_SIZE], text[OHA_DURATION_SIZE + 8];
  int64_t d_us = row->expires.us - b->now.us;

  if (o->form == OUT_JSON) {
    if (row->permanent)
      out_none(o, "expires_at", NULL);
    else
      out_at(o, "expires_at", NULL, row->expires);
    out_bool(o, "permanent", NULL, row->permanent);
    return;
  }
  if (row->permanent)
    snprintf(text, sizeof(text), "never");
  else if (d_us < 0)
    snprintf(text, sizeof(text), "%s ago", oha_duration_format(-d_us / OHA_US_PER_S * OHA_US_PER_S, left));
  else
    snprintf(text, sizeof(text), "in %s", oha_duration_format(d_us / OHA_US_PER_S * OHA_US_PER_S, left));
  out_str(o, "expires_at", "EXPIRES", text);
}

static void show_details(struct bindings *b, const struct oha_binding *row)
{
  struct out *o = &b->app->out;

  out_str(o, "user_agent", "USER AGENT", row->user_agent);
  if (row->last_modified.us != 0)
    out_at(o, "last_modified_at", "MODIFIED", row->last_modified);
  else
    out_unknown(o, "last_modified_at", "MODIFIED");
  out_str(o, "callid", "CALL-ID", row->callid);
  out_int(o, "cseq", "CSEQ", row->cseq);
  if (row->q_milli >= 0)
    out_int(o, "q_milli", "Q (1/1000)", row->q_milli);
  else
    out_none(o, "q_milli", "Q (1/1000)");
  out_uint(o, "flags", "FLAGS", row->flags);
  if (row->methods >= 0)
    out_int(o, "methods", "METHODS", row->methods);
  else
    out_none(o, "methods", "METHODS");
  out_str(o, "sip_instance", "INSTANCE", row->sip_instance);
  out_str(o, "kv_store", "KV STORE", row->kv_store);
  out_str(o, "attr", "ATTR", row->attr);
}

static void show_binding(struct bindings *b, const struct oha_binding *row, enum oha_reach reach, bool never)
{
  static const enum tone tones[] = { TONE_GOOD, TONE_WARN, TONE_WARN, TONE_BAD, TONE_PLAIN };
  struct out *o = &b->app->out;
  char aor[512], id[24];
  bool with_domain = row->domain != NULL && *row->domain != '\0';

  out_record(o);
  snprintf(id, sizeof(id), "%llu", (unsigned long long)row->id);
  out_str(o, "id", b->details ? "ID" : NULL, id); /* text: packed ids have 64 bits, JSON numbers often 53 */
  snprintf(aor, sizeof(aor), "%s%s%s", row->username != NULL ? row->username : "", with_domain ? "@" : "",
           with_domain ? row->domain : "");
  out_str(o, "aor", "ADDRESS", aor);
  out_str(o, "contact", "CONTACT", row->contact);
  out_str(o, "received", "RECEIVED", row->received);
  out_str(o, "path", b->details ? "PATH" : NULL, row->path);
  out_str(o, "socket", "SOCKET", row->socket);
  show_expires(b, row);
  if (oha_location_dialect(b->location)->cflags_is_number)
    out_uint(o, "cflags", b->details ? "CFLAGS" : NULL, row->cflags_mask);
  else
    out_str(o, "cflags", b->details ? "CFLAGS" : NULL, row->cflags_names);
  if (b->move != NULL) {
    out_tone(o, "class", "CLASS", oha_reach_name(reach), tones[oha_reach_group_of(reach)]);
    out_bool(o, "never", b->details ? "NEVER RETURNS" : NULL, never);
  }
  if (b->details)
    show_details(b, row);
}

static enum oha_rc one_binding(void *arg, const struct oha_binding *row, enum oha_reach reach, bool never)
{
  struct bindings *b = arg;

  if (b->class_mask != 0 && (b->class_mask >> reach & 1) == 0)
    return OHA_OK;
  if (b->limit != 0 && b->n_shown == b->limit)
    return OHA_END;
  show_binding(b, row, reach, never);
  b->n_shown++;
  return OHA_OK;
}

static enum oha_rc one_without_class(void *arg, const struct oha_binding *row)
{
  return one_binding(arg, row, OHA_REACH_KEPT, false);
}

static void bad_row(void *arg, uint64_t id, const char *why)
{
  struct out *o = arg;
  char text[24];

  out_record(o);
  snprintf(text, sizeof(text), "%llu", (unsigned long long)id);
  out_str(o, "id", "ID", text);
  out_str(o, "problem", "PROBLEM", why);
}

static enum oha_rc skip_row(void *arg, const struct oha_binding *row)
{
  (void)arg;
  (void)row;
  return OHA_OK;
}

/* A second pass, asked for: the rows that cannot be read, each with what is wrong with it. */
static enum oha_rc show_bad_rows(struct bindings *b, struct oha_location_filter filter, struct oha_error *err)
{
  uint64_t n = 0;

  if (b->n_bad == 0 || !option_has(&b->app->opt, OPT_VERBOSE))
    return OHA_OK;
  out_array(&b->app->out, "rows", "Rows that cannot be read", NULL, OUT_TABLE);
  filter.bad_row = bad_row;
  filter.bad_row_arg = &b->app->out;
  filter.n_bad = &n;
  return oha_location_each(b->location, &filter, skip_row, NULL, err);
}

int bindings_show(struct bindings *b, struct oha_location_filter *filter, const char *heading,
                  const char *none, struct oha_reach_sum *sum)
{
  struct oha_reach_sum unused = { 0 };
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc;

  filter->n_bad = &b->n_bad;
  filter->scanned = &b->scanned;
  filter->columns = OHA_BINDING_REACH | (b->details ? OHA_BINDING_DETAILS : 0);
  out_array(&b->app->out, "bindings", heading, none, b->shape);
  if (b->move != NULL)
    rc = oha_reach_scan(b->location, b->move, filter, one_binding, b, sum != NULL ? sum : &unused, &err);
  else
    rc = oha_location_each(b->location, filter, one_without_class, b, &err);
  if (rc == OHA_OK)
    rc = show_bad_rows(b, *filter, &err);
  return rc == OHA_OK ? 0 : app_fail(b->app, &err);
}

static enum oha_rc count_row(void *arg, const struct oha_binding *row, enum oha_reach reach, bool never)
{
  struct bindings *b = arg;

  (void)row;
  (void)reach;
  (void)never;
  if (++b->n_seen % PROGRESS_ROWS == 0)
    progress_update(&b->progress, "bindings read", b->n_seen, 0);
  return OHA_OK;
}

int bindings_sum(struct bindings *b, struct oha_location_filter *filter, struct oha_reach_sum *sum)
{
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc;

  filter->n_bad = &b->n_bad;
  progress_begin(&b->progress, b->app->ctx, option_has(&b->app->opt, OPT_QUIET));
  rc = oha_reach_scan(b->location, b->move, filter, count_row, b, sum, &err);
  progress_end(&b->progress);
  return rc == OHA_OK ? 0 : app_fail(b->app, &err);
}

void bindings_say_bad(struct bindings *b)
{
  char count[SHOW_COUNT_SIZE];

  out_top_uint(&b->app->out, "n_bad", b->n_bad);
  if (b->n_bad > 0 && !option_has(&b->app->opt, OPT_QUIET))
    out_talk(&b->app->out, "%s row%s cannot be read%s", show_count(b->n_bad, count), b->n_bad == 1 ? "" : "s",
             option_has(&b->app->opt, OPT_VERBOSE) ? "" : "; --verbose lists them");
}
