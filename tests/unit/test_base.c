/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include "base/ctx.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"
#include "base/span.h"
#include "base/time.h"
#include "base/utf8.h"

#include <signal.h>

static void durations_parse(void **state)
{
  static const struct {
    const char *text;
    int64_t d_us; /* -1 = refused */
  } rows[] = {
    { "40us", 40 },
    { "250ms", 250000 },
    { "5s", 5000000 },
    { "2m", 120000000 },
    { "2min", 120000000 },
    { "1h", INT64_C(3600000000) },
    { "3d", INT64_C(259200000000) },
    { "0s", 0 },
    { "", -1 },
    { "5", -1 },
    { "-5s", -1 },
    { "5 s", -1 },
    { "s", -1 },
    { "5S", -1 },
    { "5ss", -1 },
    { "1.5s", -1 },
    { "99999999999999999999s", -1 },
    { "36526d", -1 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    int64_t d_us = -1;
    enum oha_rc rc = oha_duration_parse(rows[i].text, &d_us, &err);

    if (d_us != rows[i].d_us || (rc == OHA_OK) != (rows[i].d_us >= 0) || err.rc != rc)
      fail_msg("'%s': %s, %lld us, '%s'", rows[i].text, oha_rc_name(rc), (long long)d_us, err.text);
  }
}

static void wall_formats(void **state)
{
  static const struct {
    int64_t us;
    const char *text;
  } rows[] = {
    { 0, "1970-01-01T00:00:00Z" },
    { INT64_C(1795332014123456), "2026-11-22T07:20:14.123456Z" },
    { -1, "1969-12-31T23:59:59.999999Z" },
    { INT64_C(951827696) * 1000000, "2000-02-29T12:34:56Z" },
    { INT64_C(2147483648) * 1000000, "2038-01-19T03:14:08Z" },
  };
  char buf[OHA_RFC3339_SIZE];

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++)
    assert_string_equal(oha_wall_format((struct oha_wall){ rows[i].us }, buf), rows[i].text);
}

static void dates_go_there_and_back(void **state)
{
  (void)state;
  for (int64_t days = -800000; days < 800000; days += 17) {
    int64_t year;
    int month, day;

    oha__date_of(days, &year, &month, &day);
    assert_int_equal(oha__days_of(year, month, day), days);
  }
}

static void poll_rounds_up(void **state)
{
  struct oha_mono now = { 1000000 };

  (void)state;
  assert_int_equal(oha_poll_ms(now, now), 0);
  assert_int_equal(oha_poll_ms(now, (struct oha_mono){ 0 }), 0);
  assert_int_equal(oha_poll_ms(now, oha_mono_add(now, 1)), 1);
  assert_int_equal(oha_poll_ms(now, oha_mono_add(now, 1001)), 2);
  assert_int_equal(oha_poll_ms(now, oha_mono_add(now, INT64_MAX)), 60000);
}

static void numbers_are_strict(void **state)
{
  uint32_t v = 7;
  int64_t i = 7;

  (void)state;
  assert_true(oha__span_u32(OHA_SPAN("65535"), 65535, &v) && v == 65535);
  assert_false(oha__span_u32(OHA_SPAN("65536"), 65535, &v));
  assert_false(oha__span_u32(OHA_SPAN(""), 65535, &v));
  assert_false(oha__span_u32(OHA_SPAN("+1"), 65535, &v));
  assert_false(oha__span_u32(OHA_SPAN(" 1"), 65535, &v));
  assert_false(oha__span_u32(OHA_SPAN("1x"), 65535, &v));
  assert_int_equal(v, 65535);
  assert_true(oha__span_i64(OHA_SPAN("-9223372036854775807"), &i) && i == -INT64_MAX);
  assert_false(oha__span_i64(OHA_SPAN("9223372036854775808"), &i));
  assert_false(oha__span_i64(OHA_SPAN("--1"), &i));
}

static void sbuf_overflow_sticks(void **state)
{
  char buf[8];
  struct oha_sbuf b;

  (void)state;
  oha__sbuf_init(&b, buf, sizeof(buf));
  oha__sbuf_puts(&b, "1234567");
  assert_string_equal(buf, "1234567");
  assert_int_equal(oha__sbuf_done(&b), OHA_OK);
  oha__sbuf_putc(&b, '8');
  oha__sbuf_puts(&b, "x");
  assert_string_equal(buf, "");
  assert_int_equal(oha__sbuf_done(&b), OHA_E_NOSPACE);
}

static void hostile_bytes_are_escaped(void **state)
{
  char buf[OHA_SAFE_SIZE];
  char big[300];

  (void)state;
  assert_string_equal(oha__safe(OHA_SPAN("a\x1b[31m\n\\\xff\xc3\xa9"), buf),
                      "a\\x1B[31m\\x0A\\x5C\\xFF\xc3\xa9");
  memset(big, '\xff', sizeof(big));
  oha__safe((struct oha_span){ big, sizeof(big) }, buf);
  assert_non_null(strstr(buf, "..."));
  assert_true(strlen(buf) < OHA_SAFE_SIZE);
}

static void utf8_is_strict(void **state)
{
  (void)state;
  assert_int_equal(oha__utf8_len("\xc3\xa9", 2), 2);
  assert_int_equal(oha__utf8_len("\xc3\xa9", 1), 0);
  assert_int_equal(oha__utf8_len("\xc0\x80", 2), 0);
  assert_int_equal(oha__utf8_len("\xed\xa0\x80", 3), 0);
  assert_int_equal(oha__utf8_len("\xf4\x90\x80\x80", 4), 0);
  assert_int_equal(oha__utf8_len("\xf0\x9f\x93\x9e", 4), 4);
}

static void first_failure_stays(void **state)
{
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  oha__fail(&err, OHA_E_PARSE, "port %d", 0);
  oha__fail(&err, OHA_E_IO, "later");
  oha__prefix(&err, "node %s: ", "sip2");
  assert_int_equal(err.rc, OHA_E_PARSE);
  assert_string_equal(err.text, "node sip2: port 0");
  assert_int_equal(oha__fail(NULL, OHA_E_IO, "nobody listens"), OHA_E_IO);
}

static void options_grow(void **state)
{
  struct longer {
    struct oha_run_opts known;
    int later;
  } o = { .known = { .size = sizeof(o) } };
  struct oha_run_opts taken;
  struct oha_error err = OHA_ERROR_INIT;

  (void)state;
  assert_int_equal(oha__opts_take(&taken, &o, sizeof(taken), &err), OHA_OK);
  o.later = 1;
  assert_int_equal(oha__opts_take(&taken, &o, sizeof(taken), &err), OHA_E_ARG);
  oha_error_clear(&err);
  o.known.size = 0;
  assert_int_equal(oha__opts_take(&taken, &o, sizeof(taken), &err), OHA_E_ARG);
}

static void programs_run(void **state)
{
  static const char *const echo[] = { "/bin/sh", "-c", "echo out; echo err >&2; exit 3", NULL };
  static const char *const flood[] = { "/bin/sh", "-c", "yes | head -c 100000", NULL };
  static const char *const hang[] = { "/bin/sh", "-c", "sleep 60 & wait", NULL };
  static const char *const missing[] = { "/nonexistent/program", NULL };
  struct oha_run_result r;
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_ctx *ctx = NULL;

  (void)state;
  assert_int_equal(oha_ctx_new(NULL, &ctx, &err), OHA_OK);
  assert_int_equal(
      oha_run(ctx, &(struct oha_run_opts){ .size = sizeof(struct oha_run_opts), .argv = echo }, &r, &err),
      OHA_OK);
  assert_int_equal(r.exit_status, 3);
  assert_string_equal(r.out, "out\n");
  assert_string_equal(r.err_out, "err\n");
  oha_run_result_clear(&r);

  assert_int_equal(oha_run(ctx,
                           &(struct oha_run_opts){
                               .size = sizeof(struct oha_run_opts), .argv = flood, .output_cap_bytes = 1000 },
                           &r, &err),
                   OHA_OK);
  assert_true(r.truncated);
  assert_int_equal(r.n_out, 1000);
  oha_run_result_clear(&r);

  assert_int_equal(oha_run(ctx,
                           &(struct oha_run_opts){
                               .size = sizeof(struct oha_run_opts), .argv = hang, .timeout_us = 50000 },
                           &r, &err),
                   OHA_E_TIMEOUT);
  assert_true(r.timed_out);
  oha_run_result_clear(&r);
  oha_error_clear(&err);
  assert_int_equal(
      oha_run(ctx, &(struct oha_run_opts){ .size = sizeof(struct oha_run_opts), .argv = missing }, &r, &err),
      OHA_E_NOTFOUND);
  oha_ctx_free(ctx);
}

/* A parent may have left SIGCHLD ignored: then the kernel drops how programs end. */
static void a_lost_exit_status_is_no_success(void **state)
{
  static const char *const fails[] = { "/bin/sh", "-c", "exit 3", NULL };
  struct oha_run_result r;
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_ctx *ctx = NULL;
  enum oha_rc rc;

  (void)state;
  assert_int_equal(oha_ctx_new(NULL, &ctx, &err), OHA_OK);
  signal(SIGCHLD, SIG_IGN);
  rc = oha_run(ctx, &(struct oha_run_opts){ .size = sizeof(struct oha_run_opts), .argv = fails }, &r, &err);
  signal(SIGCHLD, SIG_DFL);
  assert_int_equal(rc, OHA_E_IO);
  assert_non_null(strstr(err.text, "SIGCHLD"));
  oha_run_result_clear(&r);
  oha_ctx_free(ctx);
}

static void memory_runs_out(void **state)
{
  struct oha_error err = OHA_ERROR_INIT;
  enum oha_rc rc = OHA_E_NOMEM;
  struct oha_ctx *ctx = NULL;

  (void)state;
  for (long n = 0; n < 100 && rc != OHA_OK; n++) {
    oha__mem_fail_at = n;
    rc = oha_ctx_new(NULL, &ctx, &err);
    oha__mem_fail_at = -1;
    assert_true(rc == OHA_OK || (rc == OHA_E_NOMEM && ctx == NULL && err.rc == rc));
    oha_error_clear(&err);
  }
  assert_int_equal(rc, OHA_OK);
  oha_ctx_free(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(durations_parse),
    cmocka_unit_test(wall_formats),
    cmocka_unit_test(dates_go_there_and_back),
    cmocka_unit_test(poll_rounds_up),
    cmocka_unit_test(numbers_are_strict),
    cmocka_unit_test(sbuf_overflow_sticks),
    cmocka_unit_test(hostile_bytes_are_escaped),
    cmocka_unit_test(utf8_is_strict),
    cmocka_unit_test(first_failure_stays),
    cmocka_unit_test(options_grow),
    cmocka_unit_test(programs_run),
    cmocka_unit_test(a_lost_exit_status_is_no_success),
    cmocka_unit_test(memory_runs_out),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
