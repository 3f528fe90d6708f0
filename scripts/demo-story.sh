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

bed_net
bed_db
bed_node sip1 sip2
bed_vip sip1 2>>"$BED/log/arping"
bed_cluster
on sip2 ha-ctl tables create --yes >"$BED/log/tables" 2>&1 || { cat "$BED/log/tables"; lost 'no tables for the journal'; }
if [ -n "${OPENSIPS-}" ]; then
  software=$("$opensips_program" -V | sed -n '1s/^version: opensips \([^ ]*\).*/OpenSIPS \1/p')
else
  software=$(kamailio -v | sed -n '1s/^version: kamailio \([^ ]*\).*/Kamailio \1/p')
fi
line "Two SIP servers ($software) and one MariaDB are up. sip1 has the address that phones use, $VIP."

phone_at phone1 alice "$VIP:5060" || lost "alice's phone does not register"
line "Alice's phone, at 192.168.77.10 behind a NAT, registers through $VIP. In the location table:"
on sip2 ha-ctl -q locate alice | more
phone_at phone2 bob "$SIP1:5060" || lost "bob's phone does not register"
line "Bob's, behind another NAT, got sip1's own address, $SIP1, from the DNS and registers there."

line 'The carrier calls alice.'
rings alice || lost 'her phone did not ring'
line "Her phone rings and answers; the call came from $(heard_from alice invite)."

line 'Asked beforehand: if sip1 died and sip2 took over, who would still ring?'
on sip2 ha-ctl reach --from sip1 --to sip2 >"$BED/log/reach" || lost "$(cat "$BED/log/reach")"
awk 'NR > 1 && $2 != "0"' "$BED/log/reach" | more

# One probe every 2 ms from here on: the longest time between two answered ones is what a caller sees as dark.
spawn carrier gap phone gap "$VIP" --via "$VIP:5060" --every 2 --deadline 100
sleep 0.1
line '*** The power of sip1 is cut. ***'
cut=${EPOCHREALTIME/./}
cut_power sip1

line '$ ha-ctl failover --to sip2 --yes --force=fenced --reason "power cut"        (on sip2)'
on sip2 ha-ctl failover --to sip2 --yes --force=fenced --reason 'power cut' >"$BED/log/failover" 2>&1
rc=$?
more <"$BED/log/failover"
case $rc in
  0 | 3) ;;
  *) lost "ha-ctl failover ended with $rc" ;;
esac
sip_answers "$VIP" || lost "$VIP does not answer"
unspawn carrier gap
wait_until 5 grep -q '^gap_us=' "$BED/log/gap.log" || lost 'the measurement of the dark time failed'
dark_ms=$(($(sed -n 's/^gap_us=\([0-9]*\).*/\1/p' "$BED/log/gap.log") / 1000))
line "$VIP answers again. It was dark for $dark_ms ms: the carrier asked every 2 ms, through the power cut."

line 'The carrier calls alice again. Her phone has noticed nothing and sent nothing.'
is_registered=$(n_heard alice registered)
rings alice || lost 'her phone did not ring'
[ "$(n_heard alice registered)" = "$is_registered" ] && [ "$is_registered" = 1 ] || lost 'she registered again meanwhile'
line "Her phone rings and answers, $(ms_since "$cut") ms after the power cut; the call came from $(heard_from alice invite)."
line 'And he calls bob, of whom was said: stranded.'
silent bob || lost 'his phone rang, against the prediction'
line 'Silence: the NAT lets nobody but sip1 through. He is back when his phone asks the DNS and registers again.'
on sip2 ha-ctl history | more
line "Done: dark for $dark_ms ms."
