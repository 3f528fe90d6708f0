# SPDX-License-Identifier: GPL-3.0-or-later
dist_man_MANS += %reldir%/ha-ctl.8
dist_man_MANS += %reldir%/libopensips-ha.3
dist_man_MANS += %reldir%/opensips-ha.conf.5
