/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bindings.h"
#include "socket_owner.h"
#include "verbs.h"

int cmd_sockets(struct app *app)
{
  struct bindings b = { 0 };
  struct oha_error err = OHA_ERROR_INIT;
  int code = app_cluster(app);

  if (code == 0)
    code = bindings_open(&b, app);
  if (code == 0 && sockets_show(app, b.location, NULL, &err) != OHA_OK)
    code = app_fail(app, &err);
  bindings_close(&b);
  return code;
}
