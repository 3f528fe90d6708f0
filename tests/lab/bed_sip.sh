# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The SIP servers of sip1 and sip2: registrar and proxy over one database, in DB-only mode. Kamailio as Debian has
# it, or with OPENSIPS=PATH (a program, or the prefix it is installed under) OpenSIPS 2.4 to 4.0.
# Each listens, UDP and TCP, IPv4 and IPv6, on its own address, both second addresses and the virtual address.
#
#   bed_received=always    `received` of each contact is where its REGISTER came from (default)
#   bed_received=never     it stays NULL: for a phone without NAT, in a script that only asks nat_uac_test()
#   bed_mi_password=WORD     user ha and this password for HTTP at OpenSIPS 4.0 and later (default none)

bed_received=always bed_mi_password=

# The addresses a node listens on, IPv6 in brackets.
node_listeners()
{
  local n
  for n in "$(lan_number "$1")" 111 112 100; do
    echo "198.51.100.$n"
    echo "[2001:db8:100::$n]"
  done
}

# bed_node NODE...: starts their SIP servers and waits until each answers on its own address.
bed_node()
{
  local node
  for node in "$@"; do
    if [ -n "${OPENSIPS-}" ]; then
      start_opensips "$node"
    else
      start_kamailio "$node"
    fi
  done
  for node in "$@"; do
    wait_until 15 server_up_or_ended "$node"
    sip_answers "$(own_address "$node")" ||
      bed_fail "the SIP server of $node does not answer, see log/$node.log: $(tail -n 3 "$BED/log/$node.log")"
  done
}

server_up_or_ended()
{
  gone "$(cat "$BED/host/$1/$1.pid")" || sip_answers "$(own_address "$1")" 0.5
}

# The address in the service network that only this host has, for as long as it lives.
own_address()
{
  echo "198.51.100.$(lan_number "$1")"
}

# sip_answers ADDRESS [SECONDS]: OPTIONS from the carrier get 200 within that time (2).
sip_answers()
{
  on carrier phone dark "$1" --via "$1:5060" --method OPTIONS --deadline "${2:-2}" > /dev/null
}

# Signals all processes of a node's SIP server, and nothing else there.
signal_server()
{
  on "$1" sh -c "kill -$2 -\$(cat $BED/host/$1/server.pid)"
}

stop_server()
{
  signal_server "$1" STOP
}

cont_server()
{
  signal_server "$1" CONT
}

kill_server()
{
  signal_server "$1" KILL
  unspawn "$1" "$1"
}
