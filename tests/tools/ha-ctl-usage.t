#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Wrong command lines: each is an error with its own words and the right exit code, in both forms.
. "${top_srcdir:?}/tests/tools/tools.sh"

refuses()
{
  local what=$1 pattern=$2
  shift 2
  run ha-ctl "$@"
  exits "$what: 64" 64
  says "$what: says so" "ha-ctl: OHA-USAGE: $pattern"
  is "$what: nothing on standard output" "$out" ""
  run ha-ctl -j "$@"
  exits "$what, JSON: 64" 64
  json "$what, JSON: one error" '.schema == "opensips-ha/1" and .ok == false and .exit == {code: 64, name: "USAGE"}
    and (.errors | length == 1) and .errors[0].id == "OHA-USAGE" and .errors[0].text != "" and .errors[0].hint != ""'
}

refuses "unknown verb" "unknown verb 'frobnicate'" frobnicate
refuses "abbreviated verb" "unknown verb 'stat'" stat
refuses "first word alone" "vip: which of show, add, del" vip
refuses "unknown second word" "unknown verb 'vip steal'; vip has show, add, del" vip steal
refuses "unknown option" "unknown option --frobnicate" status --frobnicate
refuses "unknown letter" "unknown option -Z" status -Z
refuses "abbreviated option" "unknown option --conf" status --conf x
refuses "option of another verb" "status has no option --class" status --class direct
refuses "missing value" "option --to needs a value" reach --to
refuses "empty value" "option --to: the value is empty" reach --to=
refuses "bad duration" "option --timeout: duration '5'" status -T 5
refuses "bad number" "option --limit: 'many'" locations --limit many
refuses "bad choice" "option --output: 'yaml' must be text\|json" status --output yaml
refuses "missing argument" "locate needs AOR" locate
refuses "too many arguments" "locate: 'bob' is too much" locate alice bob
refuses "help of an unknown verb" "unknown verb 'frobnicate'" help frobnicate

run ha-ctl -j frobnicate
json "no verb was understood: command is null" '.command == null'
run ha-ctl -j locate
json "the verb was understood: command names it" '.command == "locate"'

run ha-ctl probe
exits "a verb that judges: wrong command line is 3" 3
run ha-ctl -j probe no-such:192.0.2.1:5060
exits "a verb that judges: wrong socket is 3" 3
json "and says UNKNOWN" '.exit == {code: 3, name: "UNKNOWN"} and .errors[0].id == "OHA-USAGE"'
for socket in sip:192.0.2.1 udp:192.0.2.1:0 udp:192.0.2.1:70000 udp:example.com:5060 ws:192.0.2.1:80 ' udp:192.0.2.1' ''
do
  run ha-ctl probe "$socket"
  exits "probe '$socket': 3" 3
done

run ha-ctl --help
exits "--help: 0" 0
shows "--help shows the verbs" '^  locate AOR'
run ha-ctl -h locate
shows "--help VERB shows its options" '--adopt'
run ha-ctl help vip add
shows "help VERB does, too" '--interface IF'
run ha-ctl --version
exits "--version: 0" 0
shows "--version names tool and library" '^ha-ctl [0-9.]+ \(library [0-9.]+\)$'

run ha-ctl exit-codes
exits "exit-codes: 0" 0
run ha-ctl -j exit-codes
json "exit-codes, JSON: the numbers are those that were promised" '
  [.exit_codes[] | select(.verbs == "act or read") | "\(.name)=\(.code)"] == ["OK=0", "FAILED=1", "INCOMPLETE=2",
  "DEGRADED=3", "USAGE=64", "UNAVAILABLE=69", "BUG=70", "BUSY=75", "PERMISSION=77", "CONFIG=78", "NO_QUORUM=106",
  "REFUSED=107", "CANCELLED=108", "TIMEOUT=124"]'
run ha-ctl exit-codes -- -j
exits "behind -- there are words only" 64

done_testing
