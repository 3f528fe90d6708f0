# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The lab's network, addresses, power and faults.

bed_lan_hosts="sip1:11 sip2:12 db:20 carrier:30 witness:40 nat1:60 nat2:61 nat3:62 phone0:70"
bed_nat_hosts="1:77 2:78 3:79"

in_net()
{
  local host=$1
  shift
  nsenter --net="/run/netns/$host" -- "$@"
}

set_sysctl()
{
  in_net "$1" sysctl -qw "${@:2}" || bed_fail "sysctl ${*:2} on $1"
}

# bed_net: the whole network, without the virtual address.
bed_net()
{
  local entry host
  local hosts=" sw phone1 phone2 phone3"
  for entry in $bed_lan_hosts; do
    hosts="${entry%:*} $hosts"
  done
  for host in $hosts; do
    ip netns add "$host" || bed_fail "cannot make host $host"
    mkdir -p "$BED/host/$host/state"
    echo "$host" > "$BED/host/$host/node"
  done
  ip -n sw -batch - << BATCH || bed_fail "cannot make the bridge"
link set lo up
link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
link set br0 up
BATCH
  for entry in $bed_lan_hosts; do
    echo "link add e0 netns ${entry%:*} type veth peer name p_${entry%:*} netns sw"
  done | ip -batch - || bed_fail "cannot make the cables"
  for entry in $bed_lan_hosts; do
    echo "link set p_${entry%:*} master br0 up"
  done | ip -n sw -batch - || bed_fail "cannot plug the cables in"
  for entry in $bed_lan_hosts; do
    up_lan_host "${entry%:*}"
  done
  for entry in $bed_nat_hosts; do
    bed_nat "nat${entry%:*}" "phone${entry%:*}" "192.168.${entry#*:}"
  done
  nat_rules nat1 192.168.77.0/24 ""
  nat_rules nat2 192.168.78.0/24 fully-random
  nat_rules nat3 192.168.79.0/24 ""
  sip_alg nat3
  for host in sip1 sip2; do
    # OpenSIPS has no IP_FREEBIND: a standby binds the addresses it does not own by this.
    set_sysctl "$host" net.ipv4.ip_nonlocal_bind=1 net.ipv6.ip_nonlocal_bind=1
    boot "$host"
  done
}

# The last part of a host's address in the service network.
lan_number()
{
  local entry
  for entry in $bed_lan_hosts; do
    [ "${entry%:*}" != "$1" ] || echo "${entry#*:}"
  done
}

# Brings e0 up with the host's own addresses, the second service address of a SIP node among them.
up_lan_host()
{
  local n
  n=$(lan_number "$1")
  {
    echo "link set lo up"
    echo "link set e0 up"
    echo "addr add 198.51.100.$n/24 dev e0"
    echo "addr add 2001:db8:100::$n/64 dev e0 nodad"
    case $1 in
    sip?)
      echo "addr add 198.51.100.1$n/32 dev e0"
      echo "addr add 2001:db8:100::1$n/128 dev e0 nodad"
      ;;
    esac
  } | ip -n "$1" -batch - || bed_fail "cannot address $1"
}

bed_nat()
{
  local nat=$1 phone=$2 net=$3
  ip link add e0 netns "$phone" type veth peer name in0 netns "$nat" || bed_fail "cannot make $phone"
  ip -n "$nat" -batch - << BATCH || bed_fail "cannot address $nat"
link set in0 up
addr add $net.1/24 dev in0
BATCH
  ip -n "$phone" -batch - << BATCH || bed_fail "cannot address $phone"
link set lo up
link set e0 up
addr add $net.10/24 dev e0
route add default via $net.1
BATCH
  set_sysctl "$nat" net.ipv4.ip_forward=1
}

# nat_rules NAT NETWORK MODE: MODE "" keeps the port where it can (a port-restricted cone), fully-random gives
# each destination another one (symmetric). What comes unasked is dropped in the input chain, which also keeps
# it from taking a port in the connection table.
nat_rules()
{
  in_net "$1" nft -f - << RULES || bed_fail "no NAT on $1"
table ip lab {
  chain post {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "e0" ip saddr $2 masquerade $3
  }
  chain inp {
    type filter hook input priority filter; policy accept;
    iifname "e0" ct state established,related accept
    iifname "e0" meta l4proto { tcp, udp } drop
  }
  chain forw {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "in0" oifname "e0" accept
  }
}
RULES
}

# A home router that rewrites SIP: the kernel's own helper (nf_nat_sip).
sip_alg()
{
  in_net "$1" nft -f - << RULES || bed_fail "no SIP helper on $1 (nf_nat_sip)"
table ip alg {
  ct helper sip {
    type "sip" protocol udp; l3proto ip;
  }
  chain pre {
    type filter hook prerouting priority filter;
    iifname "in0" udp dport 5060 ct helper set "sip"
  }
}
RULES
}

# The home router restarts: it forgets which phone talked to whom.
nat_reboot()
{
  need_programs conntrack
  in_net "$1" conntrack -F > /dev/null 2>&1
}

# ---- the virtual address ----

has_vip()
{
  ip -n "$1" -o addr show dev e0 to "$VIP" | grep -q .
}

# bed_vip NODE: gives NODE the virtual addresses and takes them from the others. The initial state of a test:
# nothing of the tools under test is used.
bed_vip()
{
  local host
  for host in sip1 sip2; do
    ip -n "$host" addr del "$VIP/32" dev e0 2> /dev/null
    ip -n "$host" addr del "$VIP6/128" dev e0 2> /dev/null
  done
  [ "$1" != none ] || return 0
  ip -n "$1" addr add "$VIP/32" dev e0 || bed_fail "$1 cannot have the VIP"
  ip -n "$1" addr add "$VIP6/128" dev e0 nodad
  announce "$1" "$VIP"
  for host in carrier witness phone0 db nat1 nat2 nat3; do
    ip -n "$host" neigh flush to "$VIP"
    ip -n "$host" neigh flush to "$VIP6"
  done 2> /dev/null
  return 0
}

# announce NODE ADDRESS: a gratuitous ARP.
announce()
{
  in_net "$1" arping -q -U -c 1 -I e0 "$2" 2> /dev/null & # sends at once, then waits a second for answers
}

# ---- power ----

# Gives a node processes of its own: an init, and everything below it.
boot()
{
  rm -f "$BED/host/$1/"{cut,frozen}
  door boot "$1" > "$BED/host/$1/init" || bed_fail "$1 does not boot"
}

# cut_power NODE: the cable goes dead, every process ends at once, the addresses are gone, remote gives 255.
cut_power()
{
  local init
  init=$(cat "$BED/host/$1/init")
  : > "$BED/host/$1/cut"
  ip -n sw link set "p_$1" down
  kill -KILL "$init"
  wait_until 5 gone "$init" || bed_fail "the processes of $1 do not end"
  ip -n "$1" link set e0 down
  ip -n "$1" addr flush dev e0
  rm -f "$BED/host/$1/frozen"
}

# restore_power NODE: it boots with its own addresses and, where it had one, its SIP server.
restore_power()
{
  ip -n sw link set "p_$1" up
  up_lan_host "$1"
  boot "$1"
  [ ! -e "$BED/host/$1/server.cfg" ] || bed_node "$1"
}

# ---- faults ----

# All processes of a node, as seen from here.
node_pids()
{
  local ns
  ns=$(readlink "/proc/$(cat "$BED/host/$1/init")/ns/pid") || return 1
  find /proc/[0-9]*/ns/pid -maxdepth 0 -lname "pid:\\[${ns//[^0-9]/}\\]" 2> /dev/null | cut -d/ -f3
}

# freeze NODE: its kernel goes on, its processes stop; `remote` waits until it thaws.
freeze()
{
  : > "$BED/host/$1/frozen"
  kill -STOP $(node_pids "$1")
  kill -STOP $(node_pids "$1") # what was forked meanwhile
}

thaw()
{
  kill -CONT $(node_pids "$1")
  rm -f "$BED/host/$1/frozen"
}

# cut_remote HOST: it runs, but remote does not get through (255). heal_remote HOST undoes it.
cut_remote()
{
  : > "$BED/host/$1/unreachable"
}

heal_remote()
{
  rm -f "$BED/host/$1/unreachable"
}

# cut_lan HOST: the switch drops all frames from and to HOST; its link stays up. heal_lan HOST undoes it.
cut_lan()
{
  in_net sw nft -f - << RULES
add table bridge cut_$1
add chain bridge cut_$1 f { type filter hook forward priority 0; }
add rule bridge cut_$1 f iifname "p_$1" drop
add rule bridge cut_$1 f oifname "p_$1" drop
RULES
}

heal_lan()
{
  in_net sw nft delete table bridge "cut_$1"
}
