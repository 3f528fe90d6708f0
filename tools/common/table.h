/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMON_TABLE_H
#define COMMON_TABLE_H
/*
 * Records as text: a table with columns as wide as their cells, or one "title  value" line for each field.
 * Rows are held back in chunks to measure them, so that memory stays constant however many there are.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum tone { TONE_PLAIN = 0, TONE_GOOD = 1, TONE_WARN = 2, TONE_BAD = 3, TONE_HEAD = 4 };

#define TABLE_COLUMNS     20
#define TABLE_ROWS        128
#define TABLE_CELL_BYTES  1024
#define TABLE_ROW_BYTES   ((size_t)TABLE_COLUMNS * TABLE_CELL_BYTES)
#define TABLE_ARENA_BYTES (4 * TABLE_ROW_BYTES)

struct table_cell {
  uint32_t at;
  uint16_t n_bytes, columns;
  enum tone tone;
};

struct table {
  FILE *to;
  bool colour, cards;
  bool titled;        /* the titles are printed */
  unsigned n_columns; /* known from the first row */
  unsigned n_rows;    /* held back */
  unsigned n_cells;   /* of the row that is being filled */
  uint64_t n_total;   /* rows so far */
  size_t used;        /* of the arena */
  const char *title[TABLE_COLUMNS];
  unsigned width[TABLE_COLUMNS];
  bool right[TABLE_COLUMNS];
  struct table_cell cells[TABLE_ROWS][TABLE_COLUMNS];
  char arena[TABLE_ARENA_BYTES];
};

/** @p cards: one line for each field instead of one for each row. */
void table_begin(struct table *t, FILE *to, bool colour, bool cards);

/** Start a row. Every row has the same cells in the same order. */
void table_row(struct table *t);

/** Add a cell. @p title static text; @p right flush right (numbers); over-long cells end in "...". */
void table_cell(struct table *t, const char *title, const char *p, size_t n, bool right, enum tone tone);

/** Print what is held back. */
void table_end(struct table *t);

/** Print @p text in a tone, when colours are wanted. */
void table_tone(FILE *to, bool colour, enum tone tone, const char *p, size_t n);

#endif
