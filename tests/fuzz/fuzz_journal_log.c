/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read from a local log can be written, and is read back as it was. */
#include "base/mem.h"
#include "journal/logline.h"
#include "journal/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds)
    abort();
}

static void check_op(const struct oha_op_record *op)
{
  struct oha__log again;
  char *line, *twice;

  require(oha__op_id_is_valid(oha__span(op->op_id)));
  require(oha__log_op_line(op, &line, NULL) == OHA_OK);
  require(oha__log_parse(oha__span(line), &again, NULL) == OHA_OK);
  require(again.n_bad == 0 && again.has_op);
  require(oha__log_op_line(&again.op, &twice, NULL) == OHA_OK && strcmp(line, twice) == 0);
  oha__free(twice);
  oha__log_clear(&again);
  oha__free(line);
}

static void check_step(const struct oha__log_step *step)
{
  const struct oha_step_record *a = &step->record, *b;
  struct oha__log again;
  char *line;

  require(oha__log_step_line(step, "", &line, NULL) == OHA_OK);
  require(oha__log_parse(oha__span(line), &again, NULL) == OHA_OK);
  require(again.n_bad == 0 && again.n_steps == 1 && again.steps[0].fence == step->fence);
  b = &again.steps[0].record;
  require(a->seq == b->seq && a->state == b->state && a->at.us == b->at.us && strcmp(a->name, b->name) == 0 &&
          strcmp(a->detail, b->detail) == 0);
  oha__log_clear(&again);
  oha__free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_span text = { (const char *)data, size };
  struct oha__lock_note note;
  struct oha__log log;

  require(oha__log_parse(text, &log, NULL) == OHA_OK);
  if (log.has_op)
    check_op(&log.op);
  for (size_t i = 0; i < log.n_steps; i++) {
    require(i == 0 || log.steps[i].record.seq > log.steps[i - 1].record.seq);
    check_step(&log.steps[i]);
  }
  oha__log_clear(&log);
  require(oha__lock_note_parse(text, &note) || note.holder[0] == '\0');
  return 0;
}
