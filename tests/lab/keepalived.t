#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# keepalived on both nodes with `ha-ctl check --local --as keepalived` as its vrrp_script: the VIP moves for a fault
# of one machine, and for nothing that both share.
[ -n "${BED-}" ] || exec "$(dirname "$0")/run-in-bed" --tap "$0" "$@"
. "$BED_LAB/bed.sh"
need_programs keepalived

# keepalived_at NODE PEER PRIORITY
keepalived_at()
{
  local dir=$BED/host/$1
  cat > "$dir/keepalived.conf" << CONF
global_defs {
  router_id $1
  vrrp_version 3
  script_user root
  enable_script_security
}
$(sed "s,/usr/sbin,$BED/bin," "$BED_LAB/../../contrib/keepalived/opensips-ha.conf")
vrrp_instance public {
  state BACKUP
  nopreempt
  interface e0
  virtual_router_id 51
  priority $3
  advert_int 0.2
  unicast_src_ip $(own_address "$1")
  unicast_peer {
    $(own_address "$2")
  }
  virtual_ipaddress {
    $VIP/32 dev e0
  }
  virtual_ipaddress_excluded {
    $VIP6/128 dev e0
  }
  track_script {
    opensips_ha
  }
}
CONF
  spawn "$1" "keepalived-$1" keepalived -n -l -D -P -f "$dir/keepalived.conf" -p "$dir/keepalived.pid" \
    -r "$dir/vrrp.pid"
}

only_at()
{
  has_vip "$1" && ! has_vip "$2"
}

# stays SECONDS: looked at ten times a second, the VIP is at sip1 and nowhere else, and no keepalived has left
# its state.
stays()
{
  local end=$((${EPOCHREALTIME/./} + $1 * 1000000)) before
  before=$(transitions)
  while [ "${EPOCHREALTIME/./}" -lt "$end" ]; do
    only_at sip1 sip2 || return 1
    sleep 0.1
  done
  [ "$(transitions)" = "$before" ] || { tail "$BED"/log/keepalived-*.log; return 1; }
}

transitions()
{
  cat "$BED"/log/keepalived-*.log | grep -c 'Entering .* STATE'
}

# How many failures in a row NODE's check remembers.
n_fails()
{
  cut -d' ' -f3 "$BED/host/$1/state/check.keepalived.$1"
}

counts()
{
  [ "$(n_fails "$1")" -ge 2 ]
}

forgets()
{
  [ "$(n_fails "$1")" = 0 ]
}

# The state that NODE's keepalived entered last.
last_state()
{
  sed -n 's/.*Entering \(.*\) STATE.*/\1/p' "$BED/log/keepalived-$1.log" | tail -n 1
}

in_fault()
{
  [ "$(last_state "$1")" = FAULT ]
}

stands_by()
{
  [ "$(last_state "$1")" = BACKUP ]
}

# exits NODE CODE ARGS...
exits()
{
  local node=$1 code=$2 rc=0
  shift 2
  on "$node" ha-ctl check --local "$@" || rc=$?
  [ "$rc" = "$code" ]
}

bed_net
bed_db
bed_node sip1 sip2
bed_cluster
sed -i 's/engine "native"/engine "keepalived"/' "$BED/cluster.conf"
ok "(our tables)" on sip1 ha-ctl tables create
keepalived_at sip1 sip2 150
ok "the VIP comes up at sip1" wait_until 20 only_at sip1 sip2
keepalived_at sip2 sip1 100
ok "sip2 stands by" wait_until 10 stands_by sip2
ok "and stays" stays 3
ok "all is well there" exits sip1 0

# What both have lost moves nothing.
cp "$BED/cluster.conf" "$BED/cluster.good"
echo 'node "sip1" {' > "$BED/cluster.conf"
ok "a broken cluster file is an error to everybody else" exits sip1 3
ok "but not to keepalived" exits sip1 0 --as keepalived
ok "on both nodes: the VIP stays" stays 5
rm "$BED/cluster.conf"
ok "no cluster file at all: it stays" stays 3
cp "$BED/cluster.good" "$BED/cluster.conf"
kill_db
ok "without any database check is critical" exits sip1 2
ok "but not to keepalived" exits sip1 0 --as keepalived
ok "all databases gone: the VIP stays" stays 5
start_db
stop_db
ok "all databases hang: nobody waits for them" timeout 1 on sip1 ha-ctl check --local --as keepalived
ok "the VIP stays" stays 6
cont_db
ok "and nothing was counted" forgets sip1

# What one machine has lost.
kill_server sip2
ok "the standby's SIP server is gone: its keepalived is told" wait_until 10 in_fault sip2
ok "failures are counted" counts sip2
ok "the VIP stays" stays 2
bed_node sip2
ok "it is back: nothing is counted any more" wait_until 10 forgets sip2
ok "and keepalived is told" wait_until 10 stands_by sip2
stop_server sip2
ok "a standby's server that hangs is a failure, too" wait_until 15 in_fault sip2
ok "which is counted, for keepalived waits long enough" counts sip2
cont_server sip2
ok "it goes on" wait_until 15 stands_by sip2
kill_server sip1
ok "the owner's SIP server is gone: the VIP moves" wait_until 10 only_at sip2 sip1
ok "after two failures in a row" counts sip1
ok "SIP answers at the VIP" wait_until 5 sip_answers "$VIP" 0.5
bed_node sip1
ok "it is back: nothing is counted any more" wait_until 10 forgets sip1
ok "the VIP does not go back by itself" sh -c 'sleep 3; ip -n sip2 -o addr show dev e0 to "$1" | grep .' - "$VIP"
done_testing
