# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What the tests of the tools share. A test sources this first.
#
#   run COMMAND [ARG...]    runs it with an empty standard input: $code, $out, $err
#   exits WHAT CODE         one test: it left with CODE
#   says WHAT PATTERN       one test: standard error matches the extended regular expression
#   shows WHAT PATTERN      one test: standard output does
#   json WHAT FILTER        one test: standard output is one JSON object for which jq's FILTER is true
#
# The command ha-ctl is the built one. Nothing of the machine's own configuration is read.

set -u
. "${top_srcdir:?}/tests/lab/tap.sh"

command -v jq > /dev/null || { echo "1..0 # SKIP needs jq"; exit 0; }

TMPDIR=$(mktemp -d)
export TMPDIR
at_exit=
trap 'eval "$at_exit"; rm -rf "$TMPDIR"' EXIT
trap 'exit 1' INT TERM HUP

export OPENSIPS_HA_CONFIG=$TMPDIR/cluster.conf
export OPENSIPS_HA_NODE_FILE=$TMPDIR/node
export OPENSIPS_HA_STATE_DIR=$TMPDIR/state
unset NO_COLOR

ha_ctl=${top_builddir:?}/tools/ha-ctl/ha-ctl

ha-ctl()
{
  "$ha_ctl" "$@"
}

run()
{
  code=0
  "$@" > "$TMPDIR/out" 2> "$TMPDIR/err" < /dev/null || code=$?
  out=$(tr -d '\0' < "$TMPDIR/out")
  err=$(tr -d '\0' < "$TMPDIR/err")
}

exits()
{
  is "$1" "$code${err:+ $err}" "$2${err:+ $err}"
}

matches()
{
  printf '%s\n' "$1" | grep -Eq -e "$2" && return
  printf 'no match for %s in:\n%s\n' "$2" "$1"
  return 1
}

says()
{
  ok "$1" matches "$err" "$2"
}

shows()
{
  ok "$1" matches "$out" "$2"
}

json_is()
{
  [ "$(wc -l < "$TMPDIR/out")" -eq 1 ] && jq -e "$1" < "$TMPDIR/out" > /dev/null && return
  echo "not true of the output: $1"
  cat "$TMPDIR/out"
  return 1
}

json()
{
  ok "$1" json_is "$2"
}

# A cluster file that is right, on addresses of this machine; arguments are lines added at the top level.
write_cluster()
{
  (umask 077 && printf '[opensips-ha]\nuser=nobody\n' > "$TMPDIR/db.cnf")
  {
    printf '%s\n' 'name = "edge"' "$@"
    cat << CONF
engine "native" {
}
database {
  hosts = {"127.0.0.1:1"}
  option_file = "$TMPDIR/db.cnf"
  schema = "opensips"
}
vip "public" {
  address = "192.0.2.10"
  sockets = {"udp:192.0.2.10:5060"}
}
node "sip1" {
  host = "127.0.0.1"
  socket "own" {
    listen = "udp:192.0.2.11:5060"
  }
}
node "sip2" {
  host = "192.0.2.12"
  socket "own" {
    listen = "udp:192.0.2.12:5060"
  }
}
CONF
  } > "$OPENSIPS_HA_CONFIG"
  chmod 600 "$OPENSIPS_HA_CONFIG"
}
