// A document as one HTML page: see doc.h. Style and script lie beside this file (page.css, page.js). Figures are drawn
// here from their panels; those that gnuplot drew are inlined, and their colours of ink, grid and paper (the three
// neutral ones of plot/panel.h) become variables, so that they follow a light or a dark page.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/doc.h"
#include "io/file.h"
#include "lb_page.h"
#include "plot/frame.h"
#include "plot/panel.h"
#include "plot/svg.h"

// A document on a page.
typedef struct place {
  const lb_doc* doc;
  const char* folder;  // where its figures' paths start
  const char* prefix;  // of its identifiers and links, when several documents share the page; "" else
  int first;           // the number of its first block on the page
} place;

// An address in the document as one on the page.
static void add_href(lb_text* out, const place* at, const char* href) {
  bool outside = strstr(href, "://") != NULL;
  if (at->prefix[0] && href[0] == '#') {
    lb_text_add(out, "#");
    lb_text_add_xml(out, at->prefix);
    lb_text_add(out, "-");
    href += 1;
  } else if (at->prefix[0] && !outside) {
    lb_text_add_xml(out, at->prefix);
    lb_text_add(out, "/");
  }
  lb_text_add_xml(out, href);
}

// An id, behind the section's prefix where a page has several documents.
static void add_id(lb_text* out, const place* at, const char* id) {
  if (at->prefix[0]) {
    lb_text_add_xml(out, at->prefix);
    lb_text_add(out, "-");
  }
  lb_text_add_xml(out, id);
}

// A block's lead and text.
static void add_words(lb_text* out, const lb_block* b) {
  if (b->lead) {
    lb_text_add(out, "<strong>");
    lb_text_add_xml(out, b->lead);
    lb_text_add(out, "</strong> ");
  }
  lb_text_add_xml(out, b->text);
}

// ---------------------------------------------------------------------------------------------------------------------
// Tables

// Where a value lies along the drawn column, in percent from the left.
static double percent(const lb_table_axis* axis, double value) {
  double share = (value - axis->low) / (axis->high - axis->low);
  return 100 * (axis->reversed ? 1 - share : share);
}

static double within(double x) {
  return x < 0 ? 0 : x > 100 ? 100 : x;
}

// An interval as a bar with a dot at the mean; what lies outside is cut, and an arrow says so.
static void add_span(lb_text* out, const lb_table* t, const lb_cell* cell) {
  const lb_span* s = cell->span;
  lb_text_add(out, "<span class=\"span\"");
  if (s->color == LB_COLOR_INK || s->color == LB_COLOR_SOFT) {
    lb_text_add(out, " style=\"--c:var(--%s)\"", s->color == LB_COLOR_INK ? "ink" : "soft");
  } else {
    lb_text_add(out, " style=\"--c:%s\"", lb_frame_color(s->color));
  }
  lb_text_add(out, ">");
  if (!isnan(t->axis.line)) lb_text_add(out, "<u style=\"left:%.2f%%\"></u>", within(percent(&t->axis, t->axis.line)));
  if (isfinite(s->low) && isfinite(s->high)) {
    double a = percent(&t->axis, s->low), b = percent(&t->axis, s->high), left = fmin(a, b), right = fmax(a, b);
    if (right > 0 && left < 100) {
      lb_text_add(out, "<i style=\"left:%.2f%%;width:%.2f%%\"></i>", within(left), within(right) - within(left));
    }
    if (left < 0) lb_text_add(out, "<em class=\"l\">\xE2\x97\x82</em>");
    if (right > 100) lb_text_add(out, "<em class=\"r\">\xE2\x96\xB8</em>");
  }
  double at = isfinite(s->value) ? percent(&t->axis, s->value) : -1;
  if (at >= 0 && at <= 100) lb_text_add(out, "<b style=\"left:%.2f%%\"></b>", at);
  lb_text_add(out, "</span>");
}

// A cell: a link, a drawn interval, or text.
static void add_cell(lb_text* out, const place* at, const lb_table* t, const lb_cell* cell, int column) {
  lb_text_add(out, "<td class=\"%s%s%s\"",
              column == t->drawn   ? "iv"
              : t->numeric[column] ? "n"
                                   : "t",
              cell->kind ? " " : "", cell->kind ? cell->kind : "");
  if (column != t->drawn && column > 0) {
    lb_text_add(out, " data-l=\"");
    lb_text_add_xml(out, t->titles[column]);
    lb_text_add(out, "\"");
  }
  if (cell->span) lb_text_add(out, " data-v=\"%.6g\"", isfinite(cell->span->value) ? cell->span->value : 0);
  lb_text_add(out, ">");
  if (cell->span) add_span(out, t, cell);
  if (cell->href) {
    lb_text_add(out, "<a href=\"");
    add_href(out, at, cell->href);
    lb_text_add(out, "\">");
  }
  lb_text_add_xml(out, cell->text);
  lb_text_add(out, cell->href ? "</a></td>" : "</td>");
}

// The head of the drawn column says what its ends are.
static void add_head(lb_text* out, const lb_table* t, int column) {
  lb_text_add(out, column == t->drawn ? "<th class=\"iv\">" : t->numeric[column] ? "<th class=\"n\">" : "<th>");
  lb_text_add_xml(out, t->titles[column]);
  if (column == t->drawn) {
    char left[40], right[40];
    const lb_table_axis* a = &t->axis;
    snprintf(left, sizeof left, "%.4g", a->reversed ? a->high : a->low);
    snprintf(right, sizeof right, "%.4g", a->reversed ? a->low : a->high);
    lb_text_add(out, "<span class=\"ends\"><span>");
    lb_text_add_xml(out, a->left ? a->left : left);
    lb_text_add(out, "</span><span>");
    lb_text_add_xml(out, a->right ? a->right : right);
    lb_text_add(out, "</span></span>");
  }
  lb_text_add(out, "</th>");
}

// Whether the first column names rows of a suite, which can be hidden by that name.
static bool names_rows(const lb_table* t) {
  return strcmp(t->titles[0], "Algorithm") == 0;
}

// A table with its caption; nothing without rows.
static void add_table(lb_text* out, const place* at, const lb_table* t) {
  if (t->rows == 0) return;
  lb_text_add(out, "<div class=\"scroll\"><table%s>", t->drawn >= 0 ? " class=\"stack\"" : "");
  lb_text_add(out, "<thead><tr>");
  for (int c = 0; c < t->columns; c++) add_head(out, t, c);
  lb_text_add(out, "</tr></thead>\n<tbody>\n");
  for (int r = 0; r < t->rows; r++) {
    lb_text_add(out, "<tr");
    if (names_rows(t)) {
      lb_text_add(out, " data-row=\"");
      lb_text_add_xml(out, t->cells[r * t->columns].text);
      lb_text_add(out, "\"");
    }
    lb_text_add(out, ">");
    for (int c = 0; c < t->columns; c++) add_cell(out, at, t, &t->cells[r * t->columns + c], c);
    lb_text_add(out, "</tr>\n");
  }
  lb_text_add(out, "</tbody></table></div>\n");
  if (t->caption[0]) {
    lb_text_add(out, "<p class=\"caption\">");
    lb_text_add_xml(out, t->caption);
    lb_text_add(out, "</p>\n");
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Figures

static bool starts(const char* at, const char* with) {
  return strncmp(at, with, strlen(with)) == 0;
}

// What stands in a page in place of a piece of gnuplot's SVG; longer pieces first.
static const char* const replacements[][2] = {
    {"xmlns:xlink=\"http://www.w3.org/1999/xlink\"", ""},
    {"xmlns=\"http://www.w3.org/2000/svg\"", ""},
    {LB_GNUPLOT_INK, "var(--ink)"},
    {LB_GNUPLOT_INK_TEXT, "var(--ink)"},
    {LB_GNUPLOT_SOFT, "var(--soft)"},
    {LB_GNUPLOT_SOFT_TEXT, "var(--soft)"},
    {LB_GNUPLOT_GRID, "var(--grid)"},
    {"\"#ffffff\"", "\"var(--paper)\""},
    {"\"#FFFFFF\"", "\"var(--paper)\""},
    {"=\"black\"", "=\"var(--ink)\""},
};
enum { REPLACEMENTS = sizeof(replacements) / sizeof(replacements[0]) };

// Appends gnuplot's SVG as part of a page: no XML declaration, no tooltips, no foreign addresses, identifiers made
// unique by `number`, neutral colours as variables.
static void inline_svg(lb_text* out, const char* svg, int number) {
  const char* at = strstr(svg, "<svg");
  while (at && *at) {
    const char* close = starts(at, "<title>")  ? strstr(at, "</title>")
                        : starts(at, "<desc>") ? strstr(at, "</desc>")
                                               : NULL;
    if (close) {
      at = strchr(close, '>') + 1;
      continue;
    }
    int i = 0;
    while (i < REPLACEMENTS && !starts(at, replacements[i][0])) i++;
    if (i < REPLACEMENTS) {
      lb_text_add(out, "%s", replacements[i][1]);
      at += strlen(replacements[i][0]);
    } else if (starts(at, "id=\"") || starts(at, "id='")) {
      lb_text_add(out, "id=%cf%d-", at[3], number);
      at += 4;
    } else if (starts(at, "xlink:href='#") || starts(at, "url(#")) {
      const char *hash = strchr(at, '#'), *from = starts(at, "xlink:") ? at + strlen("xlink:") : at;
      lb_text_add_bytes(out, from, (size_t)(hash + 1 - from));
      lb_text_add(out, "f%d-", number);
      at = hash + 1;
    } else {
      lb_text_add_bytes(out, at++, 1);
    }
  }
}

// The panels, those of one axis after another, and their legend, unless the curves carry their names.
static void add_panels(lb_text* out, const lb_figure* f, int number) {
  bool named = lb_svg_names_fit(f->panels, f->n_panels);
  if (!named) lb_svg_legend(out, f->panels, f->n_panels);
  lb_text_add(out, f->n_panels > 1 ? "<div class=\"panels\">\n" : "<div class=\"panels one\">\n");
  for (int i = 0; i < f->n_panels; i++) {
    const lb_panel* p = &f->panels[i];
    char id[40];
    lb_text alt = {0};
    snprintf(id, sizeof id, "f%d-%d", number, i);
    lb_text_add(&alt, "%s against %s", p->title ? p->title : "", p->x_label ? p->x_label : "");
    lb_text_add(out, "<div class=\"panel\"");
    if (p->axis) {
      lb_text_add(out, " data-axis=\"");
      lb_text_add_xml(out, p->axis);
      lb_text_add(out, "\"");
    }
    lb_text_add(out, ">");
    lb_svg_panel(out, p, id, alt.data, true);
    lb_text_add(out, "</div>\n");
    lb_text_free(&alt);
  }
  lb_text_add(out, "</div>");
}

// A figure: drawn here, as a picture, or from its file.
static void add_figure(lb_text* out, const place* at, const lb_figure* f, int number) {
  char path[4096];
  char* svg = NULL;
  size_t n;
  if (f->file_only) return;
  if (f->picture) {
    lb_text_add(out, "<figure class=\"wide\"><img src=\"%s\" alt=\"", f->picture);
    lb_text_add_xml(out, f->caption);
    lb_text_add(out, "\"/><figcaption>");
    lb_text_add_xml(out, f->caption);
    lb_text_add(out, "</figcaption></figure>\n");
    return;
  }
  lb_path_join(path, sizeof(path), at->folder, f->svg ? f->svg : "");
  if (!f->panels && !f->svg) return;
  if (!f->panels && lb_file_read(path, &svg, &n).code != LB_OK) return;
  lb_text_add(out, f->wide || f->n_panels > 1 ? "<figure class=\"wide\">" : "<figure>");
  if (f->panels) {
    add_panels(out, f, at->first + number);
  } else {
    inline_svg(out, svg, at->first + number);
  }
  free(svg);
  lb_text_add(out, "<figcaption>");
  lb_text_add_xml(out, f->caption);
  if (f->svg && lb_file_exists(path)) {
    lb_text_add(out, " <a href=\"");
    add_href(out, at, f->svg);
    lb_text_add(out, "\">SVG</a>, <a href=\"");
    add_href(out, at, f->png);
    lb_text_add(out, "\">PNG</a>");
  }
  lb_text_add(out, "</figcaption></figure>\n");
}

// ---------------------------------------------------------------------------------------------------------------------
// The page

// A heading with its id and a link to itself.
static void add_heading(lb_text* out, const place* at, const lb_block* b) {
  lb_text_add(out, "<h%d", b->level);
  if (b->id) {
    lb_text_add(out, " id=\"");
    add_id(out, at, b->id);
    lb_text_add(out, "\"");
  }
  lb_text_add(out, ">");
  lb_text_add_xml(out, b->text);
  lb_text_add(out, "</h%d>\n", b->level);
}

// Links to the headings of level 2 and 3 that have an id.
static void add_contents(lb_text* out, const place* at, bool sub) {
  const lb_doc* doc = at->doc;
  for (int i = 0; i < doc->n; i++) {
    const lb_block* b = &doc->blocks[i];
    if (b->kind != LB_BLOCK_HEADING || !b->id || b->level != 2) continue;
    lb_text_add(out, sub ? "<a class=\"sub\" href=\"#" : "<a href=\"#");
    add_id(out, at, b->id);
    lb_text_add(out, "\">");
    lb_text_add_xml(out, b->text);
    lb_text_add(out, "</a> ");
  }
}

// Block i of a document; items that follow each other are one list.
static void add_block(lb_text* out, const place* at, int i) {
  const lb_doc* doc = at->doc;
  const lb_block* b = &doc->blocks[i];
  lb_block_kind before = i > 0 ? doc->blocks[i - 1].kind : LB_BLOCK_HEADING;
  lb_block_kind after = i + 1 < doc->n ? doc->blocks[i + 1].kind : LB_BLOCK_HEADING;
  switch (b->kind) {
    case LB_BLOCK_HEADING:
      add_heading(out, at, b);
      break;
    case LB_BLOCK_PARAGRAPH:
    case LB_BLOCK_WARNING:
      lb_text_add(out, b->kind == LB_BLOCK_WARNING ? "<p class=\"warning\">" : "<p>");
      add_words(out, b);
      lb_text_add(out, "</p>\n");
      break;
    case LB_BLOCK_ITEM:
      if (before != LB_BLOCK_ITEM) lb_text_add(out, "<ul>\n");
      lb_text_add(out, "<li>");
      add_words(out, b);
      lb_text_add(out, "</li>\n");
      if (after != LB_BLOCK_ITEM) lb_text_add(out, "</ul>\n");
      break;
    case LB_BLOCK_TABLE:
      add_table(out, at, b->table);
      break;
    case LB_BLOCK_FIGURE:
      if (before != LB_BLOCK_FIGURE) lb_text_add(out, "<div class=\"figures\">\n");
      add_figure(out, at, &b->figure, i);
      if (after != LB_BLOCK_FIGURE) lb_text_add(out, "</div>\n");
      break;
    case LB_BLOCK_FOLD:
      lb_text_add(out, "<details><summary>");
      lb_text_add_xml(out, b->text);
      lb_text_add(out, "</summary>\n");
      break;
    case LB_BLOCK_FOLD_END:
      lb_text_add(out, "</details>\n");
      break;
  }
}

// A page's head, with style.
static void begin(lb_text* out, const char* title, int refresh) {
  lb_text_add(out,
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
              "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
              "<link rel=\"icon\" href=\"data:,\"/>\n");
  if (refresh > 0) lb_text_add(out, "<meta http-equiv=\"refresh\" content=\"%d\"/>\n", refresh);
  lb_text_add(out, "<title>");
  lb_text_add_xml(out, title);
  lb_text_add(out, "</title>\n<style>\n%s</style>\n</head>\n<body class=\"wide\">\n", lb_page_css);
}

static const char* title_of(const lb_doc* doc) {
  return doc->n && doc->blocks[0].kind == LB_BLOCK_HEADING ? doc->blocks[0].text : "Report";
}

void lb_doc_html(const lb_doc* doc, lb_text* out, const char* folder) {
  const place at = {doc, folder, "", 0};
  begin(out, title_of(doc), doc->refresh);
  lb_text_add(out, "<nav aria-label=\"Contents\">");
  add_contents(out, &at, false);
  lb_text_add(out, "</nav>\n<main>\n");
  for (int i = 0; i < doc->n; i++) add_block(out, &at, i);
  lb_doc_html_end(out);
}

void lb_doc_html_begin(lb_text* out, const char* title, const lb_doc* head, const lb_doc* const* docs,
                       const char* const* prefixes, int n) {
  begin(out, title, head->refresh);
  lb_text_add(out, "<nav aria-label=\"Contents\">");
  const place above = {head, "", "", 0};
  add_contents(out, &above, false);
  for (int i = 0; i < n; i++) {
    const place at = {docs[i], "", prefixes[i], 0};
    lb_text_add(out, "<a href=\"#");
    lb_text_add_xml(out, prefixes[i]);
    lb_text_add(out, "\">");
    lb_text_add_xml(out, title_of(docs[i]));
    lb_text_add(out, "</a> ");
    add_contents(out, &at, true);
  }
  lb_text_add(out, "</nav>\n<main>\n<h1>");
  lb_text_add_xml(out, title);
  lb_text_add(out, "</h1>\n");
}

void lb_doc_html_section(const lb_doc* doc, lb_text* out, const char* folder, const char* prefix, int* first) {
  const place at = {doc, folder, prefix, *first};
  if (prefix[0]) {
    lb_text_add(out, "<section id=\"");
    lb_text_add_xml(out, prefix);
    lb_text_add(out, "\">\n");
  }
  for (int i = 0; i < doc->n; i++) add_block(out, &at, i);
  if (prefix[0]) lb_text_add(out, "</section>\n");
  *first += doc->n;
}

void lb_doc_html_end(lb_text* out) {
  lb_text_add(out, "</main>\n<script>\n//<![CDATA[\n%s//]]>\n</script>\n</body>\n</html>\n", lb_page_js);
}
