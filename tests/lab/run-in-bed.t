#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What run-in-bed promises: nothing is left behind, however it ends; also for an ordinary user.
set -u
lab=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work BED_MARK=lab-$$-$RANDOM
. "$lab/tap.sh"

"$lab/run-in-bed" true 2> /dev/null
[ $? -ne 77 ] || { echo "1..0 # SKIP this machine cannot make namespaces"; exit 0; }

# Programs that this test has started and that still run.
left()
{
  env -u BED_MARK grep -lsaF "BED_MARK=$BED_MARK" /proc/[0-9]*/environ
}

nothing_left()
{
  local i
  for i in {1..100}; do
    [ -n "$(left)" ] || return 0
    sleep 0.05
  done
  return 1
}

mounts_before=$(cut -d' ' -f4- /proc/self/mountinfo)
same_machine()
{
  [ "$(cut -d' ' -f4- /proc/self/mountinfo)" = "$mounts_before" ] && [ ! -e /run/netns/sip1 ] && [ ! -e /run/bed ]
}

# A whole bed with everything running, until it is killed.
cat > "$work/busy" << 'SH'
. "$BED_LAB/bed.sh"
bed_net
bed_db
bed_node sip1
spawn phone1 left phone --user left --registrar "$SIP1:5060"
nohup setsid sleep 1000 > /dev/null 2>&1 &
echo ready
sleep 1000
SH
start_busy()
{
  rm -f "$work/out"
  # an asynchronous command of a script ignores SIGINT unless told otherwise
  "$@" env --default-signal=INT "$lab/run-in-bed" bash "$work/busy" > "$work/out" 2>&1 &
  busy=$!
  local i
  for i in {1..200}; do
    ! grep -q ready "$work/out" || return 0
    sleep 0.05
  done
  return 1
}

# The outermost process of the inner world, as this one sees it.
inner_init()
{
  pgrep -f "$lab/run-in-bed --inside bash $work/busy" | tail -n 1
}

"$lab/run-in-bed" sh -c 'exit 3'
is "the command's exit code comes back" $? 3
is "its input and output are those given" "$(echo text | "$lab/run-in-bed" cat)" text
"$lab/run-in-bed" sh -c 'kill -KILL $$'
is "a killed command shows" $? 137
is "nothing to run is an error" "$("$lab/run-in-bed" 2> /dev/null; echo $?)" 64
is "a missing program is named" "$(PATH=/nowhere /bin/bash -c 'PATH=/bin:/usr/bin; set -- true
  command() { [ "$2" != nft ] && builtin command "$@"; }
  . "$0"' "$lab/run-in-bed" 2>&1 | tail -n 1)" "run-in-bed: no program nft"

for signal in KILL TERM INT HUP; do
  ok "a bed is up" start_busy
  kill -$signal $busy
  wait $busy 2> /dev/null
  ok "no process is left after SIG$signal" nothing_left
  ok "nor anything else" same_machine
done
ok "a bed is up" start_busy
kill -KILL "$(inner_init)"
wait $busy 2> /dev/null
ok "no process is left when the inner world is killed" nothing_left
ok "nor anything else" same_machine

if [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Urnm true 2> /dev/null &&
  setpriv --reuid=65534 --regid=65534 --clear-groups test -r "$lab/bed.sh"; then
  chmod 755 "$work"
  ok "an ordinary user can do the same" start_busy setpriv --reuid=65534 --regid=65534 --clear-groups
  kill -KILL $busy
  wait $busy 2> /dev/null
  ok "and leaves nothing" nothing_left
fi
rm -f "$work"/{busy,out,tap.out}
is "no file is left" "$(ls -A "$work")" ""
done_testing
