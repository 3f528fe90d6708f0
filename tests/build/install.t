#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make install` puts into a system, and that a program builds against it by pkg-config alone.
. "$(dirname "$0")/tap.sh"
dest=$work/dest
log=$work/install.log
: "${CC:=cc}"

if ! make -C "$top_builddir" -s install DESTDIR="$dest" >"$log" 2>&1; then
  tail -n 20 "$log" | sed 's/^/# /'
  echo 'Bail out! make install failed'
  exit 1
fi
prefix=$dest$(sed -n 's/^prefix = //p' "$top_builddir/Makefile")

# What the build lists, and the files that a user looks for first.
for f in lib/libopensips-ha.so lib/libopensips-ha.so.0 lib/pkgconfig/opensips-ha.pc include/opensips-ha/api.h \
  share/doc/opensips-ha/examples/who-rings.c; do
  ok "$f is installed" test -e "$prefix/$f"
done
for h in "$top_srcdir"/include/opensips-ha/*.h; do
  [ -e "$prefix/include/opensips-ha/${h##*/}" ] || missing="${missing-} ${h##*/}"
done
is 'every public header is installed' "${missing-}" ''
for m in "$top_srcdir"/man/*.[1-8]; do
  ok "${m##*/} is installed" test -e "$prefix/share/man/man${m##*.}/${m##*/}"
done
is 'the static library is not' "$(find "$dest" -name '*.a')" ''
is 'nothing of the tests is' "$(find "$dest" -name '*test*' -o -name '*fuzz*')" ''

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dest
version=$(sed -n 's/^#define OHA_VERSION "\(.*\)"/\1/p' "$top_srcdir/include/opensips-ha/api.h")
is 'the .pc file and the headers name one version' "$(pkg-config --modversion opensips-ha)" "$version"
read -r -a flags < <(pkg-config --cflags --libs opensips-ha)
build() { # CODE OUTPUT: with the flags of pkg-config
  "$CC" -x c -Wall -Wextra -Werror -o "$2" - "${flags[@]}" <<<"$1"
}
ok 'a program of one call builds' build '#include <opensips-ha/api.h>
#include <stdio.h>
int main(void) { puts(oha_version()); return 0; }' "$work/version"
is 'and runs with that version' "$(LD_LIBRARY_PATH=$prefix/lib "$work/version")" "$version"
ok 'the example builds' "$CC" -Wall -Wextra -Werror -o "$work/who-rings" \
  "$prefix/share/doc/opensips-ha/examples/who-rings.c" "${flags[@]}"
is 'and says how it is used' "$(LD_LIBRARY_PATH=$prefix/lib "$work/who-rings" 2>&1; echo $?)" \
  'usage: who-rings CLUSTER_FILE FROM TO'$'\n64'
is 'and names a cluster file that is not there' \
  "$(LD_LIBRARY_PATH=$prefix/lib "$work/who-rings" /nowhere/x.conf a b 2>&1 | grep -o '/nowhere/x.conf')" /nowhere/x.conf

ok 'the example of a loop builds' "$CC" -Wall -Wextra -Werror -o "$work/watch-peers" \
  "$prefix/share/doc/opensips-ha/examples/watch-peers.c" "${flags[@]}"
is 'and sees in its own loop that nobody answers' \
  "$(LD_LIBRARY_PATH=$prefix/lib "$work/watch-peers" 2 udp:127.0.0.1:9 2>&1; echo $?)" 'udp:127.0.0.1:9: down'$'\n1'

ok 'make uninstall leaves no file' sh -c \
  "make -C '$top_builddir' -s uninstall DESTDIR='$dest' && test -z \"\$(find '$dest' ! -type d)\""
done_testing
