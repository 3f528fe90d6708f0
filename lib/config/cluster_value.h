/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_CONFIG_CLUSTER_VALUE_H
#define OHA_CONFIG_CLUSTER_VALUE_H
/*
 * Options as values of their types. A missing option gives its default; a wrong one becomes a problem (line,
 * section, option, value, rule) and gives its default as well. Pure.
 */
#include "config/cluster_conf.h"

#define OHA_LABEL_SIZE 192

/* A section being read, and what it is called in problems: `node "sip1" socket "public"`. */
struct oha_reader {
  const struct oha_conf_sec *sec;
  struct oha_arena *arena; /* of the model */
  struct oha_problems *problems;
  char label[OHA_LABEL_SIZE]; /* "" for the file itself */
};

/* Read @p sec, which stands in the section of @p parent (NULL = it is the file itself). */
struct oha_reader oha__reader(const struct oha_reader *parent, const struct oha_conf_sec *sec,
                              struct oha_arena *arena, struct oha_problems *p);

/* An error about an option: "LABEL: KEY: ...", at the option's line, else at the section's. */
void oha__reader_error(const struct oha_reader *r, const char *key, const char *fmt, ...) OHA_PRINTF(3, 4);

/* "LABEL: KEY is missing" unless the option is there. */
bool oha__reader_needs(const struct oha_reader *r, const char *key);

const char *oha__read_text(const struct oha_reader *r, const char *key, const char *def);

/* A name of ours: 1 to 63 of A-Z a-z 0-9 . _ - and a letter or digit first. */
bool oha__is_name(const char *text);
/* The section's title; a problem unless it is a name of ours. */
const char *oha__read_title(const struct oha_reader *r);

/* A name that goes into SQL or into an option file: 1 to 64 of A-Z a-z 0-9 _ $ - */
const char *oha__read_identifier(const struct oha_reader *r, const char *key, const char *def);

/* A file's name from the root, without ".." in it; "" when missing. */
const char *oha__read_path(const struct oha_reader *r, const char *key);

/* Name of a network interface: 1 to 15 bytes without '/', ':' and blank; "" when missing. */
const char *oha__read_interface(const struct oha_reader *r, const char *key);

bool oha__read_bool(const struct oha_reader *r, const char *key, bool def);
enum oha_answer oha__read_answer(const struct oha_reader *r, const char *key);
uint32_t oha__read_u32(const struct oha_reader *r, const char *key, uint32_t def, uint32_t min, uint32_t max);
int64_t oha__read_duration_us(const struct oha_reader *r, const char *key, int64_t def_us, int64_t min_us,
                              int64_t max_us);

/* The index of the option's value in @p words. */
unsigned oha__read_word(const struct oha_reader *r, const char *key, const char *const *words, size_t n_words,
                        unsigned def);

/* An address; family 0 when missing or wrong, or when it is the address of no one machine. */
struct oha_addr oha__read_addr(const struct oha_reader *r, const char *key);

/* The same of a text, with '/' and a prefix length where @p prefix_bits is not NULL. */
struct oha_addr oha__read_addr_of(const struct oha_reader *r, const char *key, const char *text,
                                  uint8_t *prefix_bits);

/*
 * A listener: protocol and numeric address given, the port too unless the protocol has a usual one.
 * @p out is zero when it is none.
 */
void oha__read_listener(const struct oha_reader *r, const char *key, const char *text, struct oha_sock *out);

/* Program and arguments, NULL-terminated; NULL when missing or wrong. */
const char *const *oha__read_argv(const struct oha_reader *r, const char *key);

#endif
