# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# vip-move [--quick]: how long is the service dark while the VIP moves from a node that is alive?
#
# The carrier sends OPTIONS to the VIP every millisecond; dark is the longest time between two that are answered.
# Each round moves the VIP twice: bare (`ip addr del` there, `ip addr add` here, one gratuitous ARP by arping) and
# by `ha-ctl failover` run on the node that takes over; so both see the same load of this machine. The target:
# the median of failover is at most the median of bare plus 20 ms.
set -u
if [ -z "${BED-}" ]; then # by whatever shell
  export BED_SKIP_CODE=77
  exec "$(dirname "$0")/../tests/lab/run-in-bed" bash "$0" "$@"
fi
. "$BED_LAB/bed.sh"

rounds=20 allowed_us=20000
[ "${1-}" != --quick ] || rounds=5

bare()
{
  ip -n "$1" addr del "$VIP/32" dev e0
  ip -n "$2" addr add "$VIP/32" dev e0
  announce "$2" "$VIP"
  ip -n "$1" addr del "$VIP6/128" dev e0 # behind it: the prober asks by IPv4
  ip -n "$2" addr add "$VIP6/128" dev e0 nodad
}

failover()
{
  on "$2" ha-ctl failover --to "$2" --yes > "$BED/log/failover" 2>&1
}

# dark HOW FROM TO: moves the VIP and adds the microseconds to the file of HOW.
dark()
{
  local prober rc us
  on carrier phone gap "$VIP" --via "$VIP" --deadline 20 > "$BED/log/gap" &
  prober=$!
  sleep 0.3
  "$@"
  rc=$?
  sleep 0.3
  kill -TERM $prober
  wait $prober
  [ $rc -eq 0 ] && has_vip "$3" && ! has_vip "$2" ||
    bed_fail "$1 from $2 to $3 ended with $rc: $(tail -n 3 "$BED/log/failover" 2> /dev/null)"
  us=$(sed -n 's/^gap_us=\([0-9]*\) .*/\1/p' "$BED/log/gap")
  [ -n "$us" ] || bed_fail "nothing was measured: $(cat "$BED/log/gap")"
  echo "$us" >> "$BED/$1"
  say "$1 $2 to $3: $us us"
}

# Of the numbers in FILE: the median, and the largest.
median()
{
  sort -n "$1" | awk '{ v[NR] = $1 } END { print int((v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2) }'
}

largest()
{
  sort -n "$1" | tail -n 1
}

bed_net
bed_db
bed_node sip1 sip2
bed_cluster
bed_vip sip1
on sip1 ha-ctl tables create > "$BED/log/tables" 2>&1 || bed_fail "tables create: $(tail -n 3 "$BED/log/tables")"
from=sip1 to=sip2
for ((i = 1; i <= rounds; i++)); do
  order="bare failover"
  [ $((i % 2)) -eq 1 ] || order="failover bare" # so that both go both ways
  for how in $order; do
    dark $how $from $to
    swap=$from from=$to to=$swap
  done
done

bare_us=$(median "$BED/bare") failover_us=$(median "$BED/failover")
limit_us=$((bare_us + allowed_us))
met=false
[ "$failover_us" -gt "$limit_us" ] || met=true
printf '{"bench":"vip-move","figures":{"rounds":%d,"bare_median_us":%d,"bare_max_us":%d,%s},%s,"met":%s}\n' \
  "$rounds" "$bare_us" "$(largest "$BED/bare")" \
  "\"failover_median_us\":$failover_us,\"failover_max_us\":$(largest "$BED/failover")" \
  "\"targets\":{\"failover_median_us\":$limit_us}" $met
