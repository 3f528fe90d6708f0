#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Who is said to ring after a failover, and who does: behind both kinds of NAT, without NAT, behind a SIP ALG, by TCP,
# at the VIP and at addresses of the node that dies; with and without adoption, and for each contact_rewriting.
[ -n "${BED-}" ] || exec "$(dirname "$0")/run-in-bed" --tap "$0" "$@"
. "$BED_LAB/bed.sh"

# The class that sip2's ha-ctl foretells for USER.
foretold()
{
  on sip2 ha-ctl -j locate "$1" --from sip1 --to sip2 "${@:2}" | sed -n 's/.*"class":"\([a-z-]*\)".*/\1/p'
}

# Everything as in the morning: sip1 active, nobody registered.
morning()
{
  local phone
  for phone in "$BED"/phone/*.host; do
    [ -e "$phone" ] || continue
    phone=${phone##*/}
    phone_off "${phone%.host}"
    rm -f "$BED/phone/${phone%.host}"*
  done
  ip -n sip1 link show e0 up | grep -q 'state UP' || restore_power sip1
  ip -n sip2 addr flush dev e0 to "$SECOND1"
  sql 'DELETE FROM location'
  bed_vip sip1
}

fail_over()
{
  on sip2 ha-ctl failover --to sip2 --yes "$@" > "$BED/log/failover" 2>&1
}

bed_net
bed_db
bed_node sip1 sip2
bed_vip sip1
bed_cluster
ok "the cluster file is taken without a remark" sh -c '[ "$(on sip2 ha-ctl -j config check | grep -c "\"line\"")" = 0 ]'
ok "our tables are made" on sip2 ha-ctl tables create

# ---- by default ----
phone_at phone1 cone "$VIP:5060"
phone_at phone2 symmetric "$VIP:5060"
phone_at phone1 stream "$VIP:5060" --tcp
phone_at phone1 conown "$SIP1:5060"
phone_at phone2 symown "$SIP1:5060"
phone_at phone0 plain "$SIP1:5060"
phone_at phone3 alg "$SIP1:5060"
is "at the VIP behind a cone NAT: kept" "$(foretold cone)" kept
is "at the VIP behind a symmetric NAT: kept" "$(foretold symmetric)" kept
is "by TCP behind NAT: connection-lost" "$(foretold stream)" connection-lost
is "at sip1's own address behind a cone NAT: stranded" "$(foretold conown)" stranded
is "at sip1's own address behind a symmetric NAT: stranded" "$(foretold symown)" stranded
is "at sip1's own address without NAT: unproven" "$(foretold plain)" unproven
is "at sip1's own address behind an ALG: unproven" "$(foretold alg)" unproven
ok "reach sums that up" sh -c 'on sip2 ha-ctl reach --to sip2 | grep "2 of 7 reachable at once, 3 within .*, 2 unknown"'
rings cone
vip_row=$(row cone username contact received socket expires)
cut_power sip1
fail_over
is "silence alone is refused" "$?" 107
ok "and nothing is changed" sh -c '! ip -n sip2 -o addr show dev e0 to "$1" | grep .' - "$VIP"
fail_over --force=fenced
is "with a claim it runs" "$?" 0
say "$(tail -n 1 "$BED/log/failover")"
for user in cone symmetric; do
  ok "$user rings again" rings "$user"
done
is "its row is untouched" "$(row cone username contact received socket expires)" "$vip_row"
for user in stream conown symown; do
  ok "$user is silent" silent "$user"
done
ok "the phone without NAT rings, from sip2's own address" rings plain
is "by its rewritten socket" "$(row plain socket)" "udp:$SIP2:5060"
fail_over
is "a target that is active already: exit 0" "$?" 0
is "history knows both" "$(on sip2 ha-ctl -j history | grep -o '"verb":"failover"' | wc -l)" 2

# ---- no rewriting of contacts, adoption ----
morning
bed_adoptable=true
bed_cluster 'contact_rewriting = "no"' "fence_command = {\"$BED_LAB/fence\"}"
phone_at phone0 plain "$SIP1:5060"
phone_at phone3 alg "$SIP1:5060"
phone_at phone1 second "$SECOND1:5060"
phone_at phone2 symsecond "$SECOND1:5060"
is "without NAT: direct" "$(foretold plain)" direct
is "behind an ALG: direct, too" "$(foretold alg)" direct
is "at the second address: stranded" "$(foretold second)" stranded
is "but kept, if sip2 adopts it" "$(foretold second --adopt)" kept
fail_over
is "a living node is asked, not fenced" "$?:$(remote sip1 true; echo $?)" 0:0
ok "it was demoted" grep -q 'demote *done' "$BED/log/failover"
ok "and keeps its second address" rings second "$SIP1"
ok "undo takes all of it back" on sip2 ha-ctl undo --yes "$(on sip2 ha-ctl -j history | grep -o '"op_id":"[^"]*"' | head -n 1 | cut -d'"' -f4)"
ok "sip1 has the VIP again" has_vip sip1
is "rows are as they were" "$(row plain socket)" "udp:$SIP1:5060"
stop_server sip1
freeze sip1
fail_over
is "a node that hangs is fenced" "$?" 0
is "its power is off" "$(remote sip1 true; echo $?)" 255
ok "plain rings" rings plain
ok "the phone behind the ALG is silent (a documented limit)" silent alg
ok "second rings from the adopted address" rings second
is "which it hears" "$(heard_from second invite)" "$SECOND1:5060"
ok "behind the symmetric NAT, too" rings symsecond
on sip2 ha-ctl undo --yes "$(on sip2 ha-ctl -j history | grep -o '"op_id":"[^"]*"' | head -n 1 | cut -d'"' -f4)" > "$BED/log/undo" 2>&1
is "after fencing nothing is undone" "$?" 107
ok "and nothing has changed" rings second
ok "but the addresses can be given back" on sip2 ha-ctl undo --yes --only adopt \
  "$(on sip2 ha-ctl -j history | grep -o '"op_id":"[^"]*"' | head -n 1 | cut -d'"' -f4)"
ok "so that second is silent" silent second
done_testing
