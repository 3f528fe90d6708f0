# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Phones and calls. Events of a phone: $BED/phone/USER (see phone.c).

# phone_at HOST USER REGISTRAR [OPTIONS]: a phone in HOST that registers USER at REGISTRAR (address:port) and stays.
# The first phone of a host is at port 5060, the next at 5062, and so on. Fails when it is not registered within 10 s.
phone_at()
{
  local host=$1 user=$2 registrar=$3 local_address
  shift 3
  local_address=$(phone_address "$host" "$registrar") || bed_fail "no phone can be at $host"
  echo "$host" > "$BED/phone/$user.host"
  : > "$BED/phone/$user"
  spawn "$host" "$user" phone --user "$user" --registrar "$registrar" --local "$local_address" \
    --events "$BED/phone/$user" --control "$BED/phone/$user.ctl" "$@"
  wait_until 10 heard "$user" registered
}

phone_address()
{
  local port
  port=$((5060 + 2 * $(cat "$BED"/phone/*.host 2> /dev/null | grep -cx "$1")))
  case $1,$2 in
  phone[123],*) echo "192.168.7$((${1#phone} + 6)).10:$port" ;;
  *,\[*) echo "[2001:db8:100::$(lan_number "$1")]:$port" ;;
  *) echo "198.51.100.$(lan_number "$1"):$port" ;;
  esac
}

# The phone is switched off, and says nothing to anybody.
phone_off()
{
  unspawn "$(cat "$BED/phone/$1.host")" "$1" KILL
}

# tell_phone USER COMMAND: register [ADDRESS], unregister, deaf, hear.
tell_phone()
{
  echo "${*:2}" > "$BED/phone/$1.ctl"
}

# n_heard USER EVENT: how often; heard USER EVENT: at all.
n_heard()
{
  grep -c "^[0-9]* $2\b" "$BED/phone/$1"
}

heard()
{
  [ "$(n_heard "$1" "$2")" -gt 0 ]
}

# Where the phone's last EVENT came from, as address:port.
heard_from()
{
  sed -n "s/^[0-9]* $2 from=\([^ ]*\).*/\1/p" "$BED/phone/$1" | tail -n 1
}

# call USER [VIA]: the carrier calls USER through VIA (the VIP). Prints code, microseconds and the code of the BYE.
call()
{
  on carrier phone call "$1@${2:-$VIP}" --via "${2:-$VIP}" --deadline 6
}

# rings USER [VIA]: the carrier's call reaches the phone and is answered.
rings()
{
  local before
  before=$(n_heard "$1" invite)
  call "$@" > "$BED/log/call" && [ "$(n_heard "$1" invite)" -gt "$before" ]
}

# silent USER [VIA]: the carrier's call is not answered, and the phone does not hear of it.
silent()
{
  local before
  before=$(n_heard "$1" invite)
  ! call "$@" > "$BED/log/call" && [ "$(n_heard "$1" invite)" -eq "$before" ]
}

# row USER COLUMN...: those columns of the user's rows in the location table.
row()
{
  local columns=${*:2}
  sql "SELECT ${columns// /, } FROM location WHERE username = '$1'"
}

# register_many HOST COUNT [REGISTRAR]: SIPp registers many1 ... manyCOUNT from HOST; nobody answers for them.
register_many()
{
  local host=$1 count=$2 registrar=${3-$VIP:5060} local_address
  need_programs sipp
  local_address=$(phone_address "$host" "$registrar")
  (cd "$BED/tmp" && on "$host" sipp "$registrar" -sf "$BED_LAB/register.xml" -i "${local_address%:*}" -p 5900 \
    -m "$count" -r 1000 -l 50 -nostdin -timeout 60 -timeout_error > "$BED/log/sipp.log" 2>&1)
}
