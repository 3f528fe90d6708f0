/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_BASE_UTF8_H
#define OHA_BASE_UTF8_H
#include <opensips-ha/api.h>

/*
 * Bytes of the well-formed UTF-8 character (RFC 3629) at @p text: 1 to 4; 0 when it is malformed, over-long,
 * a surrogate, above U+10FFFF or cut off by @p n.
 */
size_t oha__utf8_len(const char *text, size_t n);

#endif
