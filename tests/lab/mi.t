#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Management commands on a real SIP server, on each transport that it has: Kamailio, or with OPENSIPS=PATH OpenSIPS.
[ -n "${BED-}" ] || exec "$(dirname "$0")/run-in-bed" --tap "$0" "$@"
. "$BED_LAB/bed.sh"
need_programs ha-ctl jq

bed_net
bed_db
bed_mi_password=lab-mi
bed_node sip1
bed_vip sip1
bed_cluster
ok "a phone registers" phone_at phone1 alice "$VIP:5060"

home=$BED/host/sip1
if [ -n "${OPENSIPS-}" ]; then
  era=jsonrpc http=http://$SIP1:8888/mi
  [ "$opensips_version" -ge 300 ] || era=text http=json://$SIP1:8888/json
  [ "$opensips_version" -lt 400 ] || era=modules
  addresses="unix:$home/mi.sock fifo:$home/mi.fifo?reply_dir=$home"
  if [ "$era" = modules ]; then
    is "HTTP wants a login" "$(on sip1 ha-ctl -q mi "$http" uptime > "$BED/log/mi" 2>&1; echo $?)" 77
    ok "and says so" grep -q 'wants a user and a password' "$BED/log/mi"
  else
    addresses="$addresses $http"
  fi
else
  era=kamailio http=http://$SIP1:8080/RPC
  addresses="unix:$home/rpc.sock fifo:$home/rpc.fifo?reply_dir=$home fifo:$home/rpc.fifo?reply_dir=$home&era=kamailio"
  addresses="$addresses $http"
  [ ! -e "$kamailio_modules/xmlrpc.so" ] || addresses="$addresses xmlrpc://$SIP1:8080/RPC2"
fi

# answers WHAT FILTER COMMAND...: its JSON makes jq's FILTER true.
answers()
{
  local what=$1 filter=$2 code=0
  shift 2
  on sip1 ha-ctl -j "$@" > "$BED/log/mi.json" 2> "$BED/log/mi.err" || code=$?
  ok "$what" sh -c 'jq -e "$1" "$2" > /dev/null || { cat "$2" "$3"; false; }' - "($filter) and .exit.code == $code" \
    "$BED/log/mi.json" "$BED/log/mi.err"
}

contact='[.. | strings] | any(test("^sip:alice@"))'
number='[.. | scalars] | any(. == 0 or . == "0")'
for address in $addresses; do
  by=${address%%:*}${address##*reply_dir="$home"}
  [ "$by" = "${address%%:*}$address" ] && by=${address%%:*}
  answers "$by: the era" ".ok and .era == \"$era\" and .code == 200" mi "$address" uptime
  answers "$by: version" '[.. | strings] | any(test("OpenSIPS|kamailio"))' mi "$address" version
  answers "$by: a contact, by name" "$contact" mi "$address" ul_show_contact aor=alice table_name=location
  answers "$by: a contact, by position" "$contact" mi "$address" usrloc:show_contact location alice
  answers "$by: statistics" ".ok and (.reply | type == \"object\") and ($number)" mi "$address" get_statistics usrloc:
  answers "$by: nobody" '.ok == false and .code >= 400 and .exit.code == 1' mi "$address" ul_show_contact location nobody
  answers "$by: no such command" '.errors[0].id == "OHA-NOTFOUND" and .exit.code == 1' mi "$address" no_such_command
  for command in ul_sync usrloc:sync sync; do
    answers "$by: $command is refused" '.exit.name == "REFUSED"' mi "$address" "$command" location
  done
  answers "$by: kill is refused" '.exit.name == "REFUSED"' mi "$address" kill
done
is "the binding is there" "$(sql "SELECT COUNT(*) FROM location WHERE username = 'alice'")" 1
ok "no reply FIFO is left" sh -c '! ls "$1" | grep -q "^oha-mi-"' - "$home"

# From another machine: HTTP directly, with its login; the rest through remote_command.
printf '[opensips-ha-mi]\nuser = ha\npassword = %s\n' "$bed_mi_password" > "$BED/mi.cnf"
chmod 600 "$BED/mi.cnf"
for address in $http "${addresses%% *}"; do
  sed -i '/^  mi/d' "$BED/cluster.conf"
  sed -i "s,^node \"sip1\".*,&\n  mi = \"$address\"\n  mi_option_file = \"$BED/mi.cnf\"," "$BED/cluster.conf"
  is "from another machine: ${address%%:*}" \
    "$(on sip2 ha-ctl -j mi sip1 uptime | jq -c '[.ok, .node, .era]')" "[true,\"sip1\",\"$era\"]"
done

# A server that hangs, and one that is gone.
stop_server sip1
is "a server that hangs" "$(on sip1 ha-ctl -T 300ms mi "$http" uptime > /dev/null 2>&1; echo $?)" 124
cont_server sip1
ok "and works again" wait_until 5 on sip1 ha-ctl mi "${addresses%% *}" uptime
on sip1 ha-ctl --force=kill mi "${addresses%% *}" kill > /dev/null 2>&1
ok "kill, when it is forced, ends it" wait_until 10 gone "$(cat "$home/sip1.pid")"
for address in $addresses; do
  is "nobody there: ${address%%:*}" "$(on sip1 ha-ctl -T 1s mi "$address" uptime > /dev/null 2>&1; echo $?)" 69
done
done_testing
