#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Where the answer goes: full disks, terminals, hostile bytes.
. "${top_srcdir:?}/tests/tools/tools.sh"
write_cluster

full()
{
  "$ha_ctl" "$@" > /dev/full
}
run full exit-codes
exits "disk full: a reading verb leaves with 69" 69
says "disk full: says so" 'OHA-OUTPUT: the answer could not be written: No space left on device'
run full -j exit-codes
exits "disk full, JSON: 69" 69
run full --help
exits "disk full: help, too" 69
run full probe -T 1ms udp:127.0.0.1:9
exits "disk full: a verb that judges is no less strict" 2

# On a terminal, with the environment given.
terminal()
{
  env "$@" script -qec "$ha_ctl exit-codes" /dev/null
}
esc=$(printf '\033')
if command -v script > /dev/null; then
  run terminal TERM=xterm
  shows "a terminal gets colours" "$esc\\[1m"
  for setting in "TERM=xterm NO_COLOR=1" "TERM=dumb"; do
    # shellcheck disable=SC2086
    run terminal $setting
    is "none with $setting" "${out//[!$esc]/}" ""
  done
fi
run ha-ctl exit-codes
is "no colours in a pipe" "${out//[!$esc]/}" ""

# Escape sequences, a C1 control, a direction override, bytes that are no UTF-8, quotes.
hostile=$(printf 'x\033[31m\302\233\342\200\256\377"\\y\n')
run ha-ctl locate --to "$hostile" alice
is "no control byte on standard error" "$(printf '%s' "$err" | tr -d '\n' | grep -c '[[:cntrl:]]')" 0
run ha-ctl -j frobnicate "$hostile"
run ha-ctl -j "$hostile"
json "hostile bytes in JSON" '.errors[0].text | contains("\u001b[31m") and contains("\u202e") and contains("\ufffd")'
is "and none of them raw" "$(grep -c "$esc" "$TMPDIR/out")" 0
ok "JSON is UTF-8" iconv -f UTF-8 -t UTF-8 "$TMPDIR/out"

done_testing
