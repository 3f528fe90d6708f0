# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Test output in the Test Anything Protocol.

tap_n=0

# ok WHAT CMD...: one test: CMD succeeds.
ok()
{
  local what=$1 rc=0
  shift
  tap_n=$((tap_n + 1))
  "$@" > "$TMPDIR/tap.out" 2>&1 || rc=$?
  if [ $rc -eq 0 ]; then
    echo "ok $tap_n - $what"
  else
    echo "not ok $tap_n - $what"
    echo "#   failed ($rc): $*"
    sed 's/^/#   /' "$TMPDIR/tap.out"
  fi
}

# is WHAT GOT WANTED: one test: both are the same.
is()
{
  tap_n=$((tap_n + 1))
  if [ "$2" = "$3" ]; then
    echo "ok $tap_n - $1"
  else
    printf 'not ok %d - %s\n#   got:    %s\n#   wanted: %s\n' "$tap_n" "$1" "${2//$'\n'/$'\n'#           }" \
      "${3//$'\n'/$'\n'#           }"
  fi
}

# The last line of a test.
done_testing()
{
  echo "1..$tap_n"
}
