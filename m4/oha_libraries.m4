# SPDX-License-Identifier: GPL-3.0-or-later
# OHA_LIBRARIES: everything that the library and its tests link.
AC_DEFUN([OHA_LIBRARIES], [
  PKG_CHECK_MODULES([CURL], [libcurl >= 7.88])
  PKG_CHECK_MODULES([MARIADB], [libmariadb >= 3.3])
  PKG_CHECK_MODULES([JANSSON], [jansson >= 2.14])
  PKG_CHECK_MODULES([MNL], [libmnl >= 1.0.4])
  PKG_CHECK_MODULES([XML2], [libxml-2.0 >= 2.9.14])
  dnl only tests/unit: a TLS server of their own
  PKG_CHECK_MODULES([OPENSSL], [openssl >= 3.0], [have_openssl=yes], [have_openssl=no])
  AM_CONDITIONAL([HAVE_OPENSSL], [test "$have_openssl" = yes])
  PKG_CHECK_MODULES([CMOCKA], [cmocka >= 1.1.5], [have_cmocka=yes], [have_cmocka=no])
  AM_CONDITIONAL([HAVE_CMOCKA], [test "$have_cmocka" = yes])
])
