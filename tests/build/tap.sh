# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Test output in the Test Anything Protocol, for the tests of the build.

tap_n=0
work=$(mktemp -d "${TMPDIR:-/tmp}/oha-build.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${top_builddir:=$top_srcdir}"

# ok WHAT COMMAND...: the command succeeds.
ok() {
  local what=$1 rc=0
  shift
  tap_n=$((tap_n + 1))
  "$@" >"$work/.out" 2>&1 || rc=$?
  if [ $rc = 0 ]; then
    echo "ok $tap_n - $what"
  else
    echo "not ok $tap_n - $what"
    printf '#   status %d of: %s\n' $rc "$*"
    sed 's/^/#   /' "$work/.out"
  fi
}

# is WHAT GOT WANTED: both are the same text.
is() {
  tap_n=$((tap_n + 1))
  if [ "$2" = "$3" ]; then
    echo "ok $tap_n - $1"
  else
    echo "not ok $tap_n - $1"
    printf '%s\n' "$2" | sed 's/^/#   got:    /'
    printf '%s\n' "$3" | sed 's/^/#   wanted: /'
  fi
}

# skip WHAT WHY
skip() {
  tap_n=$((tap_n + 1))
  echo "ok $tap_n - $1 # SKIP $2"
}

done_testing() { echo "1..$tap_n"; }
