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
. scripts/book-results.sh
jobs=-j$(($(nproc) > 2 ? 2 : $(nproc)))

finish() {
  echo "$passed $failed $skipped" >"$out.count"
  [ "$failed" = 0 ]
  exit
}

# build NAME [OPTION]...: configured with these options, in $B/NAME; the test programs, too, without running any.
build() {
  local dir=$B/$1
  shift
  scripts/build.sh "$src" "$dir" "$@" && make -k -C "$dir" $jobs -s check TESTS= >/dev/null
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
    build clang CC=clang --enable-werror --with-shell=editline
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
    build fuzzers CC=clang CFLAGS='-g -O1' --enable-werror --with-shell=no --enable-fuzzers --enable-sanitizers=address,undefined
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
