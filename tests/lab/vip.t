#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# VIPs on real kernels: three hosts a, b and n in network namespaces of their own, on one bridge. a and b may
# hold the address, n is a neighbour whose cache must follow.
set -u
lab=$(cd "$(dirname "$0")" && pwd)
tool=${top_builddir:-$lab/../..}/tests/lab/vip_tool

if [ "${1-}" != --inside ]; then
  flags=-nm
  [ "$(id -u)" -eq 0 ] || flags=-Urnm
  unshare $flags --propagation private mount -t tmpfs none /run 2> /dev/null ||
    { echo "1..0 # SKIP this machine cannot make namespaces"; exit 0; }
  # The namespaces live as long as this shell: nothing has to be cleaned up.
  exec unshare $flags --propagation private "$0" --inside
fi
mount -t tmpfs none /run
mkdir -p /run/netns /run/tmp
export TMPDIR=/run/tmp
. "$lab/tap.sh"

# at HOST CMD...
at()
{
  local host=$1
  shift
  ip netns exec "$host" "$@"
}

# v HOST ARGS...: vip_tool there, one line of output.
v()
{
  local host=$1
  shift
  at "$host" "$tool" "$@" 2> "$TMPDIR/err"
}

# Which station does n believe to have the address?
mac_in_cache()
{
  at n ip neigh show to "$1" dev e0 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p'
}

# settled ADDR: a has done with its own duplicate address detection (which begins at a random time in a second).
settled()
{
  local i
  for i in {1..60}; do
    v a list | grep -q "^$1/.* up tentative$" || return 0
    sleep 0.05
  done
}

ip link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
ip link set br0 up
i=0
for host in a b n; do
  i=$((i + 1))
  ip netns add $host
  ip link add e0 netns $host address 02:00:00:00:00:0$i type veth peer name p_$host
  ip link set p_$host master br0 up
  at $host sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.e0.accept_dad=0
  ip -n $host link set lo up
  ip -n $host link set e0 up
  ip -n $host addr add 10.9.0.$i/24 dev e0
  ip -n $host addr add 2001:db8::$i/64 dev e0 nodad
done
mac_a=02:00:00:00:00:01 mac_b=02:00:00:00:00:02
for host in a b n; do
  for i in {1..50}; do
    [ -z "$(ip -n $host -6 addr show dev e0 tentative)" ] && break
    sleep 0.02
  done
done
vip4=10.9.0.100 vip6=2001:db8::100

# Looking.
is "every address is listed" "$(v a list)" "127.0.0.1/8 lo up
10.9.0.1/24 e0 up
::1/128 lo up
2001:db8::1/64 e0 up
fe80::ff:fe00:1/64 e0 up"
is "an address that is here" "$(v a here 10.9.0.1)" "OHA_OK here"
is "and one that is not" "$(v a here 10.9.0.2)" "OHA_OK not here"
is "the interface of a network" "$(v a if $vip4)" "OHA_OK e0"
is "the same for IPv6" "$(v a if $vip6)" "OHA_OK e0"
is "no interface has it" "$(v a if 192.0.2.1)" "OHA_E_NOTFOUND"
is "link-local is on every interface" "$(v a if fe80::9)" "OHA_E_NOTFOUND"

# Taking it, moving it: the neighbour's cache follows at once.
for family in 4 6; do
  if [ $family = 4 ]; then vip=$vip4 ping="ping -4" bits=32; else vip=$vip6 ping="ping -6" bits=128; fi
  is "IPv$family: a takes the address" "$(v a add $vip)" "OHA_OK"
  is "IPv$family: it is a host's own" "$(v a list | grep $vip/)" "$vip/$bits e0 up"
  is "IPv$family: again is no error" "$(v a add $vip)" "OHA_OK already"
  ok "IPv$family: the neighbour reaches it" at n $ping -c1 -W1 -q $vip
  is "IPv$family: at a" "$(mac_in_cache $vip)" $mac_a
  is "IPv$family: a gives it up" "$(v a del $vip)" "OHA_OK was here"
  is "IPv$family: again is no error" "$(v a del $vip)" "OHA_OK"
  is "IPv$family: the neighbour still believes in a" "$(mac_in_cache $vip)" $mac_a
  is "IPv$family: b takes it" "$(v b add $vip)" "OHA_OK"
  is "IPv$family: the neighbour learnt it from the announcement" "$(mac_in_cache $vip)" $mac_b
  ok "IPv$family: and reaches it" at n $ping -c1 -W1 -q $vip

  is "IPv$family: a sees one owner" "$(v a owners $vip e0 200ms)" "OHA_OK 1 $mac_b"
  is "IPv$family: b itself sees none but itself" "$(v b owners $vip e0 200ms)" "OHA_OK 0"
  is "IPv$family: nobody has the next address" "$(v n owners ${vip%100}99 e0 200ms)" "OHA_OK 0"
  v a add $vip > /dev/null
  is "IPv$family: two owners" "$(v n owners $vip e0 300ms | tr ' ' '\n' | sort | tr '\n' ' ')" \
    "$mac_a $mac_b 2 OHA_OK "
  is "IPv$family: an owner sees the other" "$(v a owners $vip e0 200ms)" "OHA_OK 1 $mac_b"
  is "IPv$family: the newer one has the neighbour" "$(mac_in_cache $vip)" $mac_a
  is "IPv$family: b speaks up" "$(v b announce $vip e0 3 10ms)" "OHA_OK"
  is "IPv$family: and has it again" "$(mac_in_cache $vip)" $mac_b
  is "IPv$family: what is not held is not announced" "$(v n announce $vip e0 1 0s)" "OHA_E_REFUSED"
  v a del $vip > /dev/null
  v b del $vip > /dev/null
done

# Linux keeps an entry that has just changed for a second, but not against an announcement.
at n ip neigh replace $vip4 lladdr 02:00:00:00:00:99 nud reachable dev e0
v b add $vip4 > /dev/null
is "a fresh cache entry follows as well" "$(mac_in_cache $vip4)" $mac_b
v b del $vip4 > /dev/null

# IPv6 corners.
ok "(an IPv6 VIP)" v b add $vip6
is "own connections do not leave from an IPv6 VIP" \
  "$(at b ip -6 route get 2001:db8::3 | sed -n 's/.* src \([^ ]*\) .*/\1/p')" 2001:db8::2
at b sysctl -qw net.ipv6.conf.e0.forwarding=1
is "a router says so" "$(v b announce $vip6 e0 1 0s; at n ip -6 neigh show to $vip6 dev e0 | grep -o router)" \
  "OHA_OK
router"
at b sysctl -qw net.ipv6.conf.e0.forwarding=0
is "a host does not" "$(v b announce $vip6 e0 1 0s; at n ip -6 neigh show to $vip6 dev e0 | grep -c router)" \
  "OHA_OK
0"
v b del $vip6 > /dev/null
at a sysctl -qw net.ipv6.neigh.e0.retrans_time_ms=200 net.ipv6.conf.e0.accept_dad=1 net.ipv6.conf.all.accept_dad=1 net.ipv6.conf.e0.dad_transmits=5
ip -n a addr add $vip6/128 dev e0
is "still in duplicate address detection" "$(v a list | grep $vip6/)" "$vip6/128 e0 up tentative"
is "then it is made usable" "$(v a add $vip6; v a list | grep $vip6/)" "OHA_OK
$vip6/128 e0 up"
ip -n b addr add $vip6/128 dev e0 nodad
v a del $vip6 > /dev/null
at a sysctl -qw net.ipv6.conf.e0.dad_transmits=1
ip -n a addr add $vip6/128 dev e0
settled $vip6
is "detection failed" "$(v a list | grep $vip6/)" "$vip6/128 e0 up tentative dadfailed"
is "then it is made anew" "$(v a add $vip6; v a list | grep $vip6/)" "OHA_OK
$vip6/128 e0 up"
ip -n a addr del $vip6/128 dev e0
ip -n a addr add 2001:db8::200/128 dev e0
is "asking does not break a neighbour's own detection" \
  "$(v b owners 2001:db8::200 e0 200ms; settled 2001:db8::200; v a list | grep ::200/)" "OHA_OK 0
2001:db8::200/128 e0 up"
ip -n b addr del $vip6/128 dev e0

# Where it may not go.
is "no such interface" "$(v a add $vip4 e9)" "OHA_E_NOTFOUND"
is "its text names it" "$(cat "$TMPDIR/err")" "add $vip4: no interface 'e9'"
is "no network" "$(v a add 192.0.2.1)" "OHA_E_NOTFOUND"
is "a prefix that is too long" "$(v a add $vip4/33)" "OHA_E_ARG"
ip link add d0 netns a type veth peer name p_d0
ip link set p_d0 up
ip -n a link set d0 arp off
is "an interface that is down" "$(v a add $vip4 d0)" "OHA_E_IO"
is "its text says so" "$(cat "$TMPDIR/err")" "add $vip4: interface d0: Network is down"
is "and nothing was added" "$(v a here $vip4)" "OHA_OK not here"
ip -n a link set d0 up
is "an interface without ARP" "$(v a add $vip4 d0)" "OHA_OK"
is "nobody can be asked there" "$(v a owners $vip4 d0 100ms)" "OHA_E_UNAVAILABLE 0"
is "an address of another interface" "$(v a add $vip4 e0)" "OHA_E_EXISTS"
is "its text names that" "$(cat "$TMPDIR/err")" \
  "add $vip4: $vip4 is on interface d0 of this machine, not on e0"
is "it is not removed by the wrong name" "$(v a del $vip4 e0)" "OHA_E_EXISTS"
ip -n a addr add $vip4/24 dev d0
is "without a name it goes from wherever it is" "$(v a del $vip4; v a here $vip4)" "OHA_OK was here
OHA_OK not here"

# Removing a primary address must not take others, or the routes, with it.
ip -n a link set e0 address 02:00:00:00:00:01
for promote in 0 1; do
  at a sysctl -qw net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.e0.promote_secondaries=$promote
  ip -n a addr flush dev e0 scope global
  ip -n a addr add 10.9.0.50/24 dev e0 # the VIP came first
  ip -n a addr add 10.9.0.1/24 dev e0
  ip -n a addr add 10.9.0.7/24 dev e0 label e0:7
  ip -n a addr add 10.8.0.1/24 dev e0
  ip -n a route add default via 10.9.0.3
  ip -n a route add 192.0.2.0/24 via 10.9.0.3 src 10.9.0.7
  is "promote_secondaries=$promote: the primary goes" "$(v a del 10.9.0.50/24 e0)" "OHA_OK was here"
  is "promote_secondaries=$promote: alone" "$(ip -n a -4 -o addr show dev e0 | awk '{print $4}' | sort)" \
    "10.8.0.1/24
10.9.0.1/24
10.9.0.7/24"
  is "promote_secondaries=$promote: routes stay" "$(ip -n a route show via 10.9.0.3 | sed 's/ *$//' | sort)" \
    "192.0.2.0/24 dev e0 src 10.9.0.7
default dev e0"
  is "promote_secondaries=$promote: the setting is as before" \
    "$(at a sysctl -n net.ipv4.conf.e0.promote_secondaries)" $promote
done
ip -n a addr del 10.8.0.1/24 dev e0

# Rights.
without()
{
  local caps=$1
  shift
  at a setpriv --bounding-set=-$caps --inh-caps=-$caps "$tool" "$@" 2> "$TMPDIR/err"
}
is "no CAP_NET_RAW" "$(without net_raw add $vip4)" \
  "OHA_E_DENIED"
is "its text says which" "$(cat "$TMPDIR/err")" \
  "add $vip4: e0: packet socket (needs CAP_NET_RAW): Operation not permitted"
is "no CAP_NET_ADMIN" "$(without net_admin add $vip4)" "OHA_E_DENIED"
is "its text says what" "$(cat "$TMPDIR/err")" "add $vip4: add address: Operation not permitted"
is "nothing was added" "$(v a here $vip4)" "OHA_OK not here"
v a add $vip4 > /dev/null
is "nor removed" "$(without net_admin del $vip4; v a here $vip4)" \
  "OHA_E_DENIED
OHA_OK here"
is "looking needs no right" "$(without all here $vip4)" "OHA_OK here"
done_testing
