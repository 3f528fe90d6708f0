# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
#
# probe [--quick]: how fast are OPTIONS sent to many peers, and what do dead ones cost?
#
# One local responder answers for 10,000 addresses. SIPp asks it too, from the same core, with as many requests
# outstanding, 8 MB socket buffers and the rate at which it was found fastest: with its own buffers of 64 kB, or
# with 10,000 outstanding and a higher rate, it loses replies and waits for retransmissions. Both retransmit.
# Then all 10,000 at once, and the same with 1,000 peers among them that never answer. sipsak in a loop is what
# a script without the library does. All interleaved, medians of the rounds. The targets: at least half of
# SIPp's rate; dead peers cost their timeout and no more than a fifth of the whole; under 64 MiB.
set -u
here=$top_srcdir/bench
sipp=$(command -v sipp) || { echo 'probe: no sipp' >&2; exit 77; }
sipsak=$(command -v sipsak || true)
rounds=5 probes=100000 peers=10000 dead=1000 timeout_ms=1000 sipsaks=50
[ "${1-}" != --quick ] || rounds=3 probes=20000 sipsaks=10
make -s -C "$top_builddir" bench/probe bench/responder >&2 || exit 70

work=$(mktemp -d) || exit 70
responder=
cleanup()
{
  [ -z "$responder" ] || kill "$responder" 2> /dev/null
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Where there are two cores, one answers and the other asks.
on_core()
{
  core=$1
  shift
  if [ "$(nproc)" -gt 1 ]; then exec taskset -c "$core" "$@"; else exec "$@"; fi
}

# libtool's script would stand between us and the program.
program()
{
  if [ -x "$top_builddir/bench/.libs/$1" ]; then echo "$top_builddir/bench/.libs/$1"; else echo "$top_builddir/bench/$1"; fi
}
LD_LIBRARY_PATH=$(cd "$top_builddir/lib/.libs" && pwd)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH

(on_core 0 "$(program responder)") > "$work/ports" &
responder=$!
n=0
until [ -s "$work/ports" ]; do
  n=$((n + 1))
  [ $n -lt 100 ] || { echo 'probe: the responder does not start' >&2; exit 70; }
  sleep 0.05
done
read -r port silent_port < "$work/ports"

now_us()
{
  echo $(($(date +%s%N) / 1000))
}

# keep FILE KEY: adds the number of KEY=... in the last line of $work/out.
keep()
{
  sed -n "\$s/.*\\<$2=\\([0-9]*\\).*/\\1/p" "$work/out" >> "$work/$1"
}

# asked HOW ARGUMENTS: the prober; every answer must be what it should be.
asked()
{
  want=$1
  shift
  (on_core 1 "$(program probe)" "$@") > "$work/out" || exit 70
  grep -q "$want" "$work/out" || { echo "probe: wanted $want: $(cat "$work/out")" >&2; exit 70; }
}

# rate FILE N US: adds N per US in probes per second.
rate()
{
  awk -v n="$2" -v us="$3" 'BEGIN { printf "%d\n", n * 1000000 / us }' >> "$work/$1"
}

run_sipp()
{
  rate=200000
  [ "$1" -lt 10000 ] || rate=70000
  began=$(now_us)
  (cd "$work" && on_core 1 timeout 120 "$sipp" "127.0.0.1:$port" -sf "$here/options.xml" -i 127.0.0.1 -m $probes \
    -l "$1" -r $rate -buff_size 8000000 -nostdin -timeout 100) > "$work/sipp.log" 2>&1 ||
    echo "probe: sipp ended with $?" >&2
  rate "sipp_$1" $probes $(($(now_us) - began))
}

run_prober()
{
  asked "alive=$probes timeout=0 other=0" window "$port" $peers $probes "$1"
  rate "ours_$1" $probes "$(sed 's/^us=\([0-9]*\) .*/\1/' "$work/out")"
}

run_sipsak()
{
  [ -n "$sipsak" ] || return 0
  began=$(now_us)
  for _ in $(seq $sipsaks); do
    timeout 5 "$sipsak" -s "sip:127.0.0.1:$port" > "$work/sipsak.log" 2>&1
  done
  rate sipsak $sipsaks $(($(now_us) - began))
}

median()
{
  [ -s "$work/$1" ] || { echo null; return; }
  sort -n "$work/$1" | awk '{ v[NR] = $1 } END { print int((v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2) }'
}

round=0
while [ $round -lt $rounds ]; do
  round=$((round + 1))
  for outstanding in 1000 10000; do
    run_sipp $outstanding
    run_prober $outstanding
  done
  asked "alive=$peers timeout=0 other=0" burst "$port" $peers "$silent_port" 0 $timeout_ms
  keep alive_us us
  asked "alive=$((peers - dead)) timeout=$dead other=0" burst "$port" $((peers - dead)) "$silent_port" $dead $timeout_ms
  keep dead_us us
  keep rss_kib max_rss_kib
  run_sipsak
  echo "round $round: sipp $(tail -n 1 "$work/sipp_1000")/s $(tail -n 1 "$work/sipp_10000")/s," \
    "ours $(tail -n 1 "$work/ours_1000")/s $(tail -n 1 "$work/ours_10000")/s," \
    "all alive $(tail -n 1 "$work/alive_us") us, with $dead dead $(tail -n 1 "$work/dead_us") us"
done

sipp_1000=$(median sipp_1000) sipp_10000=$(median sipp_10000)
ours_1000=$(median ours_1000) ours_10000=$(median ours_10000)
alive_us=$(median alive_us) dead_us=$(median dead_us) rss_kib=$(median rss_kib)
limit_us=$((timeout_ms * 1000 + alive_us * 12 / 10))
met=true
[ $((ours_1000 * 2)) -ge "$sipp_1000" ] && [ $((ours_10000 * 2)) -ge "$sipp_10000" ] &&
  [ "$dead_us" -le $limit_us ] && [ "$rss_kib" -lt 65536 ] || met=false
printf '{"bench":"probe","figures":{"rounds":%d,"peers":%d,' $rounds $peers
printf '"sipp_1000_per_s":%d,"ours_1000_per_s":%d,"sipp_10000_per_s":%d,"ours_10000_per_s":%d,' \
  "$sipp_1000" "$ours_1000" "$sipp_10000" "$ours_10000"
printf '"sipsak_per_s":%s,"all_alive_us":%d,"dead_peers":%d,"with_dead_us":%d,"max_rss_kib":%d},' \
  "$(median sipsak)" "$alive_us" $dead "$dead_us" "$rss_kib"
printf '"targets":{"ours_1000_per_s":%d,"ours_10000_per_s":%d,"with_dead_us":%d,"max_rss_kib":65535},"met":%s}\n' \
  $((sipp_1000 / 2)) $((sipp_10000 / 2)) $limit_us $met
