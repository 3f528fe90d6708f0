# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The cluster file of the lab, $BED/cluster.conf: what `on` and `remote` give the tools as OPENSIPS_HA_CONFIG.
#
#   bed_adoptable=true    the second addresses may be taken over from a dead node (default false)

bed_adoptable=false

# bed_cluster [LINE...]: writes it; each LINE is added at the top level, such as 'contact_rewriting = "no"'.
bed_cluster()
{
  local node nat_flag=64
  [ -z "${OPENSIPS-}" ] || nat_flag=NAT
  {
    echo 'name = "lab"'
    echo "nat_flag = \"$nat_flag\""
    [ $# -eq 0 ] || printf '%s\n' "$@"
    cat << CONF
engine "native" {
}
database {
  hosts = {"$DB:3306"}
  option_file = "$BED/ha.cnf"
  schema = "$BED_DB"
  table = "location"
  use_domain = "no"
}
vip "public" {
  address = "$VIP"
  interface = "e0"
  sockets = {"udp:$VIP:5060", "tcp:$VIP:5060"}
}
vip "public6" {
  address = "$VIP6"
  interface = "e0"
  sockets = {"udp:[$VIP6]:5060", "tcp:[$VIP6]:5060"}
}
CONF
    for node in sip1 sip2; do
      cluster_node "$node"
    done
    cat << CONF
witness "witness" {
  kind = "host"
  address = "$WITNESS"
  remote_command = {"$BED/remote", "witness"}
}
CONF
  } > "$BED/cluster.conf"
}

cluster_node()
{
  local n
  n=$(lan_number "$1")
  cat << CONF
node "$1" {
  host = "198.51.100.$n"
  priority = $((200 - n))
  remote_command = {"$BED/remote", "$1"}
  time_zone = "UTC"
  working_mode = "sql-only"
  interface = "e0"
CONF
  cluster_socket own "udp:198.51.100.$n:5060"
  cluster_socket own-tcp "tcp:198.51.100.$n:5060"
  cluster_socket own6 "udp:[2001:db8:100::$n]:5060"
  cluster_socket own6-tcp "tcp:[2001:db8:100::$n]:5060"
  cluster_socket second "udp:198.51.100.1$n:5060" "adoptable = $bed_adoptable"
  cluster_socket second-tcp "tcp:198.51.100.1$n:5060" "adoptable = $bed_adoptable"
  cluster_socket second6 "udp:[2001:db8:100::1$n]:5060" "adoptable = $bed_adoptable"
  cluster_socket second6-tcp "tcp:[2001:db8:100::1$n]:5060" "adoptable = $bed_adoptable"
  echo "}"
}

cluster_socket()
{
  printf '  socket "%s" {\n    listen = "%s"\n' "$1" "$2"
  [ $# -lt 3 ] || printf '    %s\n' "$3"
  echo "  }"
}
