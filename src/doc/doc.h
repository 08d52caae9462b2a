// A document as a list of blocks, so that the same content becomes Markdown and HTML. Texts are plain; the renderers
// escape them. Everything handed over must live as long as the document's arena.
#ifndef LB_DOC_DOC_H_
#define LB_DOC_DOC_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "plot/panel.h"

typedef enum lb_block_kind {
  LB_BLOCK_HEADING,    // level 1 (once, the title) to 4
  LB_BLOCK_PARAGRAPH,  // an optional bold beginning, then text
  LB_BLOCK_ITEM,       // the same as an item of a list
  LB_BLOCK_WARNING,    // the same, set off from the text
  LB_BLOCK_TABLE,
  LB_BLOCK_FIGURE,
  LB_BLOCK_FOLD,      // what follows is folded under a title, until
  LB_BLOCK_FOLD_END,  // here
} lb_block_kind;

// An interval drawn in a cell, along the table's axis.
typedef struct lb_span {
  double value, low, high;  // low and high are NaN where there is none
  int color;                // as in plot/panel.h
} lb_span;

typedef struct lb_cell {
  const char* text;
  const char* href;     // NULL: no link
  const lb_span* span;  // NULL: text alone. Markdown and LaTeX leave such columns out
  const char* kind;     // how a page shows it: "holds", "fails", "open", "best", "tied"; NULL: as it is
} lb_cell;

// The axis of a table's drawn column.
typedef struct lb_table_axis {
  double low, high;
  double line;               // where a line is drawn all the way down; NaN: none
  bool reversed;             // high values to the left
  const char *left, *right;  // what stands at its ends; NULL: the numbers
} lb_table_axis;

typedef struct lb_table {
  const char* caption;
  int columns;
  const char** titles;  // [columns]
  bool* numeric;        // [columns], numbers stand to the right
  lb_cell* cells;       // [rows][columns]
  int rows, capacity;
  int column;  // of the next cell
  lb_table_axis axis;
  int drawn;  // the column along the axis; -1: none
  lb_arena* arena;
} lb_table;

typedef struct lb_figure {
  const char* caption;
  const char* png;         // relative to the document
  const char* svg;         // likewise
  bool wide;               // takes the whole width
  const lb_panel* panels;  // [n_panels] what a page draws itself in place of the files; NULL: it shows `svg`
  int n_panels;
  bool file_only;       // a page leaves it out
  const char* picture;  // NULL, or what a page shows in place of all these (lb_doc_picture)
} lb_figure;

typedef struct lb_block {
  lb_block_kind kind;
  int level;
  const char* id;  // of a heading, for links
  const char* lead;
  const char* text;
  lb_table* table;
  lb_figure figure;
} lb_block;

typedef struct lb_doc {
  lb_arena* arena;
  int refresh;  // seconds after which a page of it loads itself again; 0: never
  lb_block* blocks;
  int n, capacity;
} lb_doc;

// An empty document in the arena.
lb_doc* lb_doc_new(lb_arena* arena);

// `id` may be NULL.
void lb_doc_heading(lb_doc* doc, int level, const char* id, const char* text);
// `lead` may be NULL; kind is PARAGRAPH, ITEM or WARNING.
void lb_doc_say(lb_doc* doc, lb_block_kind kind, const char* lead, const char* text);
void lb_doc_figure(lb_doc* doc, lb_figure figure);
// A PNG as an address that holds it.
const char* lb_doc_picture(lb_doc* doc, const char* bytes, size_t n);
// What is between the two is folded away on a page until somebody wants it.
void lb_doc_fold(lb_doc* doc, const char* title);
void lb_doc_fold_end(lb_doc* doc);

// A table whose columns are named by `titles`, one text with '|' between them; a title that starts with '#' is of a
// column of numbers. Cells are then given row by row; a table without rows is not printed.
lb_table* lb_doc_table(lb_doc* doc, const char* caption, const char* titles);
// An href with another scheme than http and https becomes no link.
void lb_table_cell(lb_table* table, const char* text, const char* href);
// A cell that a page shows in its own way.
void lb_table_cell_as(lb_table* table, const char* text, const char* href, const char* kind);
// A cell of the drawn column, and the column's axis; a table has one such column at most. A column is drawn when it has
// such cells: it is left out where there is only text.
void lb_table_span(lb_table* table, lb_span span);
void lb_table_set_axis(lb_table* table, lb_table_axis axis);
// Leaves out the figures' files, which could not be drawn: only a page has figures then.
void lb_doc_drop_files(lb_doc* doc);
// Leaves out, in every table, the columns of numbers in which no row has one ("-" or nothing).
void lb_doc_drop_empty_columns(lb_doc* doc);

// The document as Markdown (GitHub's, tables aligned for reading as plain text).
void lb_doc_markdown(const lb_doc* doc, lb_text* out);

// The document as one HTML page without external references; also well-formed XML. `folder` is where the figures' paths
// start; an SVG that cannot be read is left out. With JavaScript one can sort and filter tables, hide rows in all
// figures, and switch the axes of figures; without it everything is shown.
void lb_doc_html(const lb_doc* doc, lb_text* out, const char* folder);

// Several documents on one page: its beginning, a section each, its end. `prefix` names the section ("": none), and is
// where the document's relative links begin; *first counts blocks over the sections, from 0. The head stands above the
// sections; it may be empty.
void lb_doc_html_begin(lb_text* out, const char* title, const lb_doc* head, const lb_doc* const* docs,
                       const char* const* prefixes, int n);
void lb_doc_html_section(const lb_doc* doc, lb_text* out, const char* folder, const char* prefix, int* first);
void lb_doc_html_end(lb_text* out);

#endif  // LB_DOC_DOC_H_
