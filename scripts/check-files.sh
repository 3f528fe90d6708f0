#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check-files.sh [ROOT]: every source file names its licence, the right one for its folder; scripts are
# executable; no text is left that means something only where it was written, or that promises work.
set -u -o pipefail
cd "${1:-$(dirname "$0")/..}" || exit 70
bad=0
say() {
  echo "$*"
  bad=1
}

# In a git checkout what git tracks or would add; else what is there, without what a build leaves.
mapfile -d '' files < <(
  if [ -e .git ] && git ls-files -z >/dev/null 2>&1; then
    git ls-files -z -co --exclude-standard |
      while IFS= read -r -d '' f; do [ -f "$f" ] && printf '%s\0' "$f"; done
    exit
  fi
  for top in include lib tools tests examples bench scripts man doc contrib m4 .ci; do
    [ -d "$top" ] && find "$top" -type f ! -name '*.o' ! -name '*.lo' ! -name '*.la' ! -name '*.log' \
      ! -name '*.trs' ! -path '*/.libs/*' ! -path '*/.deps/*' ! -path '*/corpus/*' ! -name '.dirstamp' \
      ! -path 'm4/l*.m4' -print0
  done | sort -z
  for top in check demo .clang-tidy configure.ac Makefile.am README.md NEWS CONTRIBUTING.md; do
    [ -f "$top" ] && printf '%s\0' "$top"
  done
)
[ ${#files[@]} -gt 0 ] || { echo 'check-files: nothing found'; exit 1; }

for f in "${files[@]}"; do
  case $f in
    *.c | *.h | *.sh | *.t | *.mk | *.m4 | *.map | *.am | *.ac | check | demo | .ci/run | scripts/packages) ;;
    *) continue ;;
  esac
  want=GPL-3.0-or-later
  case $f in
    *.mk) ;;
    lib/* | include/*) want=LGPL-2.1-or-later ;;
  esac
  head -n 3 "$f" | grep -q "SPDX-License-Identifier: $want\( \*/\)\?$" ||
    say "$f:1: no line 'SPDX-License-Identifier: $want' in the first three"
done

for f in "${files[@]}"; do
  if [ ! -x "$f" ] && [ "$(head -c 3 "$f" | tr -d '\0')" = '#!/' ]; then
    say "$f:1: begins as a script but is not executable"
  fi
done

# Written so that this file does not find itself.
local_words='[D]ESIGN\.md|[S]TYLE\.md|[/]work/|(^|[^a-z])[f]acts/|[w]orkshop|[i]ssue #?2([^0-9]|$)|/tmp/[w]t|/tmp/[h]elpers'
if grep -InE "$local_words" -- "${files[@]}"; then
  say 'these lines name things that only exist where they were written'
fi
if grep -InE '(^|[^A-Za-z_])(T[O]DO|F[I]XME|X[X]X)([^A-Za-z_0-9]|$)' -- "${files[@]}"; then
  say 'these lines promise work instead of doing it'
fi
exit $bad
