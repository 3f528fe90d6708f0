/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H
/* Bytes from outside on their way to a terminal or into JSON (RFC 8259). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TEXT_REPLACEMENT 0xFFFDu

/**
 * One character of UTF-8 (RFC 3629) at @p p, which has at least one byte.
 *
 * @param c set to its code point, TEXT_REPLACEMENT where the bytes are malformed
 * @return bytes taken: 1 to 4; 1 for a malformed byte
 */
size_t text_char(const char *p, size_t n, uint32_t *c);

/** Would it move a terminal's cursor, change its colours or turn its writing direction? */
bool text_is_unsafe(uint32_t c);

/**
 * Make text safe for one line of a terminal: unsafe characters become "\n", "\t", "\x1b" or "\u202e", a
 * backslash stays, malformed bytes become U+FFFD.
 *
 * @param buf  gets as much as fits, NUL-terminated, no character cut
 * @param size at least 1
 * @return bytes written, without the NUL
 */
size_t text_safe(const char *p, size_t n, char *buf, size_t size);

/** Columns on a terminal, one for each character. */
size_t text_columns(const char *p, size_t n);

/** Write a JSON string with its quotes; malformed bytes become U+FFFD, unsafe characters are escaped. */
void text_json(FILE *to, const char *p, size_t n);

#endif
