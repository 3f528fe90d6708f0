/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "show.h"

#include <string.h>

void show_addr(struct out *o, const char *key, const char *title, const struct oha_addr *addr)
{
  char text[OHA_ADDR_SIZE];

  out_str(o, key, title, addr->family != 0 ? oha_addr_format(addr, text) : NULL);
}

void show_sock(struct out *o, const char *key, const char *title, const struct oha_sock *sock)
{
  char text[OHA_SOCK_SIZE];

  if (oha_sock_format(sock, text, sizeof(text), NULL) == OHA_OK)
    out_str(o, key, title, text);
  else
    out_str(o, key, title, sock->host);
}

void show_words(struct out *o, const char *key, const char *title, const char *const *words, size_t n)
{
  const char *list[SHOW_WORDS + 1];

  if (n > SHOW_WORDS)
    n = SHOW_WORDS;
  for (size_t i = 0; i < n; i++)
    list[i] = words[i];
  list[n] = NULL;
  out_strv(o, key, title, list);
}

char *show_count(uint64_t n, char buf[SHOW_COUNT_SIZE])
{
  char digits[24];
  size_t len = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), used = 0;

  for (size_t i = 0; i < len; i++) {
    if (i > 0 && (len - i) % 3 == 0)
      buf[used++] = ' ';
    buf[used++] = digits[i];
  }
  buf[used] = '\0';
  return buf;
}

const char *show_op_state(enum oha_op_state state)
{
  static const char *const names[] = { "running", "done", "degraded", "incomplete", "undone", "failed" };

  return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

enum tone show_op_tone(enum oha_op_state state)
{
  static const enum tone tones[] = { TONE_WARN, TONE_GOOD, TONE_WARN, TONE_BAD, TONE_PLAIN, TONE_BAD };

  return (unsigned)state < sizeof(tones) / sizeof(tones[0]) ? tones[state] : TONE_PLAIN;
}

const char *show_step_state(enum oha_step_state state)
{
  static const char *const names[] = { "begun", "done", "failed", "undone", "skipped" };

  return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

/* For people, whole seconds will do. */
static struct oha_wall shown_at(const struct out *o, struct oha_wall at)
{
  if (o->form == OUT_TEXT)
    at.us -= at.us % OHA_US_PER_S;
  return at;
}

void show_operation(struct out *o, const struct oha_op_record *op, bool verbose)
{
  out_record(o);
  out_at(o, "began_at", "BEGAN", shown_at(o, op->began_at));
  if (op->ended_at.us != 0)
    out_at(o, "ended_at", verbose ? "ENDED" : NULL, shown_at(o, op->ended_at));
  else
    out_none(o, "ended_at", verbose ? "ENDED" : NULL);
  out_str(o, "verb", "VERB", op->verb);
  out_str(o, "from", "FROM", *op->from != '\0' ? op->from : NULL);
  out_str(o, "to", "TO", *op->to != '\0' ? op->to : NULL);
  out_tone(o, "state", "STATE", show_op_state(op->state), show_op_tone(op->state));
  out_str(o, "actor", "BY", op->actor);
  out_str(o, "reason", verbose ? "REASON" : NULL, *op->reason != '\0' ? op->reason : NULL);
  out_uint(o, "fence", verbose ? "FENCE" : NULL, op->fence);
  out_str(o, "op_id", "OPERATION", op->op_id);
  out_str(o, "summary", "SUMMARY", *op->summary != '\0' ? op->summary : NULL);
}
