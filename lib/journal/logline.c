/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/logline.h"
#include "journal/text.h"
#include "base/error.h"
#include "base/mem.h"

#include <jansson.h>
#include <string.h>

#define LINE_FLAGS (JSON_COMPACT | JSON_ENSURE_ASCII)

/* A missing or wrongly typed member, or one that does not fit, makes the line unreadable. */
static bool get_text(const json_t *object, const char *key, char *out, size_t size)
{
  const json_t *value = json_object_get(object, key);

  return json_is_string(value) &&
         oha__span_copy((struct oha_span){ json_string_value(value), json_string_length(value) }, out, size);
}

static bool get_number(const json_t *object, const char *key, int64_t max, int64_t *out)
{
  const json_t *value = json_object_get(object, key);

  if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
    return false;
  *out = json_integer_value(value);
  return true;
}

static bool get_wall(const json_t *object, const char *key, struct oha_wall *out)
{
  return get_number(object, key, INT64_MAX, &out->us);
}

static bool get_fence(const json_t *object, uint64_t *out)
{
  int64_t n;

  if (!get_number(object, "fence", INT64_MAX, &n))
    return false;
  *out = (uint64_t)n;
  return true;
}

static bool put_options(const json_t *options, char *out, size_t size)
{
  size_t n;

  memset(out, 0, size);
  if (!json_is_object(options))
    return false;
  n = json_dumpb(options, out, size - 1, LINE_FLAGS);
  if (n > 0 && n < size)
    return true;
  memset(out, 0, size);
  return false;
}

static bool read_op(const json_t *object, struct oha_op_record *op)
{
  char state[16];
  int64_t revision;

  if (!get_number(object, "revision", UINT32_MAX, &revision))
    return false;
  op->revision = (uint32_t)revision;

  return get_text(object, "op_id", op->op_id, sizeof(op->op_id)) &&
         oha__op_id_is_valid(oha__span(op->op_id)) &&
         get_text(object, "cluster", op->cluster, sizeof(op->cluster)) &&
         get_text(object, "verb", op->verb, sizeof(op->verb)) &&
         get_text(object, "from", op->from, sizeof(op->from)) &&
         get_text(object, "to", op->to, sizeof(op->to)) &&
         get_text(object, "actor", op->actor, sizeof(op->actor)) &&
         get_text(object, "reason", op->reason, sizeof(op->reason)) &&
         get_text(object, "state", state, sizeof(state)) &&
         oha__op_state_parse(oha__span(state), &op->state) && get_fence(object, &op->fence) &&
         get_wall(object, "began_us", &op->began_at) && get_wall(object, "ended_us", &op->ended_at) &&
         get_text(object, "summary", op->summary, sizeof(op->summary)) &&
         put_options(json_object_get(object, "options"), op->options, sizeof(op->options));
}

static bool read_step(const json_t *object, struct oha__log_step *step)
{
  char state[16];
  int64_t seq;

  if (!get_number(object, "seq", UINT32_MAX, &seq))
    return false;
  step->record.seq = (uint32_t)seq;
  return get_text(object, "name", step->record.name, sizeof(step->record.name)) &&
         get_text(object, "state", state, sizeof(state)) &&
         oha__step_state_parse(oha__span(state), &step->record.state) &&
         get_text(object, "detail", step->record.detail, sizeof(step->record.detail)) &&
         get_wall(object, "at_us", &step->record.at) && get_fence(object, &step->fence);
}

/* Steps stay sorted by seq; the later line of a seq takes the place of the earlier one. */
static bool keep_step(struct oha__log *log, const struct oha__log_step *step)
{
  size_t at = log->n_steps;

  while (at > 0 && log->steps[at - 1].record.seq > step->record.seq)
    at--;
  if (at > 0 && log->steps[at - 1].record.seq == step->record.seq) {
    log->steps[at - 1] = *step;
    return true;
  }
  if (!oha__grow((void **)&log->steps, &log->cap_steps, log->n_steps, sizeof(*log->steps)))
    return false;
  memmove(&log->steps[at + 1], &log->steps[at], (log->n_steps - at) * sizeof(*log->steps));
  log->steps[at] = *step;
  log->n_steps++;
  return true;
}

static enum oha_rc read_line(struct oha_span line, struct oha__log *log)
{
  json_t *object = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
  char kind[8] = "";
  struct oha_op_record op = { 0 };
  struct oha__log_step step = { 0 };
  enum oha_rc rc = OHA_OK;

  if (object != NULL)
    get_text(object, "kind", kind, sizeof(kind));
  if (strcmp(kind, "op") == 0 && read_op(object, &op)) {
    log->op = op;
    log->has_op = true;
  } else if (strcmp(kind, "step") == 0 && read_step(object, &step)) {
    rc = keep_step(log, &step) ? OHA_OK : OHA_E_NOMEM;
  } else {
    log->n_bad++;
  }
  json_decref(object);
  return rc;
}

void oha__log_clear(struct oha__log *log)
{
  oha__free(log->steps);
  memset(log, 0, sizeof(*log));
}

enum oha_rc oha__log_parse(struct oha_span text, struct oha__log *out, struct oha_error *err)
{
  struct oha_span line;

  memset(out, 0, sizeof(*out));
  while (oha__span_cut(text, '\n', &line, &text)) { /* what has no newline was cut off */
    if (line.n > 0 && read_line(line, out) != OHA_OK) {
      oha__log_clear(out);
      return oha__fail_nomem(err);
    }
  }
  if (text.n > 0)
    out->n_bad++;
  return OHA_OK;
}

/* Takes @p object. */
static enum oha_rc line_of(json_t *object, char **line, struct oha_error *err)
{
  char *text = object == NULL ? NULL : json_dumps(object, LINE_FLAGS);
  size_t n = text == NULL ? 0 : strlen(text);

  *line = text == NULL ? NULL : oha__calloc(n + 2, 1);
  if (*line != NULL) {
    memcpy(*line, text, n);
    (*line)[n] = '\n';
  }
  oha__free(text);
  json_decref(object);
  return *line == NULL ? oha__fail_nomem(err) : OHA_OK;
}

enum oha_rc oha__options_normalise(char *options, size_t size, struct oha_error *err)
{
  json_t *object = json_loads(options[0] == '\0' ? "{}" : options, JSON_REJECT_DUPLICATES, NULL);
  bool fits = put_options(object, options, size);

  json_decref(object);
  return fits ? OHA_OK
              : oha__fail(err, OHA_E_ARG, "the options of an operation must be a JSON object below %zu bytes",
                          size);
}

enum oha_rc oha__log_op_line(const struct oha_op_record *r, char **line, struct oha_error *err)
{
  return line_of(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:o}",
                           "kind", "op", "op_id", r->op_id, "cluster", r->cluster, "verb", r->verb, "from",
                           r->from, "to", r->to, "actor", r->actor, "reason", r->reason, "state",
                           oha__op_state_name(r->state), "revision", (json_int_t)r->revision, "fence",
                           (json_int_t)r->fence, "began_us", (json_int_t)r->began_at.us, "ended_us",
                           (json_int_t)r->ended_at.us, "summary", r->summary, "options",
                           json_loads(r->options, JSON_REJECT_DUPLICATES, NULL)),
                 line, err);
}

enum oha_rc oha__log_step_line(const struct oha__log_step *step, const char *behind, char **line,
                               struct oha_error *err)
{
  const struct oha_step_record *r = &step->record;
  json_t *object = json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:I}", "kind", "step", "seq", (json_int_t)r->seq,
                             "name", r->name, "state", oha__step_state_name(r->state), "detail", r->detail,
                             "at_us", (json_int_t)r->at.us, "fence", (json_int_t)step->fence);

  if (object != NULL && behind[0] != '\0' &&
      json_object_set_new(object, "database_behind", json_string(behind)) != 0) {
    json_decref(object);
    object = NULL;
  }
  return line_of(object, line, err);
}

bool oha__lock_note_parse(struct oha_span text, struct oha__lock_note *out)
{
  struct oha_span line, rest;
  json_t *object;
  bool good;

  memset(out, 0, sizeof(*out));
  if (!oha__span_cut(text, '\n', &line, &rest))
    return false;
  object = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
  good = get_text(object, "holder", out->holder, sizeof(out->holder)) &&
         get_text(object, "op_id", out->op_id, sizeof(out->op_id)) && get_wall(object, "at_us", &out->at);
  json_decref(object);
  if (!good)
    memset(out, 0, sizeof(*out));
  return good;
}

enum oha_rc oha__lock_note_line(const struct oha__lock_note *note, char **line, struct oha_error *err)
{
  return line_of(json_pack("{s:s, s:s, s:I}", "holder", note->holder, "op_id", note->op_id, "at_us",
                           (json_int_t)note->at.us),
                 line, err);
}
