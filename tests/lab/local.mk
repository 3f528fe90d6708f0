# SPDX-License-Identifier: GPL-3.0-or-later
# The lab: real servers in network namespaces. See tests/lab/bed.sh.
check_PROGRAMS += tests/lab/door tests/lab/ha-ctl-mortal tests/lab/phone tests/lab/vip_tool
tests_lab_door_SOURCES = tests/lab/door.c
# ha-ctl that can be told to die or to stop at a boundary of a plan.
tests_lab_ha_ctl_mortal_SOURCES = $(tools_ha_ctl_ha_ctl_SOURCES)
tests_lab_ha_ctl_mortal_CPPFLAGS = $(tools_ha_ctl_ha_ctl_CPPFLAGS) -DOHA_TESTING
tests_lab_ha_ctl_mortal_LDADD = $(tools_ha_ctl_ha_ctl_LDADD)
tests_lab_phone_SOURCES = tests/lab/caller.c tests/lab/phone.c tests/lab/sip_link.c tests/lab/sip_link.h
tests_lab_vip_tool_SOURCES = tests/lab/vip_tool.c
tests_lab_vip_tool_LDADD = lib/libopensips-ha.la

lab_tests += \
  tests/lab/bed.t \
  tests/lab/failover.t \
  tests/lab/keepalived.t \
  tests/lab/resume.t \
  tests/lab/mi.t \
  tests/lab/run-in-bed.t \
  tests/lab/trouble.t \
  tests/lab/vip.t
EXTRA_DIST += $(lab_tests) \
  tests/lab/bed.sh \
  tests/lab/bed_cluster.sh \
  tests/lab/bed_db.sh \
  tests/lab/bed_kamailio.sh \
  tests/lab/bed_net.sh \
  tests/lab/bed_opensips.sh \
  tests/lab/bed_phone.sh \
  tests/lab/bed_sip.sh \
  tests/lab/fence \
  tests/lab/opensips-1013.sql \
  tests/lab/register.xml \
  tests/lab/run-in-bed \
  tests/lab/tap.sh

# The data directory that bed_db copies, made by the first test.
clean-local: clean-lab
.PHONY: clean-lab
clean-lab:
	rm -rf tests/lab/db-template.*
