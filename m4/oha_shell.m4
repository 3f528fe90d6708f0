# SPDX-License-Identifier: GPL-3.0-or-later
# OHA_SHELL: --with-shell names the library by which `ha-ctl shell' edits lines. No other file links it.
AC_DEFUN([OHA_SHELL], [
  AC_ARG_WITH([shell],
    [AS_HELP_STRING([--with-shell=LIBRARY],
      [line editing in `ha-ctl shell': readline (the default), editline, or no])],
    [], [with_shell=readline])
  SHELL_EDIT_CPPFLAGS=
  AS_CASE([$with_shell],
    [readline | yes], [
      PKG_CHECK_MODULES([SHELL_EDIT], [readline >= 8.0], [],
        [AC_MSG_ERROR([no readline (Debian: libreadline-dev); --with-shell=editline or --with-shell=no does without])])
      SHELL_EDIT_CPPFLAGS=-DOHA_SHELL_READLINE
    ],
    [editline], [
      PKG_CHECK_MODULES([SHELL_EDIT], [libedit >= 3.1], [],
        [AC_MSG_ERROR([no libedit (Debian: libedit-dev)])])
      SHELL_EDIT_CPPFLAGS=-DOHA_SHELL_EDITLINE
    ],
    [no], [],
    [AC_MSG_ERROR([--with-shell=$with_shell: must be readline, editline or no])])
  AC_SUBST([SHELL_EDIT_CPPFLAGS])
])
