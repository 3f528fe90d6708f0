# SPDX-License-Identifier: GPL-3.0-or-later
# Rewriting half of a table's sockets against one raw UPDATE, a registrar-like writer at work.
# bare: without the journal; full: as a failover does it; paced: as `ha-ctl rewrite` does it.
rows=1000000
rounds=5
[ "${1:-}" != --quick ] || rows=200000
make -s -C "$top_builddir" bench/rewrite >&2 || exit 70
"$top_srcdir/tests/db/with-mariadb" -x --innodb-buffer-pool-size=3G -x --innodb-log-file-size=2G \
  -x --innodb-flush-log-at-trx-commit=1 -x --innodb-flush-method=O_DIRECT -x --max-connections=50 \
  -x --tmp-table-size=64M -x --innodb-autoextend-increment=64 \
  "$top_builddir/bench/rewrite" "$rounds" "$rows" | awk -v rows="$rows" '
function median(mode, field,    i, j, n, t, v) {
  n = count[mode]
  for (i = 1; i <= n; i++) v[i] = value[mode, field, i]
  for (i = 1; i <= n; i++)
    for (j = i + 1; j <= n; j++)
      if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
  return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
{
  print
  n = ++count[$1]
  value[$1, "s", n] = $2; value[$1, "idle", n] = $3; value[$1, "during", n] = $4
  if ($1 == "raw") raw_s = $2
  value[$1, "ratio", n] = $2 / raw_s # to the raw one of the same round
  limit = 4 * $3 > 20000 ? 4 * $3 : 20000
  calm[$1] += $4 <= limit
}
END {
  if (count["raw"] == 0) exit 70
  met = median("bare", "ratio") <= 1.5 && median("full", "ratio") <= 2.5 && median("paced", "ratio") <= 6 &&
        calm["paced"] >= int(count["paced"] * 4 / 5)
  printf "{\"bench\":\"rewrite\",\"figures\":{\"rows\":%d,\"rounds\":%d,\"raw_s\":%.3f", rows, count["raw"], median("raw", "s")
  for (i = split("bare full paced", modes, " "); i > 0; i--)
    printf ",\"%s_s\":%.3f,\"%s_ratio\":%.2f,\"%s_writer_p99_us\":%d", modes[i], median(modes[i], "s"), modes[i],
           median(modes[i], "ratio"), modes[i], median(modes[i], "during")
  printf ",\"raw_writer_p99_us\":%d,\"idle_writer_p99_us\":%d,\"paced_calm_rounds\":%d}", median("raw", "during"),
         median("raw", "idle"), calm["paced"]
  printf ",\"targets\":{\"bare_ratio_max\":1.5,\"full_ratio_max\":2.5,\"paced_ratio_max\":6,"
  printf "\"paced_calm_rounds_min\":%d},\"met\":%s}\n", int(count["paced"] * 4 / 5), met ? "true" : "false"
}'
