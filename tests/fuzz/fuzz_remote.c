/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What another machine answers: the first byte is the exit status of the program, the rest its output, on
 * stdout and stderr alike. No byte of it may reach an error text unescaped.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/answer.h"
#include "engine/remote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds)
    abort();
}

static void check_text(enum oha_rc rc, struct oha_error *err)
{
  require((rc == OHA_OK) == (err->rc == OHA_OK) && err->rc == rc);
  for (const char *c = err->text; *c != '\0'; c++)
    require((unsigned char)*c >= 0x20 && *c != 0x7f);
  oha_error_clear(err);
}

static void try_answer(const json_t *answer, int exit_status)
{
  static const char *const was[] = { NULL, "already", "was_here" };
  const struct oha_addr addr = { .family = 4, .bytes = { 10, 0, 0, 9 } };
  struct oha_error err = OHA_ERROR_INIT;
  const struct oha_sock target = { .proto = OHA_PROTO_UDP,
                                   .port = 5060,
                                   .addr = { .family = 4, .bytes = { 192, 0, 2, 1 } },
                                   .host = "192.0.2.1" };
  struct oha_probe_result peer;
  struct oha__vip_row row;
  enum oha_rc rc;

  for (size_t i = 0; i < sizeof(was) / sizeof(*was); i++) {
    rc = oha__answer_vip(answer, &addr, was[i], &row, &err);
    require(rc == OHA_OK || (rc == OHA_E_PROTOCOL && !row.here && !row.was));
    check_text(rc, &err);
  }
  rc = oha__answer_probe(answer, &target, &peer, &err);
  require(rc == OHA_OK || rc == OHA_E_PROTOCOL);
  check_text(rc, &err);
  rc = oha__remote_failure(answer, exit_status, &err);
  require(rc != OHA_OK && rc != OHA_END);
  check_text(rc, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_run_result result = { 0 };
  json_t *answer;
  enum oha_rc rc;
  char *text;

  if (size == 0 || (text = malloc(size)) == NULL)
    return 0;
  memcpy(text, data + 1, size - 1);
  text[size - 1] = '\0';
  result.exit_status = data[0];
  result.out = result.err_out = text;
  result.n_out = result.n_err_out = size - 1;
  rc = oha__remote_judge(&result, &answer, &err);
  require((rc == OHA_OK) == (answer != NULL));
  check_text(rc, &err);
  if (answer != NULL)
    try_answer(answer, result.exit_status);
  json_decref(answer);
  free(text);
  return 0;
}
