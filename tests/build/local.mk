# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of the build itself, run by `make check-build`.
build_tests += \
  %reldir%/check-count.t \
  %reldir%/check-layers.t \
  %reldir%/check-scripts.t \
  %reldir%/install.t \
  %reldir%/readme.t
EXTRA_DIST += $(build_tests) %reldir%/tap.sh
