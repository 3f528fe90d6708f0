# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced by check-stages.sh: counts in $passed, $failed and $skipped; names and reasons go to $out.failed and
# $out.skipped, what explains a failure to $out.report.
passed=0 failed=0 skipped=0

# result RC NAME [WHY]: book one test; 77 = skipped.
result() {
  case $1 in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)); echo "$2${3:+: $3}" >>"$out.skipped" ;;
    *) failed=$((failed + 1)); echo "FAIL $2${3:+: $3}" >>"$out.failed" ;;
  esac
}

# One test program: TAP lines are in its .trs file; cmocka's own sums are in its log.
book_program() {
  local log=$1.log name=${1#"$2/"} line ok bad
  ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  if [ $((ok + bad)) -gt 0 ]; then
    passed=$((passed + ok)) failed=$((failed + bad))
    grep -q '^:test-result: PASS' "$1.trs" && return
    # All cases passed, and the program failed: a leak, or a crash at its end.
    [ "$bad" -gt 0 ] || result 1 "$name" 'its exit status'
    sed -n "/listed below/,\$ s|^\[  FAILED  \] \([a-z_].*\)|FAIL $name: \1|p" "$log" >>"$out.failed"
    show_log "$name" "$log"
    return
  fi
  # One line for each case; TAP's has no name there, so take the names from the log.
  bad=0
  while IFS= read -r line; do
    case $line in
      PASS* | XFAIL*) passed=$((passed + 1)) ;;
      SKIP*) skipped=$((skipped + 1)) ;;
      *) bad=$((bad + 1)) ;;
    esac
  done < <(sed -n 's/^:test-result: //p' "$1.trs")
  failed=$((failed + bad))
  if grep -q '^:test-result: SKIP' "$1.trs"; then
    sed -n "s|^ok [0-9 -]*\(.*# SKIP.*\)|$name: \1|p; s|^1\.\.0 *\(# SKIP.*\)|$name: \1|p" "$log" >>"$out.skipped"
    grep -q '^1\.\.\|^ok ' "$log" || echo "$name: $(grep -v '^SKIP ' "$log" | tail -n 1)" >>"$out.skipped"
  fi
  if [ $bad -gt 0 ]; then
    grep '^not ok' "$log" | sed "s|^not ok [0-9]* *-* *|FAIL $name: |" >>"$out.failed"
    grep -q '^not ok' "$log" || echo "FAIL $name" >>"$out.failed"
    show_log "$name" "$log"
  fi
}

# What ./check shows of a failure: of TAP the failed cases with their remarks, else the end of the log.
show_log() {
  printf -- '---- %s\n' "$1" >>"$out.report"
  if grep -q '^not ok' "$2"; then
    awk '/^not ok/ { shown = 1; print; next } /^[A-Z]*: / { next } !/^#/ { shown = 0 } shown' "$2"
  else
    tail -n 60 "$2"
  fi >>"$out.report"
}
