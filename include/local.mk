# SPDX-License-Identifier: GPL-3.0-or-later
ohaincludedir = $(includedir)/opensips-ha
ohainclude_HEADERS = \
  %reldir%/opensips-ha/api.h \
  %reldir%/opensips-ha/ctx.h \
  %reldir%/opensips-ha/error.h \
  %reldir%/opensips-ha/run.h \
  %reldir%/opensips-ha/time.h
