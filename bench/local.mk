# SPDX-License-Identifier: GPL-3.0-or-later
# Built and run by bench/run alone; never by `make check`.
EXTRA_PROGRAMS += %reldir%/empty %reldir%/location %reldir%/probe %reldir%/responder \
                  %reldir%/rewrite %reldir%/spawn
dist_noinst_SCRIPTS += %reldir%/run
dist_noinst_DATA += %reldir%/list.sh %reldir%/location.inc %reldir%/lookup.sh %reldir%/options.xml \
                    %reldir%/probe.sh %reldir%/rewrite.sh %reldir%/start.sh %reldir%/vip-move.sh

%canon_reldir%_location_SOURCES = %reldir%/location.c
%canon_reldir%_location_CFLAGS = $(AM_CFLAGS) $(MARIADB_CFLAGS)
%canon_reldir%_location_LDADD = lib/libopensips-ha.la $(MARIADB_LIBS)

%canon_reldir%_probe_SOURCES = %reldir%/probe.c
%canon_reldir%_probe_LDADD = lib/libopensips-ha.la

%canon_reldir%_responder_SOURCES = %reldir%/responder.c

%canon_reldir%_rewrite_SOURCES = %reldir%/rewrite.c
%canon_reldir%_rewrite_CFLAGS = $(AM_CFLAGS) $(MARIADB_CFLAGS)
%canon_reldir%_rewrite_LDADD = lib/libopensips-ha.la $(MARIADB_LIBS)

%canon_reldir%_empty_SOURCES = %reldir%/empty.c
%canon_reldir%_empty_LDADD = lib/libopensips-ha.la

%canon_reldir%_spawn_SOURCES = %reldir%/spawn.c
