/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms that monitoring reads: plugin lines with ranges, and metrics, also as a file. */
#include "cm.h"

#include "common/nagios.h"
#include "common/openmetrics.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void ranges(void **state)
{
  /* What alerts: '<' below, '[' at the start, '-' between, ']' at the end, '>' above. */
  static const struct {
    const char *text;
    bool good;
    int64_t value;
    bool alerts;
  } rows[] = {
    { "10", true, 10000000, false },
    { "10", true, 10000001, true },
    { "10", true, -1, true },
    { "10:", true, 9999999, true },
    { "10:", true, INT64_MAX, false },
    { "~:10", true, -5000000, false },
    { "~:10", true, 10000001, true },
    { "10:20", true, 15000000, false },
    { "10:20", true, 20000001, true },
    { "@10:20", true, 10000000, true },
    { "@10:20", true, 20000000, true },
    { "@10:20", true, 20000001, false },
    { "@10:20", true, 9999999, false },
    { "0.5:1.25", true, 1250000, false },
    { "0.5:1.25", true, 499999, true },
    { "-5:-1", true, -3000000, false },
    { "@0", true, 0, true },
    { ":7", true, 7000000, false },
    { "20:10", false, 0, false },
    { "", false, 0, false },
    { "@", false, 0, false },
    { "x", false, 0, false },
    { "1:2:3", false, 0, false },
    { "1.", false, 0, false },
    { ".5", false, 0, false },
    { "1.1234567", false, 0, false },
    { "99999999999999999999", false, 0, false },
    { "~", false, 0, false },
    { "1,5", false, 0, false },
    { " 1", false, 0, false },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct nagios_range range;
    bool good = nagios_range_parse(rows[i].text, &range);

    if (good != rows[i].good || (good && nagios_range_alerts(&range, rows[i].value) != rows[i].alerts))
      fail_msg("range '%s', value %lld", rows[i].text, (long long)rows[i].value);
  }
}

static void lines(void **state)
{
  static const struct nagios_perf perf[] = {
    { "slowest", true, 1520, "s", "0.5", "1" },
    { "it's=x", false, 0, "", NULL, NULL },
    { "down", true, 3000000, "", NULL, "@1:" },
  };
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);

  (void)state;
  nagios_line(f, "CRITICAL", "a|b\nc", perf, N_OF(perf));
  nagios_line(f, "OK", "all is well", NULL, 0);
  assert_int_equal(fclose(f), 0);
  assert_string_equal(text, "CRITICAL: a/b\\nc | 'slowest'=0.00152s;0.5;1;0 'it''s_x'=U 'down'=3;;@1:;0\n"
                            "OK: all is well\n");
  free(text);
}

static void write_metrics(struct openmetrics *m)
{
  static const char *const labels[] = { "node", "a\"b\\c\nd", "proto", "udp", NULL };

  openmetrics_family(m, "opensips_ha_x_seconds", "A time.");
  openmetrics_sample(m, "opensips_ha_x_seconds", labels, 1500000);
  openmetrics_sample(m, "opensips_ha_x_seconds", NULL, -20);
}

static const char wanted[] = "# HELP opensips_ha_x_seconds A time.\n# TYPE opensips_ha_x_seconds gauge\n"
                             "opensips_ha_x_seconds{node=\"a\\\"b\\\\c\\nd\",proto=\"udp\"} 1.5\n"
                             "opensips_ha_x_seconds -0.00002\n# EOF\n";

static void metrics(void **state)
{
  struct openmetrics m;
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);

  (void)state;
  assert_true(openmetrics_open(&m, NULL, f));
  write_metrics(&m);
  assert_true(openmetrics_close(&m));
  assert_int_equal(fclose(f), 0);
  assert_string_equal(text, wanted);
  free(text);
}

static void metrics_become_a_file_at_once(void **state)
{
  char dir[] = "/tmp/oha_monitor.XXXXXX", path[64], text[512];
  struct openmetrics m;
  struct stat st;
  FILE *f;

  (void)state;
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof(path), "%s/x.prom", dir);
  assert_true(openmetrics_open(&m, path, NULL));
  write_metrics(&m);
  assert_int_equal(stat(path, &st), -1);
  assert_true(openmetrics_close(&m));
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0644);
  assert_int_equal(stat(m.temp, &st), -1);
  f = fopen(path, "re");
  text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
  fclose(f);
  assert_string_equal(text, wanted);
  unlink(path);
  rmdir(dir);
  assert_false(openmetrics_open(&m, path, NULL));
  assert_int_equal(errno, ENOENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(ranges),
    cmocka_unit_test(lines),
    cmocka_unit_test(metrics),
    cmocka_unit_test(metrics_become_a_file_at_once),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
