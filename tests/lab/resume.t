#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A failover is killed at every boundary of its steps and within the rewrite, then resumed, or taken back: table, VIP
# and journal are as if all had happened, or nothing. So is an undo that is killed. After fencing nothing is undone.
# OHA_LONG=1: every boundary with a dead sip1, too, and kills at any time.
[ -n "${BED-}" ] || exec "$(dirname "$0")/run-in-bed" --tap "$0" "$@"
. "$BED_LAB/bed.sh"

# Everything as in the morning: sip1 active, the table as it was, nothing in the journal.
morning()
{
  [ ! -e "$BED/host/sip1/cut" ] || restore_power sip1
  sql "UPDATE location JOIN morning USING ($row_id) SET location.socket = morning.socket
      WHERE NOT location.socket <=> morning.socket;
    UPDATE opensips_ha_lease SET holder = '';
    DELETE FROM opensips_ha_page; DELETE FROM opensips_ha_step; DELETE FROM opensips_ha_operation"
  rm -f "$BED"/host/sip?/state/ops/*
  ip -n sip2 addr flush dev e0 to "$SECOND1"
  ip -n sip2 addr flush dev e0 to "$SECOND1_6"
  bed_vip sip1
}

# kill_at BOUNDARY VERB...: sip2 runs VERB and is killed there.
kill_at()
{
  OHA_TEST_KILL=$1 on sip2 ha-ctl-mortal "${@:2}" --yes > "$BED/log/killed" 2>&1
  [ $? = 137 ] || { echo "not killed at $1"; cat "$BED/log/killed"; return 1; }
}

# ctl CODE NODE VERB...: NODE runs VERB, which ends with CODE.
ctl()
{
  local rc=0
  on "$2" ha-ctl "${@:3}" --yes > "$BED/log/ctl" 2>&1 || rc=$?
  [ $rc = "$1" ] || { echo "$3 ended with $rc"; cat "$BED/log/ctl"; return 1; }
}

n_vips()
{
  ip -n "$1" -o addr show dev e0 | grep -c -e " $VIP/" -e " $VIP6/"
}

# is_world STATE...: the VIPs of sip1 and sip2, the table, the operations, steps whose end is not known, the lease.
is_world()
{
  local now table=mixed world
  now=$(digest)
  [ "$now" != "$unmoved" ] || table=unmoved
  [ "$now" != "$moved" ] || table=moved
  [ "$now" != "$moved_but_adopted" ] || table=moved-but-adopted
  world="$(n_vips sip1)+$(n_vips sip2) VIPs, rows $table, operation $(
    sql "SELECT GROUP_CONCAT(state) FROM opensips_ha_operation"), $(
    sql "SELECT COUNT(*) FROM opensips_ha_step WHERE state = 'begun'") open steps, lease '$(
    sql "SELECT holder FROM opensips_ha_lease")'"
  [ "$world" = "$*" ] || { printf 'got:    %s\nwanted: %s\n' "$world" "$*"; cat "$BED/log/ctl"; return 1; }
}

all_happened()
{
  is_world "0+2 VIPs, rows ${1-moved}, operation done, 0 open steps, lease ''"
}

nothing_happened()
{
  is_world "2+0 VIPs, rows unmoved, operation undone, 0 open steps, lease ''"
}

# unchanged CMD...: CMD succeeds, and changes no row, no address and nothing in the journal.
unchanged()
{
  everything > "$BED/tmp/before"
  "$@" || return 1
  everything > "$BED/tmp/after"
  diff "$BED/tmp/before" "$BED/tmp/after"
}

everything()
{
  digest
  on sip2 ha-ctl -j history
  on sip2 ha-ctl -j history "$(newest)"
  sql "SELECT op_id, page_no, n_rows FROM opensips_ha_page"
  ip -n sip1 -o addr show dev e0 scope global
  ip -n sip2 -o addr show dev e0 scope global
}

newest()
{
  sql "SELECT op_id FROM opensips_ha_operation ORDER BY began_at DESC LIMIT 1"
}

# The lease of a process that died on another machine: it runs out.
time_passes()
{
  sql "UPDATE opensips_ha_lease SET expires_at = '2020-01-01'"
}

# ---- each of these is one test ----

resumed_after()
{
  morning
  kill_at "$1" failover --to sip2 && ctl 0 sip2 resume && all_happened
}

undone_after()
{
  morning
  kill_at "$1" failover --to sip2 && ctl 0 sip2 undo && nothing_happened
}

undone_after_killed_undo()
{
  morning
  ctl 0 sip2 failover --to sip2 && kill_at "$1" undo "$(newest)" && ctl 0 sip2 undo && nothing_happened
}

resumed_after_killed_undo()
{
  morning
  ctl 0 sip2 failover --to sip2 && kill_at "$1" undo "$(newest)" && ctl 0 sip2 resume && all_happened
}

# sip1 is dead, and fenced to be sure.
resumed_after_fence()
{
  morning
  cut_power sip1
  kill_at "$1" failover --to sip2 && unchanged ctl 107 sip2 undo && ctl 0 sip2 resume &&
    all_happened moved-but-adopted && [ -n "$(ip -n sip2 -o addr show dev e0 to "$SECOND1")" ]
}

# sip1 is dead, and the operator answers for it.
resumed_after_claim()
{
  morning
  cut_power sip1
  kill_at "$1" failover --to sip2 --force=fenced && unchanged ctl 107 sip2 undo && ctl 0 sip2 resume &&
    all_happened moved-but-adopted
}

undone_elsewhere_after()
{
  morning
  kill_at "$1" failover --to sip2 && unchanged ctl 75 sip1 undo && time_passes && ctl 0 sip1 undo && nothing_happened
}

resumed_elsewhere_after()
{
  morning
  kill_at "$1" failover --to sip2 && time_passes && ctl 0 sip1 resume && all_happened
}

# At any time at all, a few times in a row.
killed_again_and_again()
{
  local verb="failover --to sip2" n
  morning
  for n in 1 2 3 4; do
    # shellcheck disable=SC2086,SC2016 # words; $! is for the shell in there
    on sip2 sh -c 'ha-ctl --yes "$@" & sleep "0.$0"; kill -KILL $!; wait $!' $((RANDOM % 90 + 10)) $verb \
      > "$BED/log/killed" 2>&1
    [ $? = 137 ] || break
    [ -z "$(newest)" ] || verb=resume
  done
  if [ "$(sql "SELECT MIN(state) FROM opensips_ha_operation")" != "done" ]; then
    # shellcheck disable=SC2086
    ctl 0 sip2 $verb || return 1
  fi
  all_happened
}

bed_net
bed_db
bed_node sip1 sip2
bed_adoptable=true
quick='thresholds { probe_timeout = "500ms" arp_timeout = "50ms" page_target = "1ms" }'
bed_cluster "$quick"
row_id=id SECOND1_6=2001:db8:100::111
[ -z "${OPENSIPS-}" ] || row_id=contact_id
ok "our tables are made" on sip2 ha-ctl tables create
bed_vip sip1
register_many phone0 300
put_rows 6000
phone_at phone0 stay "$VIP:5060"
phone_at phone0 move "$SIP1:5060"
sql "CREATE TABLE morning AS SELECT * FROM location"
unmoved=$(digest) moved=$(digest_moved) moved_but_adopted=$(digest_moved adopted)

boundaries="demote:begin demote:acted demote:end proof:end vip:begin vip:acted vip:end prove-sip:begin prove-sip:acted
  prove-sip:end sole-owner:begin sole-owner:acted sole-owner:end reach:begin reach:acted reach:end rewrite:begin
  rewrite:page1 rewrite:page6 rewrite:acted rewrite:end seen:begin seen:acted seen:end"
for boundary in $boundaries; do
  ok "killed at $boundary, resumed" resumed_after "$boundary"
done
ok "the phone at the VIP rings" rings stay
ok "the phone that was at sip1's own address rings" rings move
for boundary in $boundaries; do
  ok "killed at $boundary, taken back" undone_after "$boundary"
done
ok "the phone at the VIP rings" rings stay
ok "the phone at sip1's own address rings" rings move

for boundary in rewrite:{begin,page1,page6,acted,end} {vip,demote}:{begin,acted,end}; do
  ok "undo killed at $boundary, undone" undone_after_killed_undo "$boundary"
  case $boundary,${OHA_LONG-} in
  *:begin, | *:end,) ;;
  *) ok "undo killed at $boundary, resumed" resumed_after_killed_undo "$boundary" ;;
  esac
done

for boundary in demote:acted vip:acted rewrite:page1 rewrite:end; do
  ok "killed at $boundary, taken back from sip1" undone_elsewhere_after "$boundary"
done
ok "killed at vip:begin, resumed from sip1" resumed_elsewhere_after vip:begin
ok "and taken back from there" ctl 0 sip1 undo "$(newest)"
ok "as if nothing had happened" nothing_happened

morning
ok "one move is killed" kill_at rewrite:page1 failover --to sip2
ok "resume can be rehearsed" unchanged on sip2 ha-ctl resume --dry-run
ok "undo can be rehearsed" unchanged on sip2 ha-ctl undo --dry-run
ok "the next move goes through" ctl 0 sip2 failover --to sip2
ok "no undo takes an older one for the newest" unchanged ctl 107 sip2 undo
ok "nor does a resume" unchanged ctl 107 sip2 resume

ok "a claim, killed at vip:begin, resumed" resumed_after_claim vip:begin
[ -z "${OHA_LONG-}" ] || for n in {1..40}; do
  ok "killed again and again, number $n" killed_again_and_again
done
bed_cluster "$quick" "fence_command = {\"$BED_LAB/fence\"}"
after_fence="fence:begin vip:acted rewrite:page1"
[ -z "${OHA_LONG-}" ] || after_fence="$(echo {fence,vip,adopt,prove-sip,sole-owner,reach,rewrite,seen}:{begin,acted,end}) \
  proof:end rewrite:page1 rewrite:page6"
for boundary in $after_fence; do
  ok "fenced, killed at $boundary, not undone, resumed" resumed_after_fence "$boundary"
done
ok "the phone at the VIP rings" rings stay
ok "the phone that was at sip1's own address rings" rings move
ok "a failover to the active one goes through" ctl 0 sip2 failover --to sip2
is "and leaves rows at the adopted address alone" "$(digest)" "$moved_but_adopted"
done_testing
