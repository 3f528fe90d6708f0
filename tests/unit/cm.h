/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OHA_TESTS_CM_H
#define OHA_TESTS_CM_H
/* cmocka with the headers that it needs before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
