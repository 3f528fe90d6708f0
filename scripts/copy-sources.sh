#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# copy-sources.sh TO: bring the directory TO level with this tree's sources, times kept, so that
# autoreconf and the builds leave the checkout as it is. In a git checkout: what git tracks or would add.
set -u -o pipefail

from=$(cd "$(dirname "$0")/.." && pwd) || exit 1
mkdir -p "$1" || exit 1
to=$(cd "$1" && pwd) || exit 1
list=$to.list
export LC_ALL=C

cd "$from" || exit 1
if [ -e .git ] && git ls-files -z >/dev/null 2>&1; then
  git ls-files -z -co --exclude-standard
else
  # A tarball, or somebody else's checkout: everything but builds and what configure makes.
  find . -name .git -prune -o -path './build*' -prune -o -path './autom4te.cache' -prune \
    -o -type f ! -name '*.o' ! -name '*.lo' ! -name config.status ! -name Makefile -print0 |
    sed -z 's|^\./||'
fi | sort -z | while IFS= read -r -d '' f; do [ -f "$f" ] && printf '%s\0' "$f"; done >"$list.new" || exit 1

# What has gone from the tree goes from the copy.
if [ -f "$list" ]; then
  comm -z -23 "$list" "$list.new" | (cd "$to" && xargs -0 -r rm -f --)
fi
tar -cf - --null -T "$list.new" | tar -xf - -C "$to" || exit 1
mv "$list.new" "$list"
