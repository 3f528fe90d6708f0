# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A private MariaDB in host db, with the location table of the SIP servers in use.
#
#   sql STATEMENT [OPTIONS]   as root, in the database $BED_DB; rows without headings, tabs between columns
#   put_rows COUNT            bindings of all classes; digest, digest_moved: what the table holds, and shall hold
#   $BED/ha.cnf               option file (0600) of the user that the tools under test use

bed_db_options="--skip-name-resolve --innodb-buffer-pool-size=8M --innodb-log-buffer-size=2M
  --innodb-log-file-size=4M --innodb-buffer-pool-dump-at-shutdown=0 --innodb-buffer-pool-load-at-startup=0
  --key-buffer-size=16K --aria-pagecache-buffer-size=256K --aria-log-file-size=8M --table-open-cache=64
  --table-definition-cache=400 --performance-schema=0 --innodb-flush-log-at-trx-commit=0
  --innodb-flush-method=nosync --innodb-temp-data-file-path=ibtmp1:1M:autoextend
  --innodb-data-file-path=ibdata1:2M:autoextend --innodb-purge-threads=1 --tmp-table-size=256K
  --max-heap-table-size=256K --innodb-autoextend-increment=1"
kamailio_sql=/usr/share/kamailio/mysql

BED_DB=sip
[ -z "${OPENSIPS-}" ] || BED_DB=opensips

sql()
{
  mariadb --defaults-file="$BED/root.cnf" -BN "$BED_DB" -e "$@"
}

# put_rows COUNT: bindings of nobody's, as sip1 would have stored them. Of each twelve, six are users moveN, whose
# socket is rewritten when sip2 takes over; the others are stayN: behind NAT, by TCP, at the VIP, with a Path, at an
# address that nobody has, and without a socket.
put_rows()
{
  local more_columns=", ruid" more_values=", CONCAT('row-', seq)" expires="'2037-01-01 00:00:00'"
  [ -z "${OPENSIPS-}" ] || more_columns= more_values= expires=2114380800
  sql "INSERT INTO location (username, contact, received, path, socket, callid, last_modified, expires$more_columns)
    SELECT CONCAT(IF(seq % 12 < 6, 'move', 'stay'), seq),
      CONCAT('sip:u', seq, IF(seq % 12 = 6, '@192.168.1.2:5060', '@203.0.113.7:5060'),
        IF(seq % 12 = 7, ';transport=tcp', '')),
      IF(seq % 12 = 6, 'sip:203.0.113.8:40000', NULL),
      IF(seq % 12 = 9, '<sip:203.0.113.9;lr>', NULL),
      ELT(seq % 12 + 1, 'udp:$SIP1:5060', 'udp:$SIP1:5060', 'udp:$SIP1:5060', 'udp:$SIP1:5060',
        'udp:$SECOND1:5060', 'udp:$SECOND1:5060', 'udp:$SIP1:5060', 'tcp:$SIP1:5060', 'udp:$VIP:5060',
        'udp:$SIP1:5060', 'udp:192.0.2.99:5060', NULL),
      CONCAT('call', seq), '2026-01-01 00:00:00', $expires$more_values
    FROM seq_1_to_$1"
}

# A digest of the location table: every column of every row, with this in place of `socket`.
digest()
{
  local columns
  # QUOTE tells NULL from the empty text
  columns=$(sql "SELECT GROUP_CONCAT('QUOTE(', IF(column_name = 'socket', '${1:-socket}', CONCAT('\`', column_name, '\`')), ')')
    FROM information_schema.columns WHERE table_schema = '$BED_DB' AND table_name = 'location'")
  sql "SELECT CONCAT(COUNT(*), ':', SUM(CRC32(CONCAT_WS('|', $columns)))) FROM location" || bed_fail "no digest"
}

# The digest that it shall have when sip2 has taken over: sockets of the users move... alone are changed.
# digest_moved adopted: and those at sip1's second address are not, for sip2 has that one, too.
digest_moved()
{
  local before=
  [ "${1-}" != adopted ] || before=.
  digest "IF(username LIKE ''move%'', REPLACE(socket, ''${before}11:5060'', ''${before}12:5060''), socket)"
}

# bed_db: starts it, empty but for the tables. The first time makes a template of its data directory, which
# later beds copy.
bed_db()
{
  need_programs mariadbd mariadb mariadb-admin mariadb-install-db
  local template
  template=$BED_BUILD/tests/lab/db-template.$(db_template_key)
  write_option_files
  mkdir -p "$BED/db"
  if cp -a "$template" "$BED/db/data" 2> /dev/null; then
    start_db
    return
  fi
  rm -rf "$BED/db/data"
  # shellcheck disable=SC2086
  mariadb-install-db --no-defaults --user=root --datadir="$BED/db/data" --skip-test-db \
    --auth-root-authentication-method=normal $bed_db_options > "$BED/log/db-install.log" 2>&1 ||
    bed_fail "mariadb-install-db, see log/db-install.log"
  start_db
  create_databases
  if mkdir -p "$template.$$" 2> /dev/null; then
    unspawn db mariadbd
    cp -a "$BED/db/data/." "$template.$$" && mv -T "$template.$$" "$template" 2> /dev/null
    rm -rf "$template.$$"
    start_db
  fi
}

db_template_key()
{
  { mariadbd --version; cat "$BED_LAB/bed_db.sh" "$BED_LAB/opensips-1013.sql" "$kamailio_sql/usrloc-create.sql"; } \
    2> /dev/null | cksum | cut -d' ' -f1
}

write_option_files()
{
  (
    umask 077
    printf '[client]\nuser=root\nsocket=%s/db/sock\n' "$BED" > "$BED/root.cnf"
    printf '[opensips-ha]\nuser=ha\npassword=lab-ha\n' > "$BED/ha.cnf"
  )
}

create_databases()
{
  {
    echo "CREATE DATABASE opensips; CREATE DATABASE sip;"
    echo "CREATE USER sip@'%' IDENTIFIED BY 'lab-sip'; CREATE USER ha@'%' IDENTIFIED BY 'lab-ha';"
    echo "GRANT ALL ON sip.* TO sip@'%'; GRANT ALL ON opensips.* TO sip@'%';"
    echo "GRANT ALL ON sip.* TO ha@'%'; GRANT ALL ON opensips.* TO ha@'%';"
    echo "USE opensips;"
    cat "$BED_LAB/opensips-1013.sql"
    if [ -e "$kamailio_sql/usrloc-create.sql" ]; then
      echo "USE sip;"
      cat "$kamailio_sql/standard-create.sql" "$kamailio_sql/usrloc-create.sql"
    fi
  } | mariadb --defaults-file="$BED/root.cnf" || bed_fail "cannot create the tables"
}

# ---- faults ----

start_db()
{
  # shellcheck disable=SC2086
  spawn db mariadbd mariadbd --no-defaults --user=root --datadir="$BED/db/data" --socket="$BED/db/sock" \
    --pid-file="$BED/db/pid" --port=3306 --bind-address='*' --tmpdir="$BED/tmp" --max-connections=200 \
    $bed_db_options
  wait_until 20 db_answers || bed_fail "the database does not start, see log/mariadbd.log"
}

db_answers()
{
  mariadb-admin --defaults-file="$BED/root.cnf" ping > /dev/null 2>&1
}

# Like a crash; start_db recovers.
kill_db()
{
  kill -KILL "$(cat "$BED/db/pid")"
  unspawn db mariadbd KILL
}

# It hangs: connections stand, nobody is answered.
stop_db()
{
  kill -STOP "$(cat "$BED/db/pid")"
}

cont_db()
{
  kill -CONT "$(cat "$BED/db/pid")"
}
