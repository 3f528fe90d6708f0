/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tools share: text from outside, tables, JSON, options, exit codes. */
#include "cm.h"

#include "common/exits.h"
#include "common/options.h"
#include "common/out.h"
#include "common/table.h"
#include "common/text.h"

#include <getopt.h>
#include <stdlib.h>

static void test_char(void **state)
{
  static const struct {
    const char *bytes;
    size_t n, len;
    uint32_t c;
  } rows[] = {
    { "a", 1, 1, 'a' },
    { "\xC3\xA9", 2, 2, 0xE9 },
    { "\xE2\x82\xAC", 3, 3, 0x20AC },
    { "\xF0\x9F\x93\x9E", 4, 4, 0x1F4DE },
    { "\xEF\xBF\xBD", 3, 3, TEXT_REPLACEMENT },
    { "\xC3", 1, 1, TEXT_REPLACEMENT },             /* cut off */
    { "\x80", 1, 1, TEXT_REPLACEMENT },             /* a tail alone */
    { "\xC0\xAF", 2, 1, TEXT_REPLACEMENT },         /* over-long '/' */
    { "\xE0\x80\xAF", 3, 1, TEXT_REPLACEMENT },     /* over-long */
    { "\xF0\x80\x80\xAF", 4, 1, TEXT_REPLACEMENT }, /* over-long */
    { "\xED\xA0\x80", 3, 1, TEXT_REPLACEMENT },     /* surrogate */
    { "\xF4\x90\x80\x80", 4, 1, TEXT_REPLACEMENT }, /* above U+10FFFF */
    { "\xFF", 1, 1, TEXT_REPLACEMENT },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    uint32_t c = 0;
    size_t len = text_char(rows[i].bytes, rows[i].n, &c);

    if (len != rows[i].len || c != rows[i].c)
      fail_msg("row %zu: len %zu, U+%04X", i, len, c);
  }
}

static void test_safe(void **state)
{
  static const struct {
    const char *bytes;
    size_t n, size;
    const char *want;
  } rows[] = {
    { "plain", 5, 64, "plain" },
    { "a\nb\rc\td", 7, 64, "a\\nb\\rc\\td" },
    { "\033[31mred", 8, 64, "\\x1b[31mred" },
    { "nul\0in", 6, 64, "nul\\x00in" },
    { "\xC2\x9B"
      "31m",
      5, 64, "\\x9b31m" }, /* C1: CSI in one character */
    { "\xE2\x80\xAEtxt", 6, 64, "\\u202etxt" },
    { "bad\xFFpart", 8, 64,
      "bad\xEF\xBF\xBD"
      "part" },
    { "back\\slash", 10, 64, "back\\slash" },
    { "\xE2\x82\xAC\xE2\x82\xAC", 6, 6, "\xE2\x82\xAC" }, /* no character is cut */
    { "abc", 3, 1, "" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    char buf[64];
    size_t n = text_safe(rows[i].bytes, rows[i].n, buf, rows[i].size);

    if (strcmp(buf, rows[i].want) != 0 || n != strlen(rows[i].want))
      fail_msg("row %zu: '%s', must be '%s'", i, buf, rows[i].want);
  }
}

static void test_json(void **state)
{
  static const struct {
    const char *bytes;
    size_t n;
    const char *want;
  } rows[] = {
    { "", 0, "\"\"" },
    { "say \"x\\y\"", 9, "\"say \\\"x\\\\y\\\"\"" },
    { "\0\x1F\x7F", 3, "\"\\u0000\\u001f\\u007f\"" },
    { "\xC3\xA9\xFF", 3, "\"\xC3\xA9\xEF\xBF\xBD\"" },
    { "\xE2\x80\xA8", 3, "\"\\u2028\"" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    char *got = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&got, &n);

    assert_non_null(f);
    text_json(f, rows[i].bytes, rows[i].n);
    fclose(f);
    if (strcmp(got, rows[i].want) != 0)
      fail_msg("row %zu: %s, must be %s", i, got, rows[i].want);
    free(got);
  }
}

/* Run @fill against an answer in one form and compare the whole of it. */
static void check_out(enum out_form form, void (*fill)(struct out *o), const char *want)
{
  static struct out o;
  char *got = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&got, &n);

  assert_non_null(f);
  out_open(&o, f, form, "test");
  out_command(&o, "test verb");
  fill(&o);
  assert_true(out_close(&o, 0, "OK"));
  if (strcmp(got, want) != 0)
    fail_msg("got:\n%s\nmust be:\n%s", got, want);
  free(got);
}

static void fill_every_kind(struct out *o)
{
  static const char *const words[] = { "a b", "c", NULL };

  out_array(o, "things", "Things", "nothing", OUT_TABLE);
  for (int i = 0; i < 2; i++) {
    out_record(o);
    out_str(o, "name", "NAME", i == 0 ? "x\n" : "a longer name");
    out_str(o, "none", "NONE", NULL);
    out_unknown(o, "lost", "LOST");
    out_int(o, "n", "N", i == 0 ? -1 : 1000);
    out_bool(o, "up", "UP", i == 0);
    out_us(o, "rtt_us", "RTT", 1520);
    out_at(o, "seen_at", NULL, (struct oha_wall){ 0 });
    out_strv(o, "argv", "ARGV", words);
  }
  out_array(o, "empty", NULL, "nothing", OUT_TABLE);
  out_array_unknown(o, "gone", "Gone");
  out_top_uint(o, "n_all", 2);
  out_say(o, "summary", "two %s", "things");
}

static void test_out_json(void **state)
{
  (void)state;
  check_out(OUT_JSON, fill_every_kind,
            "{\"schema\":\"opensips-ha/1\",\"command\":\"test verb\",\"things\":["
            "{\"name\":\"x\\u000a\",\"none\":null,\"lost\":null,\"n\":-1,\"up\":true,\"rtt_us\":1520,"
            "\"seen_at\":\"1970-01-01T00:00:00Z\",\"argv\":[\"a b\",\"c\"]},"
            "{\"name\":\"a longer name\",\"none\":null,\"lost\":null,\"n\":1000,\"up\":false,\"rtt_us\":1520,"
            "\"seen_at\":\"1970-01-01T00:00:00Z\",\"argv\":[\"a b\",\"c\"]}],"
            "\"empty\":[],\"gone\":null,\"n_all\":2,\"summary\":\"two things\","
            "\"errors\":[],\"exit\":{\"code\":0,\"name\":\"OK\"},\"ok\":true}\n");
}

static void test_out_text(void **state)
{
  (void)state;
  check_out(OUT_TEXT, fill_every_kind,
            "Things\n"
            "NAME           NONE  LOST     N  UP        RTT  ARGV\n"
            "x\\n            -     ?       -1  yes  1.520 ms  a b c\n"
            "a longer name  -     ?     1000  no   1.520 ms  a b c\n"
            "nothing\n"
            "\nGone\n?\n"
            "two things\n");
}

static void fill_cards(struct out *o)
{
  out_array(o, "cards", NULL, NULL, OUT_CARDS);
  for (int i = 0; i < 2; i++) {
    out_record(o);
    out_str(o, "name", "name", i == 0 ? "one" : "two");
    out_uint(o, "size", "a longer title", 7);
  }
}

static void test_out_cards(void **state)
{
  (void)state;
  check_out(OUT_TEXT, fill_cards,
            "name            one\na longer title  7\n\nname            two\na longer title  7\n");
}

/* Far more rows than a table holds back: all come out, in order, however long their cells are. */
static void test_table_streams(void **state)
{
  static struct table t;
  static char cell[3 * TABLE_CELL_BYTES];
  char *got = NULL, *line;
  size_t n = 0;
  unsigned row = 0;
  FILE *f = open_memstream(&got, &n);

  (void)state;
  assert_non_null(f);
  memset(cell, '\n', sizeof(cell)); /* each becomes two bytes */
  table_begin(&t, f, false, false);
  for (unsigned i = 0; i < 10 * TABLE_ROWS + 3; i++) {
    char number[16];

    table_row(&t);
    snprintf(number, sizeof(number), "%u", i);
    table_cell(&t, "ROW", number, strlen(number), true, TONE_PLAIN);
    for (int c = 1; c < TABLE_COLUMNS; c++)
      table_cell(&t, "CELL", cell, i % 7 == 0 ? sizeof(cell) : 3, false, TONE_PLAIN);
  }
  table_end(&t);
  fclose(f);
  for (line = got; (line = strchr(line, '\n')) != NULL && line[1] != '\0'; row++)
    assert_int_equal(strtoul(++line, NULL, 10), row);
  assert_int_equal(row, 10 * TABLE_ROWS + 3);
  free(got);
}

static void test_exit_codes(void **state)
{
  static const int reads[] = { 0, 64, 69, 70, 75, 77, 78, 124 };

  (void)state;
#define CHECK_RC(rc_name, number, text)                                                                      \
  {                                                                                                          \
    int read = exit_of_rc(VERB_READS, rc_name), act = exit_of_rc(VERB_ACTS, rc_name);                        \
    bool known = false;                                                                                      \
                                                                                                             \
    for (size_t i = 0; i < N_OF(reads); i++)                                                                 \
      known = known || reads[i] == read;                                                                     \
    if (!known)                                                                                              \
      fail_msg(#rc_name ": a reading verb would exit %d", read);                                             \
    if (strcmp(exit_name(VERB_ACTS, act), "?") == 0)                                                         \
      fail_msg(#rc_name ": exit code %d has no name", act);                                                  \
    if ((act == 0) != (rc_name <= OHA_END) || (read == 0) != (rc_name <= OHA_END))                           \
      fail_msg(#rc_name ": success and failure are mixed up");                                               \
    if (strncmp(error_id_of_rc(rc_name), "OHA-", 4) != 0)                                                    \
      fail_msg(#rc_name ": has no id");                                                                      \
  }
  OHA_RC_LIST(CHECK_RC)
#undef CHECK_RC
  assert_string_equal(exit_name(VERB_ACTS, 107), "REFUSED");
  assert_string_equal(exit_name(VERB_ACTS, 2), "INCOMPLETE");
  assert_string_equal(exit_name(VERB_JUDGES, 2), "CRITICAL");
  assert_string_equal(exit_name(VERB_JUDGES, 107), "REFUSED");
  assert_string_equal(exit_name(VERB_READS, 99), "?");
}

static void test_options(void **state)
{
  static const struct {
    const char *line[8];
    const char *problem; /* NULL = none; else the beginning */
    enum out_form form;
    int n_words;
  } rows[] = {
    { { "status" }, NULL, OUT_TEXT, 1 },
    { { "-j", "status" }, NULL, OUT_JSON, 1 },
    { { "status", "--output", "json" }, NULL, OUT_JSON, 1 },
    { { "--output=text", "a", "b" }, NULL, OUT_TEXT, 2 },
    { { "-jvv", "x" }, NULL, OUT_JSON, 1 },
    { { "-T250ms", "x" }, NULL, OUT_TEXT, 1 },
    { { "--", "--to", "x" }, NULL, OUT_TEXT, 2 },
    { { "--frobnicate", "-j" }, "unknown option --frobnicate", OUT_JSON, 0 },
    { { "--verb" }, "unknown option --verb (did you mean --verbose?)", OUT_TEXT, 0 },
    { { "--conf=x" }, "unknown option --conf=x (did you mean --config?)", OUT_TEXT, 0 },
    { { "--rea", "x" }, "unknown option --rea (did you mean --reason?)", OUT_TEXT, 0 },
    { { "-Z" }, "unknown option -Z", OUT_TEXT, 0 },
    { { "-jZ" }, "unknown option -Z", OUT_JSON, 0 },
    { { "--to" }, "option --to needs a value", OUT_TEXT, 0 },
    { { "-c" }, "option -c needs a value", OUT_TEXT, 0 },
    { { "--json=yes" }, "option --json=yes takes no value", OUT_TEXT, 0 },
    { { "--to=" }, "option --to: the value is empty", OUT_TEXT, 0 },
    { { "-T", "soon" }, "option --timeout: duration 'soon'", OUT_TEXT, 0 },
    { { "-T", "0s" }, "option --timeout: must be longer", OUT_TEXT, 0 },
    { { "--limit", "-1" }, "option --limit: '-1' must be a whole number", OUT_TEXT, 0 },
    { { "--limit", "99999999999999999999" }, "option --limit:", OUT_TEXT, 0 },
    { { "--speed", "fast" }, "option --speed: 'fast' must be full|paced", OUT_TEXT, 0 },
    { { "--speed", "full|paced" }, "option --speed:", OUT_TEXT, 0 },
    { { "--output", "yaml", "-j" }, "option --output: 'yaml' must be text|json", OUT_JSON, 0 },
    { { "--without", "database" }, NULL, OUT_TEXT, 0 },
    { { "--without", "data" }, "option --without:", OUT_TEXT, 0 },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    static char program[] = "ha-ctl";
    char words[8][64], *argv[10] = { program };
    struct options o;
    int argc = 1, first = 0;

    for (size_t j = 0; j < 8 && rows[i].line[j] != NULL; j++) {
      snprintf(words[j], sizeof(words[j]), "%s", rows[i].line[j]);
      argv[argc++] = words[j];
    }
    optind = 0; /* glibc: start over */
    options_parse(&o, argc, argv, &first);
    if ((rows[i].problem == NULL) != (o.problem[0] == '\0') ||
        (rows[i].problem != NULL && strncmp(o.problem, rows[i].problem, strlen(rows[i].problem)) != 0))
      fail_msg("row %zu: problem '%s'", i, o.problem);
    if (o.form != rows[i].form)
      fail_msg("row %zu: wrong form", i);
    if (rows[i].problem == NULL && argc - first != rows[i].n_words)
      fail_msg("row %zu: %d words", i, argc - first);
  }
}

static void test_option_rows(void **state)
{
  (void)state;
  for (int i = 0; i < OPT_N; i++) {
    assert_non_null(option_rows[i].name);
    assert_non_null(option_rows[i].text);
    for (int j = 0; j < i; j++) {
      assert_string_not_equal(option_rows[i].name, option_rows[j].name);
      if (option_rows[i].letter != 0)
        assert_int_not_equal(option_rows[i].letter, option_rows[j].letter);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_char),          cmocka_unit_test(test_safe),       cmocka_unit_test(test_json),
    cmocka_unit_test(test_out_json),      cmocka_unit_test(test_out_text),   cmocka_unit_test(test_out_cards),
    cmocka_unit_test(test_table_streams), cmocka_unit_test(test_exit_codes), cmocka_unit_test(test_options),
    cmocka_unit_test(test_option_rows),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
