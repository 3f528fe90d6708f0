#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A failover when things go wrong at the same time: another operator, a database that is gone or hangs, ^C, tables
# and grants that are missing.
[ -n "${BED-}" ] || exec "$(dirname "$0")/run-in-bed" --tap "$0" "$@"
. "$BED_LAB/bed.sh"

mortal=$BED_BUILD/tests/lab/ha-ctl-mortal stopped_pid=

# fail_over TO [OPTIONS]: its exit code; what it said is in $BED/log/failover.
fail_over()
{
  on "$1" ha-ctl failover --to "$1" --yes "${@:2}" > "$BED/log/failover" 2>&1
  echo $?
}

# stopped_at BOUNDARY TO: a failover in the background that stops there.
stopped_at()
{
  spawn "$2" mortal env OHA_TEST_STOP="$1" "$mortal" failover --to "$2" --yes
  wait_until 10 stopped_pid_of "$2"
}

# stopped_pid_of TO: sets $stopped_pid, and fails when none has stopped yet.
stopped_pid_of()
{
  stopped_pid=$(on "$1" sh -c 'for p in $(pgrep -f "^[^ ]*ha-ctl-mortal"); do
    grep -qs "^State:.T" "/proc/$p/status" && echo "$p"; done' | head -n 1)
  [ -n "$stopped_pid" ]
}

ended()
{
  ! on "$1" kill -0 "$2" 2> /dev/null
}

# go_on TO: lets the stopped failover end.
go_on()
{
  on "$1" kill -CONT "$stopped_pid"
  wait_until 40 ended "$1" "$stopped_pid"
}

last_state()
{
  on sip2 ha-ctl -j history --limit 1 | sed -n 's/.*"state":"\([a-z]*\)".*/\1/p'
}

rows()
{
  sql 'SELECT username, socket FROM location ORDER BY username'
}

bed_net
bed_db
sql 'SET GLOBAL innodb_flush_log_at_trx_commit = 1' # what was committed outlives kill_db
bed_node sip1 sip2
bed_vip sip1
bed_cluster 'contact_rewriting = "no"' 'thresholds { probe_timeout = "300ms" }'

# ---- before anything is made ----
is "without our tables nothing is begun" "$(fail_over sip2)" 78
ok "and it says how to make them" grep -q 'tables create' "$BED/log/failover"
ok "the VIP is where it was" has_vip sip1
on sip2 ha-ctl tables create > /dev/null
is "an unknown node is a wrong command line" "$(fail_over sip2 --from sip9)" 64
echo 'name = ' > "$BED/broken.conf"
is "a broken cluster file: exit 78" "$(on sip2 ha-ctl -c "$BED/broken.conf" failover --to sip2 --yes > /dev/null 2>&1; echo $?)" 78

# ---- two operators ----
phone_at phone1 alice "$VIP:5060"
phone_at phone0 plain "$SIP1:5060"
stopped_at vip:acted sip2
ok "a failover is under way" test -n "$stopped_pid"
is "the second one is told so" "$(fail_over sip2)" 75
ok "by whom" grep -q 'root@sip2' "$BED/log/failover"
go_on sip2
is "the first one ends well" "$(last_state)" done
ok "and alice rings" rings alice
is "back to sip1" "$(fail_over sip1)" 0
ok "where alice rings, too" rings alice

# ---- the database ----
sql "UPDATE location SET socket = 'udp:$SIP1:5060' WHERE username = 'plain'"
before=$(rows)
kill_db
is "a database that is gone stops it" "$(fail_over sip2)" 69
ok "with the way around" grep -q -e '--without=database' "$BED/log/failover"
ok "and nothing is changed" has_vip sip1
is "without the database: incomplete" "$(fail_over sip2 --without=database)" 2
ok "but the service is back" sip_answers "$VIP"
ok "on sip2" has_vip sip2
ok "and the remainder is named" grep -q 'ha-ctl resume' "$BED/log/failover"
start_db
is "no row was touched" "$(rows)" "$before"
is "resume does the rest" "$(on sip2 ha-ctl resume --yes > "$BED/log/resume" 2>&1; echo $?)" 0
is "the row has its new socket" "$(row plain socket)" "udp:$SIP2:5060"
is "the operation is done" "$(last_state)" done
is "back to sip1" "$(fail_over sip1)" 0

sql "UPDATE location SET socket = 'udp:$SIP1:5060' WHERE username = 'plain'"
stopped_at vip:acted sip2
kill_db
go_on sip2
ok "a database that goes in the middle: the service is back" sip_answers "$VIP"
ok "on sip2" has_vip sip2
start_db
is "resume does the rest" "$(on sip2 ha-ctl resume --yes > "$BED/log/resume" 2>&1; echo $?)" 0
is "the row has its new socket" "$(row plain socket)" "udp:$SIP2:5060"
is "back to sip1" "$(fail_over sip1)" 0

stopped_at demote:begin sip2
stop_db
began=$SECONDS
on sip2 kill -CONT "$stopped_pid"
ok "a database that hangs does not hold up the VIP" wait_until 3 has_vip sip2
cont_db
wait_until 40 ended sip2 "$stopped_pid"
say "ended after $((SECONDS - began)) s, $(last_state)"
case $(last_state) in incomplete) on sip2 ha-ctl resume --yes > "$BED/log/resume" 2>&1 ;; esac
is "and all is done in the end" "$(last_state)" done
is "back to sip1" "$(fail_over sip1)" 0

# ---- rows that nobody can read ----
sql "INSERT INTO location (ruid, username, contact, socket, expires) VALUES
     ('bad1', 'bad1', 'nonsense', 'garbage', '0000-00-00 00:00:00'), ('bad2', '', 'sip:x@203.0.113.1', 'udp:$SIP1:5060', '2030-01-01')" \
  2> /dev/null || sql "SET sql_mode=''; INSERT INTO location (ruid, username, contact, socket, expires) VALUES
     ('bad1', 'bad1', 'nonsense', 'garbage', '0000-00-00 00:00:00'), ('bad2', '', 'sip:x@203.0.113.1', 'udp:$SIP1:5060', '2030-01-01')"
is "they stop nothing" "$(fail_over sip2)" 0
ok "and are counted" sh -c 'on sip2 ha-ctl reach --to sip1 | grep -q "2 unreadable"'
done_testing
