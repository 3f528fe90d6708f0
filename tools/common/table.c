/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table.h"
#include "text.h"

#include <assert.h>
#include <string.h>

void table_begin(struct table *t, FILE *to, bool colour, bool cards)
{
  memset(t, 0, offsetof(struct table, cells));
  t->to = to;
  t->colour = colour;
  t->cards = cards;
}

void table_tone(FILE *to, bool colour, enum tone tone, const char *p, size_t n)
{
  static const char *const start[] = {
    [TONE_PLAIN] = "",       [TONE_GOOD] = "\033[32m", [TONE_WARN] = "\033[33m",
    [TONE_BAD] = "\033[31m", [TONE_HEAD] = "\033[1m",
  };

  if (!colour || tone == TONE_PLAIN) {
    fwrite(p, 1, n, to);
    return;
  }
  fputs(start[tone], to);
  fwrite(p, 1, n, to);
  fputs("\033[0m", to);
}

static void pad(FILE *to, size_t n)
{
  fprintf(to, "%*s", (int)n, "");
}

static void print_titles(struct table *t)
{
  for (unsigned c = 0; c < t->n_columns; c++) {
    size_t n = strlen(t->title[c]);
    size_t fill = t->width[c] - n;

    if (t->right[c])
      pad(t->to, fill);
    table_tone(t->to, t->colour, TONE_HEAD, t->title[c], n);
    if (c + 1 < t->n_columns)
      pad(t->to, (t->right[c] ? 0 : fill) + 2);
  }
  putc('\n', t->to);
}

static void print_row(struct table *t, const struct table_cell *row)
{
  for (unsigned c = 0; c < t->n_columns; c++) {
    size_t fill = t->width[c] > row[c].columns ? t->width[c] - row[c].columns : 0;

    if (t->right[c])
      pad(t->to, fill);
    table_tone(t->to, t->colour, row[c].tone, t->arena + row[c].at, row[c].n_bytes);
    if (c + 1 < t->n_columns)
      pad(t->to, (t->right[c] ? 0 : fill) + 2);
  }
  putc('\n', t->to);
}

static void print_card(struct table *t, const struct table_cell *row)
{
  size_t widest = 0;

  for (unsigned c = 0; c < t->n_columns; c++)
    widest = strlen(t->title[c]) > widest ? strlen(t->title[c]) : widest;
  for (unsigned c = 0; c < t->n_columns; c++) {
    table_tone(t->to, t->colour, TONE_HEAD, t->title[c], strlen(t->title[c]));
    pad(t->to, widest - strlen(t->title[c]) + 2);
    table_tone(t->to, t->colour, row[c].tone, t->arena + row[c].at, row[c].n_bytes);
    putc('\n', t->to);
  }
}

static void print_held(struct table *t)
{
  if (!t->titled && !t->cards && t->n_rows > 0)
    print_titles(t);
  for (unsigned r = 0; r < t->n_rows; r++) {
    if (t->cards && (t->titled || r > 0))
      putc('\n', t->to);
    if (t->cards)
      print_card(t, t->cells[r]);
    else
      print_row(t, t->cells[r]);
  }
  t->titled = t->titled || t->n_rows > 0;
  t->n_rows = 0;
  t->used = 0;
}

static void end_row(struct table *t)
{
  if (t->n_cells == 0)
    return;
  if (t->n_columns == 0)
    t->n_columns = t->n_cells;
  assert(t->n_cells == t->n_columns);
  t->n_rows++;
  t->n_cells = 0;
}

void table_row(struct table *t)
{
  end_row(t);
  t->n_total++;
  if (t->n_rows == TABLE_ROWS || TABLE_ARENA_BYTES - t->used < TABLE_ROW_BYTES)
    print_held(t);
}

void table_cell(struct table *t, const char *title, const char *p, size_t n, bool right, enum tone tone)
{
  unsigned c = t->n_cells++;
  struct table_cell *cell = &t->cells[t->n_rows][c];
  char *buf = t->arena + t->used;
  size_t n_bytes;

  assert(c < TABLE_COLUMNS);
  if (t->n_columns == 0) {
    t->title[c] = title;
    t->right[c] = right;
    t->width[c] = (unsigned)strlen(title);
  }
  assert(t->title[c] == title || strcmp(t->title[c], title) == 0);
  n_bytes = text_safe(p, n, buf, TABLE_CELL_BYTES - 3);
  if (n_bytes + 12 >= TABLE_CELL_BYTES - 3 && n > n_bytes) {
    memset(buf + n_bytes, '.', 3);
    n_bytes += 3;
  }
  *cell =
      (struct table_cell){ (uint32_t)t->used, (uint16_t)n_bytes, (uint16_t)text_columns(buf, n_bytes), tone };
  t->used += n_bytes;
  if (cell->columns > t->width[c])
    t->width[c] = cell->columns;
}

void table_end(struct table *t)
{
  end_row(t);
  print_held(t);
}
