/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exits.h"

/* One row per library code. Reading verbs have fewer exit codes: refusals are questions of configuration. */
struct rc_row {
  const char *id;
  int act, read;
  const char *hint;
};

static const struct rc_row *row_of(enum oha_rc rc)
{
  // clang-format off
  static const struct rc_row rows[] = {
    [OHA_OK]            = { "OHA-OK", HA_EXIT_OK, HA_EXIT_OK, "" },
    [OHA_END]           = { "OHA-OK", HA_EXIT_OK, HA_EXIT_OK, "" },
    [OHA_E_ARG]         = { "OHA-BUG", HA_EXIT_BUG, HA_EXIT_BUG, "this is our mistake: please report it" },
    [OHA_E_NOMEM]       = { "OHA-MEMORY", HA_EXIT_UNAVAILABLE, HA_EXIT_UNAVAILABLE, "free some memory" },
    [OHA_E_PARSE]       = { "OHA-PARSE", HA_EXIT_FAILED, HA_EXIT_UNAVAILABLE, "" },
    [OHA_E_NOSPACE]     = { "OHA-SPACE", HA_EXIT_FAILED, HA_EXIT_UNAVAILABLE, "" },
    [OHA_E_IO]          = { "OHA-IO", HA_EXIT_FAILED, HA_EXIT_UNAVAILABLE, "" },
    [OHA_E_TIMEOUT]     = { "OHA-TIMEOUT", HA_EXIT_TIMEOUT, HA_EXIT_TIMEOUT,
                            "look at `ha-ctl status`; --timeout gives more time" },
    [OHA_E_UNAVAILABLE] = { "OHA-UNAVAILABLE", HA_EXIT_UNAVAILABLE, HA_EXIT_UNAVAILABLE,
                            "`ha-ctl status` shows who answers" },
    [OHA_E_DENIED]      = { "OHA-DENIED", HA_EXIT_PERMISSION, HA_EXIT_PERMISSION, "" },
    [OHA_E_CONFIG]      = { "OHA-CONFIG", HA_EXIT_CONFIG, HA_EXIT_CONFIG,
                            "`ha-ctl config check` lists every problem; opensips-ha.conf(5)" },
    [OHA_E_NOTFOUND]    = { "OHA-NOTFOUND", HA_EXIT_FAILED, HA_EXIT_UNAVAILABLE, "" },
    [OHA_E_EXISTS]      = { "OHA-EXISTS", HA_EXIT_FAILED, HA_EXIT_UNAVAILABLE, "" },
    [OHA_E_DB]          = { "OHA-DB", HA_EXIT_UNAVAILABLE, HA_EXIT_UNAVAILABLE,
                            "`ha-ctl status` shows what each database host says of itself" },
    [OHA_E_SCHEMA]      = { "OHA-SCHEMA", HA_EXIT_CONFIG, HA_EXIT_CONFIG,
                            "`ha-ctl config show` says which table is read; `ha-ctl tables create` makes ours" },
    [OHA_E_READONLY]    = { "OHA-DB-READONLY", HA_EXIT_UNAVAILABLE, HA_EXIT_UNAVAILABLE,
                            "a host that accepts writes must be in database { hosts }" },
    [OHA_E_NO_QUORUM]   = { "OHA-NO-QUORUM", HA_EXIT_NO_QUORUM, HA_EXIT_UNAVAILABLE,
                            "bring the database cluster back to Primary first" },
    [OHA_E_CONFLICT]    = { "OHA-CONFLICT", HA_EXIT_BUSY, HA_EXIT_BUSY, "try again" },
    [OHA_E_UNKNOWN]     = { "OHA-UNKNOWN", HA_EXIT_TIMEOUT, HA_EXIT_TIMEOUT,
                            "look at `ha-ctl status` and `ha-ctl history` before repeating it" },
    [OHA_E_TOO_BIG]     = { "OHA-TOO-BIG", HA_EXIT_FAILED, HA_EXIT_UNAVAILABLE, "" },
    [OHA_E_BUSY]        = { "OHA-BUSY", HA_EXIT_BUSY, HA_EXIT_BUSY, "wait for it, or see `ha-ctl status`" },
    [OHA_E_REFUSED]     = { "OHA-REFUSED", HA_EXIT_REFUSED, HA_EXIT_CONFIG, "" },
    [OHA_E_LEASE]       = { "OHA-LEASE", HA_EXIT_INCOMPLETE, HA_EXIT_BUSY,
                            "see who took over with `ha-ctl status`, then `ha-ctl resume` or `ha-ctl undo`" },
    [OHA_E_CANCELLED]   = { "OHA-CANCELLED", HA_EXIT_CANCELLED, HA_EXIT_TIMEOUT, "" },
    [OHA_E_PROTOCOL]    = { "OHA-PROTOCOL", HA_EXIT_UNAVAILABLE, HA_EXIT_UNAVAILABLE,
                            "is the other side what the cluster file says, and of this version?" },
    [OHA_E_BUG]         = { "OHA-BUG", HA_EXIT_BUG, HA_EXIT_BUG, "this is our mistake: please report it" },
  };
  // clang-format on

  if ((unsigned)rc >= sizeof(rows) / sizeof(rows[0]))
    return &rows[OHA_E_BUG];
  return &rows[rc];
}

const char *exit_name(enum verb_kind kind, int code)
{
#define EXIT_NAME(name, number, text)                                                                        \
  case number:                                                                                               \
    return #name;
  if (kind == VERB_JUDGES)
    switch (code) {
      HA_JUDGE_LIST(EXIT_NAME)
    }
  switch (code) {
    HA_EXIT_LIST(EXIT_NAME)
  }
#undef EXIT_NAME
  return "?";
}

int exit_of_rc(enum verb_kind kind, enum oha_rc rc)
{
  if (kind == VERB_JUDGES)
    return rc == OHA_OK || rc == OHA_END ? HA_JUDGE_OK : HA_JUDGE_UNKNOWN;
  return kind == VERB_ACTS ? row_of(rc)->act : row_of(rc)->read;
}

const char *error_id_of_rc(enum oha_rc rc)
{
  return row_of(rc)->id;
}

const char *error_hint_of_rc(enum oha_rc rc)
{
  return row_of(rc)->hint;
}

void exit_each(exit_row_fn *fn, void *arg)
{
#define EXIT_ROW(name, number, text)  fn(arg, VERB_ACTS, number, #name, text);
#define JUDGE_ROW(name, number, text) fn(arg, VERB_JUDGES, number, #name, text);
  HA_EXIT_LIST(EXIT_ROW)
  HA_JUDGE_LIST(JUDGE_ROW)
#undef EXIT_ROW
#undef JUDGE_ROW
}
