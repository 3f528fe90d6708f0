# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A private MariaDB in host db, with the location table of the SIP servers in use.
#
#   sql STATEMENT [OPTIONS]   as root, in the database $BED_DB; rows without headings, tabs between columns
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
