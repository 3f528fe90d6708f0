# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
#
# start [--quick]: `ha-ctl check --local --quick`, which keepalived runs every second, against an empty program
# that is linked to the same library: in turn, medians of wall times. The target: at most 1.5 times as long.
set -u
rounds=400
[ "${1-}" != --quick ] || rounds=60
cd "${top_builddir:?}" || exit 70
make -s tools/ha-ctl/ha-ctl bench/empty bench/spawn bench/responder >&2 || exit 70

# The programs themselves, not libtool's scripts around them.
real() {
  if [ -x "${1%/*}/.libs/${1##*/}" ]; then echo "${1%/*}/.libs/${1##*/}"; else echo "$1"; fi
}
LD_LIBRARY_PATH=$PWD/lib/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH

dir=$(mktemp -d) || exit 70
bench/responder >"$dir/ports" &
responder=$!
trap 'kill $responder; rm -rf "$dir"' EXIT
tries=0
until [ -s "$dir/ports" ] || [ $tries -ge 100 ]; do sleep 0.02; tries=$((tries + 1)); done
read -r port silent <"$dir/ports" || exit 70
: "$silent"
cat >"$dir/cluster.conf" <<CONF
name = "bench"
database { hosts = { "192.0.2.21" } option_file = "$dir/none.cnf" schema = "opensips" }
vip "edge" { address = "192.0.2.10" interface = "lo" sockets = { "udp:192.0.2.10:5060" } }
node "here" { host = "127.0.0.1" socket "own" { listen = "udp:127.0.0.1:$port" } }
node "there" { host = "192.0.2.12" socket "own" { listen = "udp:192.0.2.12:5060" } }
CONF
medians=$(bench/spawn $rounds "$(real tools/ha-ctl/ha-ctl)" -q -c "$dir/cluster.conf" check --local --quick -- \
  "$(real bench/empty)") || exit 70
echo "$medians" | awk -v rounds=$rounds '{
  ratio = $1 / $2
  printf "check --local --quick %d us, empty program %d us (%d rounds)\n", $1, $2, rounds
  printf "{\"bench\":\"start\",\"figures\":{\"check_us\":%d,\"empty_us\":%d,\"ratio\":%.3f,\"rounds\":%d},", $1, $2, ratio, rounds
  printf "\"targets\":{\"ratio\":1.5},\"met\":%s}\n", ratio <= 1.5 ? "true" : "false"
}'
