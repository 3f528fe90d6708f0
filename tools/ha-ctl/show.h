/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_SHOW_H
#define HA_CTL_SHOW_H
/* Fields and records that several verbs show, each in one form. */
#include "common/out.h"

#include <opensips-ha/journal.h>
#include <opensips-ha/sock.h>

void show_addr(struct out *o, const char *key, const char *title, const struct oha_addr *addr);
void show_sock(struct out *o, const char *key, const char *title, const struct oha_sock *sock);

#define SHOW_WORDS 64
/** An array of @p n strings, SHOW_WORDS at most. */
void show_words(struct out *o, const char *key, const char *title, const char *const *words, size_t n);

#define SHOW_COUNT_SIZE 32
/** "1 204": groups of three, as the sentences for people have them. Gives back @p buf. */
char *show_count(uint64_t n, char buf[SHOW_COUNT_SIZE]);

/** "running", "done" ...; static text. */
const char *show_op_state(enum oha_op_state state);
enum tone show_op_tone(enum oha_op_state state);
const char *show_step_state(enum oha_step_state state);

/** A record of `operations`. */
void show_operation(struct out *o, const struct oha_op_record *op, bool verbose);

#endif
