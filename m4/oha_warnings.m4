# SPDX-License-Identifier: GPL-3.0-or-later
# OHA_WARNINGS: the warnings that every file compiles without, and --enable-werror.
AC_DEFUN([OHA_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors (for developers)])],
    [], [enable_werror=no])
  WARN_CFLAGS=
  oha_unknown_is_error=
  AS_IF([echo | $CC -Werror=unknown-warning-option -E - >/dev/null 2>&1],
    [oha_unknown_is_error=-Werror=unknown-warning-option])
  for oha_flag in -Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wundef -Wmissing-prototypes -Wstrict-prototypes \
      -Wold-style-definition -Wwrite-strings -Wcast-qual -Wpointer-arith -Wconversion -Wno-sign-conversion \
      -Wimplicit-fallthrough -Wswitch-enum -Wenum-conversion -Wnull-dereference -Wduplicated-cond \
      -Wlogical-op; do
    oha_saved=$CFLAGS
    CFLAGS="$CFLAGS $oha_unknown_is_error $oha_flag"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM], [WARN_CFLAGS="$WARN_CFLAGS $oha_flag"])
    CFLAGS=$oha_saved
  done
  AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
])
