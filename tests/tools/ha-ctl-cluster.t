#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The reading verbs and `vip` on a whole cluster: what each machine sees of the others, and does for them.
[ -n "${BED-}" ] || exec "${top_srcdir:?}/tests/lab/run-in-bed" --tap "$0" "$@"
. "$BED_LAB/bed.sh"
need_programs jq
bed_net
bed_db
bed_node sip1 sip2
bed_vip sip1
bed_cluster

# sees HOST WHAT FILTER VERB...: one test: jq's FILTER is true of what VERB answers in HOST.
sees()
{
  local host=$1 what=$2 filter=$3
  shift 3
  on "$host" ha-ctl -j "$@" > "$TMPDIR/out" 2> "$TMPDIR/err"
  ok "$what" holds "$filter"
}

holds()
{
  jq -e "$1" "$TMPDIR/out" > /dev/null && return
  cat "$TMPDIR/out" "$TMPDIR/err"
  return 1
}

code_of()
{
  "$@" > /dev/null 2>&1
  echo $?
}

phone_at phone1 alice "$VIP:5060"
phone_at phone2 bob "$SIP1:5060"

for host in sip1 sip2 witness; do
  sees $host "$host: who holds the addresses" '[.vips[] | [.name, .nodes, .sip]] ==
    [["public", ["sip1"], "alive"], ["public6", ["sip1"], "alive"]] and .findings == []' status
  sees $host "$host: both nodes answer" '[.nodes[] | [.name, .vips, .sip]] ==
    [["sip1", ["public", "public6"], "alive"], ["sip2", [], "alive"]]' status
done
sees sip2 "the other node is reached by its remote_command" '[.nodes[] | .remote] == ["answers", "here"]' status
sees sip2 "every listener is probed" '.sockets | length == 20 and all(.[]; .sip == "alive" and .code == 200)' nodes
sees sip2 "through which sockets phones are registered" '[.sockets[] | {(.socket): [.owner_kind, .owner, .n_live]}] | add ==
  {"udp:'"$VIP"':5060": ["vip", "public", 1], "udp:'"$SIP1"':5060": ["node", "sip1", 1]}' sockets
sees sip2 "who gives is found by the address" '.from == "sip1" and .summary == "1 of 2 reachable at once, 1 within 10 min"' \
  reach --to sip2
sees sip2 "the class of a binding" '.bindings[0].class == "stranded"' locate bob --to sip2
sees witness "a probe from the witness" '.peers[0].end == "alive" and .ok' probe "udp:$VIP:5060"

while read -r example; do
  ok "the manual's example: $example" on sip2 bash -c "set -o pipefail; $example"
done < <(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\.Dl //p' "$BED_LAB/../../man/ha-ctl.8")

# ---- on another machine ----

is "take an address over there" "$(remote sip2 ha-ctl -j --node sip2 vip add 198.51.100.200/24 --interface e0 | jq .ok)" true
sees sip2 "it is there" '.vips[0].here' --node sip2 vip show 198.51.100.200
is "again: it was there" "$(remote sip2 ha-ctl -j --node sip2 vip add 198.51.100.200/24 | jq '.vips[0].already')" true
is "meant for another machine: refused" "$(code_of remote sip2 ha-ctl -j --node sip1 vip del 198.51.100.200)" 107
sees sip2 "it is still there" '.vips[0].here' --node sip2 vip show 198.51.100.200
is "drop it" "$(remote sip2 ha-ctl -j --node sip2 vip del 198.51.100.200 | jq '.vips[0].was_here')" true
sees sip2 "it is gone" '.vips[0].here == false' --node sip2 vip show 198.51.100.200

# ---- what must not be overlooked ----

on sip2 ha-ctl -y vip add public > /dev/null 2>&1
sees witness "two owners are an alarm with a name" '[.findings[].id] == ["OHA-VIP-DUAL"] and .vips[0].nodes == ["sip1", "sip2"]' status
ok "for people it is a line of its own" sh -c 'on witness ha-ctl status | grep -q "^CRITICAL OHA-VIP-DUAL lab: 2 nodes hold public"'
for host in sip1 sip2; do
  on $host ha-ctl -y vip del public > /dev/null 2>&1
done
sees witness "no owner is one, too" '[.findings[].id] == ["OHA-VIP-NONE"]' status
on sip1 ha-ctl -y vip add public > /dev/null 2>&1
sees witness "and all is well again" '.findings == []' status

cut_power sip1
sees sip2 "a node without power is silent, what it holds is not known" '.nodes[0].remote == "silent" and .nodes[0].vips == null
  and .nodes[0].sip != "alive" and .vips[0].nodes == null and .findings[0].id == "OHA-VIP-SILENT" and .ok' status
sees sip2 "who gave it is still found" '.from == "sip1"' reach --to sip2

kill_db
sees sip2 "status without a database" '.ok and .databases[0].state == "does not serve" and .sockets == null
  and any(.findings[]; .id == "OHA-DB-NONE")' status
is "other verbs say that they cannot: 69" "$(code_of on sip2 ha-ctl sockets)" 69

done_testing
