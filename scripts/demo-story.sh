#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The story that ./demo tells; runs inside the lab (tests/lab/bed.sh explains the words).
. "$BED_LAB/bed.sh"

began=${EPOCHREALTIME/./}
ms_since() { echo $(((${EPOCHREALTIME/./} - $1) / 1000)); }
line() {
  local ms
  ms=$(ms_since "$began")
  printf '%3d.%03d s  %s\n' $((ms / 1000)) $((ms % 1000)) "$*"
}
more() { sed 's/^/           /'; }
lost() {
  line "FAILED: $*"
  exit 1
}
command -v ha-ctl >/dev/null || lost 'no ha-ctl was built'

software=$(if [ -n "${OPENSIPS-}" ]; then echo OpenSIPS; else kamailio -v | sed -n '1s/^version: \([^ ]* [^ ]*\).*/\1/p'; fi)
bed_net
bed_db
bed_node sip1 sip2
bed_vip sip1
bed_cluster
on sip2 ha-ctl tables create --yes >"$BED/log/tables" 2>&1 || { cat "$BED/log/tables"; lost 'no tables for the journal'; }
line "Two SIP servers ($software) and one MariaDB are up. sip1 has the address that phones use, $VIP."

phone_at phone1 alice "$VIP:5060" || lost "alice's phone does not register"
line "Alice's phone, at 192.168.77.10 behind a NAT, registers through $VIP. In the location table:"
on sip2 ha-ctl locate alice | more

line 'The carrier calls alice.'
rings alice || lost 'her phone did not ring'
line "Her phone rings and answers; the call came from $(heard_from alice invite)."

line 'Asked beforehand: if sip1 died and sip2 took over, who would still ring?'
on sip2 ha-ctl reach --from sip1 --to sip2 | more

line '*** The power of sip1 is cut. ***'
cut=${EPOCHREALTIME/./}
cut_power sip1
on carrier phone dark "$VIP" --via "$VIP:5060" --method OPTIONS --every 5 --deadline 90 >"$BED/log/dark" &
dark=$!

line '$ ha-ctl failover --to sip2 --yes --force=fenced --reason "power cut"        (on sip2)'
on sip2 ha-ctl failover --to sip2 --yes --force=fenced --reason 'power cut' >"$BED/log/failover" 2>&1
rc=$?
more <"$BED/log/failover"
case $rc in
  0 | 3) ;;
  *) lost "ha-ctl failover ended with $rc" ;;
esac
wait $dark || lost "$VIP does not answer"
dark_ms=$(($(sed -n 's/^dark_us=\([0-9]*\).*/\1/p' "$BED/log/dark") / 1000))
line "$VIP answers the carrier again: dark for $dark_ms ms, measured by the carrier every 5 ms."

line 'The carrier calls alice again. Her phone has noticed nothing and sent nothing.'
is_registered=$(n_heard alice registered)
rings alice || lost 'her phone did not ring'
[ "$(n_heard alice registered)" = "$is_registered" ] && [ "$is_registered" = 1 ] || lost 'she registered again meanwhile'
line "Her phone rings and answers, $(ms_since "$cut") ms after the power cut; the call came from $(heard_from alice invite)."
on sip2 ha-ctl history | more
line "Done: dark for $dark_ms ms."
