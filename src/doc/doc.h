// A document as a list of blocks, so that the same content becomes Markdown and HTML. Texts are plain; the renderers
// escape them. Everything handed over must live as long as the document's arena.
#ifndef LB_DOC_DOC_H_
#define LB_DOC_DOC_H_

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

typedef enum lb_block_kind {
  LB_BLOCK_HEADING,    // level 1 (once, the title) to 4
  LB_BLOCK_PARAGRAPH,  // an optional bold beginning, then text
  LB_BLOCK_ITEM,       // the same as an item of a list
  LB_BLOCK_WARNING,    // the same, set off from the text
  LB_BLOCK_TABLE,
  LB_BLOCK_FIGURE,
} lb_block_kind;

typedef struct lb_cell {
  const char* text;
  const char* href;  // NULL: no link
} lb_cell;

typedef struct lb_table {
  const char* caption;
  int columns;
  const char** titles;  // [columns]
  bool* numeric;        // [columns], numbers stand to the right
  lb_cell* cells;       // [rows][columns]
  int rows, capacity;
  int column;  // of the next cell
  lb_arena* arena;
} lb_table;

typedef struct lb_figure {
  const char* caption;
  const char* png;  // relative to the document
  const char* svg;  // likewise
  bool wide;        // takes the whole width
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

// A table whose columns are named by `titles`, one text with '|' between them; a title that starts with '#' is of a
// column of numbers. Cells are then given row by row; a table without rows is not printed.
lb_table* lb_doc_table(lb_doc* doc, const char* caption, const char* titles);
// An href with another scheme than http and https becomes no link.
void lb_table_cell(lb_table* table, const char* text, const char* href);
// Leaves out, in every table, the columns of numbers in which no row has one ("-" or nothing).
void lb_doc_drop_empty_columns(lb_doc* doc);

// The document as Markdown (GitHub's, tables aligned for reading as plain text).
void lb_doc_markdown(const lb_doc* doc, lb_text* out);

// The document as one HTML page without external references; also well-formed XML. `folder` is where the figures' paths
// start; an SVG that cannot be read is left out.
void lb_doc_html(const lb_doc* doc, lb_text* out, const char* folder);

// Several documents on one page: its beginning with links to them, a section each, its end. `prefix` names the section,
// and is where the document's relative links begin; *first counts blocks over the sections, from 0.
void lb_doc_html_begin(lb_text* out, const char* title, const lb_doc* const* docs, const char* const* prefixes, int n);
void lb_doc_html_section(const lb_doc* doc, lb_text* out, const char* folder, const char* prefix, int* first);
void lb_doc_html_end(lb_text* out);

// Appends text with the five special characters of XML escaped, and control characters dropped.
void lb_doc_escape(lb_text* out, const char* text);

#endif  // LB_DOC_DOC_H_
