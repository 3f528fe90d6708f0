# SPDX-License-Identifier: GPL-3.0-or-later
# OHA_SANITIZERS: --enable-sanitizers=address,undefined puts the list behind -fsanitize=.
AC_DEFUN([OHA_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers=LIST], [build with -fsanitize=LIST, such as address,undefined])],
    [], [enable_sanitizers=no])
  AS_CASE([$enable_sanitizers],
    [no], [SAN_FLAGS=],
    [yes], [SAN_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"],
    [SAN_FLAGS="-fsanitize=$enable_sanitizers -fno-sanitize-recover=undefined -fno-omit-frame-pointer"])
  AC_SUBST([SAN_FLAGS])
])
