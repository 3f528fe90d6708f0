# SPDX-License-Identifier: GPL-3.0-or-later
# Tools use the public headers only.
sbin_PROGRAMS += tools/ha-ctl/ha-ctl

tools_common_sources = \
  tools/common/exits.c \
  tools/common/exits.h \
  tools/common/identity.c \
  tools/common/identity.h \
  tools/common/nagios.c \
  tools/common/nagios.h \
  tools/common/openmetrics.c \
  tools/common/openmetrics.h \
  tools/common/options.c \
  tools/common/options.h \
  tools/common/out.c \
  tools/common/out.h \
  tools/common/progress.c \
  tools/common/progress.h \
  tools/common/prompt.c \
  tools/common/prompt.h \
  tools/common/table.c \
  tools/common/table.h \
  tools/common/text.c \
  tools/common/text.h

tools_ha_ctl_ha_ctl_SOURCES = \
  $(tools_common_sources) \
  tools/ha-ctl/app.c \
  tools/ha-ctl/app.h \
  tools/ha-ctl/app_journal.c \
  tools/ha-ctl/bindings.c \
  tools/ha-ctl/bindings.h \
  tools/ha-ctl/check_deep.c \
  tools/ha-ctl/check_local.c \
  tools/ha-ctl/check_local.h \
  tools/ha-ctl/check_state.c \
  tools/ha-ctl/check_state.h \
  tools/ha-ctl/cmd_check.c \
  tools/ha-ctl/cmd_config_check.c \
  tools/ha-ctl/cmd_config_show.c \
  tools/ha-ctl/cmd_exit_codes.c \
  tools/ha-ctl/cmd_failover.c \
  tools/ha-ctl/cmd_health.c \
  tools/ha-ctl/cmd_help.c \
  tools/ha-ctl/cmd_history.c \
  tools/ha-ctl/cmd_locate.c \
  tools/ha-ctl/cmd_locations.c \
  tools/ha-ctl/cmd_mi.c \
  tools/ha-ctl/cmd_nodes.c \
  tools/ha-ctl/cmd_probe.c \
  tools/ha-ctl/cmd_reach.c \
  tools/ha-ctl/cmd_resume.c \
  tools/ha-ctl/cmd_sockets.c \
  tools/ha-ctl/cmd_status.c \
  tools/ha-ctl/cmd_tables_create.c \
  tools/ha-ctl/cmd_vip.c \
  tools/ha-ctl/complete.c \
  tools/ha-ctl/complete.h \
  tools/ha-ctl/health.h \
  tools/ha-ctl/health_matrix.c \
  tools/ha-ctl/health_peers.c \
  tools/ha-ctl/health_watch.c \
  tools/ha-ctl/main.c \
  tools/ha-ctl/mi_args.c \
  tools/ha-ctl/mi_args.h \
  tools/ha-ctl/mi_show.c \
  tools/ha-ctl/mi_show.h \
  tools/ha-ctl/move_choice.c \
  tools/ha-ctl/move_choice.h \
  tools/ha-ctl/node_show.c \
  tools/ha-ctl/node_show.h \
  tools/ha-ctl/plan_options.c \
  tools/ha-ctl/plan_show.c \
  tools/ha-ctl/plan_show.h \
  tools/ha-ctl/probes.c \
  tools/ha-ctl/probes.h \
  tools/ha-ctl/report.c \
  tools/ha-ctl/report.h \
  tools/ha-ctl/shell.c \
  tools/ha-ctl/shell_child.c \
  tools/ha-ctl/shell_child.h \
  tools/ha-ctl/shell_history.c \
  tools/ha-ctl/shell_history.h \
  tools/ha-ctl/show.c \
  tools/ha-ctl/show.h \
  tools/ha-ctl/socket_owner.c \
  tools/ha-ctl/socket_owner.h \
  tools/ha-ctl/verb_find.c \
  tools/ha-ctl/verbs.h \
  tools/ha-ctl/view.c \
  tools/ha-ctl/view.h \
  tools/ha-ctl/vip_target.c \
  tools/ha-ctl/vip_target.h \
  tools/ha-ctl/words.c \
  tools/ha-ctl/words.h
# SHELL_EDIT_*: line editing, for shell.c alone
tools_ha_ctl_ha_ctl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools $(SHELL_EDIT_CPPFLAGS) $(SHELL_EDIT_CFLAGS)
tools_ha_ctl_ha_ctl_LDADD = lib/libopensips-ha.la $(SHELL_EDIT_LIBS)
