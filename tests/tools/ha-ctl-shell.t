#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ha-ctl shell: lines from a pipe, an operator at a terminal. Runs in a network namespace of its own.
. "${top_srcdir:?}/tests/tools/tools.sh"

if [ "${1-}" != inside ]; then
  unshare -rn true 2> /dev/null || { echo "1..0 # SKIP cannot make a network namespace"; exit 0; }
  rm -rf "$TMPDIR"
  unset TMPDIR
  exec unshare -rn "$0" inside
fi
ip link set lo up
# A network from which nothing ever answers.
if ! { ip link add e0 type veth peer name e1 && ip link set e1 up && ip link set e0 arp off &&
  ip addr add 192.0.2.11/24 dev e0 && ip link set e0 up; }; then
  echo "1..0 # SKIP cannot make an interface"
  exit 0
fi
write_cluster 'witness "gw" {' '  address = "192.0.2.1"' '}'
export HOME=$TMPDIR/home TERM=xterm INPUTRC=/dev/null
mkdir "$HOME"
cd "$HOME" || exit 1
on_pty=$top_builddir/tests/tools/on_pty
[ -x "$on_pty" ] || on_pty=

# ---- from a pipe ----

# typed LINE...: the shell reads these lines
typed()
{
  printf '%s\n' "$@" > "$TMPDIR/in"
  code=0
  "$ha_ctl" shell < "$TMPDIR/in" > "$TMPDIR/out" 2> "$TMPDIR/err" || code=$?
  out=$(cat "$TMPDIR/out")
  err=$(cat "$TMPDIR/err")
}

typed '' '  ' '# only a comment'
exits "nothing to do: 0" 0
is "nothing to do: no prompt, no greeting" "$out$err" ""

same_as_command_line()
{
  local code0 out0 err0
  run ha-ctl "$@"
  code0=$code out0=$out err0=$err
  typed "$*"
  [ "$code" = "$code0" ] && [ "$out" = "$out0" ] &&
    [ "$(grep -v "^ha-ctl: exit code $code " "$TMPDIR/err")" = "$err0" ] && return
  printf 'command line: %s\n%s\n%s\nshell: %s\n%s\n%s\n' "$code0" "$out0" "$err0" "$code" "$out" "$err"
  return 1
}
for line in 'exit-codes' '-j exit-codes' 'help' 'help vip add' '-j help' '--version' 'config show' '-j config show' \
  'config check' 'tables create --print' 'locate' 'frobnicate' '-j locate' 'probe' 'status --limit 3' \
  'check --as keepalived --frob' 'vip show 192.0.2.10 --node nobody' 'failover --to sip3 -y' 'vip add public'; do
  # shellcheck disable=SC2086
  ok "$line: as on the command line" same_as_command_line $line
done

typed 'config show' '-j exit-codes' 'help vip add' '-j locate' 'exit-codes'
exits "several: the code of the one that failed" 64
is "each has its own form and verb" "$(grep -c '^{"schema"' "$TMPDIR/out") $(grep -c '^usage: ha-ctl vip add' "$TMPDIR/out")" "2 1"
says "an exit code is shown" '^ha-ctl: exit code 64 USAGE$'
typed 'probe' 'exit-codes'
exits "a later success does not hide a failure" 3
says "a judge's code has its own name" '^ha-ctl: exit code 3 UNKNOWN$'
typed 'frobnicate' 'probe'
exits "of two failures it is the last" 3

typed 'exit-codes' 'exit' 'frobnicate'
exits "exit ends it" 0
is "and nothing behind it is run" "$err" ""
typed 'quit' 'frobnicate'
exits "quit ends it" 0
typed 'exit now'
exits "exit takes no argument" 64
typed 'shell'
exits "no shell in a shell" 64
says "it says so" 'this is a shell already'
typed 'ha-ctl --version # as in the manual'
shows "a line copied from a manual" '^ha-ctl [0-9.]+ \(library'
printf 'help vip show' > "$TMPDIR/in"
run sh -c '"$1" shell < "$2"' - "$ha_ctl" "$TMPDIR/in"
exits "no end of line at the end" 0
printf 'exit-codes\r\nexit\r\n' > "$TMPDIR/in"
run sh -c '"$1" shell < "$2"' - "$ha_ctl" "$TMPDIR/in"
exits "lines that end in CR LF" 0

typed "locate 'a b' c"
says "a quoted word is one word" "locate: 'c' is too much"
typed 'frobnicate\ me'
says "a backslash quotes" "unknown verb 'frobnicate me'"
typed '"$HOME"' "'*'" '~'
says "nothing is expanded: \$HOME" "unknown verb '\\\$HOME'"
says "nothing is expanded: *" "unknown verb '\*'"
says "nothing is expanded: ~" "unknown verb '~'"
typed 'help "vip'
exits "an open quote: 64" 64
says "an open quote: says so" 'the quote " is not closed'
typed 'help | less' 'exit-codes'
exits "no pipes: 64" 64
says "no pipes: says so" "'\|' does nothing here"
head -c 100000 /dev/zero | tr '\0' x > "$TMPDIR/in"
run sh -c '{ cat "$2"; echo; echo --version; } | "$1" shell' - "$ha_ctl" "$TMPDIR/in"
exits "a very long line: 64" 64
says "a very long line: says so" 'the line is too long'
shows "and the next one is run" '^ha-ctl [0-9.]+ '
printf 'hel\0p\n' > "$TMPDIR/in"
run sh -c '"$1" shell < "$2"' - "$ha_ctl" "$TMPDIR/in"
exits "a NUL byte: 64" 64

typed 'vip add public'
exits "nobody can be asked: 64" 64
says "nobody can be asked: says how" 'add --yes'
is "no history of what is not typed" "$(ls -A "$HOME")" ""

cp "$OPENSIPS_HA_CONFIG" "$TMPDIR/other.conf"
sed -i 's/sip2/sip9/' "$TMPDIR/other.conf"
chmod 600 "$TMPDIR/other.conf"
printf 'config show\n' > "$TMPDIR/in"
run sh -c '"$1" -c "$3" shell < "$2"' - "$ha_ctl" "$TMPDIR/in" "$TMPDIR/other.conf"
shows "shell --config holds for its commands" 'sip9'
run ha-ctl -j shell
exits "the shell itself has no JSON" 64
run ha-ctl shell extra
exits "and no arguments" 64

# A pipe that stays open: SIGTERM ends the shell; ^C of a terminal ends a script.
mkfifo "$TMPDIR/pipe"
ended_by()
{
  local pid end=0
  "$ha_ctl" shell < "$TMPDIR/pipe" > /dev/null 2>&1 &
  pid=$!
  exec 8> "$TMPDIR/pipe"
  echo exit-codes >&8
  sleep 0.2
  kill "-$1" $pid
  wait $pid || end=$?
  exec 8>&-
  echo "it left by $end"
  [ "$end" = "$2" ]
}
ok "SIGTERM while it waits" ended_by TERM 143
ok "SIGHUP while it waits" ended_by HUP 129

# ---- at a terminal ----

[ -n "$on_pty" ] || { done_testing; exit 0; }
# plays WHAT CODE < STEPS
plays()
{
  local what=$1 want=$2
  code=0
  "$on_pty" ${wrap-} "$ha_ctl" ${shell_options-} shell > "$TMPDIR/out" 2> "$TMPDIR/err" || code=$?
  out=$(tr -d '\r' < "$TMPDIR/out")
  err=$(cat "$TMPDIR/err")
  is "$what" "$code${err:+ $err}$([ $code = "$want" ] || cat -v "$TMPDIR/out")" "$want"
}

plays "prompt, exit code, ^D" 0 << 'STEPS'
<^D leaves
<ha-ctl> 
>exit-codes\r
<TIMEOUT
<ha-ctl> 
>frobnicate\r
<unknown verb
<exit code 64 USAGE
<ha-ctl> 
>\x04
STEPS
plays "exit: 0 although something failed" 0 << 'STEPS'
<ha-ctl> 
>frobnicate\r
<exit code 64
<ha-ctl> 
>exit\r
STEPS
plays "^C drops the line" 0 << 'STEPS'
<ha-ctl> 
>frobnicate\x03
<^C
<ha-ctl> 
>--version\r
<library
<ha-ctl> 
>quit\r
STEPS
ok "and it was not run" sh -c '! grep -q "unknown verb" "$1"' - "$TMPDIR/out"
plays "^C ends a verb that reads" 0 << 'STEPS'
<ha-ctl> 
>probe -T 1h udp:192.0.2.99:5060\r
~500
>\x03
<ha-ctl> 
>--version\r
<library
<ha-ctl> 
>exit\r
STEPS
# The other node's command hangs.
printf '#!/bin/sh\nexec sleep 20\n' > "$TMPDIR/slow"
chmod +x "$TMPDIR/slow"
sed "s|  host = \"192.0.2.12\"|&\n  remote_command = {\"$TMPDIR/slow\"}|" "$OPENSIPS_HA_CONFIG" > "$TMPDIR/slow.conf"
chmod 600 "$TMPDIR/slow.conf"
plays "^C asks a verb that acts to end" 0 << STEPS
<ha-ctl> 
>failover -c $TMPDIR/slow.conf --to sip2 -y --without database -T 1m\\r
<gate mode
>\\x03
<exit code 108 CANCELLED
<ha-ctl> 
>exit\\r
STEPS
ok "it said what became of it" grep -q 'changed nothing' "$TMPDIR/out"
# shellcheck disable=SC2016
printf '<ready\n~500\n>\\x03\n<code 130\n' | "$on_pty" sh -c 'trap : INT; echo ready
  printf "probe -T 1h udp:192.0.2.99:5060\nexit-codes\n" | "$1" shell; echo "code $?"' - "$ha_ctl" > "$TMPDIR/out"
is "^C ends a script" $? 0
ok "and not only its command" sh -c '! grep -q TIMEOUT "$1"' - "$TMPDIR/out"
plays "a question, answered wrong" 0 << 'STEPS'
<ha-ctl> 
>vip add public\r
<Type sip1 to go on:
>sip2\r
<nothing was done
<exit code 108 CANCELLED
<ha-ctl> 
>exit\r
STEPS
plays "a question, ^C: nothing is done, the shell goes on" 0 << 'STEPS'
<ha-ctl> 
>vip add public\r
<Type sip1 to go on:
>\x03
<exit code 108 CANCELLED
<ha-ctl> 
>exit\r
STEPS
plays "a question, answered, and what was typed ahead of it" 0 << 'STEPS'
<ha-ctl> 
>vip add public --interface lo\r
<Type sip1 to go on:
>sip1\rexit-codes\r
<TIMEOUT
<ha-ctl> 
>exit\r
STEPS
ok "it was done" sh -c 'ip addr show dev lo | grep -q 192.0.2.10/32'
plays "SIGTERM" 143 << 'STEPS'
<ha-ctl> 
>fro
<fro
!15
STEPS
plays "the terminal goes away" 129 << 'STEPS'
<ha-ctl> 
!1
STEPS
shell_options=-q plays "--quiet: no greeting" 0 << 'STEPS'
<ha-ctl> 
>\x04
STEPS
ok "no greeting" sh -c '! grep -q leaves "$1"' - "$TMPDIR/out"
TERM=dumb plays "a dumb terminal" 0 << 'STEPS'
<ha-ctl> 
>help vip show\r
<usage: ha-ctl vip show
<ha-ctl> 
>vip frobnicate\x03
<^C
<ha-ctl> 
>exit\r
STEPS
ok "gets no escape sequences" sh -c '! grep -q "$(printf "\033")" "$1"' - "$TMPDIR/out"
wrap='env -u TERM' plays "no terminal type at all" 0 << 'STEPS'
<ha-ctl> 
>--version\r
<library
>exit\r
STEPS

if ! ldd "$top_builddir/tools/ha-ctl/.libs/ha-ctl" | grep -Eq 'libreadline|libedit'; then
  is "without an editor there is no history" "$(ls -A "$HOME")" ""
  done_testing
  exit 0
fi

# ---- completed and remembered ----

# tab LINE REST: TAB behind LINE makes it longer by REST, or shows it
tab()
{
  plays "TAB behind '$1'" 0 << STEPS
<ha-ctl> 
>$1\\t
<$2
>\\x03
<^C
<ha-ctl> 
>exit\\r
STEPS
}
tab 'fail' 'over '
tab 'vip s' 'how '
tab 'reach --to sip\t' sip1
tab 'vip show pub' 'lic '
tab '--node g' 'w '
tab 'failover --force dat' abase
tab 'failover --force sip,quo' rum
tab 'locations --class=str' anded
tab 'failover --spe' 'ed '
tab 'check -c other --as keep' alived
tab 'help tab' 'les '
tab 'exit-' codes
tab 'ex' it
mv "$OPENSIPS_HA_CONFIG" "$TMPDIR/away"
tab 'failov' 'er '
plays "TAB without a cluster file says nothing" 0 << 'STEPS'
<ha-ctl> 
>reach --to \t\t\x03
<^C
<ha-ctl> 
>exit\r
STEPS
ok "no error between the lines" sh -c '! grep -q OHA- "$1"' - "$TMPDIR/out"
mv "$TMPDIR/away" "$OPENSIPS_HA_CONFIG"
touch "$HOME/some.conf"
tab 'status -c some' .conf

rm -f "$HOME/.ha-ctl_history"
plays "lines are remembered" 0 << 'STEPS'
<ha-ctl> 
>help vip add\r
<usage: ha-ctl vip add
<ha-ctl> 
> help vip del\r
<usage: ha-ctl vip del
<ha-ctl> 
>exit\r
STEPS
is "but not behind a blank" "$(cat "$HOME/.ha-ctl_history")" $'help vip add\nexit'
is "mode of the file" "$(stat -c %a "$HOME/.ha-ctl_history")" 600
plays "the next shell knows them" 0 << 'STEPS'
<ha-ctl> 
>\x10\x10\r
<usage: ha-ctl vip add
<ha-ctl> 
>exit\r
STEPS
rm -f "$HOME/.ha-ctl_history"
ln -s "$TMPDIR/elsewhere" "$HOME/.ha-ctl_history"
plays "a link in its place" 0 << 'STEPS'
<ha-ctl> 
>exit-codes\r
<TIMEOUT
<ha-ctl> 
>exit\r
STEPS
ok "is not followed" test ! -e "$TMPDIR/elsewhere"
rm -f "$HOME/.ha-ctl_history"
wrap='env -u HOME' plays "without HOME" 0 << 'STEPS'
<ha-ctl> 
>exit-codes\r
<TIMEOUT
<ha-ctl> 
>exit\r
STEPS
is "there is no history" "$(ls -A "$HOME")" some.conf

done_testing
