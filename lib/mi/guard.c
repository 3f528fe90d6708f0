/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/guard.h"
#include "base/error.h"
#include "base/sbuf.h"
#include "base/span.h"

#include <string.h>

#define NAME_MAX_BYTES 63

static bool is_name(struct oha_span name)
{
  for (size_t i = 0; i < name.n; i++)
    if (!oha__is_alpha(name.p[i]) && !oha__is_digit(name.p[i]) && strchr("_.:-", name.p[i]) == NULL)
      return false;
  return name.n > 0 && name.n <= NAME_MAX_BYTES;
}

/* Behind the module's name. */
static struct oha_span local_part(struct oha_span name)
{
  for (size_t i = name.n; i > 0; i--)
    if (name.p[i - 1] == ':' || name.p[i - 1] == '.')
      return (struct oha_span){ name.p + i, name.n - i };
  return name;
}

static bool is_one_of(struct oha_span name, const char *const *list)
{
  for (; *list != NULL; list++)
    if (oha__span_iis(name, *list))
      return true;
  return false;
}

/* The table's name, when the command empties one. */
static const char *emptied_table(struct oha_span name)
{
  static const char *const location[] = { "ul_sync", "sync", NULL };
  static const char *const dialog[] = { "dlg_restore_db", "restore_db", NULL };

  name = local_part(oha__span_trim(name));
  return is_one_of(name, location) ? "location" : is_one_of(name, dialog) ? "dialog" : NULL;
}

static bool is_kill(struct oha_span name)
{
  static const char *const kill[] = { "kill", "core:kill", "core.kill", NULL };

  return is_one_of(oha__span_trim(name), kill);
}

static enum oha_rc guard_name(const char *command, bool allow_kill, struct oha_error *err)
{
  struct oha_span name = oha__span(command);
  const char *table = emptied_table(name);

  if (table != NULL)
    return oha__fail(err, OHA_E_REFUSED,
                     "%s is never sent: it empties the table '%s' and fills it from one server's memory",
                     command, table);
  if (is_kill(name) && !allow_kill)
    return oha__fail(err, OHA_E_REFUSED, "%s shuts the server down: it must be allowed first", command);
  return OHA_OK;
}

enum oha_rc oha__mi_guard(const char *command, const struct oha_mi_arg *args, size_t n_args, bool allow_kill,
                          struct oha_error *err)
{
  static const char *const relays[] = { "cluster_send_mi", "cluster_broadcast_mi", "send_mi", "broadcast_mi",
                                        NULL };
  struct oha_span name = oha__span(command);
  char safe[OHA_SAFE_SIZE];
  enum oha_rc rc;

  if (!is_name(name))
    return oha__fail(err, OHA_E_REFUSED, "command '%s': must be 1 to %d of A-Z a-z 0-9 _ . : -",
                     oha__safe(name, safe), NAME_MAX_BYTES);
  for (size_t i = 0; i < n_args; i++)
    if (args[i].name != NULL && !is_name(oha__span(args[i].name)))
      return oha__fail(err, OHA_E_REFUSED, "argument name '%s': must be 1 to %d of A-Z a-z 0-9 _ . : -",
                       oha__safe(oha__span(args[i].name), safe), NAME_MAX_BYTES);
  rc = guard_name(command, allow_kill, err);
  if (rc != OHA_OK || !is_one_of(local_part(name), relays))
    return rc;
  for (size_t i = 0; rc == OHA_OK && i < n_args; i++)
    rc = guard_name(args[i].value, allow_kill, err);
  return rc;
}
