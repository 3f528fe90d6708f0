#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `health` on a whole cluster: nodes, addresses, witness, carriers from the routing tables, the database, and
# who reaches whom; well and broken, once and watched.
[ -n "${BED-}" ] || exec "${top_srcdir:?}/tests/lab/run-in-bed" --tap "$0" "$@"
. "$BED_LAB/bed.sh"
need_programs jq
bed_net
bed_db
bed_node sip1 sip2
bed_vip sip1
bed_cluster 'peer "itsp" { address = "udp:'"$SIP2"':5060" }'
on sip1 ha-ctl -y tables create > /dev/null 2>&1

# health HOST ARG...: `ha-ctl health` there: $code, and $TMPDIR/out, err
health()
{
  local host=$1
  shift
  code=0
  on "$host" ha-ctl health "$@" > "$TMPDIR/out" 2> "$TMPDIR/err" || code=$?
}

holds()
{
  jq -e "$1" "$TMPDIR/out" > /dev/null && return
  cat "$TMPDIR/out" "$TMPDIR/err"
  return 1
}

found()
{
  is "$1" "$code $(jq -r '[.findings[].id] | unique | join(" ")' "$TMPDIR/out" 2>&1)" "$2"
}

health sip1 -j
found "all is well" "0 "
ok "every listener of both nodes and of the addresses" holds '[.peers[] | select(.kind == "node" or .kind == "vip")] |
  length == 20 and all(.[]; .end == "alive" and .rtt_us > 0)'
ok "the witness" holds '.peers[] | select(.kind == "witness") | .name == "witness" and .end == "alive"'
ok "the database stores" holds '.databases == [.databases[0]] and .databases[0].stores and .databases[0].write_us > 0'
ok "who reaches whom" holds '[.matrix[] | [.from, .to, .end]] | length == 10 and all(.[]; .[2] == "alive")
  and any(.[]; .[0] == "witness" and .[1] == "public")'
health sip1
ok "for people" grep -Eq '^node +sip2 +udp:198\.51\.100\.[0-9]+:5060 +alive +200 ' "$TMPDIR/out"

# ---- carriers ----

sql "CREATE TABLE $BED_DB.dispatcher (id INT PRIMARY KEY AUTO_INCREMENT, setid INT, destination CHAR(192), state INT);
  INSERT INTO $BED_DB.dispatcher (setid, destination) VALUES (1, 'sip:$SIP2'), (7, 'sip:$SIP1:5999'), (8, 'sip:gw.example');"
health sip1 -j --kind carrier
found "a carrier that does not answer" "1 OHA-PEER-DOWN"
ok "... is told from one that does, and from a name" holds '[.peers[] | [.name, .end]] ==
  [["itsp", "alive"], ["dispatcher/1", "alive"], ["dispatcher/7", "refused"], ["dispatcher/8", null]] and .matrix == null and .databases == null'
health sip1 -j --peer dispatcher/1
ok "one by its name" holds '.ok and (.peers | length == 1)'
health sip1 --kind carrier --output nagios
ok "as a plugin" grep -Eq "^WARNING: OHA-PEER-DOWN lab: carrier dispatcher/7 .* \| 'carrier itsp udp:$SIP2:5060'=0\.[0-9]+s;;;0 'carrier dispatcher/1 udp:$SIP2:5060'=0\.[0-9]+s;;;0 'carrier dispatcher/7 udp:$SIP1:5999'=U$" "$TMPDIR/out"
health sip1 --textfile "$TMPDIR/ha.prom" > /dev/null
ok "as a file of metrics" grep -q '^opensips_ha_finding{verb="health",of="lab",id="OHA-PEER-DOWN"} 1$' "$TMPDIR/ha.prom"
sql "DELETE FROM $BED_DB.dispatcher WHERE setid > 1"

# ---- watched ----

on sip1 ha-ctl health --watch -j --peer itsp > "$TMPDIR/watch" 2>&1 &
watcher=$!
seen() { jq -r '.peers[0] | "\(.was) \(.state)"' "$TMPDIR/watch" | paste -sd,; }
says() { [ "$(seen)" = "$1" ]; }
ok "a change is one object on one line" wait_until 5 says "unknown up"
stop_server sip2
ok "what does not answer is suspect, then down" wait_until 20 says "unknown up,up suspect,suspect down"
cont_server sip2
ok "and comes up again" wait_until 20 says "unknown up,up suspect,suspect down,down rising,rising up"
kill "$watcher"
wait "$watcher" 2> /dev/null

# ---- broken ----

cut_remote witness
health sip1 -j --kind matrix
found "a place that cannot be asked" "1 OHA-NODE-REMOTE"
ok "... is asked once" holds '[.matrix[] | select(.from == "witness") | .end] | length == 4 and all(.[]; . == null)'
health sip1 -j --kind witness
found "a silent witness" "1 OHA-WITNESS-SILENT"
heal_remote witness
on sip2 ha-ctl -y vip add public > /dev/null 2>&1
health witness -j --kind vip
ok "two owners" holds '.verdict == "CRITICAL" and any(.findings[]; .id == "OHA-VIP-DUAL")'
is "... are critical" "$code" 2
kill_db
health sip1 -j --kind database -T 1s
found "no database" "2 OHA-DB-DOWN"
health sip1 -j --kind carrier -T 1s
found "then carriers are not known" "3 OHA-PEERS-UNKNOWN"

done_testing
