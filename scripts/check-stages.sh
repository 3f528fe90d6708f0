#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check-stages.sh STAGE: one stage of ./check, run by it in $OHA_BUILD_DIR/src, the copy of the sources; all
# builds are beside that. Leaves "passed failed skipped" in logs/STAGE.count, and what ./check shows of it in
# logs/STAGE.{failed,skipped,report}.
set -u -o pipefail

B=${OHA_BUILD_DIR:?is set by ./check}
stage=$1
src=$B/src
cd "$src" || exit 70
out=$B/logs/$stage
passed=0 failed=0 skipped=0
jobs=-j$(($(nproc) > 2 ? 2 : $(nproc)))

finish() {
  echo "$passed $failed $skipped" >"$out.count"
  [ "$failed" = 0 ]
  exit
}

# result RC NAME [WHY]: book one test; 77 = skipped.
result() {
  case $1 in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)); echo "$2${3:+: $3}" >>"$out.skipped" ;;
    *) failed=$((failed + 1)); echo "FAIL $2${3:+: $3}" >>"$out.failed" ;;
  esac
}

# build NAME [OPTION]...: configured with these options, in $B/NAME; the test programs, too, without running any.
build() {
  local dir=$B/$1
  shift
  scripts/build.sh "$src" "$dir" "$@" && make -C "$dir" $jobs -s check TESTS= >/dev/null
}

build_gcc() { build gcc CC=gcc --enable-werror; }

# run_tests DIR TARGET [-jN]: run one of the check-* targets and book every case of it.
run_tests() {
  local dir=$B/$1 target=$2 stamp=$B/logs/.stamp.$stage failed_before=$failed rc trs
  touch "$stamp"
  make -C "$dir" "${3:-$jobs}" -k -s "$target"
  rc=$?
  while IFS= read -r -d '' trs; do
    book_program "${trs%.trs}" "$dir"
  done < <(find "$dir/tests" -name '*.trs' -newer "$stamp" -print0 | sort -z)
  [ $rc = 0 ] || [ "$failed" -gt "$failed_before" ] || result 1 "make $target"
}

# One test program: TAP lines are in its .trs file; cmocka's own sums are in its log.
book_program() {
  local log=$1.log name=${1#"$2/"} line ok bad
  ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  if [ $((ok + bad)) -gt 0 ]; then
    passed=$((passed + ok)) failed=$((failed + bad))
    grep -q '^:test-result: PASS' "$1.trs" || { [ "$bad" -gt 0 ] || failed=$((failed + 1)); }
    sed -n "s|^\[  FAILED  \] \([a-z_].*\)|FAIL $name: \1|p" "$log" >>"$out.failed"
    grep -q '^:test-result: PASS' "$1.trs" || show_log "$name" "$log"
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

# Without the gcc build nothing can be tested: say so once, here.
need_gcc() {
  build_gcc || { result 1 "$stage" 'the build with gcc failed'; finish; }
}

check_script() {
  local name=$1 log=$B/logs/$1.log rc
  shift
  "scripts/$name" "$@" >"$log" 2>&1
  rc=$?
  cat "$log"
  result $rc "scripts/$name" "$(tail -n 1 "$log")"
  [ $rc = 0 ] || [ $rc = 77 ] || show_log "scripts/$name" "$log"
}

fuzz_briefly() {
  local h corpus work=$TMPDIR/corpus
  for h in "$B"/fuzzers/tests/fuzz/fuzz_*; do
    [ -x "$h" ] && [ ! -d "$h" ] || continue
    case $h in *.*) continue ;; esac
    corpus=$src/tests/fuzz/corpus/${h##*/fuzz_}
    mkdir -p "$work/${h##*/}"
    (cd "$TMPDIR" && "$h" -max_total_time=30 -timeout=10 -print_final_stats=1 "$work/${h##*/}" "$corpus" 2>&1 |
      tail -n 40)
    result $? "${h##*/}"
  done
}

case $stage in
  packages)
    scripts/install-packages.sh build test
    result $? 'installing packages'
    ;;
  gcc)
    build_gcc
    result $? 'build with gcc'
    ;;
  unit)
    need_gcc
    run_tests gcc check-unit
    ;;
  scripts)
    need_gcc
    for c in layers files format headers man; do
      check_script check-$c.sh
    done
    check_script check-symbols.sh "$B/gcc"
    run_tests gcc check-build
    ;;
  tools | db)
    need_gcc
    run_tests gcc "check-$stage"
    ;;
  lab) # one at a time: they measure
    need_gcc
    run_tests gcc check-lab -j1
    ;;
  db-long)
    need_gcc
    OHA_LONG=1 run_tests gcc check-db
    ;;
  lab-long)
    need_gcc
    OHA_LONG=1 run_tests gcc check-lab -j1
    ;;
  clang)
    build clang CC=clang --enable-werror
    result $? 'build with clang'
    ;;
  asan)
    build asan CC=clang CFLAGS='-g -O1' --enable-werror --enable-sanitizers=address,undefined
    result $? 'build with sanitizers'
    [ $failed = 0 ] || finish
    export ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
    for t in unit tools db; do
      run_tests asan check-$t
    done
    ;;
  distcheck)
    need_gcc
    make -C "$B/gcc" $jobs -s distcheck
    result $? distcheck
    ;;
  fuzzers)
    build fuzzers CC=clang CFLAGS='-g -O1' --enable-werror --enable-fuzzers --enable-sanitizers=address,undefined
    result $? 'build with libFuzzer'
    [ $failed = 0 ] && fuzz_briefly
    ;;
  lint)
    need_gcc
    check_script check-lint.sh
    ;;
  *)
    echo "check-stages.sh: no stage '$stage'" >&2
    exit 64
    ;;
esac
finish
