#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install-packages.sh [--print] [GROUP...]: install what is missing of scripts/packages (default: all groups).
# Nothing missing: does nothing, asks no network. Root rights, by sudo if need be, serve apt alone.
# Services that come along are neither started nor enabled: the tests start their own, privately.
set -u -o pipefail

list=$(dirname "$0")/packages
print_only=no
[ "${1-}" = --print ] && { print_only=yes; shift; }
groups=${*:-build test demo}

say() { printf 'packages: %s\n' "$*"; }

wanted() {
  awk -v groups="$groups" '
    BEGIN { n = split(groups, want, " ") }
    /^#/ || NF == 0 { next }
    { for (i = 1; i <= n; i++) if (index("," $2 ",", "," want[i] ",")) { print $1; next } }' "$list"
}

missing() {
  local p
  for p in $(wanted); do
    case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in
      installed) ;;
      *) echo "$p" ;;
    esac
  done
}

if ! command -v dpkg-query >/dev/null; then
  say "this is no Debian; what the list $list names must be there already"
  exit 0
fi
mapfile -t todo < <(missing)
if [ ${#todo[@]} = 0 ]; then
  say "all there ($groups)"
  exit 0
fi
if [ "$print_only" = yes ]; then
  say "missing: ${todo[*]}"
  exit 1
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    say "missing, and neither root nor sudo here. As root: apt-get install --no-install-recommends ${todo[*]}"
    exit 1
  fi
  as_root=(sudo)
  [ -t 0 ] || as_root=(sudo -n)
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q -y "$@" </dev/null
}

# What a package's own scripts ask before they start a service (invoke-rc.d(8)).
policy=/usr/sbin/policy-rc.d
our_policy=no
if [ ! -e $policy ]; then
  printf '#!/bin/sh\n# put here by install-packages.sh for the time of one installation\nexit 101\n' |
    "${as_root[@]}" tee $policy >/dev/null && "${as_root[@]}" chmod 755 $policy && our_policy=yes
fi
put_back() {
  [ $our_policy = yes ] && "${as_root[@]}" rm -f $policy
  our_policy=no
}
trap put_back EXIT
trap 'exit 130' INT TERM HUP

say "installing: ${todo[*]}"
# The package index of a fresh image is empty, that of an old one may name versions that are gone.
can_download() { apt-get -q -s --no-install-recommends install "${todo[@]}" >/dev/null 2>&1; }
can_download || apt update || exit 1
apt --no-install-recommends install "${todo[@]}" || { apt update && apt --no-install-recommends install "${todo[@]}"; }
rc=$?

if [ $rc = 0 ] && [ -d /run/systemd/system ]; then
  for p in "${todo[@]}"; do
    case $p in
      kamailio | mariadb-server)
        unit=${p%-server}
        say "disabling $unit.service, which came with $p: the tests start their own"
        "${as_root[@]}" systemctl -q disable "$unit.service"
        ;;
    esac
  done
fi
[ $rc = 0 ] && say "done"
exit $rc
