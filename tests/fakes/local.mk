# SPDX-License-Identifier: GPL-3.0-or-later
# The management interface: its formats, and servers of our own for each era. tests/data/mi holds what real
# servers were asked and answered: OpenSIPS 1.11, 2.4 and 3.6.
unit_tests += \
  tests/unit/test_mi_captures \
  tests/unit/test_mi_formats
fuzz_programs += \
  tests/fuzz/fuzz_mi_json \
  tests/fuzz/fuzz_mi_jsonrpc \
  tests/fuzz/fuzz_mi_text \
  tests/fuzz/fuzz_mi_xmlrpc
EXTRA_DIST += tests/data/mi

mi_tree_sources = tests/unit/mi_tree.c tests/unit/mi_tree.h

tests_unit_test_mi_captures_SOURCES = tests/unit/test_mi_captures.c $(mi_tree_sources)
tests_unit_test_mi_captures_CPPFLAGS = $(tests_cppflags)
tests_unit_test_mi_captures_CFLAGS = $(tests_cflags)
tests_unit_test_mi_captures_LDADD = $(tests_libs)

tests_unit_test_mi_formats_SOURCES = tests/unit/test_mi_formats.c $(mi_tree_sources)
tests_unit_test_mi_formats_CPPFLAGS = $(tests_cppflags)
tests_unit_test_mi_formats_CFLAGS = $(tests_cflags)
tests_unit_test_mi_formats_LDADD = $(tests_libs)

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
