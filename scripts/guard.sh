# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by check and demo: whatever they start ends with them, however they end (kill -9, too), and their
# temporary directory goes. Every program that they start inherits a mark in its environment; a watcher in a
# session of its own sees them end, then kills by process id what carries the mark.

# guard_start: sets TMPDIR, exports the mark, starts the watcher.
guard_start() {
  TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/oha.XXXXXX") || return 1
  chmod 755 "$TMPDIR"
  local mark=OHA_GUARD=$$-${TMPDIR##*/}
  exec {guard_fd}> >(exec setsid bash -c "$(declare -f guard_watch)"'; guard_watch "$@"' guard \
    $$ "$mark" "$TMPDIR" >/dev/null 2>&1)
  guard_pid=$!
  export TMPDIR "${mark?}"
}

# The pipe brings a line when the run ends by itself. It is no proof of life, for daemons may have inherited
# its other end, so look at the process as well (proc_pid_stat(5): field 3 its state, 22 when it started).
guard_watch() {
  local parent=$1 mark=$2 dir=$3 born="" stat=() round pids
  trap '' INT TERM HUP
  while read -r -a stat <"/proc/$parent/stat" && [ "${stat[2]}" != Z ] &&
    [ "${born:=${stat[21]}}" = "${stat[21]}" ]; do
    read -r -t 0.5 _
    [ $? -gt 128 ] || break
  done
  for ((round = 0; round < 20; round++)); do
    pids=$(grep -lzxF -- "$mark" /proc/[0-9]*/environ | cut -d/ -f3)
    [ -z "$pids" ] && break
    kill -KILL $pids
    sleep 0.1
  done
  rm -rf -- "$dir"
}

# guard_end: the same at once, and wait until it is done.
guard_end() {
  echo end >&"$guard_fd"
  exec {guard_fd}>&-
  wait "$guard_pid" 2>/dev/null
}
