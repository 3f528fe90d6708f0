# SPDX-License-Identifier: GPL-3.0-or-later
# OHA_FUZZERS: --enable-fuzzers links the harnesses with libFuzzer (clang); otherwise they replay their corpus.
AC_DEFUN([OHA_FUZZERS], [
  AC_ARG_ENABLE([fuzzers],
    [AS_HELP_STRING([--enable-fuzzers], [build tests/fuzz with libFuzzer (needs clang)])],
    [], [enable_fuzzers=no])
  FUZZ_FLAGS=
  AS_IF([test "$enable_fuzzers" = yes], [
    AC_LANG_PUSH([C])
    oha_saved=$CFLAGS
    CFLAGS="$CFLAGS -fsanitize=fuzzer-no-link"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM], [],
      [AC_MSG_ERROR([--enable-fuzzers needs a compiler with -fsanitize=fuzzer, such as CC=clang])])
    CFLAGS=$oha_saved
    AC_LANG_POP([C])
    SAN_FLAGS="$SAN_FLAGS -fsanitize=fuzzer-no-link"
    FUZZ_FLAGS=-fsanitize=fuzzer
  ])
  AC_SUBST([FUZZ_FLAGS])
  AM_CONDITIONAL([FUZZERS], [test "$enable_fuzzers" = yes])
])
