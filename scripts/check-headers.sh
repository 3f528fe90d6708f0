#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check-headers.sh [ROOT]: each installed header compiles alone, first in its file, as C11 and as C++17, by
# every compiler that is here, with -pedantic-errors.
set -u
cd "${1:-$(dirname "$0")/..}" || exit 70
bad=0 n=0
for compiler in gcc clang; do
  command -v $compiler >/dev/null || continue
  for h in include/opensips-ha/*.h; do
    for language in c:c11 c++:c++17; do
      n=$((n + 1))
      if ! echo "#include <opensips-ha/${h##*/}>" |
        $compiler -x "${language%%:*}" -std="${language##*:}" -pedantic-errors -Wall -Wextra -Werror \
          -Iinclude -fsyntax-only -; then
        echo "$h: does not compile alone by $compiler -std=${language##*:}"
        bad=1
      fi
    done
  done
done
[ $n -gt 0 ] || { echo 'neither gcc nor clang here'; exit 77; }
exit $bad
