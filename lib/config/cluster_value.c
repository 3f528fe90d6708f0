/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cluster_value.h"

#include "base/sbuf.h"
#include "config/cluster_hint.h"
#include "sip/sock.h"

#include <opensips-ha/time.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES       63
#define IDENTIFIER_MAX_BYTES 64 /* MySQL: identifiers have at most 64 characters */
#define INTERFACE_MAX_BYTES  15 /* IFNAMSIZ with its NUL is 16 */

struct oha_reader oha__reader(const struct oha_reader *parent, const struct oha_conf_sec *sec,
                              struct oha_arena *arena, struct oha_problems *p)
{
  struct oha_reader r = { .sec = sec, .arena = arena, .problems = p };
  char shown[OHA_SAFE_SIZE];
  struct oha_sbuf b;

  oha__sbuf_init(&b, r.label, sizeof(r.label));
  if (parent != NULL && parent->label[0] != '\0')
    oha__sbuf_printf(&b, "%s ", parent->label);
  oha__sbuf_puts(&b, sec->kind);
  if (sec->title != NULL)
    oha__sbuf_printf(&b, " \"%s\"", oha__safe(oha__span(sec->title), shown));
  return r;
}

void oha__reader_error(const struct oha_reader *r, const char *key, const char *fmt, ...)
{
  char text[320];
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(text, sizeof(text), fmt, ap);
  va_end(ap);
  oha__problem_add(r->problems, OHA_PROBLEM_ERROR, oha__conf_line(r->sec, key), "%s%s%s: %s", r->label,
                   r->label[0] != '\0' ? ": " : "", key, text);
}

bool oha__reader_needs(const struct oha_reader *r, const char *key)
{
  if (oha__conf_opt(r->sec, key) != NULL)
    return true;
  oha__problem_add(r->problems, OHA_PROBLEM_ERROR, r->sec->line, "%s%s%s is missing", r->label,
                   r->label[0] != '\0' ? ": " : "", key);
  return false;
}

/* The option's one value, or NULL. */
static const char *raw(const struct oha_reader *r, const char *key)
{
  const struct oha_conf_opt *opt = oha__conf_opt(r->sec, key);

  return opt == NULL || opt->values == NULL ? NULL : opt->values->text;
}

static void wrong(const struct oha_reader *r, const char *key, const char *value, const char *rule)
{
  char shown[OHA_SAFE_SIZE];

  oha__reader_error(r, key, "\"%s\": %s", oha__safe(oha__span(value), shown), rule);
}

const char *oha__read_text(const struct oha_reader *r, const char *key, const char *def)
{
  const char *text = raw(r, key);

  return oha__arena_str(r->arena, text == NULL ? def : text);
}

static bool is_word_char(char c, const char *others)
{
  return oha__is_alpha(c) || oha__is_digit(c) || (c != '\0' && strchr(others, c) != NULL);
}

static bool only_holds(const char *text, const char *others)
{
  while (is_word_char(*text, others))
    text++;
  return *text == '\0';
}

bool oha__is_name(const char *text)
{
  return text[0] != '\0' && strlen(text) <= NAME_MAX_BYTES && is_word_char(text[0], "") &&
         only_holds(text, "._-");
}

const char *oha__read_title(const struct oha_reader *r)
{
  const char *title = r->sec->title == NULL ? "" : r->sec->title;
  char shown[OHA_SAFE_SIZE];

  if (r->sec->title != NULL && !oha__is_name(title)) {
    oha__problem_add(r->problems, OHA_PROBLEM_ERROR, r->sec->line,
                     "%s \"%s\": a name has 1 to %d of A-Z a-z 0-9 . _ - and begins with a letter or digit",
                     r->sec->kind, oha__safe(oha__span(title), shown), NAME_MAX_BYTES);
    title = "";
  }
  return oha__arena_str(r->arena, title);
}

const char *oha__read_identifier(const struct oha_reader *r, const char *key, const char *def)
{
  const char *text = raw(r, key);

  if (text != NULL && (text[0] == '\0' || strlen(text) > IDENTIFIER_MAX_BYTES || !only_holds(text, "_$-"))) {
    wrong(r, key, text, "must have 1 to 64 of A-Z a-z 0-9 _ $ -");
    text = NULL;
  }
  return oha__arena_str(r->arena, text == NULL ? def : text);
}

static bool has_dot_dot(const char *path)
{
  for (const char *at = strstr(path, ".."); at != NULL; at = strstr(at + 1, ".."))
    if ((at == path || at[-1] == '/') && (at[2] == '\0' || at[2] == '/'))
      return true;
  return false;
}

const char *oha__read_path(const struct oha_reader *r, const char *key)
{
  const char *text = raw(r, key);

  if (text != NULL && (text[0] != '/' || has_dot_dot(text))) {
    wrong(r, key, text, "must be a path that begins with / and has no ..");
    text = NULL;
  }
  return oha__arena_str(r->arena, text == NULL ? "" : text);
}

const char *oha__read_interface(const struct oha_reader *r, const char *key)
{
  const char *text = raw(r, key);

  if (text != NULL &&
      (text[0] == '\0' || strlen(text) > INTERFACE_MAX_BYTES || strpbrk(text, "/: \t") != NULL)) {
    wrong(r, key, text, "must be the name of a network interface: 1 to 15 bytes without / : and blanks");
    text = NULL;
  }
  return oha__arena_str(r->arena, text == NULL ? "" : text);
}

static enum oha_answer answer_of(const char *text)
{
  static const struct {
    const char *word;
    enum oha_answer answer;
  } words[] = { { "yes", OHA_YES }, { "true", OHA_YES }, { "on", OHA_YES },
                { "no", OHA_NO },   { "false", OHA_NO }, { "off", OHA_NO } };

  for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    if (strcmp(text, words[i].word) == 0)
      return words[i].answer;
  return OHA_UNKNOWN;
}

enum oha_answer oha__read_answer(const struct oha_reader *r, const char *key)
{
  const char *text = raw(r, key);
  enum oha_answer answer = text == NULL ? OHA_UNKNOWN : answer_of(text);

  if (text != NULL && answer == OHA_UNKNOWN)
    wrong(r, key, text, "must be yes or no");
  return answer;
}

bool oha__read_bool(const struct oha_reader *r, const char *key, bool def)
{
  enum oha_answer answer = oha__read_answer(r, key);

  return answer == OHA_UNKNOWN ? def : answer == OHA_YES;
}

uint32_t oha__read_u32(const struct oha_reader *r, const char *key, uint32_t def, uint32_t min, uint32_t max)
{
  const char *text = raw(r, key);
  char rule[64];
  uint32_t v;

  if (text == NULL)
    return def;
  if (oha__span_u32(oha__span(text), max, &v) && v >= min)
    return v;
  snprintf(rule, sizeof(rule), "must be a number from %u to %u", min, max);
  wrong(r, key, text, rule);
  return def;
}

/* As the file writes it: "250ms"; whole seconds or milliseconds only. */
static const char *duration_text(int64_t d_us, char buf[OHA_DURATION_SIZE])
{
  bool whole_s = d_us % OHA_US_PER_S == 0;

  snprintf(buf, OHA_DURATION_SIZE, "%lld%s", (long long)(d_us / (whole_s ? OHA_US_PER_S : OHA_US_PER_MS)),
           whole_s ? "s" : "ms");
  return buf;
}

int64_t oha__read_duration_us(const struct oha_reader *r, const char *key, int64_t def_us, int64_t min_us,
                              int64_t max_us)
{
  const char *text = raw(r, key);
  char rule[160], low[OHA_DURATION_SIZE], high[OHA_DURATION_SIZE];
  int64_t d_us;

  if (text == NULL)
    return def_us;
  if (oha_duration_parse(text, &d_us, NULL) == OHA_OK && d_us >= min_us && d_us <= max_us)
    return d_us;
  snprintf(rule, sizeof(rule), "must be a duration such as 250ms or 5s, from %s to %s",
           duration_text(min_us, low), duration_text(max_us, high));
  wrong(r, key, text, rule);
  return def_us;
}

unsigned oha__read_word(const struct oha_reader *r, const char *key, const char *const *words, size_t n_words,
                        unsigned def)
{
  const char *text = raw(r, key);
  char rule[256];
  struct oha_sbuf b;

  if (text == NULL)
    return def;
  for (unsigned i = 0; i < n_words; i++)
    if (strcmp(text, words[i]) == 0)
      return i;
  oha__sbuf_init(&b, rule, sizeof(rule));
  for (size_t i = 0; i < n_words; i++)
    oha__sbuf_printf(&b, "%s%s", i == 0 ? "must be " : i + 1 == n_words ? " or " : ", ", words[i]);
  wrong(r, key, text, rule);
  return def;
}

static bool is_one_machines(const struct oha_addr *addr)
{
  static const struct oha_addr none = { 0 };
  bool multicast = addr->family == 4 ? addr->bytes[0] >= 224 : addr->bytes[0] == 0xff;

  return memcmp(addr->bytes, none.bytes, sizeof(none.bytes)) != 0 && !multicast;
}

struct oha_addr oha__read_addr_of(const struct oha_reader *r, const char *key, const char *text,
                                  uint8_t *prefix_bits)
{
  static const struct oha_addr none = { 0 };
  struct oha_span whole = oha__span(text), host = whole, bits;
  struct oha_addr addr;
  uint32_t n_bits = 0;
  bool cut = prefix_bits != NULL && oha__span_cut(whole, '/', &host, &bits);

  if (oha_addr_parse(host.p, host.n, &addr, NULL) != OHA_OK) {
    wrong(r, key, text, "must be an IPv4 or IPv6 address (not a name: names need a DNS that still answers)");
    return none;
  }
  if (!is_one_machines(&addr)) {
    wrong(r, key, text, "is not the address of one machine");
    return none;
  }
  if (prefix_bits == NULL)
    return addr;
  *prefix_bits = addr.family == 4 ? 32 : 128;
  if (!cut)
    return addr;
  if (!oha__span_u32(bits, *prefix_bits, &n_bits) || n_bits == 0) {
    wrong(r, key, text, "behind the / must stand a prefix length: 1 to 32, or to 128 for IPv6");
    return none;
  }
  *prefix_bits = (uint8_t)n_bits;
  return addr;
}

struct oha_addr oha__read_addr(const struct oha_reader *r, const char *key)
{
  static const struct oha_addr none = { 0 };
  const char *text = raw(r, key);

  return text == NULL ? none : oha__read_addr_of(r, key, text, NULL);
}

void oha__read_listener(const struct oha_reader *r, const char *key, const char *text, struct oha_sock *out)
{
  struct oha_error e = OHA_ERROR_INIT;
  const char *rule = NULL;

  if (oha_sock_parse(text, strlen(text), out, &e) != OHA_OK) {
    oha__reader_error(r, key, "%s", e.text);
    return;
  }
  if (out->port == 0)
    out->port = oha__proto_default_port(out->proto);
  if (out->proto == OHA_PROTO_ANY)
    rule = "the protocol is missing: write it as udp:ADDRESS:PORT";
  else if (out->addr.family == 0)
    rule = "a listener needs an address, not a name";
  else if (!is_one_machines(&out->addr))
    rule = "a listener needs the address of one machine, not all or many";
  else if (out->port == 0)
    rule = "the port is missing";
  if (rule == NULL)
    return;
  wrong(r, key, text, rule);
  memset(out, 0, sizeof(*out));
}

const char *const *oha__read_argv(const struct oha_reader *r, const char *key)
{
  const struct oha_conf_opt *opt = oha__conf_opt(r->sec, key);
  const char **argv;
  size_t n = 0;

  if (opt == NULL)
    return NULL;
  if (opt->values == NULL || opt->values->text[0] == '\0') {
    oha__reader_error(r, key, "must name a program: { \"program\", \"argument\", ... }");
    return NULL;
  }
  argv = oha__arena_alloc(r->arena, opt->n_values + 1, sizeof(*argv));
  if (argv == NULL)
    return NULL;
  for (const struct oha_conf_value *v = opt->values; v != NULL; v = v->next)
    argv[n++] = oha__arena_str(r->arena, v->text);
  return argv;
}
