# SPDX-License-Identifier: GPL-3.0-or-later
# OHA_C_STANDARD: GNU C11, declarations hidden unless marked OHA_API.
AC_DEFUN([OHA_C_STANDARD], [
  AC_SUBST([OHA_STD_CFLAGS], ["-std=gnu11 -fvisibility=hidden"])
])
