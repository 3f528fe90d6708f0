#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The cluster file: missing, unreadable, broken, contradictory, right.
. "${top_srcdir:?}/tests/tools/tools.sh"

run ha-ctl config check
exits "no such file: 78" 78
says "no such file: names it" "OHA-CONFIG: .*$OPENSIPS_HA_CONFIG"
run ha-ctl -j status
exits "no such file, another verb: 78" 78
json "no such file, JSON" '.exit.name == "CONFIG" and .errors[0].id == "OHA-CONFIG" and .command == "status"'

write_cluster
run ha-ctl config check
exits "a right file: 0" 0
shows "a right file: says what it holds" 'cluster edge, 2 nodes, 1 virtual address, 1 database host'
run ha-ctl -c "$OPENSIPS_HA_CONFIG" -j config check
json "a right file, JSON" '.ok and (.summary | contains("edge"))'
run env -u OPENSIPS_HA_CONFIG "$ha_ctl" config check --config "$OPENSIPS_HA_CONFIG"
exits "--config names it" 0

run ha-ctl config show
exits "config show: 0" 0
shows "config show: defaults are filled in" 'probe_timeout +'
run ha-ctl -j config show
json "config show, JSON" '.clusters[0].name == "edge" and .vips[0].address == "192.0.2.10"
  and [.nodes[].name] == ["sip1", "sip2"] and (.sockets | length == 3)
  and .databases[0].hosts == ["127.0.0.1:1"] and .thresholds[0].lease_ttl_us == 15000000'

echo 'name = "edge' > "$OPENSIPS_HA_CONFIG"
run ha-ctl config check
exits "broken: 78" 78
run ha-ctl -j config check
json "broken, JSON: findings with file and line" '.findings[0].level == "error" and .findings[0].line >= 1
  and .findings[0].path != "" and .findings[0].text != "" and .errors[0].id == "OHA-CONFIG"'
run ha-ctl sockets
exits "broken, another verb: 78" 78
says "broken, another verb: file and line" "$OPENSIPS_HA_CONFIG:[0-9]+:"

write_cluster
sed -i 's/"192.0.2.12"/"127.0.0.1"/' "$OPENSIPS_HA_CONFIG"
run ha-ctl nodes
exits "two nodes with one host: 78" 78

if [ "$(id -u)" -ne 0 ]; then
  write_cluster
  chmod 000 "$OPENSIPS_HA_CONFIG"
  run ha-ctl config check
  exits "unreadable: 77" 77
fi

write_cluster
run ha-ctl reach --to sip9
exits "unknown node: 64" 64
says "unknown node: names those there are" "--to: no node is called 'sip9'; the cluster file has sip1, sip2"
run ha-ctl reach --to sip2 --from sip2
exits "from and to are one node: 64" 64
run ha-ctl reach
exits "reach without --to: 64" 64
run ha-ctl locations --to sip2 --from sip1 --class stranded,deaf
exits "unknown class: 64" 64
says "unknown class: names those there are" "'deaf' is no class; they are expired, invalid, kept,"
run ha-ctl status --node sip9
exits "--node is no node: 64" 64

run ha-ctl -T 200ms sockets
exits "dead database: 69" 69
says "dead database: names the host" 'OHA-UNAVAILABLE: .*127\.0\.0\.1:1'
run ha-ctl tables create
exits "dead database, a verb that acts: 69" 69
run ha-ctl -T 200ms status
exits "dead database, status: 0" 0
shows "and what is not known is ?" '^\?'
run ha-ctl -T 200ms -j
exits "status without a verb, JSON: 0" 0
json "dead database, JSON: null" '.command == "status" and .ok and .databases[0].writable == null and .sockets == null
  and ([.findings[].id] == ["OHA-VIP-SILENT", "OHA-DB-NONE"])'
run ha-ctl tables create --print
exits "the statements can be had without a database" 0
shows "each ends in a semicolon" ';$'
shows "and makes a table of ours" 'CREATE TABLE.*opensips_ha_lease'
run ha-ctl -j tables create --print
json "the statements as JSON" '.statements | length >= 4 and all(.sql | test("CREATE"))'
run ha-ctl -T 200ms -j history
json "history falls back to the local log" '.local_only == true and .operations == []'

done_testing
