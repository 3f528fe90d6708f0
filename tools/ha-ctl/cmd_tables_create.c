/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"
#include "verbs.h"

#include <opensips-ha/journal.h>

static void print_sql(void *arg, const char *sql)
{
  struct out *o = arg;

  if (o->form == OUT_TEXT) {
    fprintf(o->to, "%s;\n", sql);
    return;
  }
  out_record(o);
  out_str(o, "sql", NULL, sql);
}

int cmd_tables_create(struct app *app)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_session_opts opts = app_session(app, OHA_DB_WRITE);
  struct oha_db *db = NULL;
  unsigned n_made = 0;
  int code;

  if (option_has(&app->opt, OPT_PRINT)) {
    out_array(&app->out, "statements", NULL, NULL, OUT_TABLE);
    oha_tables_print(print_sql, &app->out);
    return HA_EXIT_OK;
  }
  code = app_cluster(app);
  if (code != 0)
    return code;
  if (oha_session_open_db(app->ctx, app->cluster, &opts, &db, &err) != OHA_OK)
    return app_fail(app, &err);
  if (oha_tables_create(db, &n_made, &err) != OHA_OK) {
    code = app_fail(app, &err);
  } else {
    out_top_uint(&app->out, "n_made", n_made);
    if (n_made == 0)
      out_say(&app->out, "summary", "all tables are there");
    else
      out_say(&app->out, "summary", "made %u table%s in %s", n_made, n_made == 1 ? "" : "s",
              app->cluster->database.schema);
  }
  oha_db_close(db);
  return code;
}
