// A document as one HTML page: see doc.h. Figures are inlined as SVG; their colours of ink, grid and paper (the three
// neutral ones of gnuplot.h) become variables, so that they follow a light or a dark page.
#include <stdlib.h>
#include <string.h>

#include "doc/doc.h"
#include "io/file.h"
#include "plot/panel.h"

static const char style[] =
    ":root{--ink:#1c1f23;--soft:#5b626b;--paper:#fff;--panel:#f6f7f8;--line:#d9dde1;--grid:#e6e8ea;--link:#0b5cad;"
    "--warn:#fdf3e1;--warn-line:#d98a00}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e4e6e9;--soft:#a2a9b1;--paper:#15181c;--panel:#1d2126;"
    "--line:#353b42;--grid:#2b3036;--link:#7db8f0;--warn:#33290f;--warn-line:#d9a33a}}\n"
    "*{box-sizing:border-box}\n"
    "html{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;"
    "color:var(--ink);background:var(--paper);-webkit-text-size-adjust:100%}\n"
    "body{margin:0 auto;padding:2.5rem 1.5rem 4rem;max-width:78rem}\n"
    "p,li{max-width:50rem}\n"
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .75rem}\n"
    "h2{font-size:1.45rem;line-height:1.25;margin:3rem 0 .75rem;padding-top:1rem;border-top:1px solid var(--line)}\n"
    "h3{font-size:1.15rem;margin:2.25rem 0 .5rem}\n"
    "h4{font-size:1rem;margin:1.5rem 0 .4rem}\n"
    "p{margin:.5rem 0}\n"
    "ul{margin:.5rem 0;padding-left:1.2rem}li{margin:.3rem 0}\n"
    "a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}\n"
    "nav{margin:1rem 0 0;font-size:.95rem;color:var(--soft)}nav a{margin-right:1.1rem;white-space:nowrap}\n"
    ".warning{background:var(--warn);border-left:3px solid var(--warn-line);padding:.45rem .8rem}\n"
    ".scroll{overflow-x:auto;margin:.75rem 0 1.25rem}\n"
    "table{border-collapse:collapse;font-size:.875rem;line-height:1.35;font-variant-numeric:tabular-nums}\n"
    "caption{caption-side:top;text-align:left;color:var(--soft);padding:0 0 .4rem;max-width:50rem}\n"
    "th,td{padding:.32rem .8rem .32rem 0;text-align:left;vertical-align:top}\n"
    "th{font-weight:600;border-bottom:1.5px solid var(--ink);vertical-align:bottom}\n"
    "td{border-bottom:1px solid var(--line)}\n"
    ".n{text-align:right;white-space:nowrap}th.n{white-space:normal}\n"
    "td:first-child{white-space:nowrap}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,31rem),1fr));gap:1.25rem 1.75rem;"
    "margin:1rem 0}\n"
    "figure{margin:0;min-width:0}figure.wide{grid-column:1/-1}\n"
    "figure svg{display:block;width:100%;height:auto}\n"
    "figcaption{font-size:.85rem;line-height:1.4;color:var(--soft);margin-top:.25rem;max-width:50rem}\n"
    "@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--panel:#fff;--line:#bbb;--grid:#ddd;--link:#000;"
    "--warn:#fff;--warn-line:#888}html{font-size:10pt}body{padding:0;max-width:none}nav{display:none}"
    "figure,tr{break-inside:avoid}h2,h3,h4{break-after:avoid}.scroll{overflow:visible}table{font-size:7.5pt}"
    ".figures{grid-template-columns:1fr 1fr}}\n";

// A document on a page.
typedef struct place {
  const lb_doc* doc;
  const char* folder;  // where its figures' paths start
  const char* prefix;  // of its identifiers and links, when several documents share the page; "" else
  int first;           // the number of its first block on the page
} place;

// An address in the document as one on the page.
static void add_href(lb_text* out, const place* at, const char* href) {
  if (at->prefix[0]) {
    lb_doc_escape(out, at->prefix);
    lb_text_add(out, "/");
  }
  lb_doc_escape(out, href);
}

static void add_id(lb_text* out, const place* at, const char* id) {
  if (at->prefix[0]) {
    lb_doc_escape(out, at->prefix);
    lb_text_add(out, "-");
  }
  lb_doc_escape(out, id);
}

static void add_words(lb_text* out, const lb_block* b) {
  if (b->lead) {
    lb_text_add(out, "<strong>");
    lb_doc_escape(out, b->lead);
    lb_text_add(out, "</strong> ");
  }
  lb_doc_escape(out, b->text);
}

static void add_cell(lb_text* out, const place* at, const lb_cell* cell, bool numeric) {
  lb_text_add(out, numeric ? "<td class=\"n\">" : "<td>");
  if (cell->href) {
    lb_text_add(out, "<a href=\"");
    add_href(out, at, cell->href);
    lb_text_add(out, "\">");
  }
  lb_doc_escape(out, cell->text);
  lb_text_add(out, cell->href ? "</a></td>" : "</td>");
}

static void add_table(lb_text* out, const place* at, const lb_table* t) {
  if (t->rows == 0) return;
  lb_text_add(out, "<div class=\"scroll\"><table>");
  if (t->caption[0]) {
    lb_text_add(out, "<caption>");
    lb_doc_escape(out, t->caption);
    lb_text_add(out, "</caption>");
  }
  lb_text_add(out, "<thead><tr>");
  for (int c = 0; c < t->columns; c++) {
    lb_text_add(out, t->numeric[c] ? "<th class=\"n\">" : "<th>");
    lb_doc_escape(out, t->titles[c]);
    lb_text_add(out, "</th>");
  }
  lb_text_add(out, "</tr></thead>\n<tbody>\n");
  for (int r = 0; r < t->rows; r++) {
    lb_text_add(out, "<tr>");
    for (int c = 0; c < t->columns; c++) add_cell(out, at, &t->cells[r * t->columns + c], t->numeric[c]);
    lb_text_add(out, "</tr>\n");
  }
  lb_text_add(out, "</tbody></table></div>\n");
}

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

static void add_figure(lb_text* out, const place* at, const lb_figure* f, int number) {
  char path[4096];
  char* svg;
  size_t n;
  lb_path_join(path, sizeof(path), at->folder, f->svg);
  if (lb_file_read(path, &svg, &n).code != LB_OK) return;
  lb_text_add(out, f->wide ? "<figure class=\"wide\">" : "<figure>");
  inline_svg(out, svg, at->first + number);
  free(svg);
  lb_text_add(out, "<figcaption>");
  lb_doc_escape(out, f->caption);
  lb_text_add(out, " <a href=\"");
  add_href(out, at, f->svg);
  lb_text_add(out, "\">SVG</a>, <a href=\"");
  add_href(out, at, f->png);
  lb_text_add(out, "\">PNG</a></figcaption></figure>\n");
}

static void add_heading(lb_text* out, const place* at, const lb_block* b) {
  lb_text_add(out, "<h%d", b->level);
  if (b->id) {
    lb_text_add(out, " id=\"");
    add_id(out, at, b->id);
    lb_text_add(out, "\"");
  }
  lb_text_add(out, ">");
  lb_doc_escape(out, b->text);
  lb_text_add(out, "</h%d>\n", b->level);
}

// Links to the headings of level 2 and 3 that have an id.
static void add_contents(lb_text* out, const place* at) {
  const lb_doc* doc = at->doc;
  lb_text_add(out, "<nav>");
  for (int i = 0; i < doc->n; i++) {
    const lb_block* b = &doc->blocks[i];
    if (b->kind != LB_BLOCK_HEADING || !b->id || b->level < 2) continue;
    lb_text_add(out, "<a href=\"#");
    add_id(out, at, b->id);
    lb_text_add(out, "\">");
    lb_doc_escape(out, b->text);
    lb_text_add(out, "</a> ");
  }
  lb_text_add(out, "</nav>\n");
}

static void add_block(lb_text* out, const place* at, int i) {
  const lb_doc* doc = at->doc;
  const lb_block* b = &doc->blocks[i];
  lb_block_kind before = i > 0 ? doc->blocks[i - 1].kind : LB_BLOCK_HEADING;
  lb_block_kind after = i + 1 < doc->n ? doc->blocks[i + 1].kind : LB_BLOCK_HEADING;
  switch (b->kind) {
    case LB_BLOCK_HEADING:
      add_heading(out, at, b);
      if (b->level == 1) add_contents(out, at);
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
  }
}

static void begin(lb_text* out, const char* title) {
  lb_text_add(out,
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
              "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>");
  lb_doc_escape(out, title);
  lb_text_add(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

static const char* title_of(const lb_doc* doc) {
  return doc->n && doc->blocks[0].kind == LB_BLOCK_HEADING ? doc->blocks[0].text : "Report";
}

void lb_doc_html(const lb_doc* doc, lb_text* out, const char* folder) {
  const place at = {doc, folder, "", 0};
  begin(out, title_of(doc));
  for (int i = 0; i < doc->n; i++) add_block(out, &at, i);
  lb_doc_html_end(out);
}

void lb_doc_html_begin(lb_text* out, const char* title, const lb_doc* const* docs, const char* const* prefixes, int n) {
  begin(out, title);
  lb_text_add(out, "<h1>");
  lb_doc_escape(out, title);
  lb_text_add(out, "</h1>\n<nav>");
  for (int i = 0; i < n; i++) {
    lb_text_add(out, "<a href=\"#");
    lb_doc_escape(out, prefixes[i]);
    lb_text_add(out, "\">");
    lb_doc_escape(out, title_of(docs[i]));
    lb_text_add(out, "</a> ");
  }
  lb_text_add(out, "</nav>\n");
}

void lb_doc_html_section(const lb_doc* doc, lb_text* out, const char* folder, const char* prefix, int* first) {
  const place at = {doc, folder, prefix, *first};
  lb_text_add(out, "<section id=\"");
  lb_doc_escape(out, prefix);
  lb_text_add(out, "\">\n");
  for (int i = 0; i < doc->n; i++) add_block(out, &at, i);
  lb_text_add(out, "</section>\n");
  *first += doc->n;
}

void lb_doc_html_end(lb_text* out) {
  lb_text_add(out, "</body>\n</html>\n");
}
