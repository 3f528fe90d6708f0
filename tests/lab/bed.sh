# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The lab: to be sourced by a bash script that runs under run-in-bed. A test reads like this:
#
#   [ -n "${BED-}" ] || exec "$(dirname "$0")/run-in-bed" --tap "$0" "$@"
#   . "$BED_LAB/bed.sh"
#   bed_net; bed_db; bed_node sip1 sip2; bed_vip sip1; bed_cluster
#   phone_at phone1 alice "$VIP:5060"
#   cut_power sip1
#   on sip2 ha-ctl failover --to sip2
#   rings alice && echo "alice was reached"
#
# Hosts, each a network namespace with interface e0 on one bridge (198.51.100.0/24, 2001:db8:100::/64):
#   sip1 .11 (also .111)   sip2 .12 (also .112)   db .20   carrier .30   witness .40   phone0 .70
#   nat1 .60  port-restricted cone   192.168.77.0/24  phone1 192.168.77.10
#   nat2 .61  symmetric              192.168.78.0/24  phone2 192.168.78.10
#   nat3 .62  with a SIP ALG         192.168.79.0/24  phone3 192.168.79.10
# The virtual addresses are .100 and ::100. sip1 and sip2 have a PID namespace of their own: killing its init is
# what a power cut does to processes.
#
#   on HOST CMD...       runs CMD in HOST (also a program in PATH: `timeout 5 on HOST CMD`)
#   remote HOST CMD...   the same as through ssh: fresh environment, 255 when HOST has no power; a cluster file
#                        calls it as $BED/remote
#
# Parts: bed_net.sh network, power, faults · bed_db.sh MariaDB · bed_sip.sh the SIP servers, with bed_kamailio.sh
# and bed_opensips.sh · bed_phone.sh phones and calls · bed_cluster.sh the cluster file · tap.sh test output.

set -u -o pipefail

VIP=198.51.100.100 VIP6=2001:db8:100::100
SIP1=198.51.100.11 SIP2=198.51.100.12 SECOND1=198.51.100.111 SECOND2=198.51.100.112
DB=198.51.100.20 CARRIER=198.51.100.30 WITNESS=198.51.100.40
BED_BUILD=${BED_BUILD:-${top_builddir:-$(cd "$BED_LAB/../.." && pwd)}}

say()
{
  echo "# $*"
}

# Ends the test: the bed itself does not work.
bed_fail()
{
  echo "Bail out! the lab: $*"
  exit 99
}

# The machine lacks something that this test needs.
bed_skip()
{
  echo "1..0 # SKIP $*"
  exit "${BED_SKIP_CODE:-0}"
}

need_programs()
{
  local program
  for program in "$@"; do
    command -v "$program" > /dev/null || bed_skip "no program $program"
  done
}

# wait_until SECONDS CMD...: runs CMD again and again until it succeeds; fails after SECONDS.
wait_until()
{
  local seconds=$1 end
  shift
  end=$((${EPOCHREALTIME/./} + seconds * 1000000))
  until "$@"; do
    [ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
    sleep 0.02
  done
}

# spawn HOST NAME CMD...: runs CMD in HOST in the background; its output goes to $BED/log/NAME.log
spawn()
{
  local host=$1 name=$2
  shift 2
  on "$host" "$@" > "$BED/log/$name.log" 2>&1 < /dev/null &
  echo $! > "$BED/host/$host/$name.pid"
  disown
}

# unspawn HOST NAME [SIGNAL]: ends what spawn started (SIGTERM).
unspawn()
{
  local pid_file=$BED/host/$1/$2.pid
  [ -e "$pid_file" ] || return 0
  kill -"${3:-TERM}" "$(cat "$pid_file")" 2> /dev/null
  wait_until 10 gone "$(cat "$pid_file")" || bed_fail "$2 on $1 does not end"
  rm -f "$pid_file"
}

gone()
{
  ! kill -0 "$1" 2> /dev/null
}

# The two small programs of the lab: built by make, or here and now.
bed_programs()
{
  if [ -x "$BED_BUILD/tests/lab/phone" ] && [ -x "$BED_BUILD/tests/lab/door" ]; then
    ln -sf "$BED_BUILD/tests/lab/phone" "$BED_BUILD/tests/lab/door" "$BED/bin/"
  else
    need_programs cc
    cc -std=gnu11 -D_GNU_SOURCE -O1 -o "$BED/bin/door" "$BED_LAB/door.c" &&
      cc -std=gnu11 -D_GNU_SOURCE -O1 -o "$BED/bin/phone" "$BED_LAB"/{phone,caller,sip_link}.c ||
      bed_fail "cannot compile the phone"
  fi
  local tool
  for tool in ha-ctl loc-migrate clock-check; do
    bed_tool "$BED_BUILD/tools/$tool" "$tool"
  done
  bed_tool "$BED_BUILD/tests/lab" ha-ctl-mortal
  PATH=$BED/bin:$PATH
  printf '#!/bin/sh\nexec %s/bin/door on %s "$@"\n' "$BED" "$BED" > "$BED/bin/on"
  printf '#!/bin/sh\nexec env -i PATH=%s HOME=%s %s/bin/door remote %s "$@"\n' "'$PATH'" "$BED" "$BED" "$BED" \
    > "$BED/remote"
  chmod +x "$BED/bin/on" "$BED/remote"
  ln -sf "$BED/remote" "$BED/bin/remote"
  door serve "$BED" &
  wait_until 5 test -S "$BED/door" || bed_fail "the door does not open"
}

# The program itself: libtool's script around it takes ten times as long, and every remote command starts one.
bed_tool()
{
  if [ -x "$1/.libs/$2" ]; then
    printf "#!/bin/sh\nLD_LIBRARY_PATH='%s' exec '%s' \"\$@\"\n" "$BED_BUILD/lib/.libs" "$1/.libs/$2" > "$BED/bin/$2"
    chmod +x "$BED/bin/$2"
  elif [ -x "$1/$2" ]; then
    ln -sf "$1/$2" "$BED/bin/"
  fi
}

for bed_part in tap bed_net bed_db bed_sip bed_kamailio bed_opensips bed_phone bed_cluster; do
  # shellcheck source=/dev/null
  . "$BED_LAB/$bed_part.sh"
done
bed_programs
