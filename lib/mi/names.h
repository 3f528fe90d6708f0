/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_NAMES_H
#define OHA_MI_NAMES_H
/*
 * What a command is called in each era, and in which order it takes its arguments where it takes them by
 * position. Pure. Source: MI exports of OpenSIPS 2.4 to 4.0, RPC exports of Kamailio 5.6.
 */
#include <opensips-ha/mi.h>

#define OHA_MI_NAME_SIZE   64
#define OHA_MI_SPELLINGS   3
#define OHA_MI_ARGS_MOST   64
#define OHA_MI_PARAMS_MOST 12 /* of a command that is known */

struct oha__mi_spelling {
  const char *name;
  const char *params; /* "table_name aor statistics[]"; NULL = not known */
};

/*
 * How a server of that era may know the command, the likeliest first; the last is @p command itself. Returns
 * how many.
 */
size_t oha__mi_spellings(const char *command, enum oha_mi_era era,
                         struct oha__mi_spelling out[OHA_MI_SPELLINGS]);

/* Arguments as a server wants them; names and fillers that were added are in `texts`. */
struct oha__mi_arranged {
  struct oha_mi_arg args[OHA_MI_ARGS_MOST];
  size_t n_args;
  char texts[OHA_MI_PARAMS_MOST][OHA_MI_NAME_SIZE];
  size_t n_texts;
};

/*
 * Names are put into order and dropped where the era takes positions only, added where the command takes
 * names only; arguments become elements where the parameter is an array. Returns OHA_OK; OHA_E_REFUSED this
 * server cannot be told them.
 */
OHA_NODISCARD enum oha_rc oha__mi_arrange(const struct oha__mi_spelling *spelling, enum oha_mi_era era,
                                          const struct oha_mi_arg *args, size_t n_args,
                                          struct oha__mi_arranged *out, struct oha_error *err);

#endif
