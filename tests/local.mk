# SPDX-License-Identifier: GPL-3.0-or-later
# unit: pure, no sleeping. fuzz: the harnesses replay their corpus. Both run in `make check`; what starts
# servers (tools, db, lab) or looks at the build itself has its own target and runs in ./check.
# A test is a program (cmocka), or an executable script NAME.t that speaks TAP. It finds the tree by
# $top_srcdir and $top_builddir and leaves by 77 when something that it needs is missing.
TEST_EXTENSIONS = .t
T_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/tap-driver.sh
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; top_builddir='$(abs_top_builddir)'; \
  LC_ALL=C.UTF-8; export top_srcdir top_builddir LC_ALL;

unit_tests += \
  tests/unit/test_base \
  tests/unit/test_config_file \
  tests/unit/test_config_model \
  tests/unit/test_db_text \
  tests/unit/test_db_verdict \
  tests/unit/test_engine_addrs \
  tests/unit/test_engine_frames \
  tests/unit/test_engine_probe \
  tests/unit/test_engine_remote \
  tests/unit/test_failover \
  tests/unit/test_journal_blob \
  tests/unit/test_journal_log \
  tests/unit/test_location_dialect \
  tests/unit/test_location_row \
  tests/unit/test_move \
  tests/unit/test_net_prober \
  tests/unit/test_net_prober_tcp \
  tests/unit/test_net_route \
  tests/unit/test_net_timer \
  tests/unit/test_peer_db_judge \
  tests/unit/test_peer_discover \
  tests/unit/test_peer_fsm \
  tests/unit/test_peer_register \
  tests/unit/test_peer_bound \
  tests/unit/test_monitor \
  tests/unit/test_reach \
  tests/unit/test_rewrite_pace \
  tests/unit/test_shell \
  tests/unit/test_sip_addr \
  tests/unit/test_sip_options \
  tests/unit/test_sip_reply \
  tests/unit/test_sip_sock \
  tests/unit/test_sip_uri \
  tests/unit/test_tools \
  tests/unit/test_tz
if HAVE_OPENSSL
unit_tests += tests/unit/test_net_prober_tls
endif
fuzz_programs += \
  tests/fuzz/fuzz_arp \
  tests/fuzz/fuzz_bound \
  tests/fuzz/fuzz_cluster \
  tests/fuzz/fuzz_db_login \
  tests/fuzz/fuzz_journal_log \
  tests/fuzz/fuzz_location_row \
  tests/fuzz/fuzz_nd \
  tests/fuzz/fuzz_page_blob \
  tests/fuzz/fuzz_remote \
  tests/fuzz/fuzz_sip_reply \
  tests/fuzz/fuzz_sock \
  tests/fuzz/fuzz_tz \
  tests/fuzz/fuzz_uri \
  tests/fuzz/fuzz_words
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/replay.c tests/unit/cm.h tests/unit/net_bed.h
EXTRA_DIST += tests/data/cluster tests/unit/cluster_text.h

tests_cppflags = $(oha_lib_cppflags) -DOHA_TESTING -I$(top_srcdir)/tests/unit
tests_cflags = $(oha_lib_cflags) $(CMOCKA_CFLAGS)
tests_libs = lib/liboha-test.la $(CMOCKA_LIBS)

# A harness tests/fuzz/fuzz_NAME.c has its corpus in tests/fuzz/corpus/NAME and, in its _SOURCES,
# $(fuzz_main); its _LDFLAGS are $(fuzz_ldflags).
if FUZZERS
fuzz_main =
fuzz_tests =
else
fuzz_main = tests/fuzz/replay.c
fuzz_tests = $(fuzz_programs)
endif
fuzz_ldflags = $(AM_LDFLAGS) $(FUZZ_FLAGS)

include tests/tools/local.mk
include tests/lab/local.mk

include tests/fakes/local.mk

include tests/db/local.mk

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests) $(fuzz_programs)
TESTS += $(unit_tests) $(fuzz_tests)
endif
if SERVER_TESTS
TESTS += $(build_tests) $(tools_tests) $(db_tests) $(db_long_tests) $(lab_tests)
endif

tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_CPPFLAGS = $(tests_cppflags)
tests_unit_test_base_CFLAGS = $(tests_cflags)
tests_unit_test_base_LDADD = $(tests_libs)

tests_unit_test_db_text_SOURCES = tests/unit/test_db_text.c
tests_unit_test_db_text_CPPFLAGS = $(tests_cppflags)
tests_unit_test_db_text_CFLAGS = $(tests_cflags)
tests_unit_test_db_text_LDADD = $(tests_libs)

tests_unit_test_db_verdict_SOURCES = tests/unit/test_db_verdict.c
tests_unit_test_db_verdict_CPPFLAGS = $(tests_cppflags)
tests_unit_test_db_verdict_CFLAGS = $(tests_cflags)
tests_unit_test_db_verdict_LDADD = $(tests_libs)

tests_unit_test_engine_addrs_SOURCES = tests/unit/test_engine_addrs.c
tests_unit_test_engine_addrs_CPPFLAGS = $(tests_cppflags)
tests_unit_test_engine_addrs_CFLAGS = $(tests_cflags)
tests_unit_test_engine_addrs_LDADD = $(tests_libs)

tests_unit_test_engine_frames_SOURCES = tests/unit/test_engine_frames.c
tests_unit_test_engine_frames_CPPFLAGS = $(tests_cppflags)
tests_unit_test_engine_frames_CFLAGS = $(tests_cflags)
tests_unit_test_engine_frames_LDADD = $(tests_libs)

tests_unit_test_engine_probe_SOURCES = tests/unit/test_engine_probe.c tests/unit/there.c tests/unit/there.h
tests_unit_test_engine_probe_CPPFLAGS = $(tests_cppflags)
tests_unit_test_engine_probe_CFLAGS = $(tests_cflags)
tests_unit_test_engine_probe_LDADD = $(tests_libs)

tests_unit_test_engine_remote_SOURCES = tests/unit/test_engine_remote.c tests/unit/there.c tests/unit/there.h
tests_unit_test_engine_remote_CPPFLAGS = $(tests_cppflags)
tests_unit_test_engine_remote_CFLAGS = $(tests_cflags)
tests_unit_test_engine_remote_LDADD = $(tests_libs)

tests_unit_test_journal_blob_SOURCES = tests/unit/test_journal_blob.c
tests_unit_test_journal_blob_CPPFLAGS = $(tests_cppflags)
tests_unit_test_journal_blob_CFLAGS = $(tests_cflags)
tests_unit_test_journal_blob_LDADD = $(tests_libs)

tests_unit_test_journal_log_SOURCES = tests/unit/test_journal_log.c
tests_unit_test_journal_log_CPPFLAGS = $(tests_cppflags)
tests_unit_test_journal_log_CFLAGS = $(tests_cflags)
tests_unit_test_journal_log_LDADD = $(tests_libs)

tests_unit_test_location_dialect_SOURCES = tests/unit/test_location_dialect.c
tests_unit_test_location_dialect_CPPFLAGS = $(tests_cppflags)
tests_unit_test_location_dialect_CFLAGS = $(tests_cflags)
tests_unit_test_location_dialect_LDADD = $(tests_libs)

tests_unit_test_location_row_SOURCES = tests/unit/test_location_row.c
tests_unit_test_location_row_CPPFLAGS = $(tests_cppflags)
tests_unit_test_location_row_CFLAGS = $(tests_cflags)
tests_unit_test_location_row_LDADD = $(tests_libs)

tests_unit_test_net_prober_SOURCES = tests/unit/test_net_prober.c tests/unit/net_bed.c
tests_unit_test_net_prober_CPPFLAGS = $(tests_cppflags)
tests_unit_test_net_prober_CFLAGS = $(tests_cflags)
tests_unit_test_net_prober_LDADD = $(tests_libs)

tests_unit_test_net_prober_tcp_SOURCES = tests/unit/test_net_prober_tcp.c tests/unit/net_bed.c
tests_unit_test_net_prober_tcp_CPPFLAGS = $(tests_cppflags)
tests_unit_test_net_prober_tcp_CFLAGS = $(tests_cflags)
tests_unit_test_net_prober_tcp_LDADD = $(tests_libs)

tests_unit_test_net_prober_tls_SOURCES = tests/unit/test_net_prober_tls.c tests/unit/net_bed.c
tests_unit_test_net_prober_tls_CPPFLAGS = $(tests_cppflags)
tests_unit_test_net_prober_tls_CFLAGS = $(tests_cflags) $(OPENSSL_CFLAGS)
tests_unit_test_net_prober_tls_LDADD = $(tests_libs) $(OPENSSL_LIBS)

tests_unit_test_net_route_SOURCES = tests/unit/test_net_route.c
tests_unit_test_net_route_CPPFLAGS = $(tests_cppflags)
tests_unit_test_net_route_CFLAGS = $(tests_cflags)
tests_unit_test_net_route_LDADD = $(tests_libs)

tests_unit_test_net_timer_SOURCES = tests/unit/test_net_timer.c
tests_unit_test_net_timer_CPPFLAGS = $(tests_cppflags)
tests_unit_test_net_timer_CFLAGS = $(tests_cflags)
tests_unit_test_net_timer_LDADD = $(tests_libs)

tests_unit_test_peer_bound_SOURCES = tests/unit/test_peer_bound.c
tests_unit_test_peer_bound_CPPFLAGS = $(tests_cppflags)
tests_unit_test_peer_bound_CFLAGS = $(tests_cflags)
tests_unit_test_peer_bound_LDADD = $(tests_libs)

tests_unit_test_monitor_SOURCES = tests/unit/test_monitor.c $(tools_common_sources)
tests_unit_test_monitor_CPPFLAGS = $(tests_cppflags) -I$(top_srcdir)/tools
tests_unit_test_monitor_CFLAGS = $(tests_cflags)
tests_unit_test_monitor_LDADD = $(tests_libs)

tests_unit_test_peer_discover_SOURCES = tests/unit/test_peer_discover.c
tests_unit_test_peer_discover_CPPFLAGS = $(tests_cppflags)
tests_unit_test_peer_discover_CFLAGS = $(tests_cflags)
tests_unit_test_peer_discover_LDADD = $(tests_libs)

tests_unit_test_peer_db_judge_SOURCES = tests/unit/test_peer_db_judge.c
tests_unit_test_peer_db_judge_CPPFLAGS = $(tests_cppflags)
tests_unit_test_peer_db_judge_CFLAGS = $(tests_cflags)
tests_unit_test_peer_db_judge_LDADD = $(tests_libs)

tests_unit_test_peer_fsm_SOURCES = tests/unit/test_peer_fsm.c
tests_unit_test_peer_fsm_CPPFLAGS = $(tests_cppflags)
tests_unit_test_peer_fsm_CFLAGS = $(tests_cflags)
tests_unit_test_peer_fsm_LDADD = $(tests_libs)

tests_unit_test_config_file_SOURCES = tests/unit/test_config_file.c
tests_unit_test_config_file_CPPFLAGS = $(tests_cppflags)
tests_unit_test_config_file_CFLAGS = $(tests_cflags)
tests_unit_test_config_file_LDADD = $(tests_libs)

tests_unit_test_config_model_SOURCES = tests/unit/test_config_model.c
tests_unit_test_config_model_CPPFLAGS = $(tests_cppflags)
tests_unit_test_config_model_CFLAGS = $(tests_cflags)
tests_unit_test_config_model_LDADD = $(tests_libs)

tests_unit_test_move_SOURCES = tests/unit/test_move.c
tests_unit_test_move_CPPFLAGS = $(tests_cppflags)
tests_unit_test_move_CFLAGS = $(tests_cflags)
tests_unit_test_move_LDADD = $(tests_libs)

tests_unit_test_reach_SOURCES = tests/unit/test_reach.c
tests_unit_test_reach_CPPFLAGS = $(tests_cppflags)
tests_unit_test_reach_CFLAGS = $(tests_cflags)
tests_unit_test_reach_LDADD = $(tests_libs)

tests_unit_test_sip_addr_SOURCES = tests/unit/test_sip_addr.c
tests_unit_test_sip_addr_CPPFLAGS = $(tests_cppflags)
tests_unit_test_sip_addr_CFLAGS = $(tests_cflags)
tests_unit_test_sip_addr_LDADD = $(tests_libs)

tests_unit_test_peer_register_SOURCES = tests/unit/test_peer_register.c
tests_unit_test_peer_register_CPPFLAGS = $(tests_cppflags)
tests_unit_test_peer_register_CFLAGS = $(tests_cflags)
tests_unit_test_peer_register_LDADD = $(tests_libs)

tests_unit_test_sip_options_SOURCES = tests/unit/test_sip_options.c
tests_unit_test_sip_options_CPPFLAGS = $(tests_cppflags)
tests_unit_test_sip_options_CFLAGS = $(tests_cflags)
tests_unit_test_sip_options_LDADD = $(tests_libs)

tests_unit_test_sip_reply_SOURCES = tests/unit/test_sip_reply.c
tests_unit_test_sip_reply_CPPFLAGS = $(tests_cppflags)
tests_unit_test_sip_reply_CFLAGS = $(tests_cflags)
tests_unit_test_sip_reply_LDADD = $(tests_libs)

tests_unit_test_sip_sock_SOURCES = tests/unit/test_sip_sock.c
tests_unit_test_sip_sock_CPPFLAGS = $(tests_cppflags)
tests_unit_test_sip_sock_CFLAGS = $(tests_cflags)
tests_unit_test_sip_sock_LDADD = $(tests_libs)

tests_unit_test_sip_uri_SOURCES = tests/unit/test_sip_uri.c
tests_unit_test_sip_uri_CPPFLAGS = $(tests_cppflags)
tests_unit_test_sip_uri_CFLAGS = $(tests_cflags)
tests_unit_test_sip_uri_LDADD = $(tests_libs)

tests_unit_test_tz_SOURCES = tests/unit/test_tz.c
tests_unit_test_tz_CPPFLAGS = $(tests_cppflags)
tests_unit_test_tz_CFLAGS = $(tests_cflags)
tests_unit_test_tz_LDADD = $(tests_libs)

tests_fuzz_fuzz_arp_SOURCES = tests/fuzz/fuzz_arp.c $(fuzz_main)
tests_fuzz_fuzz_arp_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_arp_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_arp_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_arp_LDADD = $(tests_libs)

tests_fuzz_fuzz_db_login_SOURCES = tests/fuzz/fuzz_db_login.c $(fuzz_main)
tests_fuzz_fuzz_db_login_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_db_login_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_db_login_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_db_login_LDADD = $(tests_libs)

tests_fuzz_fuzz_journal_log_SOURCES = tests/fuzz/fuzz_journal_log.c $(fuzz_main)
tests_fuzz_fuzz_journal_log_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_journal_log_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_journal_log_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_journal_log_LDADD = $(tests_libs)

tests_fuzz_fuzz_location_row_SOURCES = tests/fuzz/fuzz_location_row.c $(fuzz_main)
tests_fuzz_fuzz_location_row_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_location_row_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_location_row_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_location_row_LDADD = $(tests_libs)

tests_fuzz_fuzz_nd_SOURCES = tests/fuzz/fuzz_nd.c $(fuzz_main)
tests_fuzz_fuzz_nd_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_nd_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_nd_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_nd_LDADD = $(tests_libs)

tests_fuzz_fuzz_page_blob_SOURCES = tests/fuzz/fuzz_page_blob.c $(fuzz_main)
tests_fuzz_fuzz_page_blob_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_page_blob_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_page_blob_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_page_blob_LDADD = $(tests_libs)

tests_fuzz_fuzz_remote_SOURCES = tests/fuzz/fuzz_remote.c $(fuzz_main)
tests_fuzz_fuzz_remote_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_remote_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_remote_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_remote_LDADD = $(tests_libs)

tests_fuzz_fuzz_sip_reply_SOURCES = tests/fuzz/fuzz_sip_reply.c $(fuzz_main)
tests_fuzz_fuzz_sip_reply_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_sip_reply_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_sip_reply_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_sip_reply_LDADD = $(tests_libs)

tests_fuzz_fuzz_bound_SOURCES = tests/fuzz/fuzz_bound.c $(fuzz_main)
tests_fuzz_fuzz_bound_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_bound_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_bound_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_bound_LDADD = $(tests_libs)

tests_fuzz_fuzz_cluster_SOURCES = tests/fuzz/fuzz_cluster.c $(fuzz_main)
tests_fuzz_fuzz_cluster_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_cluster_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_cluster_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_cluster_LDADD = $(tests_libs)

tests_fuzz_fuzz_sock_SOURCES = tests/fuzz/fuzz_sock.c $(fuzz_main)
tests_fuzz_fuzz_sock_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_sock_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_sock_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_sock_LDADD = $(tests_libs)

tests_fuzz_fuzz_tz_SOURCES = tests/fuzz/fuzz_tz.c $(fuzz_main)
tests_fuzz_fuzz_tz_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_tz_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_tz_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_tz_LDADD = $(tests_libs)

tests_fuzz_fuzz_uri_SOURCES = tests/fuzz/fuzz_uri.c $(fuzz_main)
tests_fuzz_fuzz_uri_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_uri_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_uri_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_uri_LDADD = $(tests_libs)

tests_fuzz_fuzz_words_SOURCES = tests/fuzz/fuzz_words.c tools/ha-ctl/words.c $(fuzz_main)
tests_fuzz_fuzz_words_CPPFLAGS = $(tests_cppflags) -I$(top_srcdir)/tools
tests_fuzz_fuzz_words_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_words_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_words_LDADD = $(tests_libs)

tests_unit_test_shell_SOURCES = tests/unit/test_shell.c tools/common/options.c tools/ha-ctl/complete.c \
  tools/ha-ctl/shell_history.c tools/ha-ctl/verb_find.c tools/ha-ctl/words.c
tests_unit_test_shell_CPPFLAGS = $(tests_cppflags) -I$(top_srcdir)/tools -I$(top_srcdir)/tools/ha-ctl
tests_unit_test_shell_CFLAGS = $(tests_cflags)
tests_unit_test_shell_LDADD = $(tests_libs)

tests_unit_test_tools_SOURCES = tests/unit/test_tools.c $(tools_common_sources)
tests_unit_test_tools_CPPFLAGS = $(tests_cppflags) -I$(top_srcdir)/tools
tests_unit_test_tools_CFLAGS = $(tests_cflags)
tests_unit_test_tools_LDADD = $(tests_libs)

.PHONY: check-unit check-build check-tools check-db check-lab
check-unit:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(unit_tests) $(fuzz_tests)"
check-build:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(build_tests)"
check-tools:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(tools_tests)"
check-db:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(db_tests) $(if $(OHA_LONG),$(db_long_tests))"
check-lab:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(lab_tests)"

tests_unit_test_failover_SOURCES = tests/unit/test_failover.c tests/unit/sim_world.c tests/unit/sim_world.h
tests_unit_test_failover_CPPFLAGS = $(tests_cppflags)
tests_unit_test_failover_CFLAGS = $(tests_cflags)
tests_unit_test_failover_LDADD = $(tests_libs)

tests_unit_test_rewrite_pace_SOURCES = tests/unit/test_rewrite_pace.c
tests_unit_test_rewrite_pace_CPPFLAGS = $(tests_cppflags)
tests_unit_test_rewrite_pace_CFLAGS = $(tests_cflags)
tests_unit_test_rewrite_pace_LDADD = $(tests_libs)
