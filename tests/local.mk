# SPDX-License-Identifier: GPL-3.0-or-later
# unit: pure, no sleeping. fuzz: the harnesses replay their corpus. Both run in `make check`; what starts
# servers (tools, db, lab) has its own target and runs in ./check.
unit_tests += \
  tests/unit/test_base
EXTRA_DIST += tests/unit/cm.h

tests_cppflags = $(oha_lib_cppflags) -DOHA_TESTING -I$(top_srcdir)/tests/unit
tests_cflags = $(oha_lib_cflags) $(CMOCKA_CFLAGS)
tests_libs = lib/liboha-test.la $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests) $(fuzz_programs)
TESTS += $(unit_tests) $(fuzz_programs)
endif

tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_CPPFLAGS = $(tests_cppflags)
tests_unit_test_base_CFLAGS = $(tests_cflags)
tests_unit_test_base_LDADD = $(tests_libs)

.PHONY: check-unit
check-unit:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(unit_tests) $(fuzz_programs)"
