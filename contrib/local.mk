# SPDX-License-Identifier: GPL-3.0-or-later
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = %reldir%/bash-completion/ha-ctl

# To read and to copy; nothing of it is put where it would run.
dist_examples_DATA += \
  %reldir%/cron/opensips-ha \
  %reldir%/keepalived/opensips-ha.conf \
  %reldir%/nagios/opensips-ha.cfg \
  %reldir%/prometheus/opensips-ha.rules.yml \
  %reldir%/systemd/opensips-ha-check.service \
  %reldir%/systemd/opensips-ha-check.timer
