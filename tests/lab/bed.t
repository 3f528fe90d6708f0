#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The lab itself: its network, NAT, SIP servers, phones, power and faults do what the other tests rely on.
[ -n "${BED-}" ] || exec "$(dirname "$0")/run-in-bed" --tap "$0" "$@"
. "$BED_LAB/bed.sh"

started=${EPOCHREALTIME/./}
bed_net
bed_db
bed_node sip1 sip2
bed_vip sip1
say "network, database, two registrars: $(((${EPOCHREALTIME/./} - started) / 1000)) ms"

# ---- hosts ----
ok "sip1 has processes of its own" test "$(on sip1 sh -c 'echo $$')" -lt 100
is "a node knows its name" "$(on sip2 sh -c 'cat "$OPENSIPS_HA_NODE_FILE"'):$(on sip2 hostname)" sip2:sip2
is "an exit code comes back" "$(on witness sh -c 'exit 7'; echo $?)" 7
is "input and output pass" "$(echo text | on db tr a-z A-Z)" TEXT
is "one node reaches the other by remote" "$(on sip1 "$BED/remote" sip2 cat "$BED/host/sip2/node")" sip2
is "remote has an environment of its own" "$(secret=1 remote sip2 sh -c 'echo ${secret-none}')" none
is "a signal reaches the command" "$(timeout -s INT 0.3 on sip1 sh -c 'trap "exit 9" INT; while :; do sleep 0.1; done'; echo $?)" 124
ok "no command outlives its caller" sh -c '! on sip1 pgrep -x sleep'

# ---- phones ----
ok "phone behind a cone NAT registers at the VIP" phone_at phone1 cone "$VIP:5060"
ok "phone behind a symmetric NAT registers at the VIP" phone_at phone2 symmetric "$VIP:5060"
ok "phone behind a SIP ALG registers at the VIP" phone_at phone3 alg "$VIP:5060"
ok "phone without NAT registers at the VIP" phone_at phone0 plain "$VIP:5060"
ok "phone behind NAT registers by TCP" phone_at phone1 stream "$VIP:5060" --tcp
ok "phone registers by IPv6" phone_at phone0 six "[$VIP6]:5060"
ok "phone registers at sip1's own address" phone_at phone1 own "$SIP1:5060"
ok "phone registers at sip1's second address" phone_at phone2 second "$SECOND1:5060"
for user in cone symmetric alg plain stream six own second; do
  ok "$user rings" rings "$user"
done
is "the call comes from the VIP" "$(heard_from symmetric invite)" "$VIP:5060"
is "the call to sip1's own address comes from there" "$(heard_from own invite)" "$SIP1:5060"
ok "answer, ACK and BYE pass the NAT" test "$(n_heard cone ack) $(n_heard cone bye)" = "1 1"
is "the cone NAT keeps the port" "$(row cone received)" "sip:198.51.100.60:5060"
is "the socket is stored" "$(row cone socket)" "udp:$VIP:5060"
is "the ALG has made the contact public" "$(row alg contact | cut -d: -f1,2)" "sip:alg@198.51.100.62"
is "received is the contact where no NAT is" "$(row plain contact received)" \
  $'sip:plain@198.51.100.70:5060\tsip:198.51.100.70:5060'
ok "the phone at sip1's own address does not ring from sip2" silent own "$SIP2"
ok "nor does the one at sip1's second address" silent second "$SIP2"
if command -v sipp > /dev/null; then
  ok "many users register at once" register_many phone0 200
  is "all of them" "$(sql "SELECT COUNT(*) FROM location WHERE username LIKE 'many%'")" 200
  sql "DELETE FROM location WHERE username LIKE 'many%'"
fi
tell_phone cone deaf
ok "a deaf phone is silent" silent cone
tell_phone cone hear
ok "and rings again" rings cone

# ---- faults ----
stop_server sip1
ok "a stopped server answers nobody" sh -c '! "$@"' - on carrier phone dark "$SIP1" --via "$SIP1" --deadline 0.3
cont_server sip1
ok "and answers again" sip_answers "$SIP1"
freeze sip1
is "remote waits for a frozen node" "$(timeout 0.3 remote sip1 true; echo $?)" 124
thaw sip1
ok "which thaws" remote sip1 true
cut_lan sip1
ok "a silent cut is silent" sh -c '! on witness ping -q -c 1 -W 0.3 "$1"' - "$SIP1"
ok "and the link stays up" on sip1 ip -o link show e0 up
heal_lan sip1
ok "and heals" on witness ping -q -c 1 -W 1 "$SIP1"
cut_remote sip1
is "a node without its management network" "$(remote sip1 true; echo $?)" 255
heal_remote sip1
kill_db
ok "without the database a call fails" silent cone
start_db
ok "the database comes back" wait_until 5 rings cone

# ---- power ----
rows_before=$(sql "SELECT username, contact, received, socket, expires FROM location ORDER BY username")
remote sip1 sleep 60 &
pending=$!
cut_power sip1
is "remote fails" "$(remote sip1 true; echo $?)" 255
is "what remote had under way fails" "$(wait $pending; echo $?)" 255
ok "no address of sip1 is left" test -z "$(ip -n sip1 -o addr show dev e0)"
ok "nothing answers at the VIP" sh -c '! on carrier phone dark "$1" --via "$1" --deadline 0.3' - "$VIP"
on carrier phone dark "cone@$VIP" --via "$VIP" --deadline 10 > "$BED/log/dark" &
dark=$!
sleep 0.2
bed_vip sip2
ok "the VIP on sip2 serves" wait "$dark"
say "dark after the power cut, moved 200 ms later: $(cat "$BED/log/dark")"
for user in cone symmetric alg plain six; do
  ok "$user rings through sip2" rings "$user"
done
ok "the TCP phone does not" silent stream
ok "nor the one at sip1's own address" silent own
ok "nor the one at its second address" silent second
ip -n sip2 addr add "$SECOND1/32" dev e0
announce sip2 "$SECOND1"
ok "unless sip2 has adopted it" rings second
is "no row was touched" "$(sql "SELECT username, contact, received, socket, expires FROM location ORDER BY username")" \
  "$rows_before"
ip -n sip2 addr del "$SECOND1/32" dev e0
restore_power sip1
ok "sip1 comes back with its power" sip_answers "$SIP1"
ok "and can be reached by remote" remote sip1 true
ok "without the VIP" sh -c '! ip -n sip1 -o addr show dev e0 to "$1" | grep .' - "$VIP"
bed_received=never
kill_server sip2
bed_node sip2
phone_at phone0 bare "$VIP:5060"
is "received stays NULL when it is told to" "$(row bare received)" NULL
done_testing
