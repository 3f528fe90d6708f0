#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `check` on a whole cluster: real servers and a real database, well and broken, in each form.
[ -n "${BED-}" ] || exec "${top_srcdir:?}/tests/lab/run-in-bed" --tap "$0" "$@"
. "$BED_LAB/bed.sh"
need_programs jq
bed_net
bed_db
bed_node sip1 sip2
bed_vip sip1
bed_cluster

# check HOST ARG...: `ha-ctl check` there: $code, and $TMPDIR/out, err
check()
{
  local host=$1
  shift
  code=0
  on "$host" ha-ctl check "$@" > "$TMPDIR/out" 2> "$TMPDIR/err" || code=$?
  printf '%s\n' "$code" >> "$TMPDIR/err"
}

# finds WHAT CODE ID...: one test: the last check left by CODE and had these findings
finds()
{
  local what=$1 want=$2
  shift 2
  is "$what" "$code $(jq -r '[.findings[].id] | unique | join(" ")' "$TMPDIR/out" 2>&1)" "$want $*"
}

prints()
{
  grep -Eq -- "$1" "$TMPDIR/out" && return
  cat "$TMPDIR/out" "$TMPDIR/err"
  return 1
}

on sip1 ha-ctl -y tables create > /dev/null 2>&1

# ---- all is well ----

check sip1 --local -j
finds "the active is well" 0 ""
ok "... which was found out by writing" jq -e 'any(.measures[]; (.what | startswith("db ")) and .time_us > 0)' "$TMPDIR/out"
check sip2 --local -j
finds "the standby, too" 0 ""
check sip2 --local --takeover -j
finds "it could take over now" 0 ""
ok "... and says so" jq -e '.summary == "sip2: could take over now" and .verdict == "OK"' "$TMPDIR/out"
check sip1 --local --takeover
ok "for people" prints '^OK sip1: has the VIP and serves it$'
check sip1 sip2 -j
finds "the other node, from here" 0 ""
check sip1 --local --quick --output nagios
ok "as a plugin" prints "^OK: sip1: serves the VIP \| 'vip public'=1;;;0 'vip public6'=1;;;0 'sip udp:198\.51\.100\..*'=0\.[0-9]+s;;;0"
check sip1 --local --quick --output nagios --warning 10 --critical @0:9
is "inside of @0:9 s" "$code" 2
ok "... as a plugin" prints "^CRITICAL: OHA-SIP-SLOW sip1: .*s;10;@0:9;0"
check sip1 --local --output openmetrics
ok "as metrics" prints '^opensips_ha_health\{verb="check",of="sip1",level="ok"\} 1$'
is "... that end" "$(tail -n 1 "$TMPDIR/out")" "# EOF"
check sip1 --local --quick --textfile "$TMPDIR/ha.prom"
ok "as a file" grep -q '^opensips_ha_vip_here{vip="public"} 1$' "$TMPDIR/ha.prom"
is "cron: nothing to say" "$(on sip1 ha-ctl check --local --as cron 2>&1)" ""
check sip1 --local --as keepalived
is "keepalived: stay" "$code" 0

# ---- a test registration ----

check sip1 --local --deep test@lab.example -j
finds "what the registrar confirms is stored" 0 ""
is "... and removed" "$(sql "SELECT COUNT(*) FROM location WHERE username = 'test'")" 0
check sip2 --local --deep test@lab.example -j
finds "at the standby, too" 0 ""
check sip1 --local --deep nobody -j
is "an address of record has a domain" "$code" 3
phone_at phone0 taken "$VIP:5060"
check sip1 --local --deep taken@lab.example -j
finds "one that a phone uses is left alone" 3 OHA-DEEP-IN-USE
ok "... and the phone is still there" rings taken
phone_off taken
if [ -z "${OPENSIPS-}" ]; then
  check sip1 --local --deep challenged@lab.example -j
  finds "a registrar that wants a password cannot be tested" 3 OHA-DEEP-CHALLENGED
  check sip1 --local --deep refused@lab.example -j
  finds "one that refuses is found" 2 OHA-DEEP-REFUSED
fi
sql 'CREATE TRIGGER nothing BEFORE INSERT ON location FOR EACH ROW SET NEW.username = "elsewhere"'
check sip1 --local --deep test@lab.example -j
finds "a 200 without a row is found" 2 OHA-DEEP-NOT-STORED
sql 'DROP TRIGGER nothing; DELETE FROM location'

# ---- usage ----

check sip1
is "neither node nor --local: 3" "$code" 3
check sip1 --local --output nagios --warning 5:1
is "no such range: 3, with a line" "$code $(cut -c 1-8 "$TMPDIR/out")" "3 UNKNOWN:"
check sip1 --local --as keepalived --warning x
is "... but keepalived moves nothing for that" "$code" 0
is "forms that a verb does not have" "$(on sip1 ha-ctl nodes --output nagios > /dev/null 2>&1; echo $?)" 64

# ---- the server hangs ----

stop_server sip1
check sip1 --local --quick -j -T 300ms
finds "a server that hangs" 2 OHA-SIP-DEAD
check sip1 --local --quick --as keepalived -T 300ms
is "once is not enough" "$code" 0
check sip1 --local --quick --as keepalived -T 300ms
is "twice is" "$code" 2
is "cron: one line" "$(on sip1 ha-ctl check --local --quick --as cron -T 300ms | wc -l)" 1
is "... once" "$(on sip1 ha-ctl check --local --quick --as cron -T 300ms)" ""
check sip2 sip1 -j -T 2s
finds "seen from the other node" 2 OHA-NODE-SELF OHA-SIP-DEAD OHA-SIP-SILENT
cont_server sip1
sip_answers "$SIP1" 5
is "cron: one line when it is over" "$(on sip1 ha-ctl check --local --quick --as cron | wc -l)" 1
check sip1 --local --quick --as keepalived
is "keepalived: the count begins anew" "$code" 0

# ---- what both nodes lose moves nothing ----

stop_db
check sip1 --local -j -T 1s
finds "a database that hangs" 2 OHA-DB-DOWN
check sip1 --local --as keepalived --fall 1 -T 1s
is "... is no fault of this node" "$code" 0
cont_db
mv "$BED/cluster.conf" "$BED/good.conf"
echo 'nonsense' > "$BED/cluster.conf"
check sip1 --local --as keepalived
is "a broken cluster file, neither" "$code" 0
check sip1 --local
is "people are told: 3" "$code" 3
mv "$BED/good.conf" "$BED/cluster.conf"

# ---- a standby that could not ----

kill_server sip2
check sip2 --local --takeover -j -T 300ms
finds "without a server" 2 OHA-SIP-DEAD OHA-VIP-UNBOUND
cut_remote sip1
check sip2 --local --takeover -j -T 300ms
finds "without a way to the active" 2 OHA-NODE-REMOTE OHA-SIP-DEAD OHA-VIP-UNBOUND

# ---- two runs at once ----

ok "cron runs do not queue" timeout 20 bash -c '
  for i in 1 2 3 4 5; do on sip1 ha-ctl check --local --quick --as cron & done; wait'

done_testing
