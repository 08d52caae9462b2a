// A document as a list of blocks: see doc.h.
#include "doc/doc.h"

#include <assert.h>
#include <string.h>

lb_doc* lb_doc_new(lb_arena* arena) {
  lb_doc* doc = LB_TAKE(arena, lb_doc, 1);
  doc->arena = arena;
  return doc;
}

// One more block of a kind, empty.
static lb_block* add_block(lb_doc* doc, lb_block_kind kind) {
  if (doc->n == doc->capacity) {
    doc->capacity = doc->capacity ? 2 * doc->capacity : 128;
    lb_block* larger = LB_TAKE(doc->arena, lb_block, doc->capacity);
    if (doc->n) memcpy(larger, doc->blocks, sizeof(lb_block) * (size_t)doc->n);
    doc->blocks = larger;
  }
  lb_block* block = &doc->blocks[doc->n++];
  block->kind = kind;
  return block;
}

void lb_doc_heading(lb_doc* doc, int level, const char* id, const char* text) {
  lb_block* block = add_block(doc, LB_BLOCK_HEADING);
  block->level = level;
  block->id = id;
  block->text = text;
}

void lb_doc_say(lb_doc* doc, lb_block_kind kind, const char* lead, const char* text) {
  assert(kind == LB_BLOCK_PARAGRAPH || kind == LB_BLOCK_ITEM || kind == LB_BLOCK_WARNING);
  lb_block* block = add_block(doc, kind);
  block->lead = lead && lead[0] ? lead : NULL;
  block->text = text;
}

void lb_doc_figure(lb_doc* doc, lb_figure figure) {
  add_block(doc, LB_BLOCK_FIGURE)->figure = figure;
}

void lb_doc_fold(lb_doc* doc, const char* title) {
  add_block(doc, LB_BLOCK_FOLD)->text = title;
}

void lb_doc_fold_end(lb_doc* doc) {
  add_block(doc, LB_BLOCK_FOLD_END)->text = "";
}

lb_table* lb_doc_table(lb_doc* doc, const char* caption, const char* titles) {
  lb_table* table = LB_TAKE(doc->arena, lb_table, 1);
  table->arena = doc->arena;
  table->caption = caption;
  table->drawn = -1;
  table->columns = 1;
  for (const char* c = titles; *c; c++) table->columns += *c == '|';
  table->titles = LB_TAKE(doc->arena, const char*, table->columns);
  table->numeric = LB_TAKE(doc->arena, bool, table->columns);
  for (int i = 0; i < table->columns; i++) {
    size_t length = strcspn(titles, "|");
    table->numeric[i] = titles[0] == '#';
    char* title = LB_TAKE(doc->arena, char, length + 1);
    memcpy(title, titles, length);
    table->titles[i] = title + table->numeric[i];
    titles += length + 1;
  }
  add_block(doc, LB_BLOCK_TABLE)->table = table;
  return table;
}

// Whether an address is one in the document's own folder, or on the web: no other scheme ("javascript:").
static bool is_link(const char* href) {
  size_t first = strcspn(href, "/?#:");
  return href[first] != ':' || strncmp(href, "https://", 8) == 0 || strncmp(href, "http://", 7) == 0;
}

// The next cell of a table, row by row.
static void add_cell(lb_table* table, lb_cell cell) {
  if (table->column == 0 && table->rows == table->capacity) {
    table->capacity = table->capacity ? 2 * table->capacity : 16;
    lb_cell* larger = LB_TAKE(table->arena, lb_cell, table->capacity * table->columns);
    if (table->rows) memcpy(larger, table->cells, sizeof(lb_cell) * (size_t)(table->rows * table->columns));
    table->cells = larger;
  }
  if (table->column == 0) table->rows++;
  table->cells[(table->rows - 1) * table->columns + table->column] = cell;
  table->column = (table->column + 1) % table->columns;
}

void lb_table_cell(lb_table* table, const char* text, const char* href) {
  lb_table_cell_as(table, text, href, NULL);
}

void lb_table_cell_as(lb_table* table, const char* text, const char* href, const char* kind) {
  add_cell(table, (lb_cell){.text = text, .href = href && is_link(href) ? href : NULL, .kind = kind});
}

void lb_table_span(lb_table* table, lb_span span) {
  lb_span* kept = LB_TAKE(table->arena, lb_span, 1);
  *kept = span;
  table->drawn = table->column;
  add_cell(table, (lb_cell){.text = "", .span = kept});
}

void lb_table_set_axis(lb_table* table, lb_table_axis axis) {
  table->axis = axis;
}

// Whether a column of numbers has none.
static bool is_empty(const lb_table* table, int column) {
  if (column == table->drawn) return false;
  for (int row = 0; row < table->rows; row++) {
    const char* text = table->cells[row * table->columns + column].text;
    if (text[0] && strcmp(text, "-") != 0) return false;
  }
  return table->numeric[column];
}

// Moves the columns that are kept to the left, in place.
static void drop_empty_columns(lb_table* table) {
  int kept = 0;
  int* from = LB_TAKE(table->arena, int, table->columns + 1);
  for (int c = 0; c < table->columns; c++) {
    if (!is_empty(table, c)) from[kept++] = c;
  }
  for (int k = 0; k < kept; k++) {
    table->titles[k] = table->titles[from[k]];
    table->numeric[k] = table->numeric[from[k]];
    if (table->drawn == from[k]) table->drawn = k;
  }
  for (int row = 0; row < table->rows; row++) {
    for (int k = 0; k < kept; k++) table->cells[row * kept + k] = table->cells[row * table->columns + from[k]];
  }
  table->columns = kept;
}

void lb_doc_drop_empty_columns(lb_doc* doc) {
  for (int i = 0; i < doc->n; i++) {
    if (doc->blocks[i].kind == LB_BLOCK_TABLE && doc->blocks[i].table->rows > 0) {
      drop_empty_columns(doc->blocks[i].table);
    }
  }
}

void lb_doc_drop_files(lb_doc* doc) {
  for (int i = 0; i < doc->n; i++) {
    doc->blocks[i].figure.png = NULL;
    doc->blocks[i].figure.svg = NULL;
  }
}

const char* lb_doc_picture(lb_doc* doc, const char* bytes, size_t n) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  static const char head[] = "data:image/png;base64,";
  char* text = LB_TAKE(doc->arena, char, sizeof head + 4 * ((n + 2) / 3));
  memcpy(text, head, sizeof head - 1);
  char* to = text + sizeof head - 1;
  for (size_t i = 0; i < n; i += 3) {
    unsigned group = 0;
    for (size_t k = 0; k < 3; k++) group = group << 8 | (i + k < n ? (unsigned char)bytes[i + k] : 0);
    for (size_t k = 0; k < 4; k++) *to++ = (char)(i + k > n ? '=' : digits[group >> (18 - 6 * k) & 63]);
  }
  *to = '\0';
  return text;
}
