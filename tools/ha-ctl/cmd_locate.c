/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bindings.h"
#include "move_choice.h"
#include "verbs.h"

int cmd_locate(struct app *app)
{
  struct oha_location_filter filter = {
    .size = sizeof(filter),
    .aor = app->words[0],
    .include_expired = option_has(&app->opt, OPT_EXPIRED),
  };
  struct bindings b = { .details = app->out.form == OUT_JSON || option_has(&app->opt, OPT_VERBOSE) };
  struct oha_move move = { 0 };
  int code = app_cluster(app);

  if (code == 0 && option_has(&app->opt, OPT_TO)) {
    code = move_choose(app, &move);
    b.move = &move;
  }
  b.shape = b.details ? OUT_CARDS : OUT_TABLE;
  if (code == 0)
    code = bindings_open(&b, app);
  if (code == 0)
    code = bindings_show(&b, &filter, NULL, "not registered", NULL);
  if (code == 0) {
    bindings_say_bad(&b);
    out_top_bool(&app->out, "scanned", b.scanned);
    if (b.scanned && !option_has(&app->opt, OPT_QUIET))
      out_talk(&app->out, "the whole table was read: an index that begins with username is missing");
  }
  bindings_close(&b);
  oha_move_clear(&move);
  return code;
}
