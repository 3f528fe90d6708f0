# SPDX-License-Identifier: GPL-3.0-or-later
# OHA_SERVER_TESTS: plain `make check` runs pure tests; this switch adds those that start servers.
AC_DEFUN([OHA_SERVER_TESTS], [
  AC_ARG_ENABLE([server-tests],
    [AS_HELP_STRING([--enable-server-tests], [let `make check' run the tests that start servers, too])],
    [], [enable_server_tests=no])
  AM_CONDITIONAL([SERVER_TESTS], [test "$enable_server_tests" = yes])
])
