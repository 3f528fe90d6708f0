#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# build.sh SOURCES DIR [OPTION]...: bring SOURCES/configure up to date, configure in DIR with these options where
# that has not been done, and make what `make` makes, by at most two processes.
set -u -o pipefail
src=$1 dir=$2
shift 2
if [ ! -x "$src/configure" ] ||
  [ -n "$(find "$src/configure.ac" "$src"/m4/oha_*.m4 -newer "$src/configure")" ]; then
  (cd "$src" && autoreconf -fi && touch configure) || exit 1
fi
mkdir -p "$dir" || exit 1
key="$* $(cksum <"$src/configure")"
if [ "$(cat "$dir/configured" 2>/dev/null)" != "$key" ]; then
  src=$(cd "$src" && pwd)
  (cd "$dir" && "$src/configure" -q "$@") || exit 1
  echo "$key" >"$dir/configured"
fi
exec make -k -C "$dir" -j$(($(nproc) > 2 ? 2 : $(nproc))) -s
