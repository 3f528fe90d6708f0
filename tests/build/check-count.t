#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What ./check counts of a test program's log, as automake's drivers leave it.
. "$(dirname "$0")/tap.sh"

# books DRIVER PROGRAM: runs the shell text PROGRAM as a test and books it: "passed failed skipped", then
# what ./check would say.
books() {
  printf '#!/bin/sh\n%s\n' "$2" >"$work/x"
  chmod +x "$work/x"
  rm -f "$work"/out.*
  case $1 in
    tap) set -- env AM_TAP_AWK=awk sh "$top_srcdir/tap-driver.sh" ;;
    plain) set -- sh "$top_srcdir/test-driver" ;;
  esac
  "$@" --test-name tests/x --log-file "$work/x.log" --trs-file "$work/x.trs" --color-tests no \
    --enable-hard-errors yes --expect-failure no -- "$work/x" >/dev/null 2>&1
  out=$work/out
  # shellcheck source=/dev/null
  . "$top_srcdir/scripts/book-results.sh"
  book_program "$work/x" "$work"
  echo "$passed $failed $skipped"
  cat "$work/out.failed" "$work/out.skipped" 2>/dev/null
}

is 'TAP: each case' "$(books tap 'echo 1..2; echo ok 1 - a; echo ok 2 - b')" '2 0 0'
is 'TAP: a failed case, by name' "$(books tap 'echo ok 1 - a; echo not ok 2 - it breaks; echo 1..2')" \
  $'1 1 0\nFAIL x: it breaks'
is 'TAP: a skipped case, and why' "$(books tap 'echo 1..2; echo ok 1 - a; echo "ok 2 - b # SKIP no moon"')" \
  $'1 0 1\nx: b # SKIP no moon'
is 'TAP: skipped as a whole' "$(books tap 'echo "1..0 # SKIP no sun"')" $'0 0 1\nx: # SKIP no sun'
is 'TAP: cases that were promised and did not come' "$(books tap 'echo 1..3; echo ok 1 - a')" $'1 1 0\nFAIL x'
is 'TAP: no plan' "$(books tap 'echo ok 1 - a')" $'1 1 0\nFAIL x'
is 'TAP: nothing at all' "$(books tap ':')" $'0 1 0\nFAIL x'
is 'TAP: good cases and a bad end' "$(books tap 'echo 1..1; echo ok 1 - a; exit 3')" $'1 1 0\nFAIL x'
is 'TAP: bails out' "$(books tap 'echo ok 1 - a; echo "Bail out! no power"; exit 1')" $'1 1 0\nFAIL x'

groups='echo "[==========] 3 test(s) run."; echo "[  PASSED  ] 3 test(s)."'
is 'cmocka: each case' "$(books plain "$groups")" '3 0 0'
is 'cmocka: of each group' "$(books plain "$groups; $groups")" '6 0 0'
is 'cmocka: failed cases, by name' \
  "$(books plain 'echo "[  PASSED  ] 1 test(s)."; echo "[  FAILED  ] 2 test(s), listed below:"
echo "[  FAILED  ] one"; echo "[  FAILED  ] two"; exit 2')" $'1 2 0\nFAIL x: one\nFAIL x: two'
is 'cmocka: good cases and a bad end' "$(books plain "$groups; exit 1")" $'3 1 0\nFAIL x: its exit status'
is 'a program that aborts' "$(books plain 'echo "[ RUN      ] one"; kill -ABRT $$')" $'0 1 0\nFAIL x'
is 'a program that does not like this machine' "$(books plain 'echo needs more; exit 77')" $'0 0 1\nx: needs more'
is 'any other good program' "$(books plain 'echo 12 files')" '1 0 0'
is 'any other bad one' "$(books plain 'exit 1')" $'0 1 0\nFAIL x'
done_testing
