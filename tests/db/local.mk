# SPDX-License-Identifier: GPL-3.0-or-later
# Programs that need a database server start it through with-mariadb.
db_programs = \
  %reldir%/test_db_binlog \
  %reldir%/test_db_connect \
  %reldir%/test_db_health \
  %reldir%/test_db_query \
  %reldir%/test_db_tls \
  %reldir%/test_galera_rewrite \
  %reldir%/test_journal \
  %reldir%/test_lease \
  %reldir%/test_location \
  %reldir%/test_location_lookup \
  %reldir%/test_rewrite \
  %reldir%/test_rewrite_balancer
db_tests += $(db_programs) %reldir%/example.t
# with OHA_LONG=1
db_long_tests = %reldir%/test_galera %reldir%/test_galera_health
if HAVE_CMOCKA
check_PROGRAMS += $(db_programs) $(db_long_tests)
endif
EXTRA_DIST += %reldir%/example.t %reldir%/mariadb.sh %reldir%/with-galera %reldir%/with-mariadb tests/data/location

db_common = %reldir%/dbtest.c %reldir%/dbtest.h
location_common = $(db_common) %reldir%/location_fixture.c %reldir%/location_fixture.h

%canon_reldir%_test_db_binlog_SOURCES = %reldir%/test_db_binlog.c $(db_common)
%canon_reldir%_test_db_binlog_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_db_binlog_CFLAGS = $(tests_cflags)
%canon_reldir%_test_db_binlog_LDADD = $(tests_libs)

%canon_reldir%_test_db_connect_SOURCES = %reldir%/test_db_connect.c $(db_common)
%canon_reldir%_test_db_connect_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_db_connect_CFLAGS = $(tests_cflags)
%canon_reldir%_test_db_connect_LDADD = $(tests_libs)

%canon_reldir%_test_db_health_SOURCES = %reldir%/test_db_health.c $(db_common)
%canon_reldir%_test_db_health_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_db_health_CFLAGS = $(tests_cflags)
%canon_reldir%_test_db_health_LDADD = $(tests_libs)

%canon_reldir%_test_db_query_SOURCES = %reldir%/test_db_query.c $(db_common)
%canon_reldir%_test_db_query_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_db_query_CFLAGS = $(tests_cflags)
%canon_reldir%_test_db_query_LDADD = $(tests_libs)

%canon_reldir%_test_db_tls_SOURCES = %reldir%/test_db_tls.c $(db_common)
%canon_reldir%_test_db_tls_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_db_tls_CFLAGS = $(tests_cflags)
%canon_reldir%_test_db_tls_LDADD = $(tests_libs)

%canon_reldir%_test_galera_SOURCES = %reldir%/test_galera.c $(db_common)
%canon_reldir%_test_galera_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_galera_CFLAGS = $(tests_cflags)
%canon_reldir%_test_galera_LDADD = $(tests_libs)

%canon_reldir%_test_galera_health_SOURCES = %reldir%/test_galera_health.c $(db_common)
%canon_reldir%_test_galera_health_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_galera_health_CFLAGS = $(tests_cflags)
%canon_reldir%_test_galera_health_LDADD = $(tests_libs)

%canon_reldir%_test_journal_SOURCES = %reldir%/test_journal.c $(db_common)
%canon_reldir%_test_journal_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_journal_CFLAGS = $(tests_cflags)
%canon_reldir%_test_journal_LDADD = $(tests_libs)

%canon_reldir%_test_lease_SOURCES = %reldir%/test_lease.c $(db_common)
%canon_reldir%_test_lease_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_lease_CFLAGS = $(tests_cflags)
%canon_reldir%_test_lease_LDADD = $(tests_libs)

%canon_reldir%_test_location_SOURCES = %reldir%/test_location.c $(location_common)
%canon_reldir%_test_location_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_location_CFLAGS = $(tests_cflags)
%canon_reldir%_test_location_LDADD = $(tests_libs)

%canon_reldir%_test_location_lookup_SOURCES = %reldir%/test_location_lookup.c $(location_common)
%canon_reldir%_test_location_lookup_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_location_lookup_CFLAGS = $(tests_cflags)
%canon_reldir%_test_location_lookup_LDADD = $(tests_libs)

%canon_reldir%_test_rewrite_SOURCES = %reldir%/test_rewrite.c $(location_common)
%canon_reldir%_test_rewrite_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_rewrite_CFLAGS = $(tests_cflags)
%canon_reldir%_test_rewrite_LDADD = $(tests_libs)

%canon_reldir%_test_rewrite_balancer_SOURCES = %reldir%/test_rewrite_balancer.c $(location_common)
%canon_reldir%_test_rewrite_balancer_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_rewrite_balancer_CFLAGS = $(tests_cflags)
%canon_reldir%_test_rewrite_balancer_LDADD = $(tests_libs)

%canon_reldir%_test_galera_rewrite_SOURCES = %reldir%/test_galera_rewrite.c $(location_common)
%canon_reldir%_test_galera_rewrite_CPPFLAGS = $(tests_cppflags)
%canon_reldir%_test_galera_rewrite_CFLAGS = $(tests_cflags)
%canon_reldir%_test_galera_rewrite_LDADD = $(tests_libs)
