# SPDX-License-Identifier: GPL-3.0-or-later
# Sources to read and to build against the installed library; tests/build/install.t does that.
examplesdir = $(docdir)/examples
dist_examples_DATA = %reldir%/who-rings.c
