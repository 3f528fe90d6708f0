# SPDX-License-Identifier: GPL-3.0-or-later
# A cluster file to start from; sources to read and to build against the installed library, which
# tests/build/install.t does.
examplesdir = $(docdir)/examples
dist_examples_DATA += contrib/opensips-ha.conf.example %reldir%/watch-peers.c %reldir%/who-rings.c
