#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Addresses of this machine, and whether this is the right machine. Runs in a network namespace of its own.
. "${top_srcdir:?}/tests/tools/tools.sh"

if [ "${1-}" != inside ]; then
  unshare -rn true 2> /dev/null || { echo "1..0 # SKIP cannot make a network namespace"; exit 0; }
  rm -rf "$TMPDIR"
  unset TMPDIR
  exec unshare -rn "$0" inside
fi
if ! { ip link add e0 type veth peer name e1 && ip link set e1 up && ip addr add 192.0.2.11/24 dev e0 &&
  ip addr add 2001:db8::11/64 dev e0 nodad && ip link set e0 up && ip link set lo up; }; then
  echo "1..0 # SKIP cannot make an interface"
  exit 0
fi
write_cluster

addresses()
{
  ip -o addr show dev e0 scope global | awk '{ print $4 }' | sort | tr '\n' ' '
}
before=$(addresses)

# ---- whose command is it? ----

run ha-ctl -j --node sip1 vip add 192.0.2.10
exits "no identity file: 107" 107
json "no identity file, JSON" '.exit.name == "REFUSED" and .errors[0].id == "OHA-NODE-IDENTITY"'
echo sip2 > "$OPENSIPS_HA_NODE_FILE"
for verb in 'vip show 192.0.2.10' 'vip add 192.0.2.10' 'vip del 192.0.2.11' 'probe udp:127.0.0.1:9' 'tables create' 'status'; do
  # shellcheck disable=SC2086
  run ha-ctl -j --node sip1 $verb
  exits "$verb on the wrong machine: 107" 107
  json "$verb on the wrong machine, JSON" '.exit.name == "REFUSED" and .errors[0].id == "OHA-NODE-IDENTITY"'
done
says "both names are said" '--node sip1: this machine is sip2'
is "nothing was done" "$(addresses)" "$before"
printf 'sip1 \r\nsip2\n' > "$OPENSIPS_HA_NODE_FILE"

# ---- take and drop ----

run ha-ctl vip add public
exits "nobody to ask: 64" 64
says "nobody to ask: says how" 'add --yes'
is "nothing was done" "$(addresses)" "$before"

run ha-ctl -j -n vip add public
exits "dry run: 0" 0
json "dry run, JSON" '.dry_run == true and .vips == [{name: "public", address: "192.0.2.10", prefix_bits: 32,
  interface: "e0", node: "sip1", here: false, already: false}]'
is "dry run: nothing was done" "$(addresses)" "$before"

run ha-ctl -j --node sip1 vip add public
exits "take it: 0" 0
json "take it, JSON" '.ok and .dry_run == false and .vips == [{name: "public", address: "192.0.2.10", prefix_bits: 32,
  interface: "e0", node: "sip1", here: true, already: false}]'
ok "the kernel has it" sh -c 'ip addr show dev e0 | grep -q "inet 192.0.2.10/32"'
run ha-ctl -j -y vip add public
json "take it again: it was here" '.ok and .vips[0].already == true'
run ha-ctl -j --node sip1 vip show 192.0.2.10
json "show it" '.vips == [{name: "public", address: "192.0.2.10", prefix_bits: 32, interface: "e0", node: "sip1", here: true}]'
run ha-ctl -j vip show
json "show all, on all nodes" '[.vips[] | [.node, .here]] == [["sip1", true], ["sip2", null]]'
run ha-ctl vip show
shows "not known is ?" '\?$'
run ha-ctl -j --node sip1 vip del 192.0.2.10
json "drop it by its address" '.ok and .vips[0].was_here == true and .vips[0].here == false'
run ha-ctl -j -y vip del public
exits "drop it again: 0" 0
json "drop it again: it was not here" '.ok and .vips[0].was_here == false'
is "as it was before" "$(addresses)" "$before"

# typed TEXT: what is asked on a terminal gets TEXT as the answer.
typed()
{
  code=0
  out=$(printf '%s' "$1" | script -qec "$ha_ctl vip add public" /dev/null) || code=$?
  err=
}
if command -v script > /dev/null; then
  for answer in $'y\n' $'yes\n' $'sip2\n' $'\n' $'\004'; do
    typed "$answer"
    exits "a terminal, not the node's name: 108" 108
  done
  shows "it says that nothing was done" 'OHA-CANCELLED: not confirmed: nothing was done'
  is "nothing was done" "$(addresses)" "$before"
  typed $'sip1\n'
  exits "a terminal, the node's name: 0" 0
  shows "it said what it was about to do" 'This will take 192.0.2.10 on this machine, node sip1'
  run ha-ctl -y vip del public
fi

for address in 192.0.2.77/24 2001:db8::77/64; do
  run ha-ctl -j -y vip add "$address"
  json "take $address" ".ok and .vips[0].interface == \"e0\" and .vips[0].prefix_bits == ${address#*/} and .vips[0].name == null"
  run ha-ctl -j -y vip del "${address%/*}"
  json "drop it without its prefix" '.ok and .vips[0].was_here == true'
done
is "as it was before" "$(addresses)" "$before"

run ha-ctl -j --node sip1 vip add public 192.0.2.77 2001:db8::77/64
json "take several" '.ok and [.vips[] | [.name, .address, .prefix_bits, .here, .already]] ==
  [["public", "192.0.2.10", 32, true, false], [null, "192.0.2.77", 32, true, false],
   [null, "2001:db8::77", 64, true, false]]'
run ha-ctl -j --node sip1 vip show 192.0.2.77 public 192.0.2.78
json "show several" '[.vips[] | [.address, .here]] == [["192.0.2.77", true], ["192.0.2.10", true], ["192.0.2.78", false]]'
run ha-ctl -j --node sip1 vip del 192.0.2.77 192.0.2.78 public 2001:db8::77
json "drop several" '.ok and [.vips[] | [.was_here, .here]] == [[true, false], [false, false], [true, false], [true, false]]'
is "as it was before" "$(addresses)" "$before"
run ha-ctl -j -y vip add 192.0.2.77 192.0.2.78/33
exits "nothing is done when one is nonsense: 64" 64
is "nothing was done" "$(addresses)" "$before"
run ha-ctl -j -y vip add 192.0.2.77 198.18.0.1 192.0.2.78
exits "the second fails: 2" 2
json "the second fails, JSON" '.exit.name == "INCOMPLETE" and [.vips[].address] == ["192.0.2.77"] and (.errors | length) == 1'
run ha-ctl -j -y vip add 192.0.2.77 198.18.0.1
exits "the second fails, the first changed nothing: 1" 1
ip addr add 192.0.2.77/24 dev e0
run ha-ctl -j -y vip del 192.0.2.77
json "drop it with all its prefixes" '.ok and .vips[0].was_here'
is "as it was before" "$(addresses)" "$before"

run ha-ctl -y vip add 192.0.2.77 --interface nope0
ok "no such interface is an error" test "$code" -ne 0
says "no such interface: names it" 'nope0'
run ha-ctl -y vip add --interface a-name-longer-than-any-interface 192.0.2.77
exits "no interface has such a name: 64" 64
for address in 192.0.2.77/0 192.0.2.77/33 192.0.2.77/ 192.0.2.77/x 2001:db8::1/129 nonsense 192.0.2 '' ; do
  run ha-ctl -y vip add "$address"
  exits "vip add '$address': 64" 64
done
run ha-ctl -j vip show nonsense
json "neither an address nor a vip" '.errors[0].text | contains("nonsense")'
is "nothing was done" "$(addresses)" "$before"

# ---- a broken cluster file is not in the way ----

for state in broken absent; do
  if [ $state = broken ]; then echo 'node "' > "$OPENSIPS_HA_CONFIG"; else rm "$OPENSIPS_HA_CONFIG"; fi
  run ha-ctl -j --node sip1 vip add 192.0.2.10/24
  exits "cluster file $state: take" 0
  run ha-ctl -j --node sip1 vip del 192.0.2.10/24
  exits "cluster file $state: drop" 0
  json "cluster file $state: it was here" '.vips[0].was_here == true and .vips[0].name == null'
  run ha-ctl -j --node sip1 vip show 192.0.2.10
  json "cluster file $state: show" '.ok and .vips[0].here == false'
  run ha-ctl -y vip add public
  exits "cluster file $state: a name needs it" 78
done
write_cluster

# ---- rights ----

if command -v setpriv > /dev/null; then
  without()
  {
    setpriv --bounding-set=-all --inh-caps=-all "$ha_ctl" "$@"
  }
  run without -j -y vip add 192.0.2.10
  exits "without CAP_NET_ADMIN: 77" 77
  says "without CAP_NET_ADMIN: says what is missing" 'CAP_NET_ADMIN'
fi

# ---- probe ----

run ha-ctl -j probe -T 300ms udp:127.0.0.1:9 tcp:127.0.0.1:9
exits "nobody listens: 2" 2
json "nobody listens, JSON" '.exit.name == "CRITICAL" and [.peers[].end] == ["refused", "refused"] and .peers[0].code == null
  and .peers[0].reason == "" and .peers[0].rtt_us == null and .peers[0].elapsed_us >= 0 and .peers[0].target == "udp:127.0.0.1:9"'
run ha-ctl -j probe -T 100ms udp:192.0.2.99
json "nobody there" '.peers[0].target == "udp:192.0.2.99:5060" and (.peers[0].end | IN("timeout", "unreachable"))'
run ha-ctl -j probe -T 100ms udp:198.51.100.1:5060
json "no route" '.peers[0].end == "unreachable"'

done_testing
