#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# README.md: its cluster file is a good one, its commands are ones that there are, its files exist.
. "$(dirname "$0")/tap.sh"
readme=$top_srcdir/README.md
ha_ctl=$top_builddir/tools/ha-ctl/ha-ctl

# The indented block that begins with the line $1.
block() { awk -v first="$1" '$0 == "    " first { on = 1 } on && !/^    / { exit } on { print substr($0, 5) }' "$readme"; }

block 'name = "voice"' >"$work/opensips-ha.conf"
says=$("$ha_ctl" -c "$work/opensips-ha.conf" config check 2>&1)
is 'ha-ctl takes the cluster file' "$?" 0
is 'and has no remark on it' "$(grep -c '^.*opensips-ha\.conf:[0-9]' <<<"$says")" 0
ok 'it is one that two nodes and a witness can use' "$ha_ctl" -c "$work/opensips-ha.conf" config show

"$ha_ctl" help >"$work/verbs" 2>&1
while read -r verb; do
  ok "there is a verb: $verb" grep -Eq "^ +${verb}( |\$)" "$work/verbs"
done < <(grep -o 'ha-ctl [a-z]* *[a-z]*' "$readme" | sed 's/^ha-ctl *//; s/ *$//' | grep . |
  awk '$1 == "config" || $1 == "tables" || $1 == "vip" { print $1 " " $2; next } { print $1 }' | sort -u)

while read -r file; do
  ok "$file is there" test -e "$top_srcdir/$file"
done < <(grep -oE '(^|[ `(])(\./)?(scripts|contrib|examples|doc|bench|LICENSES)(/[A-Za-z0-9_.-]+)?' "$readme" | tr -d ' `(' |
  grep / | sort -u)
while read -r page; do
  ok "man $page is there" sh -c "ls '$top_srcdir'/man/$page.[1-8]"
done < <(grep -oE '`man [a-z.-]+' "$readme" | sed 's/`man //' | sort -u)
is 'it counts our tables right' "$(grep -oE 'our own [a-z]+ tables' "$readme")" \
  "our own $(case $("$ha_ctl" tables create --print | grep -c '^CREATE TABLE') in 4) echo four ;; 5) echo five ;; 6) echo six ;; esac) tables"
done_testing
