# SPDX-License-Identifier: GPL-3.0-or-later
# The management interface: its formats, and servers of our own for each era. tests/data/mi holds what real
# servers were asked and answered: OpenSIPS 1.11, 2.4 and 3.6.
unit_tests += \
  tests/unit/test_mi_captures \
  tests/unit/test_mi_client \
  tests/unit/test_mi_formats \
  tests/unit/test_mi_replay \
  tests/unit/test_mi_rules
fuzz_programs += \
  tests/fuzz/fuzz_mi_http \
  tests/fuzz/fuzz_mi_json \
  tests/fuzz/fuzz_mi_jsonrpc \
  tests/fuzz/fuzz_mi_text \
  tests/fuzz/fuzz_mi_xmlrpc
EXTRA_DIST += tests/data/mi

mi_tree_sources = tests/unit/mi_tree.c tests/unit/mi_tree.h
mi_replay_sources = tests/fakes/mi_fake.c tests/fakes/mi_fake.h tests/fakes/mi_replay.c tests/fakes/mi_replay.h \
  $(mi_tree_sources)

# For scripts: a recorded server.
check_PROGRAMS += tests/fakes/mi_server
tests_fakes_mi_server_SOURCES = tests/fakes/mi_server.c $(mi_replay_sources)
tests_fakes_mi_server_CPPFLAGS = $(tests_cppflags)
tests_fakes_mi_server_CFLAGS = $(oha_lib_cflags)
tests_fakes_mi_server_LDADD = lib/liboha-test.la

tests_unit_test_mi_captures_SOURCES = tests/unit/test_mi_captures.c $(mi_tree_sources)
tests_unit_test_mi_captures_CPPFLAGS = $(tests_cppflags)
tests_unit_test_mi_captures_CFLAGS = $(tests_cflags)
tests_unit_test_mi_captures_LDADD = $(tests_libs)

tests_unit_test_mi_client_SOURCES = tests/unit/test_mi_client.c tests/fakes/mi_fake.c tests/fakes/mi_fake.h \
  $(mi_tree_sources)
tests_unit_test_mi_client_CPPFLAGS = $(tests_cppflags) -I$(top_srcdir)/tests
tests_unit_test_mi_client_CFLAGS = $(tests_cflags)
tests_unit_test_mi_client_LDADD = $(tests_libs)

tests_unit_test_mi_formats_SOURCES = tests/unit/test_mi_formats.c $(mi_tree_sources)
tests_unit_test_mi_formats_CPPFLAGS = $(tests_cppflags)
tests_unit_test_mi_formats_CFLAGS = $(tests_cflags)
tests_unit_test_mi_formats_LDADD = $(tests_libs)

tests_unit_test_mi_replay_SOURCES = tests/unit/test_mi_replay.c $(mi_replay_sources)
tests_unit_test_mi_replay_CPPFLAGS = $(tests_cppflags) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/fakes
tests_unit_test_mi_replay_CFLAGS = $(tests_cflags)
tests_unit_test_mi_replay_LDADD = $(tests_libs)

tests_unit_test_mi_rules_SOURCES = tests/unit/test_mi_rules.c
tests_unit_test_mi_rules_CPPFLAGS = $(tests_cppflags)
tests_unit_test_mi_rules_CFLAGS = $(tests_cflags)
tests_unit_test_mi_rules_LDADD = $(tests_libs)

tests_fuzz_fuzz_mi_http_SOURCES = tests/fuzz/fuzz_mi_http.c $(fuzz_main)
tests_fuzz_fuzz_mi_http_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_mi_http_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_mi_http_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_mi_http_LDADD = $(tests_libs)

tests_fuzz_fuzz_mi_json_SOURCES = tests/fuzz/fuzz_mi_json.c $(mi_tree_sources) $(fuzz_main)
tests_fuzz_fuzz_mi_json_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_mi_json_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_mi_json_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_mi_json_LDADD = $(tests_libs)

tests_fuzz_fuzz_mi_jsonrpc_SOURCES = tests/fuzz/fuzz_mi_jsonrpc.c $(mi_tree_sources) $(fuzz_main)
tests_fuzz_fuzz_mi_jsonrpc_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_mi_jsonrpc_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_mi_jsonrpc_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_mi_jsonrpc_LDADD = $(tests_libs)

tests_fuzz_fuzz_mi_text_SOURCES = tests/fuzz/fuzz_mi_text.c $(mi_tree_sources) $(fuzz_main)
tests_fuzz_fuzz_mi_text_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_mi_text_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_mi_text_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_mi_text_LDADD = $(tests_libs)

tests_fuzz_fuzz_mi_xmlrpc_SOURCES = tests/fuzz/fuzz_mi_xmlrpc.c $(mi_tree_sources) $(fuzz_main)
tests_fuzz_fuzz_mi_xmlrpc_CPPFLAGS = $(tests_cppflags)
tests_fuzz_fuzz_mi_xmlrpc_CFLAGS = $(tests_cflags)
tests_fuzz_fuzz_mi_xmlrpc_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_mi_xmlrpc_LDADD = $(tests_libs)
