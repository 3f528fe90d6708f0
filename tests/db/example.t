#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# examples/who-rings.c, built by pkg-config against the installed library, asks a real MariaDB.
set -u
if [ -z "${OHA_TEST_SOCKET-}" ]; then
  PATH=$PATH:/usr/sbin:/usr/local/sbin
  command -v mariadbd >/dev/null || { echo '1..0 # SKIP needs mariadbd'; exit 0; }
  exec "${top_srcdir:?}/tests/db/with-mariadb" "$0"
fi
. "$top_srcdir/tests/build/tap.sh"

dest=$work/dest
make -C "$top_builddir" -s install-libLTLIBRARIES install-ohaincludeHEADERS install-pkgconfigDATA DESTDIR="$dest" \
  >"$work/log" 2>&1 || { cat "$work/log"; echo 'Bail out! make install failed'; exit 1; }
prefix=$dest$(sed -n 's/^prefix = //p' "$top_builddir/Makefile")
sanitizers=$(sed -n 's/^SAN_FLAGS = //p' "$top_builddir/Makefile")
compiler=$(sed -n 's/^CC = //p' "$top_builddir/Makefile")
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dest
# shellcheck disable=SC2046,SC2086 # words
ok 'it builds' $compiler $sanitizers -Wall -Wextra -Werror -o "$work/who-rings" "$top_srcdir/examples/who-rings.c" \
  $(pkg-config --cflags --libs opensips-ha)

who_rings() { LD_LIBRARY_PATH=$prefix/lib "$work/who-rings" "$work/cluster.conf" "$@" 2>&1; }
sed "s|\"192.0.2.21\"|\"unix:$OHA_TEST_SOCKET\"|; s|/etc/opensips-ha/database.cnf|$OHA_TEST_OPTION_FILE|;
  s|\"opensips\"|\"$OHA_TEST_SCHEMA\"|" "$top_srcdir/tests/data/cluster/pair.conf" >"$work/cluster.conf"
is 'without a table it says so and fails' "$(who_rings sip1 sip2 | grep -c 'OHA_E_SCHEMA')" 1

sql() { mariadb --no-defaults -u root -S "$OHA_TEST_SOCKET" "$OHA_TEST_SCHEMA" -e "$1"; }
sql "$(cat "$top_srcdir/tests/lab/opensips-1013.sql")"
sql "INSERT INTO location (username, contact, received, socket, expires) VALUES
  ('alice', 'sip:alice@192.168.1.2', 'sip:203.0.113.7:5060', 'udp:198.51.100.10:5060', UNIX_TIMESTAMP() + 600),
  ('bob', 'sip:bob@192.168.1.2', 'sip:203.0.113.8:5060', 'udp:198.51.100.11:5060', UNIX_TIMESTAMP() + 590)"
is 'alice is at the VIP, bob at the dead server' "$(who_rings sip1 sip2)" \
  "sip1 to sip2: 1 of 2 reachable at once, 1 within 10 min
bob@: stranded"
is 'an unknown node is named' "$(who_rings sip1 sip9 | grep -c "sip9.*OHA_E_NOTFOUND")" 1
done_testing
