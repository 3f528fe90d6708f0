# SPDX-License-Identifier: GPL-3.0-or-later
# For with-mariadb and with-galera: a MariaDB data directory to copy, made once per build directory.
# shellcheck shell=sh
PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec

need() { # COMMAND...: leave by 77 when one is not here
  for command; do
    command -v "$command" >/dev/null && continue
    echo "$(basename "$0"): no $command here: skipped" >&2
    exit 77
  done
}

# Small and fast, and never for data that matters. The file sizes must be the same at install and at start.
# shellcheck disable=SC2034 # used by who reads this
small="--innodb-buffer-pool-size=8M --innodb-log-buffer-size=2M --innodb-log-file-size=4M
  --innodb-buffer-pool-dump-at-shutdown=0 --innodb-buffer-pool-load-at-startup=0 --key-buffer-size=16K
  --aria-pagecache-buffer-size=256K --aria-log-file-size=8M --table-open-cache=64
  --table-definition-cache=400 --performance-schema=0 --max-connections=20
  --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync
  --innodb-temp-data-file-path=ibtmp1:1M:autoextend --innodb-data-file-path=ibdata1:2M:autoextend
  --innodb-purge-threads=1 --tmp-table-size=256K --max-heap-table-size=256K
  --innodb-autoextend-increment=1 --skip-name-resolve"
as_user=
[ "$(id -u)" -ne 0 ] || as_user=--user=root

install_once() { # CACHE
  rm -rf "$1/new"
  cat >"$1/users.sql" <<SQL
FLUSH PRIVILEGES;
CREATE DATABASE opensips DEFAULT CHARACTER SET utf8mb4;
CREATE USER oha@'%' IDENTIFIED BY 'test';
GRANT ALL ON *.* TO oha@'%' WITH GRANT OPTION;
SQL
  # shellcheck disable=SC2086 # words, not one word
  mariadb-install-db --no-defaults --datadir="$1/new" --auth-root-authentication-method=normal \
    --skip-test-db --extra-file="$1/users.sql" $small $as_user >"$1/log" 2>&1 && mv "$1/new" "$1/data"
}

make_template() { # sets $template
  cache=${top_builddir:-.}/tests/db/cache.$(id -u)
  mkdir -p "$cache" || exit 99
  cache=$(cd "$cache" && pwd)
  (
    flock 9
    [ -d "$cache/data" ] || install_once "$cache"
  ) 9>"$cache/lock" || {
    cat "$cache/log" >&2
    exit 99
  }
  template=$cache/data
}

write_option_file() { # PATH
  printf '[opensips-ha]\nuser = oha\npassword = test\n' >"$1"
  chmod 600 "$1"
}

wait_for_line() { # PID FILE TEXT SECONDS: until the process has logged it; fails when it ends or takes longer
  tries=$(($4 * 50))
  until grep -q "$3" "$2" 2>/dev/null; do
    kill -0 "$1" 2>/dev/null && [ $tries -gt 0 ] || return 1
    tries=$((tries - 1))
    sleep 0.02
  done
}
