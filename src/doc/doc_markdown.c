// A document as Markdown: see doc.h.
#include <string.h>

#include "doc/doc.h"

// Characters, not bytes, of UTF-8.
static int width(const char* text) {
  int n = 0;
  for (const char* c = text; *c; c++) n += (*c & 0xC0) != 0x80;
  return n;
}

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

// Whether the character at `c` would be markup there: an underscore between letters and a '<' before a blank are not.
static bool is_markup(const char* text, const char* c) {
  if (*c == '_') return c == text || !is_word(c[-1]) || !is_word(c[1]);
  if (*c == '<') return c[1] != ' ';
  if (*c == ']') return c[1] == '(' || c[1] == '[' || c[1] == ':';
  return strchr("\\`*|", *c) != NULL;
}

// Text with what Markdown would read as markup escaped.
static void escape(lb_text* out, const char* text) {
  for (const char* c = text; *c; c++) {
    if (*c == '\n') {
      lb_text_add(out, " ");
    } else if ((unsigned char)*c >= 32) {
      if (is_markup(text, c)) lb_text_add(out, "\\");
      lb_text_add_bytes(out, c, 1);
    }
  }
}

// A cell's text, as a link where it has an address.
static void cell_text(lb_text* out, const lb_cell* cell) {
  if (cell->href) lb_text_add(out, "[");
  escape(out, cell->text);
  if (cell->href) lb_text_add(out, "](%s)", cell->href);
}

// A text in a column so many characters wide.
static void add_padded(lb_text* out, const char* text, int to, bool right) {
  int blank = to - width(text);
  if (blank < 0) blank = 0;
  if (right) lb_text_add(out, "%*s", blank, "");
  lb_text_add(out, "%s", text);
  if (!right) lb_text_add(out, "%*s", blank, "");
}

// Row -1 is the head. The text stays in `buffer`.
static const char* text_at(const lb_table* t, int row, int column, lb_text* buffer) {
  buffer->length = 0;
  lb_text_add_bytes(buffer, "", 0);  // ends it there
  lb_cell head = {.text = t->titles[column]};
  cell_text(buffer, row < 0 ? &head : &t->cells[row * t->columns + column]);
  return buffer->data;
}

// A table with its caption, its columns aligned; nothing without rows.
static void add_table(lb_text* out, const lb_table* t) {
  if (t->rows == 0) return;
  lb_text buffer = {0};
  if (t->caption[0]) {
    escape(out, t->caption);
    lb_text_add(out, "\n\n");
  }
  int* widths = LB_TAKE(t->arena, int, t->columns);
  for (int c = 0; c < t->columns; c++) {
    widths[c] = 3;
    for (int r = -1; r < t->rows; r++) {
      int w = width(text_at(t, r, c, &buffer));
      if (w > widths[c]) widths[c] = w;
    }
  }
  for (int r = -1; r < t->rows; r++) {
    bool first = true;
    for (int c = 0; c < t->columns; c++) {
      if (c == t->drawn) continue;
      lb_text_add(out, first ? "| " : " | ");
      first = false;
      add_padded(out, text_at(t, r, c, &buffer), widths[c], t->numeric[c]);
    }
    lb_text_add(out, " |\n");
    for (int c = 0; r < 0 && c < t->columns; c++) {
      if (c == t->drawn) continue;
      lb_text_add(out, "|");
      for (int i = 0; i < widths[c] + 1; i++) lb_text_add(out, "-");
      lb_text_add(out, "%c", t->numeric[c] ? ':' : '-');
    }
    if (r < 0) lb_text_add(out, "|\n");
  }
  lb_text_add(out, "\n");
  lb_text_free(&buffer);
}

// A block's lead and text.
static void add_words(lb_text* out, const lb_block* b, const char* before) {
  lb_text_add(out, "%s", before);
  if (b->lead) {
    lb_text_add(out, "**");
    escape(out, b->lead);
    lb_text_add(out, b->text[0] ? "** " : "**");
  }
  escape(out, b->text);
}

// A block; `list_goes_on` where another item follows an item.
static void add_block(lb_text* out, const lb_block* b, bool list_goes_on) {
  switch (b->kind) {
    case LB_BLOCK_HEADING:
      for (int i = 0; i < b->level; i++) lb_text_add(out, "#");
      lb_text_add(out, " ");
      escape(out, b->text);
      lb_text_add(out, "\n\n");
      break;
    case LB_BLOCK_PARAGRAPH:
      add_words(out, b, "");
      lb_text_add(out, "\n\n");
      break;
    case LB_BLOCK_WARNING:
      add_words(out, b, "> ");
      lb_text_add(out, "\n\n");
      break;
    case LB_BLOCK_ITEM:
      add_words(out, b, "- ");
      lb_text_add(out, list_goes_on ? "\n" : "\n\n");
      break;
    case LB_BLOCK_TABLE:
      add_table(out, b->table);
      break;
    case LB_BLOCK_FIGURE:
      if (!b->figure.png) break;
      lb_text_add(out, "![");
      escape(out, b->figure.caption);
      lb_text_add(out, "](%s)\n\n", b->figure.png);
      break;
    case LB_BLOCK_FOLD:
      lb_text_add(out, "<details><summary>");
      escape(out, b->text);
      lb_text_add(out, "</summary>\n\n");
      break;
    case LB_BLOCK_FOLD_END:
      lb_text_add(out, "</details>\n\n");
      break;
  }
}

void lb_doc_markdown(const lb_doc* doc, lb_text* out) {
  for (int i = 0; i < doc->n; i++) {
    add_block(out, &doc->blocks[i], i + 1 < doc->n && doc->blocks[i + 1].kind == LB_BLOCK_ITEM);
  }
}
