/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_MI_ARGS_H
#define HA_CTL_MI_ARGS_H
/*
 * Arguments of a management command as words:
 *
 *   VALUE  =VALUE                       text, by position (the second form for a value that has a '=')
 *   :=NUMBER                            a number
 *   NAME=VALUE  NAME:=NUMBER            the same by name: letters, digits and '_', the first no digit
 *   NAME[]=VALUE  []=VALUE              one element of an array
 */
#include <opensips-ha/mi.h>

#include <stdbool.h>

#define MI_ARGS_MAX 60

/** Percent-decode (RFC 3986) in place. @return false: a '%' without two hex digits, or %00 */
bool mi_args_decode(char *word);

/** Is it one of the forms with a name? */
bool mi_args_has_name(const char *word);

/** Understand a word; cut in place. @param arg points into it */
void mi_args_parse(char *word, struct oha_mi_arg *arg);

/** Percent-encode what is not letter, digit or one of ._-:/@+=,[] . @return malloc()ed; NULL = no memory */
char *mi_args_encode(const char *word);

#endif
