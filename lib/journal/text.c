/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/text.h"
#include "base/error.h"
#include "base/utf8.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static const char *const op_states[] = {
  [OHA_OP_RUNNING] = "running",       [OHA_OP_DONE] = "done",     [OHA_OP_DEGRADED] = "degraded",
  [OHA_OP_INCOMPLETE] = "incomplete", [OHA_OP_UNDONE] = "undone", [OHA_OP_FAILED] = "failed",
};

static const char *const step_states[] = {
  [OHA_STEP_BEGUN] = "begun",   [OHA_STEP_DONE] = "done",       [OHA_STEP_FAILED] = "failed",
  [OHA_STEP_UNDONE] = "undone", [OHA_STEP_SKIPPED] = "skipped",
};

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool find_name(const char *const *names, size_t n, struct oha_span name, unsigned *out)
{
  for (size_t i = 0; i < n; i++)
    if (oha__span_is(name, names[i])) {
      *out = (unsigned)i;
      return true;
    }
  return false;
}

const char *oha__op_state_name(enum oha_op_state state)
{
  return (unsigned)state < N_OF(op_states) ? op_states[state] : "unknown";
}

bool oha__op_state_parse(struct oha_span name, enum oha_op_state *out)
{
  unsigned i;

  if (!find_name(op_states, N_OF(op_states), name, &i))
    return false;
  *out = (enum oha_op_state)i;
  return true;
}

const char *oha__step_state_name(enum oha_step_state state)
{
  return (unsigned)state < N_OF(step_states) ? step_states[state] : "unknown";
}

bool oha__step_state_parse(struct oha_span name, enum oha_step_state *out)
{
  unsigned i;

  if (!find_name(step_states, N_OF(step_states), name, &i))
    return false;
  *out = (enum oha_step_state)i;
  return true;
}

char *oha__text_clean(char *out, size_t size, const char *text)
{
  size_t n_in = text == NULL ? 0 : strlen(text), n = 0;

  for (size_t i = 0; i < n_in;) {
    size_t len = oha__utf8_len(text + i, n_in - i);
    bool plain = len > 0 && (unsigned char)text[i] >= 0x20 && text[i] != 0x7f;

    if (n + (plain ? len : 1) >= size)
      break;
    if (plain)
      memmove(out + n, text + i, len);
    else
      out[n] = '?';
    n += plain ? len : 1;
    i += plain ? len : 1;
  }
  out[n] = '\0';
  return out;
}

bool oha__op_id_is_valid(struct oha_span id)
{
  if (id.n != OHA_OP_ID_SIZE - 1)
    return false;
  for (size_t i = 0; i < id.n; i++) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;

    if (dash ? id.p[i] != '-' : oha__hex_digit(id.p[i]) < 0 || (id.p[i] >= 'A' && id.p[i] <= 'F'))
      return false;
  }
  return true;
}

enum oha_rc oha_op_id_new(char op_id[OHA_OP_ID_SIZE], struct oha_error *err)
{
  static const char digits[] = "0123456789abcdef";
  uint8_t raw[16];
  size_t n = 0;

  memset(op_id, 0, OHA_OP_ID_SIZE);
  if (getrandom(raw, sizeof(raw), 0) != sizeof(raw))
    return oha__fail_errno(err, OHA_E_IO, errno, "getrandom");
  raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x40); /* RFC 9562 section 5.4: version 4 */
  raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80); /* and the variant */
  for (size_t i = 0; i < sizeof(raw); i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      op_id[n++] = '-';
    op_id[n++] = digits[raw[i] >> 4];
    op_id[n++] = digits[raw[i] & 15];
  }
  return OHA_OK;
}
