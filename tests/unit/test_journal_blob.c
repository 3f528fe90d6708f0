/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The blob of a journal page. */
#include "cm.h"

#include "base/mem.h"
#include "journal/page.h"

#include <stdlib.h>

static void round_trip(const struct oha_page_row *rows, size_t n)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_page_row *back = NULL;
  uint8_t *blob = NULL;
  size_t n_blob = 0, n_back = 0;

  assert_int_equal(oha__page_encode(rows, n, &blob, &n_blob, &err), OHA_OK);
  if (oha__page_decode(blob, n_blob, &back, &n_back, &err) != OHA_OK || n_back != n)
    fail_msg("%zu rows: %zu back: %s", n, n_back, err.text);
  for (size_t i = 0; i < n; i++)
    if (back[i].id != rows[i].id || back[i].expires_s != rows[i].expires_s)
      fail_msg("row %zu of %zu: %llu %u", i, n, (unsigned long long)back[i].id, back[i].expires_s);
  for (size_t cut = 0; cut < n_blob; cut++) { /* none of its beginnings is a page */
    struct oha_page_row *none = (struct oha_page_row *)blob;

    assert_int_equal(oha__page_decode(blob, cut, &none, &n_back, NULL), OHA_E_PARSE);
    assert_null(none);
  }
  oha__free(back);
  oha__free(blob);
}

static void pages_go_both_ways(void **state)
{
  static const struct oha_page_row edges[] = {
    { 0, 0 },
    { 1, UINT32_MAX },
    { 127, 0 },
    { 255, 1795332014 },
    { 16384, 1795332013 },
    { UINT64_C(4611686018427387904), 1795335614 }, /* a packed contact_id */
    { UINT64_MAX - 1, 5 },
    { UINT64_MAX, 5 },
  };
  struct oha_page_row many[1000];

  (void)state;
  round_trip(NULL, 0);
  for (size_t i = 0; i < N_OF(edges); i++)
    for (size_t n = 1; n <= N_OF(edges) - i; n++)
      round_trip(&edges[i], n);
  for (size_t i = 0; i < N_OF(many); i++)
    many[i] = (struct oha_page_row){ (uint64_t)(i * i * i * 40503), (uint32_t)(1795332014 + i * 77 % 3600) };
  round_trip(many, N_OF(many));
}

static void pages_are_small(void **state)
{
  struct oha_page_row rows[2000];
  uint8_t *blob;
  size_t n;

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) /* hash-ordered ids of a million rows, expiries within an hour */
    rows[i] =
        (struct oha_page_row){ (i + 1) * (UINT64_C(1) << 42) + i, (uint32_t)(1795332014 + i * 31 % 3600) };
  assert_int_equal(oha__page_encode(rows, N_OF(rows), &blob, &n, NULL), OHA_OK);
  assert_true(n < N_OF(rows) * 10);
  oha__free(blob);
}

static void disorder_is_refused(void **state)
{
  static const struct oha_page_row same[] = { { 5, 0 }, { 5, 0 } }, down[] = { { 5, 0 }, { 4, 0 } };
  uint8_t *blob = (uint8_t *)1;
  size_t n = 1;

  (void)state;
  assert_int_equal(oha__page_encode(same, 2, &blob, &n, NULL), OHA_E_ARG);
  assert_null(blob);
  assert_int_equal(oha__page_encode(down, 2, &blob, &n, NULL), OHA_E_ARG);
  assert_int_equal(n, 0);
}

static void nonsense_is_refused(void **state)
{
  static const struct {
    const char *bytes;
    size_t n;
    enum oha_rc rc;
  } rows[] = {
    { "\x01\x00", 2, OHA_OK },
    { "\x01\x01\x05\x00", 4, OHA_OK },
    { "", 0, OHA_E_PARSE },
    { "\x02\x00", 2, OHA_E_PARSE },                                              /* another version */
    { "\x01\x00\x00", 3, OHA_E_PARSE },                                          /* bytes behind the end */
    { "\x01\x80\x00", 3, OHA_E_PARSE },                                          /* a number in a long form */
    { "\x01\x02\x05\x00", 4, OHA_E_PARSE },                                      /* a row too few */
    { "\x01\xff\xff\xff\xff\x0f\x05\x00", 8, OHA_E_PARSE },                      /* a count that cannot be */
    { "\x01\x02\x05\x00\x00\x00", 6, OHA_E_PARSE },                              /* the same id again */
    { "\x01\x01\x05\x01", 4, OHA_E_PARSE },                                      /* expires -1 */
    { "\x01\x01\x05\x80\x80\x80\x80\x20", 8, OHA_E_PARSE },                      /* expires 2^32 */
    { "\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x00", 13, OHA_E_PARSE }, /* id over 64 bits */
    { "\x01\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00\x01\x00", 15, OHA_E_PARSE }, /* sum over 64 */
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_page_row *got = NULL;
    size_t n;
    enum oha_rc rc = oha__page_decode((const uint8_t *)rows[i].bytes, rows[i].n, &got, &n, NULL);

    if (rc != rows[i].rc)
      fail_msg("row %zu: %s", i, oha_rc_name(rc));
    oha__free(got);
  }
}

static void lack_of_memory_is_survived(void **state)
{
  static const struct oha_page_row one[] = { { 5, 6 } };
  struct oha_page_row *rows = NULL;
  uint8_t *blob = NULL;
  size_t n;

  (void)state;
  oha__mem_fail_at = 0;
  assert_int_equal(oha__page_encode(one, 1, &blob, &n, NULL), OHA_E_NOMEM);
  assert_null(blob);
  oha__mem_fail_at = 0;
  assert_int_equal(oha__page_decode((const uint8_t *)"\x01\x01\x05\x00", 4, &rows, &n, NULL), OHA_E_NOMEM);
  assert_null(rows);
  oha__mem_fail_at = -1;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(pages_go_both_ways),         cmocka_unit_test(pages_are_small),
    cmocka_unit_test(disorder_is_refused),        cmocka_unit_test(nonsense_is_refused),
    cmocka_unit_test(lack_of_memory_is_survived),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
