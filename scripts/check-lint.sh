#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check-lint.sh [ROOT]: clang-tidy by .clang-tidy, and cppcheck without its opinions on style.
set -u
cd "${1:-$(dirname "$0")/..}" || exit 70
command -v clang-tidy >/dev/null && command -v cppcheck >/dev/null || { echo 'no clang-tidy or no cppcheck'; exit 77; }
bad=0
mapfile -d '' files < <(find lib tools tests examples bench -type f -name '*.c' -print0 2>/dev/null | sort -z)
flags=(-std=gnu11 -D_GNU_SOURCE -DOHA_TESTING -DOHA_SYSCONFDIR='""' -DOHA_STATEDIR='""' -DOHA_BINDIR='""'
  -Iinclude -Ilib -Itools -Itests/unit -Itests/db -Itests)
read -r -a more < <(pkg-config --cflags libmariadb jansson libmnl libxml-2.0 cmocka)
for f in "${files[@]}"; do
  clang-tidy --quiet --warnings-as-errors='*' "$f" -- "${flags[@]}" "${more[@]}" 2>/dev/null || bad=1
done
cppcheck --quiet --enable=warning,portability,performance --inline-suppr --error-exitcode=1 --std=c11 -j 2 \
  --suppress=missingIncludeSystem -D_GNU_SOURCE -DOHA_TESTING -Iinclude -Ilib -Itools "${files[@]}" || bad=1
exit $bad
