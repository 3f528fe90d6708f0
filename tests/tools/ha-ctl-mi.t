#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ha-ctl mi, on made-up servers that answer what real ones were recorded to answer; and through another machine.
. "${top_srcdir:?}/tests/tools/tools.sh"

server=${top_builddir:?}/tests/fakes/mi_server
[ -x "$server" ] || { echo "1..0 # SKIP no tests/fakes/mi_server: make check builds it"; exit 0; }

servers=
at_exit='[ -z "$servers" ] || kill $servers'

# serve VERSION TRANSPORT: starts a server; its address is in $address.
serve()
{
  rm -f "$TMPDIR/address"
  "$server" "$@" > "$TMPDIR/address" &
  servers="$servers $!"
  for _ in $(seq 200); do
    [ ! -s "$TMPDIR/address" ] || break
    sleep 0.02
  done
  address=$(cat "$TMPDIR/address")
}

# ---- every transport and era, by address ----

for transport in http fifo dgram xmlrpc; do
  serve 3.6 $transport
  run ha-ctl mi "$address" ul_show_contact table_name=location aor=alice@sip.test
  exits "3.6 $transport: 0" 0
  shows "3.6 $transport: a contact" '^  - Contact: sip:alice@10.77.0.51:5060$'
  shows "3.6 $transport: its socket" '^    Socket: udp:10.77.0.11:5060$'
  run ha-ctl -j mi "$address" ul_show_contact table_name=location aor=alice@sip.test
  json "3.6 $transport: JSON" '.ok and .era == "jsonrpc" and .code == 200 and .reason == null and .node == null and
    .reply.AOR == "alice@sip.test" and .reply.Contacts[0].Methods == 4294967295'
  more='statistics[]=shmem:'
  [ $transport != xmlrpc ] || more=
  run ha-ctl -j mi "$address" get_statistics statistics[]=usrloc: $more
  json "3.6 $transport: an array" '.reply["usrloc:registered_users"] == 0'
done
for version in 2.4 1.11; do
  for transport in fifo dgram json; do
    serve $version $transport
    run ha-ctl -j mi "$address" ul_show_contact location natty@sip.test
    exits "$version $transport: 0" 0
    json "$version $transport: JSON" '.era == "text" and .code == 200 and
      ([.. | .Contact? | strings] | any(test("sip:natty@192.168.77.5:5060")))'
    run ha-ctl -j mi "$address" usrloc:show_contact aor=natty@sip.test table_name=location
    json "$version $transport: 4.0's name, and arguments by name" '.code == 200 and .reply != null'
  done
done
serve 2.4 xmlrpcng
run ha-ctl -j mi "$address?era=text" ul_show_contact location natty@sip.test
json "2.4 xmlrpcng: JSON" '.reply.AOR.Contact.Received == "sip:10.77.0.60:5060"'

# ---- errors ----

serve 1.11 json
run ha-ctl -j mi "$address" ul_show_contact location nobody@sip.test
exits "1.11 json does not say: 3" 3
json "1.11 json does not say, JSON" '.code == 0 and .exit.name == "DEGRADED" and .errors[0].id == "OHA-MI-UNSAID"'
serve 3.6 dgram
run ha-ctl mi "$address" ul_show_contact table_name=location aor=nobody@sip.test
exits "an error of the server: 1" 1
says "an error of the server, its words" 'OHA-MI-ERROR: unix:.*: ul_show_contact: 404 AOR not found$'
is "an error of the server: nothing on standard output" "$out" ""
run ha-ctl -j mi "$address" ul_show_contact aor=alice@sip.test
json "an error's detail" '.code == -32602 and .reason == "Invalid params" and .reply == "Too few or too many parameters"'
run ha-ctl mi "$address" no_such_command
exits "an unknown command: 1" 1
says "an unknown command, its name" "no command 'no_such_command'"
for command in ul_sync usrloc:sync sync dlg_restore_db; do
  run ha-ctl mi "$address" "$command" location
  exits "$command: 107" 107
  says "$command: why" 'never sent: it empties the table'
done
run ha-ctl mi "$address" kill
exits "kill: 107" 107
says "kill: how" '--force=kill lets it through'
run ha-ctl mi --force=kill "$address" kill
exits "kill, forced, is asked" 1
run ha-ctl mi --force=sip "$address" kill
exits "another force: 64" 64
run ha-ctl mi "$address"
exits "no command: 64" 64
run ha-ctl mi unix:/nobody uptime
exits "nobody there: 69" 69
run ha-ctl -T 50ms mi ftp:x uptime
exits "no address: 64 or 78" "$code"
says "no address, the rule" 'must begin with http://'
run ha-ctl mi "$address" uptime a x=y
exits "names for some only: 64" 64
run ha-ctl mi --encoded "$address" uptime a%2
exits "badly encoded: 64" 64

# ---- by node ----

write_cluster
run ha-ctl mi sip1 uptime
exits "no interface in the file: 78" 78
run ha-ctl mi sip9 uptime
exits "no such node: 64" 64
sed -i "s,host = \"127.0.0.1\",&\n  mi = \"$address\"," "$OPENSIPS_HA_CONFIG"
run ha-ctl config check
exits "the file is right" 0
run ha-ctl -j mi sip1 uptime
json "this node" '.node == "sip1" and .reply["Up time"] == "3 [sec]"'
sed -i "s,host = \"192.0.2.12\",&\n  mi = \"$address\"," "$OPENSIPS_HA_CONFIG"
run ha-ctl mi sip2 uptime
exits "another node's own socket, no way there: 78" 78
says "another node's own socket, what to do" 'give the node a remote_command'
cat > "$TMPDIR/remote" << 'SH'
#!/bin/sh
# As ssh would: the words go through a shell over there.
shift
OPENSIPS_HA_NODE_FILE=$TMPDIR/node2 exec sh -c "$top_builddir/tools/ha-ctl/ha-ctl $*"
SH
chmod +x "$TMPDIR/remote"
echo sip2 > "$TMPDIR/node2"
export top_builddir
sed -i "s,host = \"192.0.2.12\",&\n  remote_command = {\"$TMPDIR/remote\"}," "$OPENSIPS_HA_CONFIG"
run ha-ctl -j mi sip2 uptime
exits "another node's own socket: 0" 0
json "another node's own socket, JSON" '.ok and .node == "sip2" and .era == "jsonrpc" and .reply["Up time"] == "3 [sec]"'
run ha-ctl mi sip2 ul_show_contact table_name=location aor=alice@sip.test
shows "another node's own socket, text" '^    Socket: udp:10.77.0.11:5060$'
run ha-ctl -j mi sip2 ul_show_contact table_name=location aor=nobody@sip.test
exits "an error over there: 1" 1
json "an error over there, JSON" '.code == 404 and .errors[0].id == "OHA-MI-ERROR"'
# shellcheck disable=SC2016
run ha-ctl -j mi sip2 no_such_command '$(touch /tmp/no) "a b" ;&|<>' '=x=%41' -- -5
exits "words that a shell would eat: 1" 1
json "words that a shell would eat, JSON" '.errors[0].id == "OHA-NOTFOUND"'
ok "words that a shell would eat: it did not" test ! -e /tmp/no
run ha-ctl -j mi sip2 kill
exits "kill over there: 107" 107
json "kill over there, JSON" '.errors[0].id == "OHA-REFUSED"'
sed -i 's,mi = "unix:.*,mi = "unix:relative",' "$OPENSIPS_HA_CONFIG"
run ha-ctl -j config check
exits "a wrong address in the file: 78" 78
json "a wrong address in the file, JSON" '.findings | length == 2 and all(.level == "error" and (.text | test("absolute path")))'

# ---- words ----

serve 3.6 fifo
for word in '=core:' 'core:' '[]=core:'; do
  run ha-ctl -j mi "$address" get_statistics "$word"
  json "by position: $word" '.reply["core:timestamp"] == 2'
done
run ha-ctl -j mi "$address" ul_show_contact table_name=location aor:=5
exits "a number by name" 1
json "a number by name, JSON" '.code == 400 and .reason == "Domain missing in AOR"'
done_testing
