# SPDX-License-Identifier: GPL-3.0-or-later
ohaincludedir = $(includedir)/opensips-ha
ohainclude_HEADERS = \
  %reldir%/opensips-ha/api.h \
  %reldir%/opensips-ha/cluster.h \
  %reldir%/opensips-ha/ctx.h \
  %reldir%/opensips-ha/db.h \
  %reldir%/opensips-ha/error.h \
  %reldir%/opensips-ha/failover.h \
  %reldir%/opensips-ha/journal.h \
  %reldir%/opensips-ha/location.h \
  %reldir%/opensips-ha/mi.h \
  %reldir%/opensips-ha/move.h \
  %reldir%/opensips-ha/peer.h \
  %reldir%/opensips-ha/probe.h \
  %reldir%/opensips-ha/remote.h \
  %reldir%/opensips-ha/rewrite.h \
  %reldir%/opensips-ha/run.h \
  %reldir%/opensips-ha/session.h \
  %reldir%/opensips-ha/sock.h \
  %reldir%/opensips-ha/time.h \
  %reldir%/opensips-ha/uri.h \
  %reldir%/opensips-ha/vip.h
