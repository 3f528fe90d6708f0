#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The verbs that read the location table, on a private MariaDB: right answers, missing tables and grants, rows
# that nobody expects.
. "${top_srcdir:?}/tests/tools/tools.sh"

if [ -z "${OHA_TEST_PORT-}" ]; then
  rm -rf "$TMPDIR"
  unset TMPDIR
  export PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec
  command -v mariadbd > /dev/null || { echo "1..0 # SKIP needs mariadbd"; exit 0; }
  exec "$top_srcdir/tests/db/with-mariadb" "$0"
fi

sql()
{
  mariadb --no-defaults -u root -S "$OHA_TEST_SOCKET" -BN "$OHA_TEST_SCHEMA" -e "$1"
}

write_cluster
sed -i "s|\"127.0.0.1:1\"|\"127.0.0.1:$OHA_TEST_PORT\"|; s|^  option_file.*|  option_file = \"$OHA_TEST_OPTION_FILE\"|" \
  "$OPENSIPS_HA_CONFIG"
sed -i 's|listen = "udp:192.0.2.11:5060"|&\n    adoptable = true|' "$OPENSIPS_HA_CONFIG"

# ---- an empty database ----

run ha-ctl sockets
exits "no location table: 78" 78
says "no location table: says so" 'OHA-SCHEMA: '
run ha-ctl -j status
exits "status without any table: 0" 0
json "status without any table: the database answers" '.databases[0].state == "answers" and .databases[0].writable == true
  and .sockets == null and .leases == null and .operations == [] and .cluster == "edge"'

# ---- a table with one binding of each class ----

sql "$(cat "$top_srcdir/tests/lab/opensips-1013.sql")"
now=$(date +%s)
# row ID USER CONTACT SOCKET [RECEIVED] [EXPIRES]
row()
{
  sql "INSERT INTO location (contact_id, username, contact, socket, received, expires, user_agent) VALUES
    ($1, '$2', '$3', $4, ${5-NULL}, ${6-$((now + 600))}, 'Phone/1.0')"
}
row 1 kept sip:a@203.0.113.1:5060 "'udp:192.0.2.10:5060'" "'sip:203.0.113.1:1024'"
row 2 stranded sip:b@203.0.113.2:5060 "'udp:192.0.2.11:5060'" "'sip:203.0.113.2:1024'"
row 3 unproven sip:c@203.0.113.3:5060 "'udp:192.0.2.11:5060'"
row 4 target sip:d@203.0.113.4:5060 "'udp:192.0.2.12:5060'"
row 5 foreign sip:e@203.0.113.5:5060 "'udp:198.51.100.9:5060'"
row 6 unset sip:f@203.0.113.6:5060 NULL
row 7 invalid sip:g@203.0.113.7:5060 "'udp:192.0.2.11:99999'"
row 8 gone sip:h@203.0.113.8:5060 "'udp:192.0.2.11:5060'" NULL $((now - 100))
row 9 forever sip:i@203.0.113.9:5060 "'udp:192.0.2.10:5060'" NULL 0

run ha-ctl -j sockets
exits "sockets: 0" 0
json "sockets: whose they are" '[.sockets[] | {(.socket // "null"): [.owner_kind, .owner, .role, .n_live, .n_expired]}] | add == {
  "udp:192.0.2.10:5060": ["vip", "public", null, 2, 0], "udp:192.0.2.11:5060": ["node", "sip1", "own", 2, 1],
  "udp:192.0.2.12:5060": ["node", "sip2", "own", 1, 0], "udp:198.51.100.9:5060": ["foreign", null, null, 1, 0],
  "udp:192.0.2.11:99999": ["invalid", null, null, 1, 0], "null": ["unset", null, null, 1, 0]}'

run ha-ctl -j locations
json "locations: the live ones" '[.bindings[].id] | sort == ["1", "2", "3", "4", "5", "6", "7", "9"]'
json "locations: no class without a move" 'all(.bindings[]; has("class") | not) and .n_bad == 0'
json "locations: times and permanent bindings" '(.bindings[] | select(.id == "9") | .expires_at == null and .permanent)
  and (.bindings[] | select(.id == "1") | .expires_at | fromdate - '"$now"' | . == 600)'
run ha-ctl -j locations --expired
json "locations --expired" '[.bindings[] | select(.id == "8")] | length == 1'
run ha-ctl -j locations --socket udp:192.0.2.10:5060
json "locations --socket" '[.bindings[].id] | sort == ["1", "9"]'
run ha-ctl -j locations --limit 3
json "locations --limit" '.bindings | length == 3'
run ha-ctl -j locations -v --limit 1
json "locations -v: all columns" '.bindings[0] | .user_agent == "Phone/1.0" and .callid == "Default-Call-ID" and .cseq == 13
  and .q_milli == 1000 and .methods == null and has("last_modified_at", "sip_instance", "attr", "flags")'
run ha-ctl locations
shows "locations for people" '^kept +sip:a@203\.0\.113\.1:5060 +sip:203.0.113.1:1024 +udp:192.0.2.10:5060 +in '

classes='{kept: "kept", stranded: "stranded", unproven: "unproven", target: "kept", foreign: "foreign", unset: "unset",
  invalid: "invalid", forever: "kept"}'
run ha-ctl -j locations --from sip1 --to sip2
json "classes for a move" "[.bindings[] | {(.aor): .class}] | add == $classes"
json "the move is named" '.from == "sip1" and .to == "sip2"'
run ha-ctl -j locations --to sip2 --class stranded,invalid
json "--class" '[.bindings[].aor] | sort == ["invalid", "stranded"]'
run ha-ctl -j locations --to sip2 --class expired
json "--class expired needs no --expired" '[.bindings[].aor] == ["gone"]'
run ha-ctl -j locations --to sip2 --adopt --class kept
json "--adopt" '[.bindings[].aor] | sort == ["forever", "kept", "stranded", "target", "unproven"]'

run ha-ctl -j locate stranded
json "locate" '[.bindings[] | [.id, .contact, .received, .user_agent]] == [["2", "sip:b@203.0.113.2:5060",
  "sip:203.0.113.2:1024", "Phone/1.0"]] and (.bindings[0] | has("class") | not)'
run ha-ctl -j locate stranded --to sip2
json "locate --to" '.bindings[0].class == "stranded" and .bindings[0].never == false'
run ha-ctl locate nobody
exits "not registered: 0" 0
shows "not registered: says so" '^not registered$'
run ha-ctl -j locate nobody
json "not registered, JSON" '.ok and .bindings == []'
run ha-ctl locate "x' OR '1'='1"
shows "an address is no SQL" '^not registered$'
run ha-ctl -v locate kept
shows "locate -v shows every column" '^CALL-ID +Default-Call-ID$'

run ha-ctl -j reach --to sip2
exits "reach: 0" 0
json "reach: the sum" '[.classes[] | {(.class): .n}] | add == {expired: 1, invalid: 1, kept: 3, elsewhere: 0,
  "connection-lost": 0, unset: 1, foreign: 1, stranded: 1, unproven: 1, direct: 0}'
json "reach: when they return" '([.histogram[].n] | add) == 1 and .last_return_s > 500 and .last_return_s <= 600 and .n_never == 0
  and .histogram[-1].within_s == null'
json "reach: in one line" '.summary | test("^3 of 8 reachable at once, 1 within 10 min, 3 unknown, 1 ")'
run ha-ctl reach --to sip2
shows "reach: the line for people" '^3 of 8 reachable at once, '
says "reach: from whom, and why" 'from sip1: it is the only other node'
run ha-ctl -j reach --to sip2 --list stranded,unproven
json "reach --list" '([.bindings[] | .aor] | sort == ["stranded", "unproven"]) and ([.classes[].n] | add == 9)'

run ha-ctl -j status
json "status: sockets, no lease and no operation yet" '(.sockets | length == 6) and .leases == null and .operations == []'

# ---- rows that nobody expects ----

sql "ALTER TABLE location MODIFY contact TEXT CHARACTER SET latin1 NOT NULL; INSERT INTO location
  (username, contact, socket, user_agent, expires) VALUES
  (CONCAT('x', CHAR(27), '[31m', CHAR(10)), CONCAT('sip:', CHAR(255), CHAR(34), CHAR(92), '@203.0.113.1'),
  CONCAT('udp:', CHAR(7), ':1'), REPEAT('u', 255), $((now + 600)))"
run ha-ctl -j locations --expired -v
ok "hostile bytes: the answer is UTF-8" iconv -f UTF-8 -t UTF-8 "$TMPDIR/out"
json "hostile bytes: they come out as they are" 'any(.bindings[]; .aor == "x\u001b[31m\n" and .socket == "udp:\u0007:1")'
run ha-ctl locations
is "hostile bytes: none reaches a terminal" "$(tr -d '\n' < "$TMPDIR/out" | grep -c '[[:cntrl:]]')" 0
sql "DELETE FROM location WHERE username LIKE 'x%'"

# ---- unknown versions, missing grants, read-only servers ----

sql "UPDATE version SET table_version = 999 WHERE table_name = 'location'"
for verb in sockets locations 'locate kept' 'reach --to sip2'; do
  # shellcheck disable=SC2086
  run ha-ctl $verb
  exits "$verb, unknown table version: 78" 78
  says "$verb, unknown table version: names it" 'OHA-SCHEMA: .*999'
done
run ha-ctl -j status
exits "status, unknown table version: 0" 0
json "status, unknown table version: null" '.sockets == null'
sql "UPDATE version SET table_version = 1013 WHERE table_name = 'location'"

sql "CREATE USER poor@'%' IDENTIFIED BY 'test'; GRANT SELECT ON $OHA_TEST_SCHEMA.version TO poor@'%'"
(umask 077 && printf '[opensips-ha]\nuser = poor\npassword = test\n' > "$TMPDIR/poor.cnf")
sed "s|option_file = .*|option_file = \"$TMPDIR/poor.cnf\"|" "$OPENSIPS_HA_CONFIG" > "$TMPDIR/poor.conf"
run ha-ctl -c "$TMPDIR/poor.conf" sockets
exits "missing grant: 77" 77
says "missing grant: prints it" 'GRANT SELECT'
run ha-ctl -c "$TMPDIR/poor.conf" tables create
exits "missing grant, tables create: 77" 77
says "missing grant, tables create: prints it" 'GRANT '
(umask 077 && printf '[opensips-ha]\nuser = oha\npassword = wrong\n' > "$TMPDIR/poor.cnf")
run ha-ctl -c "$TMPDIR/poor.conf" sockets
exits "wrong password: 77" 77
is "wrong password: it is not shown" "$(printf '%s' "$err" | grep -c wrong)" 0
chmod 644 "$TMPDIR/poor.cnf"
run ha-ctl -c "$TMPDIR/poor.conf" sockets
exits "option file for all to read: 78" 78

# ---- our tables ----

sql 'SET GLOBAL read_only = 1'
run ha-ctl tables create
exits "read-only server: 69" 69
run ha-ctl -j status
json "read-only server, status" '.databases[0].writable == false and any(.findings[]; .id == "OHA-DB-NONE")'
run ha-ctl -j sockets
exits "read-only server, a reading verb: 0" 0
sql 'SET GLOBAL read_only = 0'
run ha-ctl tables create
exits "tables create: 0" 0
shows "tables create: says how many" '^made [0-9]+ tables in opensips$'
run ha-ctl -j tables create
json "again: nothing to do" '.ok and .n_made == 0'
run ha-ctl -j history
json "history of nothing" '.ok and .local_only == false and .operations == []'
run ha-ctl history 00000000-0000-4000-8000-000000000000
exits "no such operation: 64" 64
run ha-ctl -j status
json "status: the lease is free" '.leases[0].state == "free" and .leases[0].holder == null and .operations == []'

sql "INSERT INTO opensips_ha_operation (op_id, cluster, verb, from_node, to_node, actor, reason, state, fence, began_at,
  ended_at, summary) VALUES
  ('11111111-1111-4111-8111-111111111111', 'edge', 'failover', 'sip2', 'sip1', 'root@sip1', 'drill', 'done', 1,
    '2026-01-02 03:04:05', '2026-01-02 03:04:07.5', 'sip1 has the service'),
  ('22222222-2222-4222-8222-222222222222', 'edge', 'rewrite', 'sip2', 'sip1', 'root@sip1', '', 'incomplete', 2,
    '2026-01-02 04:00:00', NULL, ''),
  ('33333333-3333-4333-8333-333333333333', 'other', 'failover', 'a', 'b', '', '', 'done', 1, '2026-01-03 00:00:00', NULL, '');
  INSERT INTO opensips_ha_step (op_id, seq, name, state, detail, at) VALUES
  ('11111111-1111-4111-8111-111111111111', 1, 'lease', 'done', 'taken', '2026-01-02 03:04:05'),
  ('11111111-1111-4111-8111-111111111111', 2, 'vip', 'skipped', 'was on sip1', '2026-01-02 03:04:06')"
run ha-ctl -j history
json "history: this cluster's operations, newest first" '[.operations[] | [.verb, .from, .to, .state, .reason, .began_at, .ended_at]] == [
  ["rewrite", "sip2", "sip1", "incomplete", null, "2026-01-02T04:00:00Z", null],
  ["failover", "sip2", "sip1", "done", "drill", "2026-01-02T03:04:05Z", "2026-01-02T03:04:07.500000Z"]]'
run ha-ctl -j history --limit 1
json "history --limit" '.operations | length == 1'
run ha-ctl -j history 11111111-1111-4111-8111-111111111111
json "history of one operation: its steps" '.operations[0].summary == "sip1 has the service" and [.steps[] | [.seq, .name, .state, .detail]]
  == [[1, "lease", "done", "taken"], [2, "vip", "skipped", "was on sip1"]]'
run ha-ctl history 11111111-1111-4111-8111-111111111111
shows "history of one operation, for people" '^ +2  vip +skipped '
run ha-ctl -j status
json "status: the last operation" '[.operations[].verb] == ["rewrite"]'
run ha-ctl reach --to sip2
says "from whom, by the journal" 'from sip1: by the last failover'
run ha-ctl reach --to sip1
says "from whom, when it is there already" 'from sip2: by the last failover'
sql "UPDATE opensips_ha_lease SET holder = 'root@sip1/77', op_id = '22222222-2222-4222-8222-222222222222', fence = 2,
  expires_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR; INSERT INTO opensips_ha_lease (cluster, fence, holder, op_id, expires_at)
  VALUES ('edge', 2, 'root@sip1/77', '22222222-2222-4222-8222-222222222222', UTC_TIMESTAMP(6) + INTERVAL 1 HOUR)
  ON DUPLICATE KEY UPDATE fence = fence"
run ha-ctl -j status
json "status: who holds the lease" '.leases == [{state: "held", holder: "root@sip1/77", op_id: "22222222-2222-4222-8222-222222222222",
  fence: 2, expires_at: .leases[0].expires_at}]'

# ---- every key is in the manual ----

words=$(tr -cs 'a-z0-9_' '\n' < "$top_srcdir/man/ha-ctl.8" | sort -u)
keys_in_manual()
{
  local key
  for key in $(jq -r '[paths | map(select(type == "string"))[]] | unique[]' "$TMPDIR/out"); do
    printf '%s\n' "$words" | grep -Fxq "$key" || { echo "key '$key' is not in the manual"; return 1; }
  done
}
for verb in status nodes 'locations -v --to sip2' 'locate kept --to sip2' sockets 'reach --to sip2 --list kept' history \
  'history 11111111-1111-4111-8111-111111111111' \
  'vip show' 'probe udp:127.0.0.1:9'; do
  # shellcheck disable=SC2086
  run ha-ctl -j $verb
  ok "$verb: its keys are in the manual" keys_in_manual
done

# ---- a table whose times are DATETIME ----

sql "DROP TABLE location"
sql "CREATE TABLE location (id INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL, username CHAR(64) NOT NULL DEFAULT '',
  domain CHAR(64) NOT NULL DEFAULT '', contact CHAR(255) NOT NULL DEFAULT '', received CHAR(128) DEFAULT NULL,
  path CHAR(128) DEFAULT NULL, expires DATETIME NOT NULL DEFAULT '2020-05-28 21:32:15', q FLOAT(10,2) NOT NULL DEFAULT 1.0,
  callid CHAR(255) NOT NULL DEFAULT 'Default-Call-ID', cseq INT(11) NOT NULL DEFAULT 13,
  last_modified DATETIME NOT NULL DEFAULT '1900-01-01 00:00:01', flags INT(11) NOT NULL DEFAULT 0,
  cflags INT(11) NOT NULL DEFAULT 0, user_agent CHAR(255) NOT NULL DEFAULT '', socket CHAR(64) DEFAULT NULL,
  methods INT(11) DEFAULT NULL) ENGINE=InnoDB"
sql "UPDATE version SET table_version = 1004 WHERE table_name = 'location'"
sql "SET sql_mode = ''; INSERT INTO location (username, contact, socket, expires) VALUES
  ('good', 'sip:a@203.0.113.1', 'udp:192.0.2.10:5060', UTC_TIMESTAMP() + INTERVAL 600 SECOND),
  ('bad', 'sip:b@203.0.113.2', 'udp:192.0.2.10:5060', '2030-02-00 00:00:00')"
run ha-ctl -j locations
exits "a row that cannot be read is no failure" 0
json "a row that cannot be read is counted" '.n_bad == 1 and [.bindings[].aor] == ["good"] and (has("rows") | not)'
says "and mentioned" '1 row cannot be read; --verbose lists them'
run ha-ctl -j -v locations
json "with -v it is listed" '.rows == [{id: "2", problem: .rows[0].problem}] and (.rows[0].problem | contains("2030-02-00"))'
run ha-ctl -j reach --to sip2
json "reach counts it, too" '.n_bad == 1'
sed -i 's|^node "sip2" {|&\n  time_zone = "Europe/Berlin"|' "$OPENSIPS_HA_CONFIG"
run ha-ctl locations
exits "nodes that differ in time zone: 78" 78
says "nodes that differ in time zone: names both" 'UTC.*Europe/Berlin|Europe/Berlin.*UTC'

# ---- the server goes away ----

kill -KILL "$OHA_TEST_PID"
run ha-ctl -T 1s sockets
exits "the server is gone: 69" 69

done_testing
