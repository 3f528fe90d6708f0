/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bindings.h"
#include "move_choice.h"
#include "verbs.h"

int cmd_locations(struct app *app)
{
  struct oha_location_filter filter = {
    .size = sizeof(filter),
    .socket = app->opt.value[OPT_SOCKET],
    .include_expired = option_has(&app->opt, OPT_EXPIRED),
  };
  struct bindings b = { .details = option_has(&app->opt, OPT_VERBOSE) };
  struct oha_move move = { 0 };
  int code = app_cluster(app);

  if (code == 0)
    code = classes_parse(app, OPT_CLASS, &b.class_mask);
  if (code == 0 && (option_has(&app->opt, OPT_TO) || option_has(&app->opt, OPT_CLASS))) {
    code = move_choose(app, &move);
    b.move = &move;
  }
  if ((b.class_mask >> OHA_REACH_EXPIRED & 1) != 0)
    filter.include_expired = true;
  b.limit = (uint64_t)app->opt.number[OPT_LIMIT];
  b.shape = b.details ? OUT_CARDS : OUT_TABLE;
  if (code == 0)
    code = bindings_open(&b, app);
  if (code == 0)
    code = bindings_show(&b, &filter, NULL, "no binding", NULL);
  if (code == 0)
    bindings_say_bad(&b);
  bindings_close(&b);
  oha_move_clear(&move);
  return code;
}
