# SPDX-License-Identifier: GPL-3.0-or-later
# The tools from outside: TAP scripts that run the built programs.
tools_tests += \
  tests/tools/ha-ctl-config.t \
  tests/tools/ha-ctl-db.t \
  tests/tools/ha-ctl-help.t \
  tests/tools/ha-ctl-mi.t \
  tests/tools/ha-ctl-output.t \
  tests/tools/ha-ctl-shell.t \
  tests/tools/ha-ctl-usage.t \
  tests/tools/ha-ctl-vip.t
lab_tests += \
  tests/tools/ha-ctl-check.t \
  tests/tools/ha-ctl-cluster.t \
  tests/tools/ha-ctl-health.t
EXTRA_DIST += $(tools_tests) tests/tools/ha-ctl-check.t tests/tools/ha-ctl-cluster.t tests/tools/ha-ctl-health.t \
  tests/tools/tools.sh

# A terminal, and an operator at it.
check_PROGRAMS += tests/tools/on_pty
tests_tools_on_pty_SOURCES = tests/tools/on_pty.c
