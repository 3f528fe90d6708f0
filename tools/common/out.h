/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_OUT_H
#define COMMON_OUT_H
/*
 * What a verb says: one description of each field, written as a text table or as one JSON object, streamed:
 *
 *   {"schema":"opensips-ha/1","command":"nodes","nodes":[{...},...],
 *    "errors":[],"exit":{"code":0,"name":"OK"},"ok":true}
 *
 * Keys carry their unit (`_us`, `_bytes`), unknown is null (text: "?"), keys are only ever added. A title of
 * NULL leaves a field out of the text.
 */
#include "exits.h"
#include "table.h"

#include <opensips-ha/time.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** The last two are written by the verbs that have them; out_fail() and out_talk() work as in text. */
enum out_form { OUT_TEXT = 0, OUT_JSON = 1, OUT_NAGIOS = 2, OUT_OPENMETRICS = 3 };
enum out_shape { OUT_TABLE = 0, OUT_CARDS = 1 };

#define OUT_ERRORS 8

struct out_error {
  const char *id;
  char text[640];
  char hint[320];
};

struct out {
  FILE *to;
  const char *tool; /* "ha-ctl", in front of errors */
  enum out_form form;
  bool colour;
  bool in_array, in_record, first_record, first_field;
  bool said; /* text: something is printed already */
  const char *none;
  unsigned n_errors;
  struct out_error errors[OUT_ERRORS];
  struct table table;
};

/** @p to is closed by out_close(). Colours: only text on a terminal, NO_COLOR unset, TERM not "dumb". */
void out_open(struct out *o, FILE *to, enum out_form form, const char *tool);

/** Start the answer: JSON's first keys. @p command NULL = no verb was understood. */
void out_command(struct out *o, const char *command);

/**
 * Start an array of records; the one before ends.
 *
 * @param key     static text; JSON key, such as "nodes"
 * @param heading text above the table; NULL = none
 * @param none    what text says when there is no record, such as "no operation yet"; NULL = nothing at all
 */
void out_array(struct out *o, const char *key, const char *heading, const char *none, enum out_shape shape);

/** The array cannot be had: null; text: the heading and "?". */
void out_array_unknown(struct out *o, const char *key, const char *heading);

/** Start a record; the one before ends. */
void out_record(struct out *o);

/** Fields of a record. Text: a NULL string is "-" (there is none). */
void out_str(struct out *o, const char *key, const char *title, const char *value);
void out_strn(struct out *o, const char *key, const char *title, const char *p, size_t n);
void out_tone(struct out *o, const char *key, const char *title, const char *value, enum tone tone);
void out_int(struct out *o, const char *key, const char *title, int64_t value);
void out_uint(struct out *o, const char *key, const char *title, uint64_t value);
void out_bool(struct out *o, const char *key, const char *title, bool value);
void out_us(struct out *o, const char *key, const char *title, int64_t d_us);
void out_at(struct out *o, const char *key, const char *title, struct oha_wall at);
/** An array of strings; text: joined by blanks. NULL = null and "-". */
void out_strv(struct out *o, const char *key, const char *title, const char *const *values);
/** There is none: null, "-". */
void out_none(struct out *o, const char *key, const char *title);
/** Nobody knows: null, "?". */
void out_unknown(struct out *o, const char *key, const char *title);

/** A sentence for people; ends the array. With @p key it is also a string of the JSON object. */
void out_say(struct out *o, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** A string (NULL = null), number or flag of the whole answer, JSON only; ends the array. */
void out_top_str(struct out *o, const char *key, const char *value);
void out_top_int(struct out *o, const char *key, int64_t value);
void out_top_uint(struct out *o, const char *key, uint64_t value);
void out_top_bool(struct out *o, const char *key, bool value);

/**
 * A value that the caller writes to o->to; ends the array.
 *
 * @return whether it must be written, as JSON; false: the answer is text
 */
bool out_top_raw(struct out *o, const char *key);

/**
 * Something failed: "ha-ctl: ID: text" and the hint on stderr at once, and in `errors` at the end.
 *
 * @param id   static text
 * @param hint what to do next; NULL or "" = nothing
 */
void out_fail(struct out *o, const char *id, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** Talk on stderr: "ha-ctl: text". Not in JSON. */
void out_talk(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * End the answer and flush it.
 *
 * @return true; false (errno set): it could not be written, such as on a full disk
 */
bool out_close(struct out *o, int code, const char *code_name);

#endif
