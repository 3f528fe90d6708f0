# SPDX-License-Identifier: GPL-3.0-or-later
lib_LTLIBRARIES += %reldir%/libopensips-ha.la
check_LTLIBRARIES += %reldir%/liboha-test.la

oha_lib_sources = \
  %reldir%/base/ctx.c \
  %reldir%/base/ctx.h \
  %reldir%/base/error.c \
  %reldir%/base/error.h \
  %reldir%/base/mem.c \
  %reldir%/base/mem.h \
  %reldir%/base/run.c \
  %reldir%/base/run.h \
  %reldir%/base/sbuf.c \
  %reldir%/base/sbuf.h \
  %reldir%/base/span.c \
  %reldir%/base/span.h \
  %reldir%/base/time.c \
  %reldir%/base/time.h \
  %reldir%/base/tz.c \
  %reldir%/base/tz.h \
  %reldir%/base/tz_open.c \
  %reldir%/base/tz_parse.c \
  %reldir%/base/tz_posix.c \
  %reldir%/base/utf8.c \
  %reldir%/base/utf8.h \
  %reldir%/config/arena.c \
  %reldir%/config/arena.h \
  %reldir%/config/cluster_build.c \
  %reldir%/config/cluster_check.c \
  %reldir%/config/cluster_conf.c \
  %reldir%/config/cluster_conf.h \
  %reldir%/config/cluster_hint.c \
  %reldir%/config/cluster_hint.h \
  %reldir%/config/cluster_lex.c \
  %reldir%/config/cluster_lex.h \
  %reldir%/config/cluster_load.c \
  %reldir%/config/cluster_load.h \
  %reldir%/config/cluster_model.c \
  %reldir%/config/cluster_model.h \
  %reldir%/config/cluster_problem.c \
  %reldir%/config/cluster_problem.h \
  %reldir%/config/cluster_schema.c \
  %reldir%/config/cluster_schema.h \
  %reldir%/config/cluster_value.c \
  %reldir%/config/cluster_value.h \
  %reldir%/config/move.c \
  %reldir%/config/self.c \
  %reldir%/config/self.h \
  %reldir%/db/conn.h \
  %reldir%/db/connect.c \
  %reldir%/db/datetime.c \
  %reldir%/db/datetime.h \
  %reldir%/db/errors.c \
  %reldir%/db/errors.h \
  %reldir%/db/grant.c \
  %reldir%/db/host.c \
  %reldir%/db/host.h \
  %reldir%/db/judge.c \
  %reldir%/db/open.c \
  %reldir%/db/optfile.c \
  %reldir%/db/optfile.h \
  %reldir%/db/optfile_read.c \
  %reldir%/db/query.c \
  %reldir%/db/query.h \
  %reldir%/db/sql.c \
  %reldir%/db/trx.c \
  %reldir%/db/verdict.c \
  %reldir%/engine/answer.c \
  %reldir%/engine/answer.h \
  %reldir%/engine/answer_probe.c \
  %reldir%/engine/answer_vip.c \
  %reldir%/engine/engine.c \
  %reldir%/engine/engine.h \
  %reldir%/engine/native/addrs.c \
  %reldir%/engine/native/addrs.h \
  %reldir%/engine/native/announce.c \
  %reldir%/engine/native/announce.h \
  %reldir%/engine/native/arp.c \
  %reldir%/engine/native/arp.h \
  %reldir%/engine/native/engine.c \
  %reldir%/engine/native/frame.h \
  %reldir%/engine/native/kernel.c \
  %reldir%/engine/native/lan.c \
  %reldir%/engine/native/lan.h \
  %reldir%/engine/native/nd.c \
  %reldir%/engine/native/nd.h \
  %reldir%/engine/native/netlink.c \
  %reldir%/engine/native/netlink.h \
  %reldir%/engine/native/owners.c \
  %reldir%/engine/native/owners_seen.c \
  %reldir%/engine/native/owners_seen.h \
  %reldir%/engine/native/promote.c \
  %reldir%/engine/native/promote.h \
  %reldir%/engine/native/vip.c \
  %reldir%/engine/place.c \
  %reldir%/engine/place.h \
  %reldir%/engine/place_probe.c \
  %reldir%/engine/remote.c \
  %reldir%/engine/remote.h \
  %reldir%/failover/drive.c \
  %reldir%/failover/drive.h \
  %reldir%/failover/evidence.c \
  %reldir%/failover/gates.c \
  %reldir%/failover/gates.h \
  %reldir%/failover/nodes.c \
  %reldir%/failover/options_json.c \
  %reldir%/failover/plan.c \
  %reldir%/failover/plan.h \
  %reldir%/failover/run.c \
  %reldir%/failover/session.c \
  %reldir%/failover/step.h \
  %reldir%/failover/step_down.c \
  %reldir%/failover/step_prove.c \
  %reldir%/failover/step_table.c \
  %reldir%/failover/step_vip.c \
  %reldir%/failover/steps.c \
  %reldir%/failover/undo.c \
  %reldir%/journal/journal.c \
  %reldir%/journal/journal.h \
  %reldir%/journal/lease.c \
  %reldir%/journal/local.c \
  %reldir%/journal/local.h \
  %reldir%/journal/lock.c \
  %reldir%/journal/logline.c \
  %reldir%/journal/logline.h \
  %reldir%/journal/merge.c \
  %reldir%/journal/op.c \
  %reldir%/journal/page.c \
  %reldir%/journal/page.h \
  %reldir%/journal/page_blob.c \
  %reldir%/journal/record_db.c \
  %reldir%/journal/step.c \
  %reldir%/journal/store.c \
  %reldir%/journal/store.h \
  %reldir%/journal/tables.c \
  %reldir%/journal/tables.h \
  %reldir%/journal/text.c \
  %reldir%/journal/text.h \
  %reldir%/journal/write.c \
  %reldir%/location/aor_hash.c \
  %reldir%/location/catalog.c \
  %reldir%/location/catalog.h \
  %reldir%/location/dialect.c \
  %reldir%/location/dialect.h \
  %reldir%/location/location.h \
  %reldir%/location/lookup.c \
  %reldir%/location/open.c \
  %reldir%/location/reach.c \
  %reldir%/location/reach_scan.c \
  %reldir%/location/reach_sum.c \
  %reldir%/location/rewrite.c \
  %reldir%/location/rewrite_pace.c \
  %reldir%/location/rewrite_pace.h \
  %reldir%/location/rewrite_page.c \
  %reldir%/location/rewrite_page.h \
  %reldir%/location/rewrite_pairs.c \
  %reldir%/location/rewrite_undo.c \
  %reldir%/location/row.c \
  %reldir%/location/row.h \
  %reldir%/location/scan.c \
  %reldir%/location/scan.h \
  %reldir%/location/sockets.c \
  %reldir%/location/table.c \
  %reldir%/mi/address.c \
  %reldir%/mi/address.h \
  %reldir%/mi/client.h \
  %reldir%/mi/datagram.c \
  %reldir%/mi/era.c \
  %reldir%/mi/era.h \
  %reldir%/mi/exchange.c \
  %reldir%/mi/fifo.c \
  %reldir%/mi/fifo.h \
  %reldir%/mi/find_era.c \
  %reldir%/mi/guard.c \
  %reldir%/mi/guard.h \
  %reldir%/mi/http.c \
  %reldir%/mi/http.h \
  %reldir%/mi/http_link.c \
  %reldir%/mi/io.c \
  %reldir%/mi/json.c \
  %reldir%/mi/json.h \
  %reldir%/mi/jsonrpc.c \
  %reldir%/mi/jsonrpc.h \
  %reldir%/mi/mi.c \
  %reldir%/mi/mijson.c \
  %reldir%/mi/mijson.h \
  %reldir%/mi/names.c \
  %reldir%/mi/names.h \
  %reldir%/mi/reply.c \
  %reldir%/mi/reply_fifo.c \
  %reldir%/mi/reply_fifo.h \
  %reldir%/mi/request.c \
  %reldir%/mi/request.h \
  %reldir%/mi/shape.c \
  %reldir%/mi/shape.h \
  %reldir%/mi/text.c \
  %reldir%/mi/text.h \
  %reldir%/mi/value.c \
  %reldir%/mi/value.h \
  %reldir%/mi/xmlrpc.c \
  %reldir%/mi/xmlrpc.h \
  %reldir%/mi/xmlrpc_tree.c \
  %reldir%/mi/xmlrpc_tree.h \
  %reldir%/net/container.h \
  %reldir%/net/curl.c \
  %reldir%/net/curl.h \
  %reldir%/net/index.c \
  %reldir%/net/index.h \
  %reldir%/net/loop.c \
  %reldir%/net/loop.h \
  %reldir%/net/probe.c \
  %reldir%/net/probe.h \
  %reldir%/net/probe_tcp.c \
  %reldir%/net/probe_tls.c \
  %reldir%/net/probe_udp.c \
  %reldir%/net/prober.c \
  %reldir%/net/random.c \
  %reldir%/net/random.h \
  %reldir%/net/sockaddr.c \
  %reldir%/net/sockaddr.h \
  %reldir%/net/stream.c \
  %reldir%/net/stream.h \
  %reldir%/net/timer.c \
  %reldir%/net/timer.h \
  %reldir%/peer/bound.c \
  %reldir%/peer/bound.h \
  %reldir%/peer/db_judge.c \
  %reldir%/peer/db_probe.c \
  %reldir%/peer/discover.c \
  %reldir%/peer/discover.h \
  %reldir%/peer/fsm.c \
  %reldir%/peer/fsm.h \
  %reldir%/sip/addr.c \
  %reldir%/sip/addr.h \
  %reldir%/sip/frame.c \
  %reldir%/sip/frame.h \
  %reldir%/sip/head.c \
  %reldir%/sip/head.h \
  %reldir%/sip/options.c \
  %reldir%/sip/options.h \
  %reldir%/sip/reply.c \
  %reldir%/sip/reply.h \
  %reldir%/sip/sock.c \
  %reldir%/sip/sock.h \
  %reldir%/sip/uri.c

oha_lib_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/lib
oha_lib_cflags = $(AM_CFLAGS) $(CURL_CFLAGS) $(MARIADB_CFLAGS) $(JANSSON_CFLAGS) $(MNL_CFLAGS) $(XML2_CFLAGS)
oha_lib_libs = $(CURL_LIBS) $(MARIADB_LIBS) $(JANSSON_LIBS) $(MNL_LIBS) $(XML2_LIBS)

lib_libopensips_ha_la_SOURCES = $(oha_lib_sources)
lib_libopensips_ha_la_CPPFLAGS = $(oha_lib_cppflags)
lib_libopensips_ha_la_CFLAGS = $(oha_lib_cflags)
lib_libopensips_ha_la_LIBADD = $(oha_lib_libs)
lib_libopensips_ha_la_LDFLAGS = $(AM_LDFLAGS) -version-info $(OHA_LT_VERSION) -no-undefined \
  -Wl,--as-needed -Wl,--version-script=$(srcdir)/%reldir%/libopensips-ha.map
EXTRA_lib_libopensips_ha_la_DEPENDENCIES = $(srcdir)/%reldir%/libopensips-ha.map

# The same sources with the test hooks and nothing hidden.
lib_liboha_test_la_SOURCES = $(oha_lib_sources)
lib_liboha_test_la_CPPFLAGS = $(oha_lib_cppflags) -DOHA_TESTING
lib_liboha_test_la_CFLAGS = $(oha_lib_cflags) -fvisibility=default
lib_liboha_test_la_LIBADD = $(oha_lib_libs)
lib_liboha_test_la_LDFLAGS = $(AM_LDFLAGS)

dist_noinst_DATA += %reldir%/libopensips-ha.map
