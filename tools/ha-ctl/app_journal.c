/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"

int app_journal(struct app *app, struct oha_db **db, struct oha_journal **journal)
{
  struct oha_session_opts opts = app_session(app, OHA_DB_READ);
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc = oha_session_open_db(app->ctx, app->cluster, &opts, db, &err);

  if (rc == OHA_OK)
    rc = oha_session_open_journal(app->ctx, app->cluster, *db, &opts, journal, &err);
  out_top_bool(&app->out, "local_only", rc != OHA_OK);
  if (rc == OHA_OK)
    return 0;
  if (!option_has(&app->opt, OPT_QUIET))
    out_talk(&app->out, "only this machine's own log: %s", err.text);
  oha_error_clear(&err);
  rc = oha_session_open_journal(app->ctx, app->cluster, NULL, &opts, journal, &err);
  if (rc == OHA_OK)
    return 0;
  oha_db_close(*db);
  *db = NULL;
  return app_fail(app, &err);
}
